//! Secret text: hidden from `Debug`, and overwritten when dropped.

use std::fmt;

#[cfg(any(feature = "json", feature = "session"))]
use zeroize::Zeroizing as Wiped;

/// Without these features there is no dependency that overwrites, and `unsafe` is forbidden.
#[cfg(not(any(feature = "json", feature = "session")))]
type Wiped<T> = T;

#[derive(Clone)]
pub(crate) struct Secret(Wiped<Box<str>>);

impl Secret {
    /// Copies the text and overwrites the original.
    pub(crate) fn new(secret: String) -> Self {
        let secret = wiped(secret);
        Self(wiped(Box::from(secret.as_str())))
    }

    /// Like [`new`](Self::new), without surrounding white space.
    pub(crate) fn trimmed(secret: String) -> Self {
        let secret = wiped(secret);
        Self(wiped(Box::from(secret.trim_ascii())))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(any(feature = "json", feature = "session"))]
fn wiped<T: zeroize::Zeroize>(secret: T) -> Wiped<T> {
    Wiped::new(secret)
}

#[cfg(not(any(feature = "json", feature = "session")))]
fn wiped<T>(secret: T) -> T {
    secret
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(all(test, feature = "session"))]
mod tests;
