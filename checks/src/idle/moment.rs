//! One session: its connections are used, left idle, and used again as the server closes them.

use std::sync::Arc;
use std::time::Duration;

use reauth::{ErrorKind, Session, Transport};
use tokio::time::{sleep, timeout};

use crate::account::{Failure, fetch};
use crate::server::{Accounts, Seen};

/// For a request: beyond the deadline of a refresh.
const PATIENCE: Duration = Duration::from_secs(40);

/// A session, and the account that it has at the server.
pub(super) struct Subject<T> {
    pub(super) session: Session<T>,
    pub(super) url: String,
    pub(super) accounts: Arc<Accounts>,
    pub(super) number: usize,
    /// From an answer to the next request.
    pub(super) wait: Duration,
}

/// What became of it in a round.
pub(super) struct Met {
    /// Or why it was not served.
    pub(super) served: Result<(), String>,
    /// What the server saw in this round.
    pub(super) seen: Seen,
    /// Whether the request at the moment came over a connection that was used before.
    pub(super) kept: bool,
    /// Of the client's own, on the way of a request to the API.
    pub(super) failures: Vec<String>,
}

impl<T: Transport + 'static> Subject<T> {
    pub(super) async fn meet_moment(&self) -> Met {
        let mut failures = Vec::new();
        self.accounts.forget(self.number);
        // Both kinds of connection are used: for the API, and for a token call.
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

    /// A request that is refused, and so refreshes; once more if the client lost it.
    async fn refresh(&self, failures: &mut Vec<String>) -> Result<(), String> {
        self.accounts.expire(self.number);
        match self.fetch().await {
            Err(failure) if is_the_clients(&failure) => failures.push(self.explain(&failure)),
            fetched => return fetched.map_err(|failure| self.explain(&failure)),
        }
        let fetched = self.fetch().await;
        fetched.map_err(|failure| self.explain(&failure))
    }

    /// Without the account, so that the same errors of two sessions are the same.
    fn explain(&self, failure: &Failure) -> String {
        let account = self.url.trim_end_matches("/books");
        failure.explain().replace(account, "")
    }

    async fn fetch(&self) -> Result<(), Failure> {
        let fetched = timeout(PATIENCE, fetch(&self.session, &self.url)).await;
        fetched.unwrap_or(Err(Failure::Stuck))
    }
}

/// Whether a request to the API failed on its way, and no refresh did.
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
