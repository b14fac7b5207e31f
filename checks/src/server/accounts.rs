//! The tokens of each account, and counts of what arrived for it. Without IO.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::tokens;

/// What happens to a refresh token when it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// A new one replaces it. If it is used again, its family is revoked
    /// ([RFC 9700 §4.14.2](https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2)).
    Rotating,
    /// It stays valid, and the response has no new one.
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
    /// All token calls.
    pub(crate) calls: u32,
    /// Token calls with a refresh token that was spent.
    pub(crate) reuses: u32,
    /// Token calls that met the fault.
    pub(crate) faults: u32,
    /// Requests to the API with an accepted token.
    pub(crate) served: u32,
    /// Requests to the API with another token or none.
    pub(crate) refused: u32,
    /// Refused requests that arrived over a connection that had been used before.
    pub(crate) refused_on_kept: u32,
}

/// The connection on which a request arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    New,
    Kept,
}

/// The result of a token call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Traded {
    Tokens(String),
    /// `invalid_grant`: the refresh token is spent, or does not belong to this account.
    Invalid,
}

pub(crate) struct Accounts {
    rotation: Rotation,
    accounts: Vec<Mutex<Account>>,
}

#[derive(Default)]
struct Account {
    /// The number of the newest access token; no other is ever accepted.
    newest: u32,
    access: Access,
    /// The number of the valid refresh token.
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

    /// Removes a fault that was not met.
    pub(crate) fn disarm(&self, account: usize) {
        self.account(account).fault = Armed::No;
    }

    /// Refuses the access token of this account from now on.
    pub(crate) fn expire(&self, account: usize) {
        self.account(account).access = Access::Expired;
    }

    pub(crate) fn seen(&self, account: usize) -> Seen {
        self.account(account).seen
    }

    /// Resets the counts.
    pub(crate) fn forget(&self, account: usize) {
        self.account(account).seen = Seen::default();
    }

    pub(super) fn contains(&self, account: usize) -> bool {
        account < self.accounts.len()
    }

    /// Counts a request to the API. Returns whether to serve it.
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

    /// Counts a token call.
    pub(super) fn call(&self, account: usize) {
        self.account(account).seen.calls += 1;
    }

    /// Whether this token call meets the fault, which each account has at most once.
    pub(super) fn meet_fault(&self, account: usize) -> bool {
        let mut account = self.account(account);
        let met = account.fault == Armed::Yes;
        account.fault = Armed::No;
        account.seen.faults += u32::from(met);
        met
    }

    /// Processes a token call.
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
