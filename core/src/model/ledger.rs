//! What was promised, counted outside the machines.
//!
//! A machine that miscounts must not fool it, so nothing here is asked of a machine.

use super::server::Token;
use super::setup::{Second, Setup};
use crate::Generation;
use crate::machine::{Connection, TokenUse};

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
    /// Refusals of a token that no server had accepted yet.
    pub too_fresh: u32,
    /// Refresh tokens that were sent once more after their answer was lost.
    pub sent_again: u32,
    /// Refreshes that brought the access token which was refused.
    pub same_token: u32,
    /// Refusals that were returned because there is no way to a newer token.
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
            strangers: self.strangers.max(other.strangers),
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

/// The two origins.
pub(super) type PerDestination = [bool; 2];

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ledger {
    /// The generation that the session must be in, and that of the last fence.
    pub(super) generation: Generation,
    pub(super) fence: Generation,
    /// Who is signed in.
    identity: Option<u8>,
    /// Which origins refused the generation that the session is in, and which it was sent to.
    refused: PerDestination,
    used: PerDestination,
    /// Whether the places are paths of one origin, which has refused it at one of them and accepted
    /// it at none since.
    second: Second,
    doubted: bool,
    /// When a refresh brought it, where no server has accepted it yet.
    unaccepted: Option<u32>,
    /// Whether it was refused meanwhile, and how many such refreshes there were in a row.
    refused_untried: bool,
    untried: u32,
    /// Whether a grant for the generation that the session is in was refused for good.
    grant_refused: bool,
    /// Flights for this generation that reached the token server and may have succeeded.
    granted: u16,
    token_use: TokenUse,
    /// Refresh tokens that were sent and may be spent: when they were sent first, and how often.
    spent: Vec<Sent>,
    /// The one proven to be reusable.
    reusable: Option<(u8, u16)>,
    /// When a flight asked last.
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
            rests: false,
            clean: true,
            expiries: 0,
        }
    }

    /// The session's token was replaced: once for each time that this is told.
    pub(super) fn commit(&mut self) {
        self.generation = self.generation.next();
        self.doubted = false;
        self.refused = PerDestination::default();
        self.used = PerDestination::default();
        self.unaccepted = None;
        self.grant_refused = false;
        self.rests = false;
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

    /// The commit was that of a refresh.
    pub(super) fn fresh_token(&mut self, now: u32) {
        self.unaccepted = Some(now);
        self.untried = match std::mem::take(&mut self.refused_untried) {
            true => self.untried + 1,
            false => 0,
        };
    }

    /// What was refused is tried again: there is no other.
    pub(super) fn forget_refusals(&mut self) {
        self.doubted = false;
        self.refused = PerDestination::default();
    }

    /// A server accepted a token of this generation at this place; with a flight up, that may be
    /// older than the refusal for which it departed.
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

    /// Whether a refusal of the session's generation does not count yet.
    pub(super) fn is_too_fresh(&self, now: u32) -> bool {
        let patience = 1 << self.untried.min(8);
        self.unaccepted.is_some_and(|since| now < since + patience)
    }

    /// The session's token goes to this origin.
    pub(super) fn send_to(&mut self, origin: usize) {
        self.used[origin] = true;
    }

    /// The server stopped accepting a token that had not expired.
    pub(super) fn expire(&mut self) {
        self.expiries += 1;
        self.clean &= self.expiries <= 1;
    }

    /// A request to this origin needs a newer token, because an answer refused its own or not.
    pub(super) fn refuse(&mut self, stale: Generation, origin: u8, answered: bool) {
        let refused = &mut self.refused[usize::from(origin)];
        if answered && stale == self.generation {
            // What refuses every token says nothing new.
            self.doubted |= self.second == Second::Path && !*refused;
            *refused = true;
        }
        self.refuse_untried(answered);
    }

    /// An answer refused a token: the session's, if no server has accepted that yet.
    pub(super) fn refuse_untried(&mut self, answered: bool) {
        self.refused_untried |= answered && self.unaccepted.is_some();
    }

    /// Whether a new request to this origin may go at once with this token.
    pub(super) fn is_good(&self, held: Option<Token>, now: u32, origin: usize) -> bool {
        !self.refused[origin] && held.is_some_and(|token| !has_expired(token, now))
    }

    /// Whether an origin as a whole refuses the session's generation.
    pub(super) fn is_refused_by_an_origin(&self) -> bool {
        match self.second {
            Second::Origin => self.is_refused(),
            Second::Path => self.doubted,
        }
    }

    /// Whether another path of the same origin refused what was not refused here.
    pub(super) fn is_doubted(&self, destination: usize) -> bool {
        self.doubted && !self.refused[destination]
    }

    /// Whether any origin has refused the session's generation.
    pub(super) fn is_refused(&self) -> bool {
        self.refused != PerDestination::default()
    }

    /// Whether no request can go with this token any more.
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

    /// Whether nothing stands in the way of a new token.
    pub(super) fn is_renewable(&self, held: Option<Token>, now: u32, limit: u32) -> bool {
        let spent = held.is_some_and(|token| !self.may_be_sent(token, held, now));
        !spent && !self.grant_refused && !self.rests && u32::from(self.departed) < limit
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

    /// A refresh token goes to the token server, while the session holds this token.
    pub(super) fn ask(
        &mut self,
        token: Token,
        held: Option<Token>,
        now: u32,
        connection: Connection,
    ) -> Promise {
        promise(
            self.may_be_sent(token, held, now),
            "promise 9: a refresh token that may be spent is sent again only with nothing to lose",
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
    pub(super) fn mark_unspent(&mut self, token: Token) {
        let used = (token.identity, token.refresh);
        self.spent.retain(|spent| spent.used != used);
    }

    fn sent(&self, token: Token) -> Option<Sent> {
        let used = (token.identity, token.refresh);
        self.spent.iter().find(|sent| sent.used == used).copied()
    }

    /// Whether it may go, by its setting, while the session holds this token.
    fn may_be_sent(&self, token: Token, held: Option<Token>, now: u32) -> bool {
        let useless = held.is_none_or(|held| self.is_useless(held, now));
        let learns = self.token_use == TokenUse::Learn && !self.is_reusable(token);
        let at_stake = learns && self.sent(token).is_some() && !useless;
        self.has_another_use(token, now) && !at_stake
    }

    /// Whether it may ever go again, by its setting.
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
            "promise 13: the token is that of the last sign-in",
        )
    }
}

fn has_expired(token: Token, now: u32) -> bool {
    token.expires.is_some_and(|expires| now >= expires)
}

pub(super) fn promise(holds: bool, text: &'static str) -> Promise {
    if holds { Ok(()) } else { Err(text) }
}
