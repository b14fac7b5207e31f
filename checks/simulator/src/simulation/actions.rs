//! What applications, users and machines do.

use std::sync::{Arc, PoisonError};

use http::Request;
use reauth::{Body, Session, Timeout};

use super::{Identity, Simulation, put, signed_in};
use crate::calls::{Asked, Place};
use crate::choices::Kind;
use crate::ledger::{Promise, Sent};
use crate::plan::Action;
use crate::servers::uri;
use crate::situations::Situation;
use crate::tasks::Label;
use crate::wire::Wire;
use crate::world::{Holder, State};

impl Simulation<'_> {
    pub(super) fn session(&self, process: u8) -> Option<(Holder, Session<Wire>)> {
        let slot = self.slots[usize::from(process)].lock();
        let session = slot.unwrap_or_else(PoisonError::into_inner).clone()?;
        let start = self.state().machines[usize::from(process)].start;
        Some((Holder { process, start }, session))
    }

    pub(super) fn act(&mut self, action: Action) {
        match action {
            Action::Request {
                process,
                place,
                sent,
            } => {
                self.request(process, place, sent);
            }
            Action::RevokeAccesses => {
                let mut state = self.state();
                state.tell(|| "the servers accept no access token of now any more".to_owned());
                state.servers.revoke_accesses();
            }
            Action::RevokeSignIn => {
                let mut state = self.state();
                let last = state.servers.sign_ins.len() - 1;
                state.servers.revoke(last);
                state.servers.excuse(last, "the sign-in was revoked");
                state.tell(|| format!("sign-in {last} is revoked"));
            }
            Action::RestoreStore => {
                let mut state = self.state();
                if state.store.restore() {
                    state.tell(|| "the store is restored to what it had before".to_owned());
                    state.met(Situation::Restored);
                }
            }
            Action::SignIn(process) => self.sign_in(process, Identity::New),
            Action::SignInAgain(process) => self.sign_in(process, Identity::Same),
            Action::SignOut(process) => self.sign_out(process),
            Action::Refresh(process) => self.bearer(process, Label::Refresh),
            Action::Token(process) => self.bearer(process, Label::Token),
            Action::Close(process) => {
                self.close(process);
            }
            Action::Pass(time) => {
                let mut state = self.state();
                let until = state.now + time.as_millis() as u64;
                state.pass(until);
                state.tell(|| format!("({} s pass)", time.as_secs_f32()));
            }
            Action::Drop => self.drop_one(),
            Action::Crash(process) => self.crash(process),
            Action::Open(process) => {
                let has = self.session(process).is_some();
                let opens = self
                    .tasks
                    .live()
                    .any(|(_, task)| task.label == Label::Open && task.holder.process == process);
                if !has && !opens {
                    self.open(process);
                    self.state().met(Situation::Reopened);
                }
            }
            Action::Stall(process) => {
                self.stalled[usize::from(process)] = true;
                let mut state = self.state();
                state.tell(|| format!("(P{process} stalls)"));
                state.met(Situation::Stalled);
            }
            Action::SetClock(process, by) => {
                let mut state = self.state();
                let machine = &mut state.machines[usize::from(process)];
                machine.ahead += by;
                machine.jumped += u64::try_from(by).unwrap_or_default();
                machine.set_back += u64::try_from(-by).unwrap_or_default();
                state.tell(|| format!("P{process}: its wall clock is set by {} s", by / 1000));
                state.met(match by < 0 {
                    true => Situation::ClockSetBack,
                    false => Situation::ClockSetAhead,
                });
            }
            Action::Suspend(process, time) => {
                let mut state = self.state();
                let time = time.as_millis() as u64;
                state.machines[usize::from(process)].asleep += time;
                let until = state.now + time;
                state.pass(until);
                state.tell(|| {
                    format!(
                        "P{process}: its machine was suspended for {} s",
                        time / 1000
                    )
                });
                state.met(Situation::Suspended);
            }
        }
    }

    pub(super) fn request(&mut self, process: u8, place: Place, sent: Sent) -> Option<usize> {
        let (holder, session) = self.session(process)?;
        let number = {
            let mut state = self.state();
            let number = state.begin_request(holder, place, sent);
            state.tell(|| format!("P{process}: request {number}, {sent:?}"));
            number
        };
        let bytes = sent.bytes(number);
        let (method, body) = match sent {
            Sent::Nothing => ("GET", Body::empty()),
            Sent::Bytes => ("POST", Body::from(bytes)),
            Sent::Factory => ("POST", Body::factory(move || Body::from(bytes.clone()))),
            Sent::Once => {
                let piece = futures_util::stream::iter([Ok::<_, std::io::Error>(bytes)]);
                ("POST", Body::stream(piece))
            }
        };
        let request = Request::builder().method(method).uri(uri(place, number));
        let mut request = request.body(body).expect("it is a request");
        if let (Some(timeout), true) = (self.setup.timeout, self.faults) {
            request.extensions_mut().insert(Timeout(timeout));
        }
        let world = Arc::clone(&self.world);
        self.spawn(holder, Label::Request(number), async move {
            world.lock().request_is_polled(number);
            let answer = session.execute(request).await;
            world.lock().request_ended(number, &answer);
        });
        Some(number)
    }

    pub(super) fn sign_in(&mut self, process: u8, identity: Identity) {
        let Some((holder, session)) = self.session(process) else {
            return;
        };
        let processes = self.setup.processes;
        let world = Arc::clone(&self.world);
        let spawned = async move {
            let (pair, token) = {
                let mut state = world.lock();
                let flight = state
                    .calls
                    .iter()
                    .any(|call| matches!(call.asked, Asked::TokenCall { .. }));
                if flight {
                    state.met(Situation::SignedInAgain);
                }
                let newest = state.ledger.holding_of(process).newest;
                let (pair, token) = match (identity, newest) {
                    (Identity::Same, Some(pair))
                        if processes == 1 && state.is_newest(holder, pair) =>
                    {
                        state.met(Situation::SignedInWithTheSame);
                        state.is_given_again(holder, pair);
                        (pair, pair.token())
                    }
                    _ => {
                        let (pair, token) = signed_in(&mut state, process);
                        state.is_given(holder, pair);
                        (pair, token)
                    }
                };
                state.tell(|| format!("P{process}: signs in with {pair}"));
                state.fence(holder, Some(pair));
                (pair, token)
            };
            let done = session.replace(token).await;
            let mut state = world.lock();
            state.tell(|| {
                format!(
                    "P{process}: replace with {pair} returns {:?}",
                    done.map_err(|error| error.kind())
                )
            });
        };
        self.spawn(holder, Label::SignIn, spawned);
    }

    pub(super) fn sign_out(&mut self, process: u8) {
        let Some((holder, session)) = self.session(process) else {
            return;
        };
        let world = Arc::clone(&self.world);
        self.spawn(holder, Label::SignOut, async move {
            {
                let mut state = world.lock();
                state.tell(|| format!("P{process}: signs out"));
                state.met(Situation::SignedOut);
                state.fence(holder, None);
            }
            let done = session.sign_out().await;
            let mut state = world.lock();
            state.tell(|| {
                format!(
                    "P{process}: sign_out returns {:?}",
                    done.map_err(|error| error.kind())
                )
            });
        });
    }

    pub(super) fn bearer(&mut self, process: u8, label: Label) {
        let Some((holder, session)) = self.session(process) else {
            return;
        };
        let world = Arc::clone(&self.world);
        self.spawn(holder, label, async move {
            let under = {
                let mut state = world.lock();
                state.tell(|| format!("P{process}: {label} is called"));
                state.met(Situation::Forced);
                state.ledger.holding(process).forced = true;
                state.signed_in_as(holder)
            };
            let token = match label {
                Label::Token => session.token().await,
                _ => session.refresh().await,
            };
            world.lock().bearer_ended(holder, under, label, &token);
        });
    }

    /// Closes a session. Returns its task.
    pub(super) fn close(&mut self, process: u8) -> Option<usize> {
        let (holder, session) = self.session(process)?;
        let (world, faults) = (Arc::clone(&self.world), self.faults);
        let task = self.spawn(holder, Label::Close, async move {
            {
                let mut state = world.lock();
                state.tell(|| format!("P{process}: close is called"));
                let flight = state
                    .calls
                    .iter()
                    .any(|call| matches!(call.asked, Asked::TokenCall { .. }));
                state.met(if flight {
                    Situation::ClosedInFlight
                } else {
                    Situation::Closed
                });
            }
            let done = session.close().await.map_err(|error| error.kind());
            let mut state = world.lock();
            state.tell(|| format!("P{process}: close returns {done:?}"));
            if done.is_err() && !faults {
                state.broken(Promise::P10, || {
                    format!("P{process}: close fails, and the store works")
                });
            }
        });
        Some(task)
    }

    pub(super) fn drop_one(&mut self) {
        let many = self.tasks.live().count();
        if many == 0 {
            return;
        }
        let chosen = self.choices.choose(Kind::Detail, many);
        let Some((number, task)) = self.tasks.live().nth(chosen) else {
            return;
        };
        let (label, process) = (task.label, task.holder.process);
        if label == Label::Open {
            return;
        }
        let mut state = self.state();
        state.tell(|| format!("P{process}: {label} is dropped"));
        state.met(Situation::FutureDropped);
        drop(state);
        self.tasks.drop(number);
    }

    /// A process dies.
    pub(super) fn crash(&mut self, process: u8) {
        let index = usize::from(process);
        {
            let mut state = self.state();
            let machine = &mut state.machines[index];
            // From here on nothing of it counts.
            machine.start += 1;
            state.tell(|| format!("P{process} dies"));
            state.dies(process);
        }
        self.tasks.drop_all(process);
        let session = put(&self.slots[index], None);
        drop(session);
        self.stalled[index] = false;
        self.after_death(process);
    }

    /// What a dead process had under way is done now or never, if it cannot be late.
    pub(super) fn after_death(&mut self, process: u8) {
        let ids: Vec<_> = {
            let state = self.state();
            let calls = state.calls.iter();
            let dead = calls.filter(|call| call.holder.process == process);
            let dead = dead.filter(|call| State::cannot_be_late(call));
            dead.map(|call| call.id).collect()
        };
        for id in ids {
            if self.faults && self.choices.choose(Kind::Detail, 2) == 1 {
                self.arrive(id);
            }
            let mut state = self.state();
            let place = state.calls.iter().position(|call| call.id == id);
            let call = place.map(|place| state.calls.remove(place));
            drop(state);
            drop(call);
        }
    }
}
