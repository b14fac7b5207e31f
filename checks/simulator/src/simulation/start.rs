//! How processes start.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use reauth::store::Record;
use reauth::{JsonGrant, Redirects, Revocation, RevocationError, Session, SessionBuilder, Token};

use super::{Simulation, put, signed_in};
use crate::servers::Pair;
use crate::setup::{Listener, Start, Storing};
use crate::stored::NewFence;
use crate::tasks::Label;
use crate::wire::{ON_PURPOSE, Wire};
use crate::world::Holder;

impl Simulation<'_> {
    /// The processes start.
    pub(super) fn start(&mut self) {
        if self.setup.start == Start::Open && self.setup.store == Storing::Shared {
            let mut state = self.state();
            let (pair, token) = signed_in(&mut state, 0);
            _ = pair;
            state
                .store
                .put(Record::signed_in(token, None), NewFence::Yes);
        }
        for process in 0..self.setup.processes {
            self.open(process);
        }
    }

    /// A process starts.
    pub(super) fn open(&mut self, process: u8) {
        let (holder, first) = {
            let mut state = self.state();
            let machine = &mut state.machines[usize::from(process)];
            machine.start += 1;
            let start = machine.start;
            state.ledger.holding(process).start();
            (Holder { process, start }, start == 1)
        };
        let wire = Wire {
            world: Arc::clone(&self.world),
            holder,
        };
        let builder = self.builder(&wire);
        let start = match (first, self.setup.store) {
            (true, _) => self.setup.start,
            // What it knew is lost, and there is no store: somebody signs in.
            (false, Storing::None) => Start::Build,
            (false, Storing::Shared) => Start::Open,
        };
        let in_hand = match start {
            Start::Open => None,
            Start::Build | Start::OpenWithToken | Start::RefreshToken => {
                let mut state = self.state();
                let (pair, token) = signed_in(&mut state, process);
                let (pair, token) = match start {
                    Start::RefreshToken => {
                        let pair = Pair {
                            access: None,
                            ..pair
                        };
                        (pair, pair.token())
                    }
                    _ => (pair, token),
                };
                state.begins_with(holder, pair);
                Some(token)
            }
        };
        let builder = match in_hand {
            Some(token) => builder.token(token),
            None => builder,
        };
        if start == Start::Build || self.setup.store == Storing::None {
            let session = builder.build().expect("the settings are valid");
            let mut state = self.state();
            state.ledger.holding(process).opening = false;
            state.tell(|| format!("P{process}: a session is built"));
            drop(state);
            put(&self.slots[usize::from(process)], Some(session));
            return;
        }
        self.state().tell(|| format!("P{process}: open()"));
        let (slot, world) = (
            Arc::clone(&self.slots[usize::from(process)]),
            Arc::clone(&self.world),
        );
        self.spawn(holder, Label::Open, async move {
            let session = builder.open().await;
            let mut state = world.lock();
            state.ledger.holding(process).opening = false;
            match session {
                Ok(session) => {
                    state.tell(|| format!("P{process}: is open"));
                    drop(state);
                    put(&slot, Some(session));
                }
                Err(error) => state.tell(|| format!("P{process}: cannot open: {error}")),
            }
        });
    }

    pub(super) fn builder(&self, wire: &Wire) -> SessionBuilder<Wire> {
        let setup = self.setup;
        let grant = JsonGrant::new("https://as.test/token").expect("it is an address");
        let listener = wire.clone();
        let panics = setup.listener == Listener::Panics;
        let mut builder = Session::builder(wire.clone())
            .origin("https://a.test")
            .origin("https://b.test")
            .grant(grant)
            .revocation(Revoke)
            .token_use(setup.token_use)
            .refresh_retries(setup.retries)
            .refresh_limit(setup.refresh_limit, Duration::from_secs(10))
            .redirects(Redirects::follow(5))
            .on_event(move |event| {
                listener.world.lock().event(listener.holder, event);
                assert!(!panics, "{ON_PURPOSE}");
            });
        if setup.store == Storing::Shared {
            builder = builder.store(wire.clone());
        }
        if let Some(most) = setup.max_waiting {
            builder = builder.max_waiting(most);
        }
        builder
    }
}

/// Revokes a token at sign-out.
#[derive(Debug)]
struct Revoke;

impl Revocation for Revoke {
    fn request(&self, token: &Token) -> Request<Bytes> {
        let body = token.refresh_token().unwrap_or_default().to_owned();
        Request::post("https://as.test/revoke")
            .body(body.into())
            .expect("it is a request")
    }

    fn response(&self, _: &Response<Bytes>) -> Result<(), RevocationError> {
        Ok(())
    }
}
