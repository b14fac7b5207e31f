//! One session: the fault and what follows.

use std::sync::Arc;
use std::time::Duration;

use reauth::{Session, Transport};
use tokio::time::{sleep, timeout};

use super::row::Fate;
use crate::account::{Failure, fetch};
use crate::server::{Accounts, Seen};

/// Requests after which the application gives up.
const MOST_REQUESTS: u32 = 3;
/// The longest wait that a session may ask for. The server says 1 second.
const LONGEST_REST: Duration = Duration::from_secs(5);
/// Time limit for a request, longer than that for a refresh.
const TIMEOUT: Duration = Duration::from_secs(40);

/// A session and its account on the server.
pub(super) struct Subject<T> {
    pub(super) session: Session<T>,
    pub(super) url: String,
    pub(super) accounts: Arc<Accounts>,
    pub(super) number: usize,
}

/// What happened to a session.
pub(super) struct Ended {
    /// The error if the session is neither live nor ended.
    pub(super) fate: Result<Fate, String>,
    pub(super) requests: u32,
    /// Token calls from the fault until a 200, or until the session ended.
    pub(super) calls: u32,
    /// Calls with a spent refresh token, in total.
    pub(super) reuses: u32,
    pub(super) faults: u32,
}

/// Refreshes once without a fault, so that a client could reuse the connection.
pub(super) async fn prepare<T: Transport + 'static>(subject: &Subject<T>) -> Result<(), String> {
    subject
        .fetch()
        .await
        .map_err(|failure| format!("before the fault: {}", failure.explain()))?;
    subject.accounts.expire(subject.number);
    subject.accounts.forget(subject.number);
    Ok(())
}

impl<T: Transport + 'static> Subject<T> {
    pub(super) async fn meet_fault(&self) -> Ended {
        self.accounts.arm(self.number);
        let (mut requests, mut fate) = (0, Err("no request was sent".to_owned()));
        while requests < MOST_REQUESTS {
            requests += 1;
            let failure = match self.fetch().await {
                Ok(()) => {
                    fate = Ok(Fate::Live);
                    break;
                }
                Err(failure) => failure,
            };
            fate = Err(failure.explain());
            if let Failure::Session(error) = failure {
                if error.is_session_expired() {
                    fate = Ok(Fate::Ended);
                    break;
                }
                sleep(error.retry_after().unwrap_or_default().min(LONGEST_REST)).await;
            }
        }
        self.accounts.disarm(self.number);
        let calls = self.seen().calls;
        let fate = match fate {
            Ok(Fate::Live) => self.prove_live().await,
            Ok(Fate::Ended) => self.prove_ended().await,
            Err(error) => Err(error),
        };
        Ended {
            fate,
            requests,
            calls,
            reuses: self.seen().reuses,
            faults: self.seen().faults,
        }
    }

    /// Another refresh must succeed, so the session holds a valid refresh token.
    async fn prove_live(&self) -> Result<Fate, String> {
        self.accounts.expire(self.number);
        let before = self.seen();
        match self.fetch().await {
            Err(failure) => Err(format!("at the next refresh: {}", failure.explain())),
            Ok(()) if before.served == 0 || self.seen().served == before.served => {
                Err("the session returned a 200, but the server sent none".to_owned())
            }
            Ok(()) => Ok(Fate::Live),
        }
    }

    /// The session must not make another token call.
    async fn prove_ended(&self) -> Result<Fate, String> {
        let before = self.seen();
        match self.fetch().await {
            Err(Failure::Session(error)) if error.is_session_expired() => {}
            Err(failure) => {
                return Err(format!("after it had ended: {}", failure.explain()));
            }
            Ok(()) => return Err("it got a 200 after it had ended".to_owned()),
        }
        match self.seen().calls - before.calls {
            0 => Ok(Fate::Ended),
            more => Err(format!("{more} token calls after it had ended")),
        }
    }

    async fn fetch(&self) -> Result<(), Failure> {
        let fetched = timeout(TIMEOUT, fetch(&self.session, &self.url)).await;
        fetched.unwrap_or(Err(Failure::Stuck))
    }

    fn seen(&self) -> Seen {
        self.accounts.seen(self.number)
    }
}
