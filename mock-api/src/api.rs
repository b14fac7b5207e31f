//! The running API, as a test holds it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::server::Server;
use crate::shared::{Shared, lock};
use crate::{Break, Builder, Counts, Gate, Resource, TokenAnswer, TokenEndpoint};

/// A running book API, stopped when dropped.
///
/// Dropping it closes the port, aborts the open connections and joins the server's thread.
pub struct MockApi {
    server: Server,
    shared: Arc<Shared>,
    refresh_token: String,
}

impl MockApi {
    /// Starts the API with its defaults, on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Those of [`Builder::start`].
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// The API's options, at their defaults.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn new(server: Server, shared: Arc<Shared>, refresh_token: String) -> Self {
        Self {
            server,
            shared,
            refresh_token,
        }
    }

    /// The base URL, without a trailing slash: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr())
    }

    /// The address it listens on, its port resolved.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// The refresh token to start with. Rotation does not change what this returns.
    pub fn refresh_token(&self) -> &str {
        &self.refresh_token
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        *lock(&self.shared.counts)
    }

    /// The access log, oldest line first: the last 10,000 lines.
    ///
    /// A line is there before the first byte of its response is sent.
    pub fn log(&self) -> Vec<String> {
        self.shared.log.lines()
    }

    /// Mints an access token out of band, accepted from now on.
    ///
    /// It has no lifetime, and a refresh does not replace it: it is accepted until
    /// [`expire_access_tokens`](Self::expire_access_tokens), or until its family is revoked.
    /// Its family is that of [`refresh_token`](Self::refresh_token), or a new one where that
    /// is revoked already.
    ///
    /// # Panics
    ///
    /// Panics if the operating system has no random bytes.
    pub fn issue_access_token(&self) -> String {
        lock(&self.shared.tokens).mint_access_token()
    }

    /// Signs another user in: a refresh token that starts a family of its own.
    ///
    /// # Panics
    ///
    /// Panics if the operating system has no random bytes.
    pub fn issue_refresh_token(&self) -> String {
        lock(&self.shared.tokens).sign_in()
    }

    /// Every access token so far stops being accepted.
    pub fn expire_access_tokens(&self) {
        lock(&self.shared.tokens).expire_access_tokens();
    }

    /// Revokes every family so far: their refresh tokens and access tokens are refused.
    pub fn revoke(&self) {
        lock(&self.shared.tokens).revoke();
    }

    /// What the token endpoint answers next, in this order, without processing anything; then it
    /// behaves as before. What is left of such answers from before is dropped.
    pub fn answer_refreshes(&self, answers: impl IntoIterator<Item = TokenAnswer>) {
        lock(&self.shared.faults).token_answers = answers.into_iter().collect();
    }

    /// How the token endpoint behaves from now on.
    pub fn token_endpoint(&self, mode: TokenEndpoint) {
        lock(&self.shared.faults).token_endpoint = mode;
    }

    /// How `GET /api/books` behaves from now on.
    pub fn resource(&self, mode: Resource) {
        lock(&self.shared.faults).resource = mode;
    }

    /// The connection of the next answer to `GET /api/books` breaks.
    pub fn break_next_books(&self, fault: Break) {
        lock(&self.shared.faults).next_books = Some(fault);
    }

    /// The connection of the next answer of a token endpoint breaks; what the endpoint does
    /// before, as rotating, is done.
    pub fn break_next_refresh(&self, fault: Break) {
        lock(&self.shared.faults).next_refresh = Some(fault);
    }

    /// Parks the refresh requests that arrive, before anything is decided about them.
    pub fn hold_refreshes(&self) -> Gate {
        self.shared.refreshes.hold()
    }

    /// Parks the refresh requests that were processed, rotation done, before they are answered.
    pub fn hold_refresh_answers(&self) -> Gate {
        self.shared.refresh_answers.hold()
    }

    /// Parks `GET /api/books` requests before their token is judged.
    pub fn hold_book_requests(&self) -> Gate {
        self.shared.book_requests.hold()
    }

    /// Parks `GET /api/books` requests once their token was judged, before they are answered.
    pub fn hold_books(&self) -> Gate {
        self.shared.books.hold()
    }
}

impl fmt::Debug for MockApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockApi")
            .field("addr", &self.addr())
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}
