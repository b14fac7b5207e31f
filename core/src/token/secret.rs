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
mod tests {
    use zeroize::{Zeroize, ZeroizeOnDrop};

    use super::*;

    fn is_overwritten(_: &impl ZeroizeOnDrop) {}

    #[test]
    fn promise_19_a_secret_is_overwritten_when_it_is_dropped() {
        let mut secret = Secret::new("CANARY".to_owned());
        is_overwritten(&secret.0);
        secret.0.zeroize();
        assert_eq!(secret.expose(), "\0".repeat(6));
    }

    #[test]
    fn promise_19_a_clone_outlives_what_it_was_made_of() {
        let secret = Secret::new("CANARY".to_owned());
        let clone = secret.clone();
        drop(secret);
        assert_eq!(clone.expose(), "CANARY");
        assert_eq!(format!("{clone:?} {clone:#?}"), "[redacted] [redacted]");
    }
}
