//! The setup of a world, and the budget of what can happen in it.

use std::time::Duration;

use super::server::Rotation;
use crate::machine::{Renewable, TokenUse};

/// The fixed properties of a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Setup {
    /// Whether the runtime can spawn tasks.
    pub spawning: Spawning,
    /// Whether a refresh replaces the refresh token.
    pub rotation: Rotation,
    /// Whether access tokens expire by the clock.
    pub lifetime: Lifetime,
    /// Whether a refresh token can be sent again after its answer was lost.
    pub token_use: TokenUse,
    /// The second destination of requests.
    pub second: Second,
    /// Whether the session can get a newer token.
    pub renewable: Renewable,
}

/// The second destination of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Second {
    /// Another origin.
    Origin,
    /// Another path of the first origin.
    Path,
}

/// Whether the runtime can spawn tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Spawning {
    /// It can: tasks drive flights.
    Tasks,
    /// It cannot: requests drive flights.
    Nothing,
}

/// Whether access tokens expire by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lifetime {
    /// They expire after ten seconds.
    Short,
    /// The server does not give a lifetime.
    Unknown,
}

pub(super) const LIFETIME: u32 = 10;

/// How long the server repeats its answer for a spent refresh token.
pub(super) const GRACE: Duration = Duration::from_secs(2);

impl Setup {
    /// All setups.
    pub const ALL: [Self; 30] = {
        let mut all = [Self::nth(0); 30];
        let mut n = 0;
        while n < all.len() {
            all[n] = Self::nth(n);
            n += 1;
        }
        all
    };

    const fn nth(n: usize) -> Self {
        let first = Self {
            spawning: if n & 1 == 0 {
                Spawning::Tasks
            } else {
                Spawning::Nothing
            },
            rotation: if n & 2 == 0 {
                Rotation::On
            } else {
                Rotation::Off
            },
            lifetime: if n & 4 == 0 {
                Lifetime::Unknown
            } else {
                Lifetime::Short
            },
            token_use: TokenUse::Learn,
            second: Second::Origin,
            renewable: Renewable::Yes,
        };
        match n {
            24..28 => return first.with_paths(n),
            28.. => return first.not_renewable(),
            _ => {}
        }
        // A setting about refresh tokens must be true for the server.
        let (rotation, token_use) = match n / 4 {
            0 | 1 => (first.rotation, first.token_use),
            2 => (Rotation::On, TokenUse::SingleUse),
            3 => (Rotation::Grace, TokenUse::Learn),
            4 => (Rotation::Grace, TokenUse::Grace(GRACE)),
            _ => (Rotation::Off, TokenUse::Reusable),
        };
        Self {
            rotation,
            token_use,
            lifetime: if n >= 8 && n & 2 != 0 {
                Lifetime::Short
            } else if n >= 8 {
                Lifetime::Unknown
            } else {
                first.lifetime
            },
            ..first
        }
    }

    const fn with_paths(self, n: usize) -> Self {
        Self {
            lifetime: if n & 2 == 0 {
                Lifetime::Unknown
            } else {
                Lifetime::Short
            },
            second: Second::Path,
            ..self
        }
    }

    const fn not_renewable(self) -> Self {
        Self {
            lifetime: Lifetime::Short,
            rotation: Rotation::Off,
            renewable: Renewable::No,
            ..self
        }
    }

    /// The setup that the first byte selects, and the other bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> (Self, &[u8]) {
        match bytes.split_first() {
            Some((first, rest)) => (Self::nth(usize::from(*first) % Self::ALL.len()), rest),
            None => (Self::nth(0), bytes),
        }
    }
}

/// How often each step may still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Budget {
    /// Requests with a body that can be sent again.
    pub requests: u16,
    /// Requests with a body that can be sent only once.
    pub once: u16,
    /// Requests to the second origin.
    pub second: u16,
    /// Requests at the same time.
    pub at_once: u16,
    /// 401s that do not depend on the token.
    pub hostile: u16,
    /// Broken connections to the resource server.
    pub broken: u16,
    /// Callers that give up.
    pub leaves: u16,
    /// Faults of the token server.
    pub faults: u16,
    /// Sign-ins.
    pub sign_ins: u16,
    /// Sign-outs.
    pub sign_outs: u16,
    /// Access tokens that stop being accepted.
    pub expiries: u16,
    /// Refresh tokens that are revoked.
    pub revocations: u16,
    /// Refreshes by another process.
    pub elsewhere: u16,
    /// Passages of time.
    pub time: u16,
    /// Redirects.
    pub redirects: u16,
}

impl Budget {
    /// Nothing can happen.
    pub const NOTHING: Self = Self::of(0, 0, 0);
    /// Practically no limit.
    pub const UNLIMITED: Self = Self::of(u16::MAX, 8, 100);

    const fn of(each: u16, at_once: u16, sign_ins: u16) -> Self {
        Self {
            requests: each,
            once: each,
            second: each,
            at_once,
            hostile: each,
            broken: each,
            leaves: each,
            faults: each,
            sign_ins,
            sign_outs: each,
            expiries: each,
            revocations: each,
            elsewhere: each,
            time: each,
            redirects: each,
        }
    }

    /// The sum of what is left. It falls with each step that is charged.
    pub(super) fn left(&self) -> u32 {
        [
            self.requests,
            self.once,
            self.second,
            self.hostile,
            self.broken,
            self.leaves,
            self.faults,
            self.sign_ins,
            self.sign_outs,
            self.expiries,
            self.revocations,
            self.elsewhere,
            self.time,
            self.redirects,
        ]
        .into_iter()
        .map(u32::from)
        .sum()
    }
}
