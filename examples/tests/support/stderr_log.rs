//! Logs everything in a process, at every level, to standard error.

use std::sync::OnceLock;

use log::{LevelFilter, Log, Metadata, Record};

/// Whether the log includes what a client reads from and writes to its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Heard,
    Silent,
}

/// The targets named in `SECURITY.md`.
const WIRES: [&str; 2] = ["isahc::wire", "reqwest::connect::verbose"];

struct Stderr;

static WIRE: OnceLock<Wire> = OnceLock::new();

pub(crate) fn begin(wire: Wire) {
    WIRE.set(wire).expect("it begins once");
    log::set_logger(&Stderr).expect("it is the only one");
    log::set_max_level(LevelFilter::Trace);
}

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let is_wire = WIRES.iter().any(|wire| metadata.target().starts_with(wire));
        !is_wire || WIRE.get() == Some(&Wire::Heard)
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            eprintln!("{} {} {}", record.level(), record.target(), record.args());
        }
    }

    fn flush(&self) {}
}
