//! A figure as text: its table, notes and bars.

use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Table};

use crate::figure::{Bar, Figure, Value, Verdict};

/// Wide enough for a table, and usually no wider than a terminal.
const WIDTH: usize = 100;

pub(crate) fn of(figure: &Figure) -> String {
    let mut text = format!("{}. {}\n\n{}\n\n", figure.id, figure.title, grid(figure));
    for note in &figure.notes {
        wrap(&mut text, note);
    }
    text.push('\n');
    text.extend(figure.bars.iter().map(line));
    text.push('\n');
    text
}

fn grid(figure: &Figure) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    let columns = figure.columns.iter().copied().map(right);
    table.set_header(["", ""].map(Cell::new).into_iter().chain(columns));
    let mut case = "";
    for row in &figure.rows {
        let first = if row.case == case { "" } else { &*row.case };
        case = &row.case;
        let names = [first, &row.subject].into_iter().map(Cell::new);
        table.add_row(names.chain(row.values.iter().map(|value| right(shown(value)))));
    }
    table
}

fn right(text: impl Into<String>) -> Cell {
    Cell::new(text.into()).set_alignment(CellAlignment::Right)
}

fn line(bar: &Bar) -> String {
    let verdict = match bar.verdict {
        Verdict::Met => "met",
        Verdict::NotMet => "NOT MET",
        Verdict::NotMeasured => "NOT MEASURED",
    };
    format!("{verdict:>12}  {}: {}\n", bar.claim, bar.measured)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Count(count) => number(*count),
        Value::More(more) => signed(*more),
        Value::MoreOrLess(more) => {
            let [median, low, high] = [more.median, more.low, more.high].map(signed);
            format!("{median} ({low}..{high})")
        }
        Value::Spread(spread) => {
            let [median, low, high] = [spread.median, spread.low, spread.high].map(number);
            format!("{median} ({low}..{high})")
        }
        Value::Itself => String::new(),
        Value::NotMeasured(why) => format!("not measured: {why}"),
    }
}

fn signed(count: f64) -> String {
    let sign = if count < 0.0 { "" } else { "+" };
    format!("{sign}{}", number(count))
}

/// A whole number, or one with decimals.
fn number(number: f64) -> String {
    let text = format!("{number:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text {
        "-0" => "0".to_owned(),
        text => text.to_owned(),
    }
}

fn wrap(text: &mut String, note: &str) {
    let mut used = 0;
    for word in note.split_whitespace() {
        let (space, length) = match used {
            0 => ("", word.len()),
            used if used + word.len() < WIDTH => (" ", used + 1 + word.len()),
            _ => ("\n", word.len()),
        };
        used = length;
        // Writing to a String cannot fail.
        _ = write!(text, "{space}{word}");
    }
    text.push('\n');
}
