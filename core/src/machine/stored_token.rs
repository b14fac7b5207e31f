//! What a flight does with a token that it found in the store.

use std::time::Duration;

use super::holder::{Age, Id, Standing};

/// A token in the store, compared with the session's own.
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum StoredTokenUse {
    /// It becomes the session's token, without a token request.
    Adopt,
    /// It claims the record, to trade the token for a newer one.
    Claim,
    /// It has claimed the record with this claim, and trades the token.
    Send(Id),
    /// It waits until another holder has traded the token, for this long at most.
    Wait(Duration),
    /// It ends: the token server has refused the refresh token.
    Refused,
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

    /// What a flight does with the token.
    pub fn usage(self, age: Age, standing: &Standing) -> StoredTokenUse {
        let usable =
            self.access_token == StoredAccessToken::Other && self.lifetime != Some(Duration::ZERO);
        match (age, standing) {
            (Age::Newer, _) if usable => StoredTokenUse::Adopt,
            (_, Standing::Free | Standing::Unsent | Standing::Lost) => StoredTokenUse::Claim,
            (_, Standing::Ours(claim)) => StoredTokenUse::Send(*claim),
            (_, Standing::Claimed { lost_in, .. }) => StoredTokenUse::Wait(*lost_in),
            (_, Standing::Dead) => StoredTokenUse::Refused,
        }
    }
}

#[cfg(test)]
mod tests;
