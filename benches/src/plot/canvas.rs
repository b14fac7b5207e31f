//! A canvas, in pixels: texts, rectangles and lines.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, ShapeStyle};

use super::palette::Colour;
use crate::BoxError;

/// Right and down.
pub(super) type Point = (i32, i32);

/// Which end of a text is at its point; vertically it is the middle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum At {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Letters {
    pub(super) size: i32,
    pub(super) colour: Colour,
    pub(super) weight: Weight,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Weight {
    Normal,
    Bold,
}

pub(super) const HEADING: Letters = Letters::new(16, Colour::Ink, Weight::Bold);
pub(super) const BODY: Letters = Letters::new(13, Colour::Ink, Weight::Normal);
pub(super) const STRONG: Letters = Letters::new(13, Colour::Ink, Weight::Bold);
pub(super) const SMALL: Letters = Letters::new(12, Colour::Muted, Weight::Normal);

impl Letters {
    const fn new(size: i32, colour: Colour, weight: Weight) -> Self {
        Self {
            size,
            colour,
            weight,
        }
    }
}

pub(super) struct Canvas<'a>(DrawingArea<SVGBackend<'a>, Shift>);

type Drawn = Result<(), BoxError>;

/// Draws a picture of this size, with a title for screen readers.
pub(super) fn svg(
    (width, height): (u32, u32),
    says: &str,
    draw: impl FnOnce(&Canvas<'_>) -> Drawn,
) -> Result<String, BoxError> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        let canvas = Canvas(area);
        canvas.rectangle((0, 0), (width as i32, height as i32), Colour::Paper)?;
        draw(&canvas)?;
        canvas.0.present().map_err(erased)?;
    }
    let (open, rest) = svg.split_once(">\n").ok_or("plotters drew nothing")?;
    let style = Colour::style_sheet();
    let says = says.replace('&', "&amp;").replace('<', "&lt;");
    Ok(format!(
        "{open} role=\"img\">\n<title>{says}</title>\n{style}{rest}"
    ))
}

impl Canvas<'_> {
    pub(super) fn rectangle(&self, from: Point, to: Point, colour: Colour) -> Drawn {
        let filled = ShapeStyle::from(colour.rgb()).filled();
        self.0
            .draw(&Rectangle::new([from, to], filled))
            .map_err(erased)
    }

    pub(super) fn line(&self, from: Point, to: Point, colour: Colour) -> Drawn {
        let path = PathElement::new(vec![from, to], colour.rgb().stroke_width(1));
        self.0.draw(&path).map_err(erased)
    }

    pub(super) fn text(&self, text: &str, point: Point, at: At, letters: Letters) -> Drawn {
        let horizontal = match at {
            At::Start => HPos::Left,
            At::Middle => HPos::Center,
            At::End => HPos::Right,
        };
        let weight = match letters.weight {
            Weight::Normal => FontStyle::Normal,
            Weight::Bold => FontStyle::Bold,
        };
        // Plotters takes the height of a line as the size.
        let font = ("sans-serif", f64::from(letters.size) * 1.24, weight).into_font();
        let style = font
            .color(&letters.colour.rgb())
            .pos(Pos::new(horizontal, VPos::Center));
        self.0.draw(&Text::new(text, point, style)).map_err(erased)
    }

    /// Draws it on a background, so that no line crosses it.
    pub(super) fn label(&self, text: &str, (x, y): Point, letters: Letters) -> Drawn {
        let half = letters.size / 2 + 2;
        let to = (x + 4 + width(text, letters.size), y + half);
        self.rectangle((x - 4, y - half), to, Colour::Paper)?;
        self.text(text, (x, y), At::Start, letters)
    }

    /// A legend: patches of colour and their meanings, side by side.
    pub(super) fn legend(&self, (mut x, y): Point, all: &[(Colour, &str)]) -> Drawn {
        for (colour, meaning) in all {
            self.rectangle((x, y - 5), (x + 10, y + 5), *colour)?;
            self.text(meaning, (x + 16, y), At::Start, SMALL)?;
            x += 16 + width(meaning, SMALL.size) + 20;
        }
        Ok(())
    }
}

/// An estimate: the font is not known here.
fn width(text: &str, size: i32) -> i32 {
    text.len() as i32 * size * 6 / 10
}

fn erased<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> BoxError {
    error.to_string().into()
}
