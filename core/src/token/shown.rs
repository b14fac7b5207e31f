//! What a server wrote beside a token, for a log: bounded, and without that token.

use std::fmt;

/// How much of it is shown, in characters.
const LIMIT: usize = 128;

pub(super) enum Shown<'a> {
    Text(&'a str),
    /// A server can send a secret back under any name.
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
