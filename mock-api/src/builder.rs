//! The options of an API.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::access_log::Log;
use crate::oauth::Client;
use crate::server::Server;
use crate::shared::Shared;
use crate::tokens::Tokens;
use crate::{AccessLog, MockApi};

/// Whether a refresh replaces the refresh token ([RFC 6749 §6], [RFC 9700 §4.14.2]).
///
/// [RFC 6749 §6]: https://www.rfc-editor.org/rfc/rfc6749#section-6
/// [RFC 9700 §4.14.2]: https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rotation {
    /// A refresh token can be used many times.
    #[default]
    Off,
    /// A refresh token can be used once; a second use revokes its family.
    On,
}

#[derive(Clone, Copy, Debug)]
enum Lifetime {
    Told(Duration),
    Untold(Duration),
}

/// The options of a [`MockApi`], from [`MockApi::builder`].
#[derive(Clone, Debug)]
#[must_use = "nothing runs before `start`"]
pub struct Builder {
    address: SocketAddr,
    token_ttl: Option<Lifetime>,
    rotation: Rotation,
    refresh_token: String,
    client: Option<Client>,
    access_log: AccessLog,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token_ttl: None,
            rotation: Rotation::default(),
            refresh_token: "demo-refresh-token".to_owned(),
            client: None,
            access_log: AccessLog::default(),
        }
    }

    /// Sets the address to listen on; port 0 picks a free one. Default: `127.0.0.1:0`.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Sets how long a refreshed access token is accepted, announced as `expires_in` in whole
    /// seconds, rounded down. Default: until it is replaced, without `expires_in`.
    pub fn token_ttl(mut self, ttl: Duration) -> Self {
        self.token_ttl = Some(Lifetime::Told(ttl));
        self
    }

    /// The same as [`token_ttl`](Self::token_ttl), but without `expires_in`: only a 401 shows the
    /// expiry.
    pub fn silent_token_ttl(mut self, ttl: Duration) -> Self {
        self.token_ttl = Some(Lifetime::Untold(ttl));
        self
    }

    /// Sets whether a refresh replaces the refresh token. Default: it does not.
    pub fn rotate(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self
    }

    /// Sets the first refresh token. Default: `demo-refresh-token`.
    pub fn refresh_token(mut self, token: impl Into<String>) -> Self {
        self.refresh_token = token.into();
        self
    }

    /// Sets the only client that may call `POST /oauth/token`, with its id and secret in the header
    /// or in the body. Default: no authentication.
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        let (id, secret) = (id.into(), secret.into());
        self.client = Some(Client { id, secret });
        self
    }

    /// Sets where the access log goes. Default: it is recorded.
    pub fn access_log(mut self, log: AccessLog) -> Self {
        self.access_log = log;
        self
    }

    /// Binds the address and serves it on its own thread.
    ///
    /// Connections are accepted as soon as it returns.
    ///
    /// # Errors
    ///
    /// Fails if the address cannot be bound ([`io::ErrorKind::AddrInUse`] if the port is taken), or
    /// if the thread cannot be started.
    pub fn start(self) -> io::Result<MockApi> {
        let tokens = |ttl| Tokens::new(&self.refresh_token, self.rotation, ttl);
        let tokens = match self.token_ttl {
            None => tokens(None),
            Some(Lifetime::Told(ttl)) => tokens(Some(ttl)),
            Some(Lifetime::Untold(ttl)) => tokens(Some(ttl)).silent(),
        };
        let shared = Arc::new(Shared::new(self.client, tokens, Log::new(self.access_log)));
        let server = Server::start(self.address, Arc::clone(&shared))?;
        Ok(MockApi::new(server, shared, self.refresh_token))
    }
}
