//! One session: it uses its connections, leaves them idle, and uses them again when the server
//! closes them.

use std::sync::Arc;
use std::time::Duration;

use reauth::{ErrorKind, Session, Transport};
use tokio::time::{sleep, timeout};

use crate::account::{Failure, fetch};
use crate::server::{Accounts, Seen};

/// Time limit for a request, longer than that for a refresh.
const TIMEOUT: Duration = Duration::from_secs(40);

/// A session and its account on the server.
pub(super) struct Subject<T> {
    pub(super) session: Session<T>,
    pub(super) url: String,
    pub(super) accounts: Arc<Accounts>,
    pub(super) number: usize,
    /// The time between a response and the next request.
    pub(super) wait: Duration,
}

/// The result of a round for one session.
pub(super) struct Met {
    /// The error if the session got no 200.
    pub(super) served: Result<(), String>,
    /// What reached the server in this round.
    pub(super) seen: Seen,
    /// Whether the request at the moment arrived over a connection that had been used before.
    pub(super) kept: bool,
    /// Errors of the client, for requests to the API.
    pub(super) failures: Vec<String>,
}

impl<T: Transport + 'static> Subject<T> {
    pub(super) async fn meet_moment(&self) -> Met {
        let mut failures = Vec::new();
        self.accounts.forget(self.number);
        // This uses both kinds of connection, for the API and for token calls.
        let mut served = self.refresh(&mut failures).await;
        let before = self.accounts.seen(self.number).refused_on_kept;
        if served.is_ok() {
            sleep(self.wait).await;
            served = self.refresh(&mut failures).await;
        }
        let seen = self.accounts.seen(self.number);
        Met {
            served,
            seen,
            kept: seen.refused_on_kept > before,
            failures,
        }
    }

    /// Sends a request that is refused, so that the session refreshes. If the client fails, it
    /// sends the request once more.
    async fn refresh(&self, failures: &mut Vec<String>) -> Result<(), String> {
        self.accounts.expire(self.number);
        match self.fetch().await {
            Err(failure) if is_the_clients(&failure) => failures.push(self.explain(&failure)),
            fetched => return fetched.map_err(|failure| self.explain(&failure)),
        }
        let fetched = self.fetch().await;
        fetched.map_err(|failure| self.explain(&failure))
    }

    /// Leaves out the account, so that equal errors of two sessions have equal texts.
    fn explain(&self, failure: &Failure) -> String {
        let account = self.url.trim_end_matches("/books");
        failure.explain().replace(account, "")
    }

    async fn fetch(&self) -> Result<(), Failure> {
        let fetched = timeout(TIMEOUT, fetch(&self.session, &self.url)).await;
        fetched.unwrap_or(Err(Failure::Stuck))
    }
}

/// Whether the client failed to send a request to the API, and no refresh failed.
fn is_the_clients(failure: &Failure) -> bool {
    match failure {
        Failure::Session(error) => matches!(
            error.kind(),
            ErrorKind::Connect
                | ErrorKind::NotProcessed
                | ErrorKind::Timeout
                | ErrorKind::Transport
        ),
        Failure::Body(_) => true,
        Failure::Status(_) | Failure::Stuck => false,
    }
}
