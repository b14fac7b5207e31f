//! The token server.

use super::setup::GRACE;
use crate::machine::holder::{RefreshTokenKept, SharedToken};
use crate::model::Rotation;

/// A token, as the token server knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Token {
    pub(super) sign_in: u8,
    pub(super) refresh: u8,
    pub(super) access: u8,
}

impl SharedToken for Token {
    fn has_same_refresh_token(&self, other: &Self) -> bool {
        (self.sign_in, self.refresh) == (other.sign_in, other.refresh)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Server {
    rotation: Rotation,
    sign_ins: Vec<SignIn>,
    /// The newest access token of all.
    access: u8,
    /// The newest access token that has expired.
    expired: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct SignIn {
    refresh: u8,
    access: u8,
    revoked: bool,
    /// When the newest refresh token was issued.
    rotated: u32,
}

impl Server {
    pub(super) const fn new(rotation: Rotation) -> Self {
        Self {
            rotation,
            sign_ins: Vec::new(),
            access: 0,
            expired: 0,
        }
    }

    pub(super) fn sign_in(&mut self, now: u32) -> Token {
        self.access += 1;
        self.sign_ins.push(SignIn {
            refresh: 0,
            access: self.access,
            revoked: false,
            rotated: now,
        });
        self.newest(self.sign_ins.len() - 1)
    }

    fn newest(&self, sign_in: usize) -> Token {
        Token {
            sign_in: sign_in as u8,
            refresh: self.sign_ins[sign_in].refresh,
            access: self.sign_ins[sign_in].access,
        }
    }

    /// The next token of this sign-in; `None` is a refusal.
    pub(super) fn trade(&mut self, token: Token, now: u32) -> Option<(Token, RefreshTokenKept)> {
        let index = usize::from(token.sign_in);
        let sign_in = &mut self.sign_ins[index];
        let again = self.rotation == Rotation::Grace
            && token.refresh + 1 == sign_in.refresh
            && now < sign_in.rotated + GRACE.as_secs() as u32;
        if token.refresh != sign_in.refresh && !again {
            sign_in.revoked = true;
        }
        if sign_in.revoked {
            return None;
        }
        self.access += 1;
        sign_in.access = self.access;
        if self.rotation != Rotation::Off && !again {
            sign_in.refresh += 1;
            sign_in.rotated = now;
        }
        let kept = match self.rotation {
            Rotation::Off => RefreshTokenKept::Yes,
            Rotation::On | Rotation::Grace => RefreshTokenKept::No,
        };
        Some((self.newest(index), kept))
    }

    pub(super) fn revoke(&mut self, token: Token) {
        self.sign_ins[usize::from(token.sign_in)].revoked = true;
    }

    pub(super) fn is_revoked(&self, token: Token) -> bool {
        self.sign_ins[usize::from(token.sign_in)].revoked
    }

    pub(super) fn expire(&mut self) {
        self.expired = self.access;
    }

    pub(super) fn can_expire(&self) -> bool {
        self.expired < self.access
    }

    pub(super) fn has_expired(&self, token: Token) -> bool {
        token.access <= self.expired
    }

    /// Whether the resource server accepts the access token.
    pub(super) fn accepts(&self, token: Token) -> bool {
        let sign_in = self.sign_ins[usize::from(token.sign_in)];
        !sign_in.revoked && token.access == sign_in.access && !self.has_expired(token)
    }
}
