//! Parses the `WWW-Authenticate` fields, up to a limit.
//!
//! This is the only file that uses the parser. What a challenge means is decided elsewhere.

use std::borrow::Cow;

use http::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use http_auth::{ChallengeParser, ChallengeRef};

pub(crate) const MAX_LINES: usize = 16;
pub(crate) const MAX_LINE: usize = 8 * 1024;
pub(crate) const MAX_VALUE: usize = 4 * 1024;

/// Replaces what is not ASCII. Like obs-text, it is legal in a quoted string only.
const STAND_IN: char = '?';

/// A parsed challenge ([RFC 9110 §11.3]).
///
/// [RFC 9110 §11.3]: https://www.rfc-editor.org/rfc/rfc9110#section-11.3
pub(super) struct Challenge<'a> {
    parsed: ChallengeRef<'a>,
    letters: Letters,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    Ascii,
    StandIns,
}

impl Challenge<'_> {
    /// Whether it has this scheme, in any case ([RFC 9110 §11.1]).
    ///
    /// [RFC 9110 §11.1]: https://www.rfc-editor.org/rfc/rfc9110#section-11.1
    pub(super) fn is(&self, scheme: &str) -> bool {
        self.parsed.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The unquoted value of a parameter, whose name is matched in any case. `None` if it is
    /// missing, occurs twice, is too long, or has characters that are not ASCII.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let named = |(named, _): &&(&str, _)| named.eq_ignore_ascii_case(name);
        let mut values = self.parsed.params.iter().filter(named);
        let (Some((_, value)), None) = (values.next(), values.next()) else {
            return None;
        };
        if value.unescaped_len() > MAX_VALUE {
            return None;
        }
        let value = value.to_unescaped();
        let known = self.letters == Letters::Ascii || !value.contains(STAND_IN);
        known.then_some(value)
    }
}

/// Passes on each challenge in order, and `None` for what cannot be read: the rest of a field after
/// a syntax error, a field that is too long, the fields beyond the limit.
pub(super) fn read(headers: &HeaderMap, mut told: impl FnMut(Option<Challenge<'_>>)) {
    let mut lines = headers.get_all(WWW_AUTHENTICATE).iter();
    for line in lines.by_ref().take(MAX_LINES) {
        read_line(line, &mut told);
    }
    if lines.next().is_some() {
        told(None);
    }
}

fn read_line(line: &HeaderValue, told: &mut impl FnMut(Option<Challenge<'_>>)) {
    if line.len() > MAX_LINE {
        return told(None);
    }
    let line = ascii(line);
    let letters = match line {
        Cow::Borrowed(_) => Letters::Ascii,
        Cow::Owned(_) => Letters::StandIns,
    };
    for parsed in ChallengeParser::new(line.trim_matches([' ', '\t'])) {
        told(parsed.ok().map(|parsed| Challenge { parsed, letters }));
    }
}

/// Replaces obs-text, which a quoted string may hold ([RFC 9110 §5.6.4]): the parser stops at it.
///
/// [RFC 9110 §5.6.4]: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.4
fn ascii(line: &HeaderValue) -> Cow<'_, str> {
    let letter = |byte: &u8| {
        if byte.is_ascii() {
            char::from(*byte)
        } else {
            STAND_IN
        }
    };
    match line.to_str() {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(line.as_bytes().iter().map(letter).collect()),
    }
}
