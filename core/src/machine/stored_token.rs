//! What a flight does with a token in the store that is not the session's.
//!
//! The flight adopts that token, or trades it for a newer one.

use std::time::Duration;

/// A token that another session or process put in the store, compared with the session's own.
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
    /// The stored token has no access token.
    Absent,
    /// It is the one that the session holds.
    Same,
    /// It is another one.
    Other,
}

/// How a flight uses a [`StoredToken`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum StoredTokenUse {
    /// It becomes the session's token, without a token request.
    Adopt,
    /// Its access token is not usable. Its refresh token is the newest one, and is traded.
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

    /// Whether the session adopts the token or trades it.
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
