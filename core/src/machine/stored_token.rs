//! What a flight does with a token that it finds in the store and that is not the session's.
//!
//! It decides whether the flight ends with that token, or trades it for a newer one.

use std::time::Duration;

/// A token that another holder of the store left there, beside the one that the session holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct StoredToken {
    /// Its access token.
    pub access_token: StoredAccessToken,
    /// How much longer the access token is accepted, if that is known.
    pub lifetime: Option<Duration>,
}

/// The access token of a [`StoredToken`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoredAccessToken {
    /// There is none.
    Absent,
    /// The one that the session holds.
    Same,
    /// Another one.
    Other,
}

/// What becomes of a [`StoredToken`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum StoredTokenUse {
    /// It becomes the session's: nobody is asked for a token.
    Adopt,
    /// Its access token is of no use, but its refresh token is the newest.
    Trade,
}

impl StoredToken {
    /// A token that was read from a store.
    #[must_use]
    pub const fn new(access_token: StoredAccessToken, lifetime: Option<Duration>) -> Self {
        Self {
            access_token,
            lifetime,
        }
    }

    /// Whether the session adopts it.
    pub const fn usage(self) -> StoredTokenUse {
        match (self.access_token, self.lifetime) {
            (StoredAccessToken::Other, Some(Duration::ZERO)) => StoredTokenUse::Trade,
            (StoredAccessToken::Other, _) => StoredTokenUse::Adopt,
            (StoredAccessToken::Absent | StoredAccessToken::Same, _) => StoredTokenUse::Trade,
        }
    }
}

#[cfg(test)]
mod tests;
