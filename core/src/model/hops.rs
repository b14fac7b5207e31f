//! The hops of a request, as in the driver.

use super::ledger::{Promise, promise};
use super::request::{Answer, Body, Request, RequestStage};
use super::world::{Usability, World};
use crate::machine::redirects::{
    Action, BodyLeft, Channel, Credentials, Headers, Input, Redirect, RefreshBudget, Rewrite,
    TargetOrigin, Unexpected,
};
use crate::machine::{Input as HopInput, Replay, Sendable, SessionMachine, TokenStatus, Verdict};
use crate::{Generation, Reason, Redirects};

/// Enough for a redirect to a foreign origin and one back.
pub(super) const REDIRECTS: Redirects = Redirects::follow(2);

pub(super) fn unexpected(_: Unexpected) -> &'static str {
    "promise 1: at most one refresh for each request, over all its hops"
}

impl Request {
    /// Records that the machine of a hop asks for a newer token.
    pub(super) fn refreshing(&mut self) -> Promise {
        self.refreshes += 1;
        promise(
            self.refreshes == 1,
            "promise 1: at most one refresh for each request",
        )?;
        let action = self.redirects.handle(Input::Refreshing);
        promise(
            action.map_err(unexpected)? == Action::Continue,
            "the first refresh of a request is allowed",
        )
    }
}

impl World {
    /// A foreign origin answers a request.
    pub(super) fn answer_foreign(
        &mut self,
        slot: usize,
        mut request: Request,
        answer: Answer,
    ) -> Promise {
        let action = request.redirects.handle(Input::Answered);
        promise(
            action.map_err(unexpected)? == Action::Return(None),
            "promise 17: the answer of a foreign origin is returned, even a 401",
        )?;
        self.tally.foreign_requests += 1;
        self.end(slot, request, answer)
    }

    /// The server redirects a request: to an allowed origin with its body, or to a foreign one
    /// without.
    pub(super) fn redirect(
        &mut self,
        slot: usize,
        mut request: Request,
        target: TargetOrigin,
    ) -> Promise {
        if request.stage == RequestStage::OnTheWire {
            let said = HopInput::Replied(Verdict::Answer, Replay::BodyConsumed, Answer::Redirected);
            let action = request
                .machine
                .handle(said)
                .map_err(super::world::unexpected)?;
            promise(
                matches!(action, crate::machine::Action::Finish { reason: None, .. }),
                "a redirect says nothing about the token",
            )?;
        }
        let (rewrite, headers) = match target {
            TargetOrigin::Allowed => (Rewrite::Kept, Headers::Kept),
            TargetOrigin::Foreign => (Rewrite::AsGet, Headers::Stripped),
        };
        let body = match (rewrite, request.body) {
            (Rewrite::Kept, Body::Once) => BodyLeft::Gone,
            (Rewrite::Kept, Body::Bytes) | (Rewrite::AsGet, _) => BodyLeft::There,
        };
        let redirect = Redirect::new(target, Channel::Tls, headers, rewrite, body);
        let mut input = Input::Redirected(redirect);
        let mut asked = None;
        loop {
            match request.redirects.handle(input).map_err(unexpected)? {
                Action::Ask(refresh, _) => {
                    promise(
                        (refresh == RefreshBudget::Spent) == (request.refreshes > 0),
                        "promise 1: a request has one refresh for all its hops",
                    )?;
                    let status = self.next_hop_token(&request, refresh)?;
                    asked = status.map(|status| (refresh, status));
                    input = status.map_or(Input::Superseded, Input::Token);
                }
                Action::Follow(credentials, _) => {
                    promise(
                        (credentials == Credentials::Session) == (target == TargetOrigin::Allowed),
                        "promise 17: the token is sent to allowed origins and to no others",
                    )?;
                    request.hops += 1;
                    if rewrite == Rewrite::AsGet {
                        request.body = Body::Bytes;
                    }
                    request.stage = match asked {
                        Some((refresh, status)) => RequestStage::DrainingRedirect(refresh, status),
                        None => RequestStage::Foreign,
                    };
                    promise(
                        (request.stage == RequestStage::Foreign)
                            == (target == TargetOrigin::Foreign),
                        "promise 17: a hop to an allowed origin is signed, and no other hop is",
                    )?;
                    self.requests[slot] = Some(request);
                    return Ok(());
                }
                Action::Return(reason) => {
                    self.is_reason(&request, body, reason)?;
                    return self.end(slot, request, Answer::Redirected);
                }
                Action::TooMany => {
                    promise(
                        request.hops == 2,
                        "a request fails only after its last redirect",
                    )?;
                    self.ledger.clean = false;
                    return self.end(slot, request, Answer::Error);
                }
                Action::Send(_) | Action::Continue => {
                    return Err("a redirect is followed or returned");
                }
            }
        }
    }

    /// Checks the reason for which a redirect is returned.
    fn is_reason(&mut self, request: &Request, body: BodyLeft, reason: Option<Reason>) -> Promise {
        self.tally.unfollowed += u32::from(reason == Some(Reason::RefreshSpent));
        let good = match self.usability(request.origin) {
            Usability::Good | Usability::Only => true,
            Usability::Doubtful | Usability::Limited | Usability::Unusable => false,
        };
        let fenced = signed(request)? < self.ledger.fence;
        promise(
            match reason {
                Some(Reason::BodyNotReplayable) => body == BodyLeft::Gone,
                Some(Reason::Superseded) => fenced,
                Some(Reason::RefreshSpent) => request.refreshes > 0 && !good && !fenced,
                Some(_) | None => false,
            },
            "promise 14: a returned redirect has the true reason",
        )
    }

    /// The token that the session has for the next hop; `None` if the request is superseded.
    fn next_hop_token(
        &mut self,
        request: &Request,
        refresh: RefreshBudget,
    ) -> Result<Option<TokenStatus>, &'static str> {
        let there = self.destination(request.origin);
        if self
            .coordinator
            .token_for_hop(signed(request)?, there)
            .is_none()
        {
            return Ok(None);
        }
        let sendable = match request.body {
            Body::Bytes => Sendable::Again,
            Body::Once => Sendable::Once,
        };
        let status = self.enter(request.origin, refresh.enters(sendable))?;
        Ok(Some(status))
    }

    /// The next hop begins, once the redirect is drained.
    pub(super) fn hop(
        &mut self,
        slot: usize,
        mut request: Request,
        refresh: RefreshBudget,
        status: TokenStatus,
    ) -> Promise {
        let signed = signed(&request)?;
        let there = self.destination(request.origin);
        let newest = self.coordinator.token_for_hop(signed, there);
        promise(
            newest.is_none() == (signed < self.ledger.fence),
            "promise 3: a hop has the identity of the one before",
        )?;
        let Some(newest) = newest else {
            self.tally.superseded += 1;
            return self.end(slot, request, Answer::Error);
        };
        request.machine = SessionMachine::new();
        request.attempts = 0;
        self.start_hop(&mut request, HopInput::hop(refresh, status, newest))?;
        self.requests[slot] = Some(request);
        Ok(())
    }
}

/// The generation of the last signed hop.
fn signed(request: &Request) -> Result<Generation, &'static str> {
    let signed = request.signed.map(|(generation, _)| generation);
    signed.ok_or("a redirected request of the session has been signed")
}
