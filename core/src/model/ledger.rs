//! The ledger: counts that the promises are checked against.
//!
//! It never asks a machine, so that an error in a machine cannot hide itself.

use super::server::Token;
use super::setup::{Second, Setup};
use crate::Generation;
use crate::machine::{Connection, TokenUse};

/// `Ok`, or the text of a promise that does not hold.
pub(super) type Promise = Result<(), &'static str>;

/// How often each outcome occurred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Requests that got a 200.
    pub served: u32,
    /// Requests that got a 200 after their first attempt was refused.
    pub replayed: u32,
    /// Refusals that joined a flight which another request had started.
    pub joined: u32,
    /// Refreshes that brought a token.
    pub refreshed: u32,
    /// Early refreshes that departed while their request was sent.
    pub early: u32,
    /// Tokens that were adopted from the store.
    pub adopted: u32,
    /// Requests that were not continued because of a sign-in or sign-out.
    pub superseded: u32,
    /// Requests that failed because the session backed off.
    pub rested: u32,
    /// Requests that failed because only a sign-in helps.
    pub expired: u32,
    /// Requests that failed, or got their 401, because of the limit of refreshes.
    pub limited: u32,
    /// Requests that failed because there is no token.
    pub signed_out: u32,
    /// Requests that can be sent once, and were sent with a token that was renewed for them.
    pub renewed: u32,
    /// Requests that were sent with the token they held, because it could not be renewed.
    pub unrenewed: u32,
    /// Requests that got a 200 after a redirect.
    pub redirected: u32,
    /// Answers of foreign origins.
    pub foreign_requests: u32,
    /// Redirects that were returned because the request had refreshed already.
    pub unfollowed: u32,
    /// Refusals of a token that no server had accepted yet.
    pub too_fresh: u32,
    /// Refresh tokens that were sent once more after their answer was lost.
    pub sent_again: u32,
    /// Refreshes that brought the access token which was refused.
    pub same_token: u32,
    /// Refusals that were returned because the session cannot get a newer token.
    pub no_way: u32,
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
            foreign_requests: self.foreign_requests.max(other.foreign_requests),
            unfollowed: self.unfollowed.max(other.unfollowed),
            too_fresh: self.too_fresh.max(other.too_fresh),
            sent_again: self.sent_again.max(other.sent_again),
            same_token: self.same_token.max(other.same_token),
            no_way: self.no_way.max(other.no_way),
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

/// One flag for each of the two destinations.
pub(super) type PerDestination = [bool; 2];

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ledger {
    /// The generation that the session must have.
    pub(super) generation: Generation,
    /// The generation of the last sign-in or sign-out.
    pub(super) fence: Generation,
    /// Who is signed in.
    identity: Option<u8>,
    /// Which destinations refused the current generation, and which it was sent to.
    refused: PerDestination,
    used: PerDestination,
    second: Second,
    /// Whether the destinations are paths of one origin, which has refused the token at one of them
    /// and not accepted it since.
    doubted: bool,
    /// When a refresh brought the token; `None` once a server has accepted it.
    unaccepted: Option<u32>,
    /// Whether a server refused the token before any accepted it.
    refused_untried: bool,
    /// The number of refreshes in a row that replaced such a token.
    untried: u32,
    /// Whether the grant for the current generation was refused, or its refresh token is lost.
    grant_refused: bool,
    /// How often the token server granted a new access token for the current generation.
    granted: u16,
    token_use: TokenUse,
    /// The refresh tokens that were sent and may be spent.
    spent: Vec<Sent>,
    /// The refresh token that is proven to be reusable.
    reusable: Option<(u8, u16)>,
    /// When a flight last sent a refresh token.
    asked: u32,
    /// Departures since time last passed.
    departures: u16,
    /// All departures.
    departed: u16,
    /// Until when the session backs off, and how often a flight failed before.
    rests: Option<u32>,
    failures: u8,
    /// Whether every request must get a 200: no fault has happened.
    pub(super) clean: bool,
    expiries: u16,
}

impl Ledger {
    pub(super) fn new(setup: Setup) -> Self {
        Self {
            token_use: setup.token_use,
            second: setup.second,
            doubted: false,
            generation: Generation::FIRST,
            fence: Generation::FIRST,
            identity: Some(0),
            refused: PerDestination::default(),
            used: PerDestination::default(),
            unaccepted: None,
            refused_untried: false,
            untried: 0,
            grant_refused: false,
            granted: 0,
            spent: Vec::new(),
            asked: 0,
            reusable: None,
            departures: 0,
            departed: 0,
            rests: None,
            failures: 0,
            clean: true,
            expiries: 0,
        }
    }

    /// Records that the session's token was replaced, once for each call.
    pub(super) fn commit(&mut self) {
        self.generation = self.generation.next();
        self.doubted = false;
        self.refused = PerDestination::default();
        self.used = PerDestination::default();
        self.unaccepted = None;
        self.grant_refused = false;
        self.rests = None;
        self.failures = 0;
        self.granted = 0;
    }

    pub(super) fn fence(&mut self, identity: Option<u8>) {
        self.commit();
        self.fence = self.generation;
        self.identity = identity;
        self.reusable = None;
        self.refused_untried = false;
        self.untried = 0;
        self.clean = false;
    }

    /// Records that the last commit was a refresh.
    pub(super) fn fresh_token(&mut self, now: u32) {
        self.unaccepted = Some(now);
        self.untried = match std::mem::take(&mut self.refused_untried) {
            true => self.untried + 1,
            false => 0,
        };
    }

    /// Forgets the refusals: the refused token is the newest one, and is used again.
    pub(super) fn forget_refusals(&mut self) {
        self.doubted = false;
        self.refused = PerDestination::default();
    }

    /// Records that a server accepted a token. With a flight in progress, that may be older than
    /// the refusal that the flight departed for.
    pub(super) fn accept(&mut self, token: Generation, destination: usize, flight: Option<u8>) {
        if token == self.generation {
            self.unaccepted = None;
            self.refused_untried = false;
            self.untried = 0;
            if flight.is_none() {
                self.refused[destination] = false;
                self.doubted = false;
            }
        }
    }

    /// Whether a refusal of the current generation is ignored for now.
    pub(super) fn is_too_fresh(&self, now: u32) -> bool {
        let patience = 1 << self.untried.min(8);
        self.unaccepted.is_some_and(|since| now < since + patience)
    }

    /// Records that the session's token is sent to this origin.
    pub(super) fn send_to(&mut self, origin: usize) {
        self.used[origin] = true;
    }

    /// Records that the server stopped accepting a token that had not expired.
    pub(super) fn expire(&mut self) {
        self.expiries += 1;
        self.clean &= self.expiries <= 1;
    }

    /// Records that a request to this origin needs a newer token. `answered`: an answer refused its
    /// token.
    pub(super) fn refuse(&mut self, stale: Generation, origin: u8, answered: bool) {
        let refused = &mut self.refused[usize::from(origin)];
        if answered && stale == self.generation {
            // A second refusal at the same path is no news about the origin.
            self.doubted |= self.second == Second::Path && !*refused;
            *refused = true;
        }
        self.refuse_untried(answered);
    }

    /// Records a refusal of a token that no server has accepted yet.
    pub(super) fn refuse_untried(&mut self, answered: bool) {
        self.refused_untried |= answered && self.unaccepted.is_some();
    }

    /// Whether a new request to this origin may be sent with this token.
    pub(super) fn is_good(&self, held: Option<Token>, now: u32, origin: usize) -> bool {
        !self.refused[origin] && held.is_some_and(|token| !has_expired(token, now))
    }

    /// Whether a whole origin refuses the current generation.
    pub(super) fn is_refused_by_an_origin(&self) -> bool {
        match self.second {
            Second::Origin => self.is_refused(),
            Second::Path => self.doubted,
        }
    }

    /// Whether only another path of the same origin refused the token.
    pub(super) fn is_doubted(&self, destination: usize) -> bool {
        self.doubted && !self.refused[destination]
    }

    /// Whether any destination has refused the current generation.
    pub(super) fn is_refused(&self) -> bool {
        self.refused != PerDestination::default()
    }

    /// Whether no request can use this token any more.
    fn is_useless(&self, token: Token, now: u32) -> bool {
        let mut pairs = self.used.into_iter().zip(self.refused);
        let refused = match self.second {
            Second::Path => self.doubted,
            Second::Origin => {
                self.refused != PerDestination::default()
                    && pairs.all(|(used, refused)| refused || !used)
            }
        };
        refused || has_expired(token, now)
    }

    /// Whether a flight could depart and send the refresh token.
    pub(super) fn is_renewable(&self, held: Option<Token>, now: u32, limit: u32) -> bool {
        let spent = held.is_some_and(|token| !self.may_be_sent(token, held, now));
        !spent && !self.grant_refused && self.rests.is_none() && u32::from(self.departed) < limit
    }

    /// Records that a flight failed, and that the session backs off.
    pub(super) fn rest(&mut self, now: u32) {
        let longest = 300;
        let rest = 1_u32.checked_shl(self.failures.into());
        self.rests = Some(now + rest.map_or(longest, |rest| rest.min(longest)));
        self.failures = self.failures.saturating_add(1);
    }

    pub(super) fn time_passed(&mut self, now: u32) {
        self.departures = 0;
        self.rests = self.rests.filter(|until| now < *until);
        self.clean = false;
    }

    pub(super) fn depart(&mut self, stale: Generation, limit: u32) -> Promise {
        self.departures += 1;
        self.departed = self.departed.saturating_add(1);
        promise(
            stale == self.generation,
            "promise 3: a flight departs only for the current generation",
        )?;
        promise(
            u32::from(self.departures) <= limit,
            "a server that refuses every token gets a bounded number of refreshes",
        )
    }

    /// Records that a flight sends a refresh token while the session holds the token `held`.
    pub(super) fn ask(
        &mut self,
        token: Token,
        held: Option<Token>,
        now: u32,
        connection: Connection,
    ) -> Promise {
        promise(
            self.may_be_sent(token, held, now),
            "promise 9: a refresh token that may be spent is sent only if nothing can be lost",
        )?;
        promise(
            connection == Connection::Own
                || self.token_use == TokenUse::Reusable
                || self.is_reusable(token),
            "promise 27: a call that may spend something has a connection of its own",
        )?;
        self.asked = now;
        promise(
            !self.grant_refused,
            "promise 11: a refused grant is not tried again",
        )
    }

    /// Records that a refresh token may be spent.
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

    /// Records that another process stored this token, so its refresh token is not spent.
    pub(super) fn mark_unspent(&mut self, token: Token) {
        let used = (token.identity, token.refresh);
        self.spent.retain(|spent| spent.used != used);
    }

    fn sent(&self, token: Token) -> Option<Sent> {
        let used = (token.identity, token.refresh);
        self.spent.iter().find(|sent| sent.used == used).copied()
    }

    /// Whether the setting allows to send the refresh token while the session holds `held`.
    fn may_be_sent(&self, token: Token, held: Option<Token>, now: u32) -> bool {
        let useless = held.is_none_or(|held| self.is_useless(held, now));
        let learns = self.token_use == TokenUse::Learn && !self.is_reusable(token);
        let at_stake = learns && self.sent(token).is_some() && !useless;
        self.has_another_use(token, now) && !at_stake
    }

    /// Whether the setting allows to send the refresh token now or later.
    pub(super) fn has_another_use(&self, token: Token, now: u32) -> bool {
        let Some(sent) = self.sent(token) else {
            return true;
        };
        match self.token_use {
            TokenUse::SingleUse => false,
            TokenUse::Learn => self.is_reusable(token) || sent.times < 2,
            TokenUse::Grace(grace) => now < sent.first + grace.as_secs() as u32,
            TokenUse::Reusable => true,
        }
    }

    /// Records that the token server grants a flight a new access token.
    pub(super) fn grant(&mut self, stale: Generation) -> Promise {
        self.granted += u16::from(stale == self.generation);
        promise(
            self.granted <= 1,
            "promise 2: one refresh that succeeds for each generation",
        )
    }

    /// Records whether a refresh kept the refresh token, which proves that it is reusable.
    pub(super) fn learn(&mut self, stale: Token, new: Token) {
        let kept = (new.identity, new.refresh);
        self.reusable = (stale.refresh == new.refresh).then_some(kept);
    }

    /// Whether this refresh token may be spent, so that its use may revoke the sign-in.
    pub(super) fn may_be_spent(&self, token: Token) -> bool {
        self.sent(token).is_some() && !self.is_reusable(token)
    }

    /// Records that a flight was refused, or that its refresh token is lost.
    pub(super) fn refuse_grant(&mut self) {
        self.grant_refused = true;
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
            "promise 13: the session holds the token of the last sign-in",
        )
    }
}

pub(super) fn has_expired(token: Token, now: u32) -> bool {
    token.expires.is_some_and(|expires| now >= expires)
}

pub(super) fn promise(holds: bool, text: &'static str) -> Promise {
    if holds { Ok(()) } else { Err(text) }
}
