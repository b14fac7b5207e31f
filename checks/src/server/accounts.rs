//! What each account's tokens are, and what arrived for it. No IO.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::tokens;

/// What becomes of a refresh token that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// A newer one takes its place; if it is used again, the family is revoked
    /// ([RFC 9700 §4.14.2](https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2)).
    Rotating,
    /// It stays good, and the answer names no other.
    Reusable,
}

impl fmt::Display for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rotating => "rotating",
            Self::Reusable => "reusable",
        })
    }
}

/// What reached the server for an account.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// Token calls, whatever became of them.
    pub(crate) calls: u32,
    /// Token calls with a refresh token that was spent.
    pub(crate) reuses: u32,
    /// Token calls that met the fault.
    pub(crate) faults: u32,
    /// Requests to the API with a token that is accepted.
    pub(crate) served: u32,
    /// Requests to the API with another token, or none.
    pub(crate) refused: u32,
    /// Those of them that came over a connection which had been used before.
    pub(crate) refused_on_kept: u32,
}

/// The connection on which a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    New,
    Kept,
}

/// The body of a token answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Traded {
    Tokens(String),
    /// `invalid_grant`: the refresh token is spent, or none of this account's.
    Invalid,
}

pub(crate) struct Accounts {
    rotation: Rotation,
    accounts: Vec<Mutex<Account>>,
}

#[derive(Default)]
struct Account {
    /// The number of the newest access token, which alone may be accepted.
    newest: u32,
    access: Access,
    /// The number of the refresh token that is good.
    refresh: u32,
    family: Family,
    fault: Armed,
    seen: Seen,
}

#[derive(Default, PartialEq, Eq)]
enum Access {
    #[default]
    Expired,
    Accepted,
}

#[derive(Default, PartialEq, Eq)]
enum Family {
    #[default]
    Good,
    Revoked,
}

#[derive(Default, PartialEq, Eq)]
enum Armed {
    #[default]
    No,
    Yes,
}

impl Accounts {
    pub(crate) fn new(accounts: usize, rotation: Rotation) -> Self {
        Self {
            rotation,
            accounts: (0..accounts).map(|_| Mutex::default()).collect(),
        }
    }

    /// The next token call of this account meets the fault.
    pub(crate) fn arm(&self, account: usize) {
        self.account(account).fault = Armed::Yes;
    }

    /// A fault that was not met is over.
    pub(crate) fn disarm(&self, account: usize) {
        self.account(account).fault = Armed::No;
    }

    /// From now on the access token of this account is refused.
    pub(crate) fn expire(&self, account: usize) {
        self.account(account).access = Access::Expired;
    }

    pub(crate) fn seen(&self, account: usize) -> Seen {
        self.account(account).seen
    }

    /// Counts from nothing again.
    pub(crate) fn forget(&self, account: usize) {
        self.account(account).seen = Seen::default();
    }

    pub(super) fn contains(&self, account: usize) -> bool {
        account < self.accounts.len()
    }

    /// A request to the API: whether it is served.
    pub(super) fn request(&self, number: usize, bearer: Option<&str>, reach: Reach) -> bool {
        let mut account = self.account(number);
        let newest = tokens::access(number, account.newest);
        let served = account.access == Access::Accepted && bearer == Some(&*newest);
        if served {
            account.seen.served += 1;
        } else {
            account.seen.refused += 1;
            account.seen.refused_on_kept += u32::from(reach == Reach::Kept);
        }
        served
    }

    /// A token call has arrived.
    pub(super) fn call(&self, account: usize) {
        self.account(account).seen.calls += 1;
    }

    /// Whether this token call meets the fault: each account has one.
    pub(super) fn meet_fault(&self, account: usize) -> bool {
        let mut account = self.account(account);
        let met = account.fault == Armed::Yes;
        account.fault = Armed::No;
        account.seen.faults += u32::from(met);
        met
    }

    /// Carries a token call out.
    pub(super) fn trade(&self, number: usize, refresh_token: Option<&str>) -> Traded {
        let mut account = self.account(number);
        let spent = |older| Some(&*tokens::refresh(number, older)) == refresh_token;
        if (0..account.refresh).any(spent) {
            account.seen.reuses += 1;
            account.family = Family::Revoked;
            account.access = Access::Expired;
        }
        let good = tokens::refresh(number, account.refresh);
        if account.family == Family::Revoked || refresh_token != Some(&good) {
            return Traded::Invalid;
        }
        account.newest += 1;
        account.access = Access::Accepted;
        let mut answer = serde_json::json!({
            "access_token": tokens::access(number, account.newest),
            "token_type": "Bearer",
        });
        if self.rotation == Rotation::Rotating {
            account.refresh += 1;
            answer["refresh_token"] = tokens::refresh(number, account.refresh).into();
        }
        Traded::Tokens(answer.to_string())
    }

    fn account(&self, account: usize) -> MutexGuard<'_, Account> {
        let account = self.accounts[account].lock();
        account.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
