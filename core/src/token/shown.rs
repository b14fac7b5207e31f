//! Text from a server, safe to log: of bounded length and without the token.

use std::fmt;

/// How many characters are shown.
const LIMIT: usize = 128;

pub(super) enum Shown<'a> {
    Text(&'a str),
    /// The text contains a secret: a server can send one back in any member.
    Secret,
}

impl<'a> Shown<'a> {
    pub(super) fn unless_it_has<'s>(
        text: &'a str,
        mut secrets: impl Iterator<Item = &'s str>,
    ) -> Self {
        let holds = |secret: &str| !secret.is_empty() && text.contains(secret);
        if secrets.any(holds) {
            Self::Secret
        } else {
            Self::Text(text)
        }
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Text(text) = self else {
            return f.write_str("[redacted]");
        };
        match text.char_indices().nth(LIMIT) {
            Some((end, _)) => write!(f, "{:?} and more", &text[..end]),
            None => write!(f, "{text:?}"),
        }
    }
}
