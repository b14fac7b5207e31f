//! The pictures of the documentation, as SVG without scripts and fonts, for light and dark pages.

mod canvas;
mod instructions;
mod palette;
mod storm;
mod timeline;

use std::fs;
use std::path::Path;

use crate::BoxError;
use crate::figure::Figure;

/// Draws the pictures of these figures into this folder.
pub(crate) fn draw(figures: &[Figure], folder: &Path) -> Result<(), BoxError> {
    let instructions = figures.iter().find_map(instructions::of);
    let mut storms = figures.iter().flat_map(|figure| &figure.timelines);
    let drawn = storms.find(|storm| storm.subject == DRAWN);
    let storm = drawn.map(|storm| storm::of(&storm.into()));
    let plots = [
        ("performance-instructions.svg", instructions),
        ("performance-storm.svg", storm),
    ];
    for (name, plot) in plots {
        if let Some(svg) = plot.transpose()? {
            let path = folder.join(name);
            fs::write(&path, svg)?;
            eprintln!("drawn: {}", path.display());
        }
    }
    Ok(())
}

/// The contender and the size of the storm that is drawn.
const DRAWN: &str = "session-reqwest";

/// Adds a comma before each three digits.
fn grouped(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut text = if number < 0.0 { "\u{2212}" } else { "" }.to_owned();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
