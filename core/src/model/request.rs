//! A request in the driver; each move is the code between two awaits.

use super::flight::Landed;
use super::hops::{self, REDIRECTS};
use super::ledger::{Promise, promise};
use super::server::Token;
use super::step::Said;
use super::world::{Usability, World, unexpected};
use crate::machine::redirects::{self as hop, RefreshBudget};
use http::StatusCode;

use crate::machine::{
    Action, Admission, Entry, Input, RedirectMachine, Renewable, Replay, Resume, Sendable,
    SessionMachine, State, TokenStatus, Verdict,
};
use crate::{Generation, Reason, machine};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Request {
    pub(super) redirects: RedirectMachine,
    pub(super) machine: SessionMachine,
    pub(super) stage: RequestStage,
    pub(super) body: Body,
    /// The number of its destination.
    pub(super) origin: u8,
    /// The token of the last attempt.
    pub(super) signed: Option<(Generation, Token)>,
    /// The attempts of the current hop.
    pub(super) attempts: u8,
    /// The hops that were sent twice.
    twice: u8,
    /// The refreshes, over all hops.
    pub(super) refreshes: u8,
    /// The waits for a flight, over all hops.
    waits: u8,
    /// Redirects that were followed.
    pub(super) hops: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Body {
    Bytes,
    Once,
}

/// What a request does between two moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum RequestStage {
    /// It is about to ask for a token newer than this one.
    Stale(Generation, Refusal),
    /// It drains its refused answer, if it has one, and then does this.
    Draining(Generation, AfterDrain),
    /// It waits for this flight.
    Waiting(Generation, u8),
    /// It is about to wait for its token to be renewed.
    Expiring(Generation),
    /// It waits for this flight to renew its token.
    Renewing(Generation, u8),
    /// It waits for the answer of an allowed origin.
    OnTheWire,
    /// It drains its redirect. Then its next hop begins with this status.
    DrainingRedirect(RefreshBudget, TokenStatus),
    /// It waits for the answer of a foreign origin.
    Foreign,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Refusal {
    Expected,
    Answered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum AfterDrain {
    Resume,
    Wait(u8),
    Fail,
}

/// The caller's answer, as the machine carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Success,
    Refused,
    Redirected,
    Error,
}

impl Request {
    /// A number that falls with each move of the request.
    pub(super) fn rank(&self) -> u32 {
        match (self.stage, self.machine.state()) {
            (RequestStage::DrainingRedirect(..), _) => 9,
            (RequestStage::Foreign, _) => 1,
            (RequestStage::OnTheWire, State::FirstAttempt { .. }) => 8,
            (RequestStage::Stale(..) | RequestStage::Expiring(_), _) => 7,
            (RequestStage::Renewing(..), _) => 6,
            (RequestStage::OnTheWire, State::HeldAttempt { .. }) => 5,
            (RequestStage::Draining(..), _) => 4,
            (RequestStage::Waiting(..), _) => 3,
            (RequestStage::OnTheWire, _) => 2,
        }
    }

    pub(super) fn flight(&self) -> Option<u8> {
        match self.stage {
            RequestStage::Waiting(_, slot)
            | RequestStage::Renewing(_, slot)
            | RequestStage::Draining(_, AfterDrain::Wait(slot)) => Some(slot),
            RequestStage::Stale(..)
            | RequestStage::Expiring(_)
            | RequestStage::Draining(..)
            | RequestStage::DrainingRedirect(..)
            | RequestStage::Foreign
            | RequestStage::OnTheWire => None,
        }
    }
}

impl World {
    pub(super) fn start(&mut self, slot: usize, body: Body, origin: u8) -> Promise {
        let mut redirects = RedirectMachine::new(REDIRECTS);
        let start = hop::Input::Start(hop::Credentials::Session, hop::Channel::Tls);
        let action = redirects.handle(start).map_err(hops::unexpected)?;
        promise(
            action == hop::Action::Send(hop::Credentials::Session),
            "promise 17: a request of the session is signed",
        )?;
        let sendable = match body {
            Body::Bytes => Sendable::Again,
            Body::Once => Sendable::Once,
        };
        let status = self.enter(origin, sendable)?;
        let mut request = Request {
            redirects,
            machine: SessionMachine::new(),
            stage: RequestStage::OnTheWire,
            body,
            origin,
            signed: None,
            attempts: 0,
            twice: 0,
            refreshes: 0,
            waits: 0,
            hops: 0,
        };
        self.start_hop(&mut request, Input::Start(status))?;
        self.requests[slot] = Some(request);
        Ok(())
    }

    /// The token that the session has for a hop.
    pub(super) fn enter(
        &mut self,
        origin: u8,
        sendable: Sendable,
    ) -> Result<TokenStatus, &'static str> {
        let (now, generation) = (self.clock(), self.ledger.generation);
        let usability = self.usability(origin);
        let good = usability != Usability::Unusable;
        if good {
            self.ledger.send_to(origin.into());
        }
        let there = self.destination(origin);
        let mut departed = Ok(None);
        let flight = self.free_flight();
        let limit = self.rules().refresh_limit;
        let renewable = self.ledger.is_renewable(self.held, self.now, limit);
        let ledger = &mut self.ledger;
        let entry = self.coordinator.enter(there, sendable, now, |stale| {
            departed = ledger.depart(stale, limit).map(|()| Some(stale));
            flight
        });
        if let Some(stale) = departed? {
            self.register(flight, stale);
            self.tally.early += u32::from(sendable == Sendable::Again);
        }
        let status = match entry {
            Entry::Go(token) => TokenStatus::Usable(token),
            Entry::GoAndDepart(token, flight) => {
                self.spawn(flight);
                TokenStatus::Usable(token)
            }
            Entry::Renew(held, _) => TokenStatus::Expiring(held),
            Entry::Stale(stale) => TokenStatus::Stale(stale),
        };
        let waits = status == TokenStatus::Expiring(generation);
        promise(
            good == (waits || status == TokenStatus::Usable(generation)),
            "promises 5 and 12: a new request is sent with a usable token, and only with one",
        )?;
        let doubtful = usability == Usability::Doubtful;
        promise(
            !doubtful || waits,
            "promise 5: a refused token goes to no other path while a newer one can be obtained",
        )?;
        let renewable = renewable && self.setup().renewable == Renewable::Yes;
        let ending = sendable == Sendable::Once && good && self.is_ending();
        let beside = sendable == Sendable::Once && self.ledger.is_refused_by_an_origin();
        let beside = beside && self.coordinator.flight().is_some();
        promise(
            waits <= (ending || beside || doubtful || usability == Usability::Limited)
                && (ending && renewable || good && beside) <= waits,
            "promise 16: only a request that can be sent once waits for a token that lasts",
        )?;
        Ok(status)
    }

    /// The first move of a hop.
    pub(super) fn start_hop(&mut self, request: &mut Request, input: Input<Answer>) -> Promise {
        match request.machine.handle(input).map_err(unexpected)? {
            Action::Send { token } => self.send(request, token)?,
            Action::Renew { held } => {
                request.refreshing()?;
                request.stage = RequestStage::Expiring(held);
            }
            Action::Refresh { stale, .. } => {
                request.refreshing()?;
                request.stage = RequestStage::Stale(stale, Refusal::Expected);
            }
            Action::Finish { .. } | Action::FinishAndRefresh { .. } | Action::Readmit { .. } => {
                return Err("a hop begins with an attempt or a refresh");
            }
        }
        Ok(())
    }

    fn send(&mut self, request: &mut Request, token: Generation) -> Promise {
        let held = self
            .held
            .ok_or("promise 14: no request is sent without a token")?;
        promise(
            token == self.coordinator.generation(),
            "promise 3: a request is signed with the newest token",
        )?;
        if let Some((before, used)) = request.signed {
            promise(
                used.identity == held.identity && before >= self.ledger.fence,
                "promise 3: nothing is replayed or redirected under another identity",
            )?;
            promise(
                token >= before,
                "promise 3: no hop has an older token than the one before",
            )?;
        }
        if let (Some((before, _)), 1..) = (request.signed, request.attempts) {
            promise(token > before, "promise 4: a replay has a newer token")?;
            promise(
                request.body == Body::Bytes,
                "promise 16: a consumed body is not replayed",
            )?;
            request.twice += 1;
        }
        request.attempts += 1;
        self.ledger.send_to(request.origin.into());
        promise(
            request.attempts <= 2 && request.twice <= 1,
            "promise 1: at most two attempts, of one hop",
        )?;
        request.signed = Some((token, held));
        request.stage = RequestStage::OnTheWire;
        Ok(())
    }

    pub(super) fn answer(&mut self, slot: usize, said: Said) -> Promise {
        let mut request = self.request(slot)?;
        let (token, used) = request
            .signed
            .ok_or("an answer to a request that was not sent")?;
        let foreign = request.stage == RequestStage::Foreign;
        let (verdict, answer) = match said {
            Said::Onward => return self.redirect(slot, request, hop::TargetOrigin::Allowed),
            Said::Away => return self.redirect(slot, request, hop::TargetOrigin::Foreign),
            Said::Honestly if foreign => (Verdict::Answer, Answer::Success),
            Said::Honestly if self.server.accepts(used, self.now) => {
                let there = self.destination(request.origin);
                let flight = self.coordinator.flight().copied();
                self.coordinator.served(token, StatusCode::OK, there);
                self.ledger.accept(token, request.origin.into(), flight);
                (Verdict::Answer, Answer::Success)
            }
            Said::Honestly | Said::Refused => (Verdict::Challenge, Answer::Refused),
            Said::Nothing => (Verdict::Answer, Answer::Error),
        };
        if foreign {
            return self.answer_foreign(slot, request, answer);
        }
        let replay = match request.body {
            Body::Bytes => Replay::Allowed,
            Body::Once => Replay::BodyConsumed,
        };
        let (attempts, waits) = (request.attempts, request.waits);
        let action = request
            .machine
            .handle(Input::Replied(verdict, replay, answer));
        match action.map_err(unexpected)? {
            Action::Refresh { stale, refused } => {
                promise(
                    stale == token && refused == Some(Answer::Refused),
                    "promise 15: the refused request is replayed",
                )?;
                promise(
                    attempts == 1 && waits == 0,
                    "promise 1: at most one refresh for each request",
                )?;
                request.refreshing()?;
                request.stage = RequestStage::Stale(stale, Refusal::Answered);
                self.requests[slot] = Some(request);
                Ok(())
            }
            Action::FinishAndRefresh { stale, answer, .. } => {
                promise(request.body == Body::Once, "promise 16: bytes are replayed")?;
                if let Some(flight) = self
                    .admit(stale, Refusal::Answered, request.origin)?
                    .flight()
                {
                    self.spawn(flight);
                }
                self.end(slot, request, answer)
            }
            Action::Readmit { stale, refused } => {
                promise(
                    stale == token && refused == Answer::Refused && waits <= 1,
                    "promise 14: a request asks again only after a failed wait and a refusal",
                )?;
                promise(
                    request.body == Body::Bytes,
                    "promise 16: only bytes are replayed",
                )?;
                match self.admit(stale, Refusal::Answered, request.origin)? {
                    NextToken::Resume => {
                        request.stage = RequestStage::Draining(stale, AfterDrain::Resume);
                        self.requests[slot] = Some(request);
                        Ok(())
                    }
                    NextToken::Wait(flight) => {
                        self.spawn(flight);
                        self.fail(slot, request, Answer::Error)
                    }
                    NextToken::Return => self.fail(slot, request, Answer::Refused),
                    NextToken::Fail => self.fail(slot, request, Answer::Error),
                }
            }
            Action::Finish { answer, reason } => {
                promise(
                    (answer == Answer::Refused) == (reason == Some(Reason::RefusedAgain)),
                    "promise 1: a second 401 is returned to the caller",
                )?;
                self.end(slot, request, answer)
            }
            Action::Send { .. } | Action::Renew { .. } => {
                Err("promise 4: no replay without a newer token")
            }
        }
    }

    /// A move of a request that does not wait for a server.
    pub(super) fn advance(&mut self, slot: usize) -> Promise {
        let mut request = self.request(slot)?;
        match request.stage {
            RequestStage::Stale(stale, refusal) => {
                match self.admit(stale, refusal, request.origin)? {
                    NextToken::Resume => {
                        request.stage = RequestStage::Draining(stale, AfterDrain::Resume)
                    }
                    NextToken::Wait(flight) => {
                        request.stage = match refusal {
                            Refusal::Answered => {
                                RequestStage::Draining(stale, AfterDrain::Wait(flight))
                            }
                            Refusal::Expected => self.wait_for(&mut request, stale, flight)?,
                        }
                    }
                    NextToken::Return => {
                        let answer = match refusal {
                            Refusal::Answered => Answer::Refused,
                            Refusal::Expected => Answer::Error,
                        };
                        return self.fail(slot, request, answer);
                    }
                    NextToken::Fail => {
                        request.stage = RequestStage::Draining(stale, AfterDrain::Fail)
                    }
                }
            }
            RequestStage::Draining(stale, AfterDrain::Wait(flight)) => {
                request.stage = self.wait_for(&mut request, stale, flight)?;
            }
            RequestStage::Draining(_, AfterDrain::Fail) => {
                return self.fail(slot, request, Answer::Error);
            }
            RequestStage::Draining(stale, AfterDrain::Resume) => {
                return self.resume(slot, request, stale);
            }
            RequestStage::Waiting(stale, flight) => match self.landed(flight)? {
                Landed::Refreshed => return self.resume(slot, request, stale),
                Landed::Failed | Landed::Overtaken => {
                    return self.fail(slot, request, Answer::Error);
                }
            },
            RequestStage::Expiring(held) => match self.coordinator.flight().copied() {
                Some(flight) if self.coordinator.awaits(held) => {
                    self.wait_for(&mut request, held, flight)?;
                    request.stage = RequestStage::Renewing(held, flight);
                }
                Some(_) | None => return self.renewed(slot, request, held),
            },
            RequestStage::Renewing(held, flight) => {
                self.landed(flight)?;
                return self.renewed(slot, request, held);
            }
            RequestStage::DrainingRedirect(refresh, status) => {
                return self.hop(slot, request, refresh, status);
            }
            RequestStage::OnTheWire | RequestStage::Foreign => {
                return Err("it waits for the server");
            }
        }
        self.requests[slot] = Some(request);
        Ok(())
    }

    /// Sends or fails a request that waited for its token to be renewed.
    fn renewed(&mut self, slot: usize, mut request: Request, held: Generation) -> Promise {
        let good = self.usability(request.origin) != Usability::Unusable;
        let (there, now) = (self.destination(request.origin), self.clock());
        let token = match self.coordinator.renewed(held, there, now) {
            Resume::With(token) => token,
            Resume::Expired => {
                promise(
                    self.has_expired(),
                    "promise 12: a newer token is used while it is valid",
                )?;
                return self.fail(slot, request, Answer::Error);
            }
            Resume::Superseded => {
                promise(
                    held < self.ledger.fence || (held == self.ledger.generation && !good),
                    "promise 12: a valid token is still used after a failed renewal",
                )?;
                return self.fail(slot, request, Answer::Error);
            }
        };
        promise(
            !self.has_expired() && (token > held || good),
            "promise 5: no request is sent with a token known to be refused or expired",
        )?;
        promise(
            held >= self.ledger.fence,
            "promise 3: a request is sent under the identity that it began with",
        )?;
        self.tally.renewed += u32::from(token > held);
        self.tally.unrenewed += u32::from(token == held);
        let action = request.machine.handle(Input::<Answer>::Refreshed(token));
        let Action::Send { token } = action.map_err(unexpected)? else {
            return Err("a usable token is used");
        };
        self.send(&mut request, token)?;
        self.requests[slot] = Some(request);
        Ok(())
    }

    fn admit(
        &mut self,
        stale: Generation,
        refusal: Refusal,
        origin: u8,
    ) -> Result<NextToken, &'static str> {
        let now = self.clock();
        let (good, untouched) = match self.usability(origin) {
            Usability::Good => (true, true),
            Usability::Only => (true, false),
            Usability::Doubtful | Usability::Limited | Usability::Unusable => (false, false),
        };
        let answered = refusal == Refusal::Answered;
        let there = self.destination(origin);
        let refusal = match refusal {
            Refusal::Answered => machine::Refusal::By(there),
            Refusal::Expected => machine::Refusal::Unsigned(there),
        };
        let fresh = self.ledger.is_too_fresh(self.now);
        let (generation, fence) = (self.ledger.generation, self.ledger.fence);
        let mut departed = Ok(None);
        let free = self.free_flight();
        let limit = self.rules().refresh_limit;
        let ledger = &mut self.ledger;
        let admission = self.coordinator.admit(stale, refusal, now, |stale| {
            departed = ledger.depart(stale, limit).map(|()| Some(stale));
            free
        });
        if let Some(stale) = departed? {
            self.register(free, stale);
        } else if let Admission::Await(_) = admission {
            self.tally.joined += 1;
        }
        promise(
            (admission == Admission::Superseded) == (stale < fence),
            "promise 3: an attempt is superseded exactly if it was signed before the fence",
        )?;
        promise(
            (admission == Admission::Current(generation))
                == (stale >= fence && stale < generation && good),
            "promise 3: a late refusal replays with the newest token",
        )?;
        let no_way = self.setup().renewable == Renewable::No;
        promise(
            (admission == Admission::NoWay)
                == (no_way && stale == generation && self.held.is_some()),
            "promise 5: a 401 is data exactly if the session cannot get a newer token",
        )?;
        promise(
            matches!(admission, Admission::TooFresh { .. })
                == (stale == generation && untouched && fresh && !no_way),
            "promise 2: a token that a refresh has just brought is not refreshed at once",
        )?;
        Ok(match admission {
            Admission::Current(_) => NextToken::Resume,
            Admission::Await(flight) => {
                self.ledger.refuse(generation, origin, answered);
                NextToken::Wait(flight)
            }
            Admission::Resting { .. } => {
                self.ledger.refuse(generation, origin, answered);
                self.tally.rested += 1;
                NextToken::Fail
            }
            Admission::Refused => {
                self.ledger.refuse(generation, origin, answered);
                self.tally.expired += 1;
                NextToken::Fail
            }
            Admission::SignedOut => {
                self.tally.signed_out += 1;
                promise(
                    self.held.is_none(),
                    "a session with a token is not signed out",
                )?;
                NextToken::Fail
            }
            Admission::NoWay => {
                self.tally.no_way += 1;
                self.ledger.clean = false;
                NextToken::Return
            }
            Admission::Superseded => {
                self.tally.superseded += 1;
                NextToken::Return
            }
            Admission::Limited { .. } => {
                self.tally.limited += 1;
                self.ledger.clean = false;
                NextToken::Return
            }
            Admission::TooFresh { .. } => {
                self.tally.too_fresh += 1;
                self.ledger.refuse_untried(answered);
                self.ledger.clean = false;
                NextToken::Return
            }
        })
    }

    fn wait_for(
        &mut self,
        request: &mut Request,
        stale: Generation,
        flight: u8,
    ) -> Result<RequestStage, &'static str> {
        request.waits += 1;
        promise(
            request.waits == 1,
            "promise 1: at most one refresh for each request",
        )?;
        self.spawn(flight);
        Ok(RequestStage::Waiting(stale, flight))
    }

    fn resume(&mut self, slot: usize, mut request: Request, stale: Generation) -> Promise {
        let (there, now) = (self.destination(request.origin), self.clock());
        let newer = match self
            .coordinator
            .resume(stale, machine::Refusal::By(there), there, now)
        {
            Resume::With(newer) => newer,
            Resume::Expired => {
                promise(
                    self.has_expired(),
                    "promise 3: a request whose refresh succeeded is replayed",
                )?;
                return self.fail(slot, request, Answer::Error);
            }
            Resume::Superseded => {
                self.tally.superseded += 1;
                promise(
                    stale < self.ledger.fence,
                    "promise 3: a request whose refresh succeeded is replayed",
                )?;
                return self.fail(slot, request, Answer::Error);
            }
        };
        promise(
            !self.has_expired(),
            "promise 5: no request is sent with a token known to be expired",
        )?;
        let action = request.machine.handle(Input::<Answer>::Refreshed(newer));
        let Action::Send { token } = action.map_err(unexpected)? else {
            return Err("a newer token is used");
        };
        self.send(&mut request, token)?;
        self.requests[slot] = Some(request);
        Ok(())
    }

    fn fail(&mut self, slot: usize, mut request: Request, answer: Answer) -> Promise {
        let usability = self.usability(request.origin);
        let accepted = self
            .held
            .is_some_and(|token| self.server.accepts(token, self.now));
        let fence = self.ledger.fence;
        let renewing = matches!(request.machine.state(), State::Renewing { held } if held >= fence);
        promise(
            !renewing || !accepted || usability == Usability::Unusable,
            "promise 5: a path that refuses every token does not affect the other paths",
        )?;
        let action = request.machine.handle(Input::RefreshFailed(answer));
        let Action::Finish { answer, .. } = action.map_err(unexpected)? else {
            return Err("a failed refresh ends the requests that wait for it");
        };
        self.end(slot, request, answer)
    }

    /// Ends a request with its answer.
    pub(super) fn end(&mut self, slot: usize, request: Request, answer: Answer) -> Promise {
        self.requests[slot] = None;
        if answer == Answer::Success {
            self.tally.served += 1;
            self.tally.replayed += u32::from(request.twice == 1);
            self.tally.redirected += u32::from(request.hops > 0);
        }
        promise(
            !self.ledger.clean || request.body == Body::Once || answer == Answer::Success,
            "without faults every request gets a 200",
        )
    }

    fn request(&self, slot: usize) -> Result<Request, &'static str> {
        self.requests[slot].ok_or("promise 1: nothing comes after the answer")
    }
}

/// How a request gets its next token.
#[derive(Clone, Copy, Debug)]
enum NextToken {
    Resume,
    Wait(u8),
    Return,
    Fail,
}

impl NextToken {
    fn flight(self) -> Option<u8> {
        match self {
            Self::Wait(flight) => Some(flight),
            Self::Resume | Self::Return | Self::Fail => None,
        }
    }
}
