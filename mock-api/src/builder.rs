//! The options of an API, and how it starts.

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
    /// A refresh token can be used any number of times.
    #[default]
    Off,
    /// A refresh token can be used once; using it again revokes its family.
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

    /// Where to listen; port 0 picks a free one. By default `127.0.0.1:0`.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// How long a refreshed access token is accepted, announced as `expires_in` in whole
    /// seconds, rounded down. By default until it is replaced, and `expires_in` is left out.
    pub fn token_ttl(mut self, ttl: Duration) -> Self {
        self.token_ttl = Some(Lifetime::Told(ttl));
        self
    }

    /// As [`token_ttl`](Self::token_ttl), with `expires_in` left out: only a 401 tells.
    pub fn silent_token_ttl(mut self, ttl: Duration) -> Self {
        self.token_ttl = Some(Lifetime::Untold(ttl));
        self
    }

    /// Whether a refresh replaces the refresh token. By default it does not.
    pub fn rotate(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self
    }

    /// The refresh token to start with. By default `demo-refresh-token`.
    pub fn refresh_token(mut self, token: impl Into<String>) -> Self {
        self.refresh_token = token.into();
        self
    }

    /// The one client that may ask `POST /oauth/token`, by its id and secret in the header or in
    /// the body. By default anybody may.
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        let (id, secret) = (id.into(), secret.into());
        self.client = Some(Client { id, secret });
        self
    }

    /// Where the access log goes. By default it is recorded.
    pub fn access_log(mut self, log: AccessLog) -> Self {
        self.access_log = log;
        self
    }

    /// Binds the address and serves it on a thread of its own.
    ///
    /// Connections are accepted by the time it returns.
    ///
    /// # Errors
    ///
    /// Fails if the address cannot be bound ([`io::ErrorKind::AddrInUse`] where the port is
    /// taken), or if the thread cannot be started.
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
