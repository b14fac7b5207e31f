//! The colours, each for a light and a dark page.

use plotters::style::RGBColor;

/// What a colour is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Colour {
    Paper,
    Ink,
    Muted,
    Grid,
    Bare,
    Session,
    Rival,
    Refused,
    Waiting,
    Replayed,
    Refresh,
}

impl Colour {
    const ALL: [Self; 11] = [
        Self::Paper,
        Self::Ink,
        Self::Muted,
        Self::Grid,
        Self::Bare,
        Self::Session,
        Self::Rival,
        Self::Refused,
        Self::Waiting,
        Self::Replayed,
        Self::Refresh,
    ];

    const fn light(self) -> (u8, u8, u8) {
        match self {
            Self::Paper => (0xff, 0xff, 0xff),
            Self::Ink => (0x1f, 0x23, 0x28),
            Self::Muted => (0x5e, 0x66, 0x6f),
            Self::Grid => (0xdd, 0xe2, 0xe7),
            Self::Bare => (0xc3, 0xcb, 0xd4),
            Self::Session => (0x0e, 0x8a, 0x6b),
            Self::Rival => (0xd9, 0x8b, 0x1f),
            Self::Refused => (0xe0, 0x7a, 0x6e),
            Self::Waiting => (0xe9, 0xd8, 0xa6),
            Self::Replayed => (0x4a, 0xa3, 0x84),
            Self::Refresh => (0x6f, 0x5b, 0xd0),
        }
    }

    const fn dark(self) -> (u8, u8, u8) {
        match self {
            Self::Paper => (0x0d, 0x11, 0x17),
            Self::Ink => (0xe6, 0xed, 0xf3),
            Self::Muted => (0x9a, 0xa4, 0xaf),
            Self::Grid => (0x2b, 0x31, 0x39),
            Self::Bare => (0x4b, 0x54, 0x5f),
            Self::Session => (0x36, 0xc2, 0x9a),
            Self::Rival => (0xe3, 0xa3, 0x47),
            Self::Refused => (0xd9, 0x6c, 0x60),
            Self::Waiting => (0x7d, 0x6d, 0x3a),
            Self::Replayed => (0x3f, 0xa8, 0x84),
            Self::Refresh => (0x9d, 0x8c, 0xf0),
        }
    }

    pub(super) const fn rgb(self) -> RGBColor {
        let (red, green, blue) = self.light();
        RGBColor(red, green, blue)
    }

    /// A picture is drawn in light colours; on a dark page, this style sheet replaces them with the
    /// dark ones.
    pub(super) fn style_sheet() -> String {
        let rule = |colour: Self| {
            let (light, dark) = (hex(colour.light()), hex(colour.dark()));
            format!("[fill=\"{light}\"]{{fill:{dark}}}[stroke=\"{light}\"]{{stroke:{dark}}}")
        };
        let rules: String = Self::ALL.into_iter().map(rule).collect();
        format!("<style>@media (prefers-color-scheme:dark){{{rules}}}</style>\n")
    }
}

/// The colour as plotters writes it.
fn hex((red, green, blue): (u8, u8, u8)) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

#[cfg(test)]
mod tests;
