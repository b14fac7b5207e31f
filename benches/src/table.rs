//! A figure as a table.

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Table};

use crate::figure::{Bar, Figure, Value, Verdict};

pub(crate) fn print(figure: &Figure) {
    println!("{}. {}\n", figure.id, figure.title);
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["", ""].into_iter().chain(figure.columns.iter().copied()));
    let mut case = "";
    for row in &figure.rows {
        let first = if row.case == case { "" } else { &row.case };
        case = &row.case;
        let values = row.values.iter().map(|value| right(text(value)));
        let names = [first, &row.subject].into_iter().map(Cell::new);
        table.add_row(names.chain(values));
    }
    println!("{table}\n");
    for note in &figure.notes {
        println!("{note}");
    }
    for bar in &figure.bars {
        println!("{}", line(bar));
    }
    println!();
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

fn line(bar: &Bar) -> String {
    let verdict = match bar.verdict {
        Verdict::Met => "met",
        Verdict::NotMet => "NOT MET",
        Verdict::NotMeasured => "NOT MEASURED",
    };
    format!("{verdict:>12}  {}: {}", bar.claim, bar.measured)
}

fn text(value: &Value) -> String {
    match value {
        Value::Count(count) => number(*count),
        Value::More(more) => format!("{}{}", if *more < 0.0 { "" } else { "+" }, number(*more)),
        Value::Spread(spread) => {
            let [median, low, high] = [spread.median, spread.low, spread.high].map(number);
            format!("{median} ({low}..{high})")
        }
        Value::Itself => String::new(),
        Value::NotMeasured(why) => format!("not measured: {why}"),
    }
}

/// Whole, or with what is behind the point.
fn number(number: f64) -> String {
    let text = format!("{number:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text {
        "-0" => "0".to_owned(),
        text => text.to_owned(),
    }
}
