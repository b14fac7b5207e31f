//! A scene: a resource and its token server at one port.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::answer::Answer;
use super::gate::Gate;
use super::issuer::Issuer;
use super::record::{Kind, Message, Record};
use super::request::Request;
use super::setup::{Setup, TokenAnswers, TokenGate};
use super::site::Site;

/// Both answer requests according to the setup, and record them.
#[derive(Debug)]
pub(crate) struct Scene {
    setup: Setup,
    gate: Gate,
    /// Closed once a token call has arrived.
    departed: Semaphore,
    /// Closed once token calls are released.
    released: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    began: Option<Instant>,
    issuer: Issuer,
    messages: Vec<Message>,
}

/// What a client sends to get a token.
#[derive(Deserialize)]
struct Question {
    refresh_token: String,
}

impl Scene {
    pub(crate) fn new(setup: Setup) -> Self {
        let released = Semaphore::new(0);
        match setup.token_gate {
            TokenGate::Open => released.close(),
            TokenGate::Shut => {}
        }
        Self {
            gate: Gate::new(setup.gate),
            departed: Semaphore::new(0),
            released,
            state: Mutex::new(State {
                began: None,
                issuer: Issuer::new(&setup),
                messages: Vec::new(),
            }),
            setup,
        }
    }

    /// Waits until a token call has arrived.
    pub(crate) async fn departed(&self) {
        _ = self.departed.acquire().await;
    }

    /// Releases the token calls.
    pub(crate) fn release(&self) {
        self.released.close();
    }

    pub(crate) fn record(&self) -> Record {
        let state = self.state();
        Record {
            messages: state.messages.clone(),
            reused: state.issuer.reused(),
        }
    }

    async fn attempt(&self, request: &Request) -> Answer {
        let accepted = self.state().issuer.accepts(request.bearer.as_deref());
        let place = self.gate.pass().await;
        let spread = self.setup.spread_ms * 1000 / self.setup.gate.max(1) as u64;
        let behind = Duration::from_micros(spread * place.unwrap_or(0) as u64);
        hold(Duration::from_millis(self.setup.pause_ms) + behind).await;
        if accepted {
            Answer::book()
        } else {
            Answer::unauthorized()
        }
    }

    async fn token_call(&self, request: &Request) -> Answer {
        self.departed.close();
        _ = self.released.acquire().await;
        hold(Duration::from_millis(self.setup.token_pause_ms)).await;
        let invalid_grant =
            || Answer::json(StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#);
        match self.setup.token_answers {
            TokenAnswers::Rotates => {
                let question = serde_json::from_slice::<Question>(&request.body);
                let traded = question
                    .ok()
                    .and_then(|question| self.state().issuer.trade(&question.refresh_token));
                traded.map_or_else(invalid_grant, |token| Answer::json(StatusCode::OK, &token))
            }
            TokenAnswers::InvalidGrant => invalid_grant(),
            TokenAnswers::Unavailable => Answer::json(StatusCode::SERVICE_UNAVAILABLE, "{}"),
        }
    }

    fn now(&self) -> u64 {
        let began = *self.state().began.get_or_insert_with(Instant::now);
        began.elapsed().as_micros().try_into().unwrap_or(u64::MAX)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Skips the sleep for zero, because a sleep takes at least a millisecond.
async fn hold(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}

impl Site for Scene {
    /// `/auth/refresh` trades tokens, and `/books?number=` is the resource.
    async fn answer(&self, request: &Request) -> Answer {
        let arrived = self.now();
        let (kind, answer) = match &*request.path {
            "/auth/refresh" => (Kind::TokenCall, self.token_call(request).await),
            "/books" => {
                let number = request.query.strip_prefix("number=");
                let number = number.and_then(|number| number.parse().ok());
                (Kind::Attempt(number), self.attempt(request).await)
            }
            _ => return Answer::not_found(),
        };
        let message = Message {
            kind,
            status: answer.status.as_u16(),
            arrived,
            answered: self.now(),
        };
        self.state().messages.push(message);
        answer
    }
}
