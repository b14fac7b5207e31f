//! What was promised, counted outside the machines.
//!
//! A machine that miscounts must not fool it, so nothing here is asked of a machine.

use super::server::Token;
use crate::Generation;
use crate::machine::TokenUse;

/// A promise that does not hold.
pub(super) type Promise = Result<(), &'static str>;

/// How often good things happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Requests that got their 200.
    pub served: u32,
    /// Of those, requests whose first attempt was refused.
    pub replayed: u32,
    /// Refreshes that a request waited for and had not departed itself.
    pub joined: u32,
    /// Refreshes that brought a token.
    pub refreshed: u32,
    /// Early refreshes that departed beside a request.
    pub early: u32,
    /// Tokens taken over from the store.
    pub adopted: u32,
    /// Answers returned as they were, because of a sign-in or sign-out.
    pub superseded: u32,
    /// Requests that failed because nobody may refresh for a while.
    pub rested: u32,
    /// Requests that failed because only a sign-in helps.
    pub expired: u32,
    /// Requests that failed, or whose 401 was returned, because of the limit of refreshes.
    pub limited: u32,
    /// Requests that failed because there is no token.
    pub signed_out: u32,
    /// Requests that can be sent once, and went with a token that was renewed for them.
    pub renewed: u32,
    /// Those that went with the token they held, because it could not be renewed.
    pub unrenewed: u32,
    /// Requests that got their 200 behind a redirect.
    pub redirected: u32,
    /// Answers of strangers.
    pub strangers: u32,
    /// Redirects that were returned because the request has had its refresh.
    pub unfollowed: u32,
}

impl Tally {
    /// The larger of each.
    #[must_use]
    pub fn most(self, other: Self) -> Self {
        Self {
            served: self.served.max(other.served),
            replayed: self.replayed.max(other.replayed),
            joined: self.joined.max(other.joined),
            refreshed: self.refreshed.max(other.refreshed),
            early: self.early.max(other.early),
            adopted: self.adopted.max(other.adopted),
            superseded: self.superseded.max(other.superseded),
            rested: self.rested.max(other.rested),
            expired: self.expired.max(other.expired),
            limited: self.limited.max(other.limited),
            signed_out: self.signed_out.max(other.signed_out),
            renewed: self.renewed.max(other.renewed),
            unrenewed: self.unrenewed.max(other.unrenewed),
            redirected: self.redirected.max(other.redirected),
            strangers: self.strangers.max(other.strangers),
            unfollowed: self.unfollowed.max(other.unfollowed),
        }
    }
}

/// A refresh token that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Sent {
    used: (u8, u16),
    first: u32,
    times: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ledger {
    /// The generation that the session must be in, and that of the last fence.
    pub(super) generation: Generation,
    pub(super) fence: Generation,
    /// Who is signed in.
    identity: Option<u8>,
    /// Whether a request was refused with the generation that the session is in.
    refused: bool,
    /// Whether a grant for the generation that the session is in was refused for good.
    dead: bool,
    /// Flights for this generation that reached the token server and may have succeeded.
    granted: u16,
    token_use: TokenUse,
    /// Refresh tokens that were sent and may be spent: when they were sent first, and how often.
    spent: Vec<Sent>,
    /// The one proven to be reusable.
    reusable: Option<(u8, u16)>,
    /// When the flight departed that asked last.
    asked: u32,
    /// Departures since time last passed, and ever.
    departures: u16,
    departed: u16,
    /// Whether a flight failed for a while since time last passed.
    rests: bool,
    /// Whether anything happened that may cost a request its 200.
    pub(super) clean: bool,
    expiries: u16,
}

impl Ledger {
    pub(super) fn new(token_use: TokenUse) -> Self {
        Self {
            token_use,
            generation: Generation::FIRST,
            fence: Generation::FIRST,
            identity: Some(0),
            refused: false,
            dead: false,
            granted: 0,
            spent: Vec::new(),
            asked: 0,
            reusable: None,
            departures: 0,
            departed: 0,
            rests: false,
            clean: true,
            expiries: 0,
        }
    }

    /// The session's token was replaced: once for each time that this is told.
    pub(super) fn commit(&mut self) {
        self.generation = self.generation.next();
        self.refused = false;
        self.dead = false;
        self.rests = false;
        self.granted = 0;
    }

    pub(super) fn fence(&mut self, identity: Option<u8>) {
        self.commit();
        self.fence = self.generation;
        self.identity = identity;
        self.reusable = None;
        self.clean = false;
    }

    /// The server stopped accepting a token that had not expired.
    pub(super) fn expire(&mut self) {
        self.expiries += 1;
        self.clean &= self.expiries <= 1;
    }

    pub(super) fn refuse(&mut self, stale: Generation) {
        self.refused |= stale == self.generation;
    }

    /// Whether a new request may go at once with this token.
    pub(super) fn is_good(&self, held: Option<Token>, now: u32) -> bool {
        let unexpired = |token: Token| token.expires.is_none_or(|expires| now < expires);
        !self.refused && held.is_some_and(unexpired)
    }

    /// Whether nothing stands in the way of a new token.
    pub(super) fn is_renewable(&self, held: Option<Token>, now: u32, limit: u32) -> bool {
        let lost = held.is_some_and(|token| self.may_be_spent(token) && self.is_lost(token, now));
        !lost && !self.dead && !self.rests && u32::from(self.departed) < limit
    }

    /// A flight that counts failed for a while.
    pub(super) fn rest(&mut self) {
        self.rests = true;
    }

    pub(super) fn time_passed(&mut self) {
        self.departures = 0;
        self.rests = false;
        self.clean = false;
    }

    pub(super) fn depart(&mut self, stale: Generation, limit: u32) -> Promise {
        self.departures += 1;
        self.departed = self.departed.saturating_add(1);
        promise(
            stale == self.generation,
            "promise 3: a flight departs for no older generation",
        )?;
        promise(
            u32::from(self.departures) <= limit,
            "a server that refuses every token gets a bounded number of refreshes",
        )
    }

    /// A refresh token goes to the token server, in a flight that departed at that time.
    pub(super) fn ask(&mut self, token: Token, departed: u32, now: u32) -> Promise {
        promise(
            !self.may_be_spent(token) || self.may_be_sent_again(token, now),
            "promise 9: a refresh token that may be spent is not sent again",
        )?;
        self.asked = departed;
        promise(!self.dead, "promise 11: a refused grant is not tried again")
    }

    /// A refresh token may have been spent.
    pub(super) fn spend(&mut self, token: Token) {
        let used = (token.identity, token.refresh);
        match self.spent.iter_mut().find(|sent| sent.used == used) {
            Some(sent) => sent.times += 1,
            None => self.spent.push(Sent {
                used,
                first: self.asked,
                times: 1,
            }),
        }
    }

    /// Another process keeps this token, and with that its refresh token is good.
    pub(super) fn vouch(&mut self, token: Token) {
        let used = (token.identity, token.refresh);
        self.spent.retain(|spent| spent.used != used);
    }

    fn sent(&self, token: Token) -> Option<Sent> {
        let used = (token.identity, token.refresh);
        self.spent.iter().find(|sent| sent.used == used).copied()
    }

    /// Whether one that may be spent may go once more, by its setting.
    fn may_be_sent_again(&self, token: Token, now: u32) -> bool {
        let Some(sent) = self.sent(token) else {
            return true;
        };
        match self.token_use {
            TokenUse::Learn | TokenUse::SingleUse => false,
            TokenUse::RetryOnce => sent.times < 2,
            TokenUse::Grace(grace) => now < sent.first + grace.as_secs() as u32,
            TokenUse::Reusable => true,
        }
    }

    /// Whether nothing can be asked for any more with one whose answer was lost.
    pub(super) fn is_lost(&self, token: Token, now: u32) -> bool {
        !self.may_be_sent_again(token, now) && !self.is_reusable(token)
    }

    /// The token server grants what a flight asks for.
    pub(super) fn grant(&mut self, stale: Generation) -> Promise {
        self.granted += u16::from(stale == self.generation);
        promise(
            self.granted <= 1,
            "promise 2: one refresh that succeeds for each generation",
        )
    }

    /// A flight that counts brought a token in the place of this one.
    pub(super) fn learn(&mut self, stale: Token, new: Token) {
        let kept = (new.identity, new.refresh);
        self.reusable = (stale.refresh == new.refresh).then_some(kept);
    }

    /// A flight that counts took over a token, of which nothing is known.
    pub(super) fn unlearn(&mut self) {
        self.reusable = None;
    }

    /// Whether the use of this refresh token may revoke the sign-in.
    pub(super) fn may_be_spent(&self, token: Token) -> bool {
        self.sent(token).is_some() && !self.is_reusable(token)
    }

    /// A flight that counts was refused, or its token is lost.
    pub(super) fn die(&mut self) {
        self.dead = true;
    }

    fn is_reusable(&self, token: Token) -> bool {
        self.token_use == TokenUse::Learn && self.reusable == Some((token.identity, token.refresh))
    }

    pub(super) fn holds(&self, held: Option<Token>, generation: Generation) -> Promise {
        promise(
            generation == self.generation,
            "promise 6: the generation changes once for each commit",
        )?;
        promise(
            held.map(|token| token.identity) == self.identity,
            "promise 13: the token is that of the last sign-in",
        )
    }
}

pub(super) fn promise(holds: bool, text: &'static str) -> Promise {
    if holds { Ok(()) } else { Err(text) }
}
