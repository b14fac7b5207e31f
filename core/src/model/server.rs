//! The servers: which tokens the resource server and the token server accept.

use super::setup::GRACE;

/// A token, as the token server knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Token {
    pub(super) identity: u8,
    pub(super) access: u16,
    pub(super) refresh: u16,
    /// When the access token expires, in seconds.
    pub(super) expires: Option<u32>,
}

/// Whether a refresh replaces the refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rotation {
    /// It does, and the use of a spent refresh token revokes the sign-in.
    On,
    /// It does not.
    Off,
    /// It does, and for a while a spent refresh token gets its successor again.
    Grace,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Grants {
    NewToken,
    SameToken,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Server {
    rotation: Rotation,
    lifetime: Option<u32>,
    sign_ins: Vec<SignIn>,
    /// How often a spent refresh token was used.
    pub(super) reuses: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct SignIn {
    /// The newest access token.
    access: u16,
    /// The newest refresh token.
    refresh: u16,
    /// Whether the newest access token is accepted.
    access_good: bool,
    /// Whether the whole sign-in is revoked.
    revoked: bool,
    /// When the newest refresh token was issued.
    rotated: u32,
}

impl Server {
    pub(super) fn new(rotation: Rotation, lifetime: Option<u32>) -> Self {
        Self {
            rotation,
            lifetime,
            sign_ins: Vec::new(),
            reuses: 0,
        }
    }

    pub(super) fn sign_in(&mut self, now: u32) -> Token {
        self.sign_ins.push(SignIn {
            access: 0,
            refresh: 0,
            access_good: true,
            revoked: false,
            rotated: now,
        });
        self.token(self.sign_ins.len() - 1, now)
    }

    pub(super) fn accepts(&self, token: Token, now: u32) -> bool {
        let sign_in = &self.sign_ins[usize::from(token.identity)];
        let unexpired = token.expires.is_none_or(|expires| now < expires);
        let newest = token.access == sign_in.access;
        newest && sign_in.access_good && !sign_in.revoked && unexpired
    }

    /// The next token of this sign-in; `None` is a refusal.
    pub(super) fn refresh(&mut self, token: Token, now: u32) -> Option<Token> {
        self.trade(token, now, Grants::NewToken)
    }

    /// Like [`refresh`](Self::refresh), but with the same access token.
    pub(super) fn refresh_same(&mut self, token: Token, now: u32) -> Option<Token> {
        self.trade(token, now, Grants::SameToken)
    }

    fn trade(&mut self, token: Token, now: u32, grants: Grants) -> Option<Token> {
        let identity = usize::from(token.identity);
        let sign_in = &mut self.sign_ins[identity];
        let again = self.rotation == Rotation::Grace
            && token.refresh + 1 == sign_in.refresh
            && now < sign_in.rotated + GRACE.as_secs() as u32;
        if token.refresh != sign_in.refresh && !again {
            self.reuses += 1;
            sign_in.revoked = true;
        }
        if sign_in.revoked {
            return None;
        }
        if grants == Grants::NewToken {
            sign_in.access += 1;
            sign_in.access_good = true;
        }
        if self.rotation != Rotation::Off && !again {
            sign_in.refresh += 1;
            sign_in.rotated = now;
        }
        Some(self.token(identity, now))
    }

    pub(super) fn expire(&mut self, token: Token) {
        self.sign_ins[usize::from(token.identity)].access_good = false;
    }

    pub(super) fn revoke(&mut self, token: Token) {
        self.sign_ins[usize::from(token.identity)].revoked = true;
    }

    fn token(&self, identity: usize, now: u32) -> Token {
        let sign_in = &self.sign_ins[identity];
        Token {
            identity: u8::try_from(identity).expect("few sign-ins"),
            access: sign_in.access,
            refresh: sign_in.refresh,
            expires: self.lifetime.map(|lifetime| now + lifetime),
        }
    }
}
