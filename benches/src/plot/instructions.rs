//! Instructions of a request by contender, as bars: the client's part, and what is added.

use super::canvas::{At, BODY, Canvas, HEADING, SMALL, STRONG, svg};
use super::grouped;
use super::palette::Colour;
use crate::contender::{Contender, HeldTo, Role, Threads};
use crate::figure::{Figure, Row, Value};
use crate::{BoxError, contenders};

const WIDTH: i32 = 860;
const BARS_FROM: i32 = 200;
const BARS_TO: i32 = 700;
const TOP: i32 = 104;
const PITCH: i32 = 26;
const BAR: i32 = 18;
const GAP: i32 = 14;

/// The request of a contender.
struct Bar {
    contender: &'static Contender,
    instructions: f64,
    /// The bare client's part.
    bare: f64,
}

impl Bar {
    fn more(&self) -> f64 {
        self.instructions - self.bare
    }
}

/// `None` for another figure, or one without counts.
pub(super) fn of(figure: &Figure) -> Option<Result<String, BoxError>> {
    if figure.id != 1 {
        return None;
    }
    let case = &figure.rows.first()?.case;
    let rows = figure.rows.iter().filter(|row| row.case == *case);
    let counts: Vec<_> = rows.filter_map(count).collect();
    let bar = |(contender, instructions): &(&'static Contender, f64)| {
        let bare = counts
            .iter()
            .find(|(other, _)| other.name == contender.baseline)?;
        Some(Bar {
            contender,
            instructions: *instructions,
            bare: bare.1,
        })
    };
    let bars: Vec<_> = counts.iter().filter_map(bar).collect();
    (!bars.is_empty()).then(|| drawn(case, &bars))
}

/// The contenders whose counts do not vary.
fn count(row: &Row) -> Option<(&'static Contender, f64)> {
    let contender = contenders::named(&row.subject).ok()?;
    let count = row.values.iter().find_map(|value| match value {
        Value::Spread(spread) => Some(spread.median),
        Value::Count(_)
        | Value::More(_)
        | Value::MoreOrLess(_)
        | Value::Itself
        | Value::NotMeasured(_) => None,
    });
    (contender.threads == Threads::Callers).then_some((contender, count?))
}

fn drawn(case: &str, bars: &[Bar]) -> Result<String, BoxError> {
    let groups = bars.iter().filter(|bar| bar.contender.is_bare()).count() as i32;
    let bottom = TOP + PITCH * bars.len() as i32 + GAP * (groups - 1);
    let scale = Scale::up_to(bars.iter().map(|bar| bar.instructions).fold(1.0, f64::max));
    let finding = finding(bars);
    svg((WIDTH as u32, bottom as u32 + 56), &finding, |canvas| {
        canvas.text(&finding, (24, 30), At::Start, HEADING)?;
        let what = format!(
            "Instructions of a request of {case} on the happy path, without the kernel; by callgrind"
        );
        canvas.text(&what, (24, 55), At::Start, SMALL)?;
        let meanings = [
            (Colour::Bare, "the bare client"),
            (Colour::Session, "what a session adds"),
            (Colour::Rival, "what others add"),
        ];
        canvas.legend((24, 80), &meanings)?;
        scale.draw(canvas, bottom)?;
        let mut y = TOP;
        for (at, bar) in bars.iter().enumerate() {
            if at > 0 && bar.contender.is_bare() {
                y += GAP;
            }
            one(canvas, bar, y, &scale)?;
            y += PITCH;
        }
        let axis = "instructions";
        canvas.text(
            axis,
            ((BARS_FROM + BARS_TO) / 2, bottom + 38),
            At::Middle,
            SMALL,
        )
    })
}

fn one(canvas: &Canvas<'_>, bar: &Bar, top: i32, scale: &Scale) -> Result<(), BoxError> {
    let middle = top + BAR / 2;
    let (bare, end) = (
        scale.at(bar.bare.min(bar.instructions)),
        scale.at(bar.instructions),
    );
    let (colour, letters) = match bar.contender.role {
        Role::Bare => (Colour::Bare, SMALL),
        Role::Session(_) => (Colour::Session, STRONG),
        Role::Plain | Role::Replaying => (Colour::Rival, BODY),
    };
    canvas.text(
        bar.contender.name,
        (BARS_FROM - 10, middle),
        At::End,
        letters,
    )?;
    canvas.rectangle((BARS_FROM, top), (bare, top + BAR), Colour::Bare)?;
    if end > bare {
        canvas.rectangle((bare, top), (end, top + BAR), colour)?;
    }
    let label = match bar.contender.is_bare() {
        true => grouped(bar.instructions),
        false => {
            let sign = if bar.more() < 0.0 { "" } else { "+" };
            let share = 100.0 * bar.more() / bar.bare;
            format!("{sign}{} ({share:+.1} %)", grouped(bar.more()))
        }
    };
    canvas.label(&label, (end + 8, middle), letters)
}

/// The counts in one sentence.
fn finding(bars: &[Bar]) -> String {
    let rivals = || {
        bars.iter()
            .filter(|bar| bar.contender.role == Role::Replaying)
    };
    let of_rivals = |bar: &&Bar| {
        let mut rivals = rivals();
        bar.contender.held_to() == HeldTo::BareAndRivals
            && rivals.any(|rival| rival.contender.baseline == bar.contender.baseline)
    };
    let Some(session) = bars.iter().find(of_rivals) else {
        return "Instructions of a request, by client".to_owned();
    };
    let least = rivals().map(Bar::more).fold(f64::INFINITY, f64::min);
    format!(
        "A session adds at most {:.1} % to reqwest; other clients that replay add {:.1} % or more",
        100.0 * session.more() / session.bare,
        100.0 * least / session.bare
    )
}

/// A scale from zero to a round number.
struct Scale {
    step: f64,
    most: f64,
}

impl Scale {
    fn up_to(most: f64) -> Self {
        let magnitude = 10_f64.powf(most.log10().floor());
        let steps = [0.1, 0.2, 0.5, 1.0, 2.0].map(|part| part * magnitude);
        let step = steps.into_iter().find(|step| most / step <= 6.0);
        Self {
            step: step.unwrap_or(magnitude),
            most,
        }
    }

    fn at(&self, instructions: f64) -> i32 {
        let share = instructions / self.most;
        BARS_FROM + (share * f64::from(BARS_TO - BARS_FROM)).round() as i32
    }

    fn draw(&self, canvas: &Canvas<'_>, bottom: i32) -> Result<(), BoxError> {
        let ticks = (self.most / self.step).floor() as i32;
        for tick in 0..=ticks {
            let instructions = f64::from(tick) * self.step;
            let x = self.at(instructions);
            canvas.line((x, TOP - 6), (x, bottom), Colour::Grid)?;
            canvas.text(&grouped(instructions), (x, bottom + 14), At::Middle, SMALL)?;
        }
        Ok(())
    }
}
