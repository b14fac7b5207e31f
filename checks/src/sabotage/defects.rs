//! The defects. Each is a small change in one place, and a bug that somebody has shipped.

mod adapters;
mod grants;
mod holders;
mod machines;
mod requests;
mod session;
mod simulated;

/// A text in a file of the project, and the text that takes its place.
#[derive(Debug)]
pub(super) struct Defect {
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    pub(super) sound: &'static str,
    pub(super) broken: &'static str,
    /// More texts of the file, wherever they are, and what takes their places.
    pub(super) more: &'static [(&'static str, &'static str)],
    /// The net that must catch it, if it is a canary.
    pub(super) canary: Option<&'static str>,
    /// Whether the simulator must find it alone.
    pub(super) simulated: bool,
}

const fn defect(
    name: &'static str,
    file: &'static str,
    sound: &'static str,
    broken: &'static str,
) -> Defect {
    Defect {
        name,
        file,
        sound,
        broken,
        more: &[],
        canary: None,
        simulated: false,
    }
}

const fn canary(net: &'static str, defect: Defect) -> Defect {
    Defect {
        canary: Some(net),
        ..defect
    }
}

const fn simulated(defect: Defect) -> Defect {
    Defect {
        simulated: true,
        ..defect
    }
}

/// All defects, by area.
pub(super) fn all() -> impl Iterator<Item = &'static Defect> {
    let areas = [
        machines::DEFECTS,
        holders::DEFECTS,
        simulated::DEFECTS,
        session::DEFECTS,
        requests::DEFECTS,
        grants::DEFECTS,
        adapters::DEFECTS,
    ];
    areas.into_iter().flatten()
}
