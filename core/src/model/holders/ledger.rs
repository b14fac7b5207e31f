//! What reached the token server, and why a session may be lost.

use super::server::Token;
use super::setup::{GRACE, HolderSetup};
use crate::machine::TokenUse;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Ledger {
    sent: Vec<Sent>,
    /// The tokens that the server has refused.
    refused: Vec<Token>,
    /// The sign-ins of which an answer kept the refresh token.
    kept: Vec<u8>,
    /// The sign-ins that may be lost, for a reason that no store can prevent.
    excused: Vec<u8>,
    /// Whether the store has lost what it acknowledged.
    pub(super) restored: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Sent {
    token: Token,
    times: u8,
    first: u32,
    /// Whether one that sent it may send no token twice.
    once: bool,
}

impl Ledger {
    /// A refresh token is sent, at this time, by a holder whose tokens have this use.
    pub(super) fn send(
        &mut self,
        token: Token,
        now: u32,
        setup: HolderSetup,
        holder: usize,
    ) -> Result<(), &'static str> {
        let token_use = setup.token_use_of(holder);
        let once = token_use == TokenUse::SingleUse;
        let before = self.sent.iter().position(|sent| sent.token == token);
        let at = before.unwrap_or_else(|| {
            let at = self.sent.partition_point(|sent| sent.token < token);
            let first = now;
            let never = Sent {
                token,
                times: 0,
                first,
                once,
            };
            self.sent.insert(at, never);
            at
        });
        let sent = &mut self.sent[at];
        sent.times += 1;
        sent.once |= once;
        if self.restored || self.kept.contains(&token.sign_in) {
            return Ok(());
        }
        match token_use {
            _ if sent.once && sent.times > 1 => {
                Err("promise 23: a refresh token that is used once is sent once")
            }
            TokenUse::Learn | TokenUse::Grace(_) if sent.times > 2 => {
                Err("promise 23: a refresh token is sent at most twice")
            }
            TokenUse::Grace(_) if sent.times > 1 && now >= sent.first + GRACE.as_secs() as u32 => {
                Err("promise 23: a refresh token is sent again only within the grace of the server")
            }
            TokenUse::SingleUse | TokenUse::Learn | TokenUse::Grace(_) | TokenUse::Reusable => {
                Ok(())
            }
        }
    }

    /// The last send of this token is proven not to be processed.
    pub(super) fn not_processed(&mut self, token: Token) {
        if let Some(at) = self.sent.iter().position(|sent| sent.token == token) {
            self.sent[at].times -= 1;
            if self.sent[at].times == 0 {
                self.sent.remove(at);
            }
        }
    }

    pub(super) fn times_sent(&self, token: Token) -> u32 {
        let sent = self.sent.iter().find(|sent| sent.token == token);
        sent.map_or(0, |sent| sent.times.into())
    }

    pub(super) fn refuse(&mut self, token: Token) {
        insert(&mut self.refused, token);
    }

    pub(super) fn is_refused(&self, token: Token) -> bool {
        self.refused.contains(&token)
    }

    pub(super) fn keep(&mut self, sign_in: u8) {
        insert(&mut self.kept, sign_in);
    }

    pub(super) fn excuse(&mut self, sign_in: u8) {
        insert(&mut self.excused, sign_in);
    }

    pub(super) fn is_excused(&self, sign_in: u8) -> bool {
        self.restored || self.excused.contains(&sign_in)
    }
}

fn insert<T: Ord>(set: &mut Vec<T>, value: T) {
    if let Err(at) = set.binary_search(&value) {
        set.insert(at, value);
    }
}
