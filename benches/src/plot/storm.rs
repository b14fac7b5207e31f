//! The time line of a storm, one row for each request, next to its bound.

use super::canvas::{At, Canvas, HEADING, SMALL, STRONG, svg};
use super::grouped;
use super::palette::Colour;
use super::timeline::{RequestSpan, Span, Timeline};
use crate::BoxError;

const WIDTH: i32 = 860;
const FROM: i32 = 104;
const TO: i32 = 820;
/// The rows of the bound, of the refresh, and of the first request.
const BOUND: i32 = 108;
const REFRESH: i32 = 142;
const TOP: i32 = 166;
const PARTS: i32 = 22;
const PITCH: i32 = 5;
const BAR: i32 = 4;

/// The most rows that can be told apart.
const MOST: usize = 64;

pub(super) fn of(timeline: &Timeline) -> Result<String, BoxError> {
    let shown = shown(timeline);
    let bottom = TOP + PITCH * shown.len() as i32;
    let scale = Scale {
        most: 1.04 * timeline.end().max(timeline.bound_end()),
    };
    let finding = finding(timeline);
    svg((WIDTH as u32, bottom as u32 + 56), &finding, |canvas| {
        canvas.text(&finding, (24, 30), At::Start, HEADING)?;
        let rows = match shown.len() == timeline.requests.len() {
            true => "a row for each request".to_owned(),
            false => format!("{} of the requests, a row for each", shown.len()),
        };
        let what = format!("{}; {rows}", timeline.what);
        canvas.text(&what, (24, 55), At::Start, SMALL)?;
        let meanings = [
            (Colour::Refused, "first attempt, refused"),
            (Colour::Waiting, "waiting for the refresh"),
            (Colour::Replayed, "replay, answered"),
            (Colour::Refresh, "the one token call"),
        ];
        canvas.legend((24, 80), &meanings)?;
        scale.draw(canvas, bottom)?;
        bound(canvas, timeline, &scale)?;
        if let Some(refresh) = timeline.refresh {
            canvas.text("token call", (FROM - 10, REFRESH + 6), At::End, SMALL)?;
            span(canvas, refresh, (REFRESH, 12), Colour::Refresh, &scale)?;
        }
        canvas.text("requests", (FROM - 10, (TOP + bottom) / 2), At::End, SMALL)?;
        for (row, request) in shown.iter().enumerate() {
            one(canvas, request, TOP + PITCH * row as i32, &scale)?;
        }
        let end = scale.at(timeline.bound_end()) - 1;
        canvas.line((end, BOUND), (end, bottom), Colour::Ink)?;
        let axis = "milliseconds since the server had the first";
        canvas.text(axis, ((FROM + TO) / 2, bottom + 38), At::Middle, SMALL)
    })
}

/// As many requests as there is room for, spread evenly from the first response to the last, in the
/// order in which they were sent.
fn shown(timeline: &Timeline) -> Vec<RequestSpan> {
    let mut all = timeline.requests.clone();
    all.sort_by(|one, other| one.answered.total_cmp(&other.answered));
    let rows = all.len().min(MOST);
    let last = all.len().saturating_sub(1);
    let row = |row: usize| all[row * last / rows.saturating_sub(1).max(1)];
    let mut shown: Vec<_> = (0..rows).map(row).collect();
    shown.sort_by(|one, other| one.sent.total_cmp(&other.sent));
    shown
}

/// The times in one sentence.
fn finding(timeline: &Timeline) -> String {
    let (end, bound) = (timeline.took, timeline.bound_end());
    let refresh = timeline.refresh.map_or("", |_| " one refresh,");
    format!(
        "{} requests refused,{refresh} all answered in {end:.1} ms: {:.2} of the bound",
        grouped(timeline.requests.len() as f64),
        end / bound
    )
}

fn bound(canvas: &Canvas<'_>, timeline: &Timeline, scale: &Scale) -> Result<(), BoxError> {
    canvas.text("the bound", (FROM - 10, BOUND + PARTS / 2), At::End, STRONG)?;
    for part in &timeline.bound {
        let (from, to) = (scale.at(part.span.from), scale.at(part.span.to));
        canvas.rectangle((from, BOUND), (to - 2, BOUND + PARTS), Colour::Bare)?;
        let middle = ((from + to) / 2, BOUND + PARTS / 2);
        canvas.text(&part.label, middle, At::Middle, STRONG)?;
    }
    Ok(())
}

fn one(
    canvas: &Canvas<'_>,
    request: &RequestSpan,
    top: i32,
    scale: &Scale,
) -> Result<(), BoxError> {
    let times = [
        request.sent,
        request.refused,
        request.replayed,
        request.answered,
    ];
    let colours = [Colour::Refused, Colour::Waiting, Colour::Replayed];
    for (times, colour) in times.windows(2).zip(colours) {
        let stretch = Span {
            from: times[0],
            to: times[1],
        };
        span(canvas, stretch, (top, BAR), colour, scale)?;
    }
    Ok(())
}

fn span(
    canvas: &Canvas<'_>,
    span: Span,
    (top, height): (i32, i32),
    colour: Colour,
    scale: &Scale,
) -> Result<(), BoxError> {
    let (from, to) = (scale.at(span.from), scale.at(span.to));
    canvas.rectangle((from, top), (to, top + height), colour)
}

/// The order in which they were sent.
struct Scale {
    most: f64,
}

impl Scale {
    fn at(&self, milliseconds: f64) -> i32 {
        FROM + (milliseconds / self.most * f64::from(TO - FROM)).round() as i32
    }

    fn draw(&self, canvas: &Canvas<'_>, bottom: i32) -> Result<(), BoxError> {
        let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];
        let step = steps.into_iter().find(|step| self.most / step <= 10.0);
        let step = step.unwrap_or(self.most / 5.0);
        for tick in 0..=(self.most / step).floor() as i32 {
            let milliseconds = f64::from(tick) * step;
            let x = self.at(milliseconds);
            canvas.line((x, REFRESH - 6), (x, bottom + 4), Colour::Grid)?;
            canvas.text(
                &format!("{milliseconds}"),
                (x, bottom + 14),
                At::Middle,
                SMALL,
            )?;
        }
        Ok(())
    }
}
