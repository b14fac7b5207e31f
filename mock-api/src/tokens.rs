//! Which tokens are accepted, and how a refresh changes them.
//!
//! A *family* is a sign-in and everything refreshed from it ([RFC 9700 §4.14.2]). This module
//! knows nothing of HTTP or the clock: the time is an argument.
//!
//! [RFC 9700 §4.14.2]: https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::Rotation;

pub(crate) struct Tokens {
    rotation: Rotation,
    lifetime: Option<Duration>,
    told: Option<Duration>,
    families: Vec<Family>,
    refresh: HashMap<String, RefreshToken>,
    access: HashMap<String, AccessToken>,
}

/// An index into `Tokens::families`. The first refresh token has the first family.
type FamilyId = usize;
const FIRST: FamilyId = 0;

enum Family {
    Live { current: Option<String> },
    Revoked,
}

enum RefreshToken {
    Usable(FamilyId),
    Spent(FamilyId),
}

struct AccessToken {
    family: FamilyId,
    expires: Option<Instant>,
}

/// The outcome of a refresh.
#[derive(Debug)]
pub(crate) enum Outcome {
    Granted(Grant),
    Refused,
    /// Refused because it was spent before; its family is now revoked.
    Reused,
}

#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) access_token: String,
    /// Set if tokens rotate.
    pub(crate) refresh_token: Option<String>,
    pub(crate) lifetime: Option<Duration>,
}

impl Tokens {
    pub(crate) fn new(first: &str, rotation: Rotation, lifetime: Option<Duration>) -> Self {
        Self {
            rotation,
            lifetime,
            told: lifetime,
            families: vec![Family::Live { current: None }],
            refresh: HashMap::from([(first.to_owned(), RefreshToken::Usable(FIRST))]),
            access: HashMap::new(),
        }
    }

    /// Leaves the lifetime of access tokens out of the responses.
    pub(crate) fn silent(mut self) -> Self {
        self.told = None;
        self
    }

    pub(crate) fn accepts(&self, token: &str, now: Instant) -> bool {
        self.access.get(token).is_some_and(|access| {
            matches!(self.families[access.family], Family::Live { .. })
                && access.expires.is_none_or(|expires| now < expires)
        })
    }

    pub(crate) fn refresh(&mut self, token: &str, now: Instant) -> Outcome {
        let family = match self.refresh.get(token) {
            Some(RefreshToken::Usable(family)) => *family,
            Some(RefreshToken::Spent(family)) => {
                self.families[*family] = Family::Revoked;
                return Outcome::Reused;
            }
            None => return Outcome::Refused,
        };
        let Family::Live { current } = &mut self.families[family] else {
            return Outcome::Refused;
        };

        if let Some(replaced) = current.take() {
            self.access.remove(&replaced);
        }
        let access_token = self.issue(family, now);
        self.families[family] = Family::Live {
            current: Some(access_token.clone()),
        };
        Outcome::Granted(Grant {
            access_token,
            refresh_token: self.rotate(token, family),
            lifetime: self.told,
        })
    }

    /// Issues a token for a client that acts for no user: its own family, without a refresh token.
    pub(crate) fn grant_to_client(&mut self, now: Instant) -> Outcome {
        let family = self.new_family();
        Outcome::Granted(Grant {
            access_token: self.issue(family, now),
            refresh_token: None,
            lifetime: self.told,
        })
    }

    fn issue(&mut self, family: FamilyId, now: Instant) -> String {
        let access_token = random();
        let expires = self.lifetime.and_then(|lifetime| now.checked_add(lifetime));
        let access = AccessToken { family, expires };
        self.access.insert(access_token.clone(), access);
        access_token
    }

    fn rotate(&mut self, spent: &str, family: FamilyId) -> Option<String> {
        match self.rotation {
            Rotation::Off => None,
            Rotation::On => {
                let next = random();
                let spent = spent.to_owned();
                self.refresh.insert(spent, RefreshToken::Spent(family));
                let usable = RefreshToken::Usable(family);
                self.refresh.insert(next.clone(), usable);
                Some(next)
            }
        }
    }

    pub(crate) fn sign_in(&mut self) -> String {
        let token = random();
        let family = self.new_family();
        let usable = RefreshToken::Usable(family);
        self.refresh.insert(token.clone(), usable);
        token
    }

    pub(crate) fn mint_access_token(&mut self) -> String {
        let token = random();
        let family = match self.families[FIRST] {
            Family::Live { .. } => FIRST,
            Family::Revoked => self.new_family(),
        };
        let access = AccessToken {
            family,
            expires: None,
        };
        self.access.insert(token.clone(), access);
        token
    }

    pub(crate) fn expire_access_tokens(&mut self) {
        self.access.clear();
    }

    /// Revokes the family of this refresh or access token; returns whether it was known.
    pub(crate) fn revoke_token(&mut self, token: &str) -> bool {
        let refresh = self.refresh.get(token).map(|token| match token {
            RefreshToken::Usable(family) | RefreshToken::Spent(family) => *family,
        });
        let access = || self.access.get(token).map(|access| access.family);
        let family = refresh.or_else(access);
        if let Some(family) = family {
            self.families[family] = Family::Revoked;
        }
        family.is_some()
    }

    pub(crate) fn revoke(&mut self) {
        self.families.fill_with(|| Family::Revoked);
    }

    fn new_family(&mut self) -> FamilyId {
        self.families.push(Family::Live { current: None });
        self.families.len() - 1
    }
}

/// Returns 32 random hexadecimal digits.
fn random() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    bytes.iter().fold(String::new(), |mut hex, byte| {
        _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests;
