//! The handle of a running API.

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

    /// Returns the default options.
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

    /// Returns the base URL, without a trailing slash: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr())
    }

    /// Returns the address it listens on, with the actual port.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// Returns the first refresh token. Rotation does not change it.
    pub fn refresh_token(&self) -> &str {
        &self.refresh_token
    }

    /// Returns what happened so far.
    pub fn counts(&self) -> Counts {
        *lock(&self.shared.counts)
    }

    /// Returns the last 10,000 lines of the access log, oldest first.
    ///
    /// A line is written before the first byte of its response is sent.
    pub fn log(&self) -> Vec<String> {
        self.shared.log.lines()
    }

    /// Issues an access token, accepted from now on.
    ///
    /// It has no lifetime, and a refresh does not replace it: it is accepted until
    /// [`expire_access_tokens`](Self::expire_access_tokens), or until its family is revoked. It
    /// belongs to the family of [`refresh_token`](Self::refresh_token), or to a new one if that is
    /// revoked.
    ///
    /// # Panics
    ///
    /// Panics if the operating system has no random bytes.
    pub fn issue_access_token(&self) -> String {
        lock(&self.shared.tokens).mint_access_token()
    }

    /// Signs another user in: issues a refresh token with its own family.
    ///
    /// # Panics
    ///
    /// Panics if the operating system has no random bytes.
    pub fn issue_refresh_token(&self) -> String {
        lock(&self.shared.tokens).sign_in()
    }

    /// Expires every access token issued so far.
    pub fn expire_access_tokens(&self) {
        lock(&self.shared.tokens).expire_access_tokens();
    }

    /// Revokes every family so far: their refresh and access tokens are refused.
    pub fn revoke(&self) {
        lock(&self.shared.tokens).revoke();
    }

    /// Sets the next answers of the token endpoints, in order. Nothing is processed for them; after
    /// the last one, the endpoints behave as before. Replaces answers that are still pending.
    pub fn answer_refreshes(&self, answers: impl IntoIterator<Item = TokenAnswer>) {
        lock(&self.shared.faults).token_answers = answers.into_iter().collect();
    }

    /// Sets how the token endpoints behave from now on.
    pub fn token_endpoint(&self, mode: TokenEndpoint) {
        lock(&self.shared.faults).token_endpoint = mode;
    }

    /// Sets how `GET /api/books` behaves from now on.
    pub fn resource(&self, mode: Resource) {
        lock(&self.shared.faults).resource = mode;
    }

    /// Breaks the connection of the next response to `GET /api/books`.
    pub fn break_next_books(&self, fault: Break) {
        lock(&self.shared.faults).next_books = Some(fault);
    }

    /// Breaks the connection of the next response of a token endpoint, after the endpoint has
    /// processed the request (rotation included).
    pub fn break_next_refresh(&self, fault: Break) {
        lock(&self.shared.faults).next_refresh = Some(fault);
    }

    /// Parks refresh requests when they arrive, before they are processed.
    pub fn hold_refreshes(&self) -> Gate {
        self.shared.refreshes.hold()
    }

    /// Parks refresh requests after they were processed (rotation included), before the response.
    pub fn hold_refresh_answers(&self) -> Gate {
        self.shared.refresh_answers.hold()
    }

    /// Parks `GET /api/books` requests before their token is checked.
    pub fn hold_book_requests(&self) -> Gate {
        self.shared.book_requests.hold()
    }

    /// Parks `GET /api/books` requests after their token was checked, before the response.
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
