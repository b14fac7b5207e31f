//! The settings of a session, and how it is built from them.

mod clock;
mod error;
mod origins;
mod requests;

use std::fmt;
use std::hash::RandomState;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use self::clock::BothClocks;
pub use self::error::{BuildError, BuildErrorKind};
use self::origins::OriginsBuilder;
use super::Session;
use super::credential::Signer;
use super::events::{Dispatcher, Event, Listener};
use super::execute::{Driver, Options};
use super::refresh::revoke::{self, Revoker};
use super::refresh::{RefreshContext, SAVE_SHARE};
use super::store_queue::{StoreQueue, TokenPair};
use super::token_state::TokenState;
use super::tokens::Tokens;
use crate::machine::{Outbox, Rules, TokenUse, Write};
use crate::refresher::GrantRefresher;
use crate::runtime::within;
use crate::store::TokenStore;
use crate::{Bearer, Grant, Revocation, Runtime, Scheme, Token, TokenRefresher, Transport};

/// What a session does that is built without a token.
#[derive(Clone, Copy)]
enum WithoutToken {
    /// It is signed out.
    SignedOut,
    /// The first request gets a token.
    Refresh,
}

/// What gets the session a new token.
enum Source {
    Grant(Arc<dyn TokenRefresher>),
    Refresher(Arc<dyn TokenRefresher>),
}

impl Source {
    fn refresher(&self) -> &Arc<dyn TokenRefresher> {
        match self {
            Self::Grant(refresher) | Self::Refresher(refresher) => refresher,
        }
    }
}

/// The settings of a [`Session`], from [`Session::builder`].
///
/// An [`origin`](Self::origin) or a [`base_url`](Self::base_url) is required, and a
/// [`grant`](Self::grant) or a [`refresher`](Self::refresher). [`build`](Self::build) also needs a
/// [`token`](Self::token).
#[doc = include_str!("../../docs/settings.md")]
#[must_use = "there is no session before `build` or `open`"]
pub struct SessionBuilder<T> {
    transport: Arc<T>,
    origins: OriginsBuilder,
    scheme: Arc<dyn Scheme>,
    source: Option<Source>,
    /// The first setting that is invalid.
    invalid: Option<BuildError>,
    revoker: Option<Revoker>,
    token: Option<Token>,
    without_token: WithoutToken,
    store: Option<Arc<dyn TokenStore>>,
    runtime: Arc<dyn Runtime>,
    refresh_timeout: Duration,
    rules: Rules,
    request_options: Options,
    listeners: Vec<Listener>,
}

impl<T: Transport> Session<T> {
    /// Configures a session over this transport.
    pub fn builder(transport: T) -> SessionBuilder<T> {
        SessionBuilder::new(transport)
    }
}

impl<T: Transport> SessionBuilder<T> {
    fn new(transport: T) -> Self {
        let runtime = transport.runtime();
        Self {
            transport: Arc::new(transport),
            origins: OriginsBuilder::default(),
            scheme: Arc::new(Bearer),
            source: None,
            invalid: None,
            revoker: None,
            token: None,
            without_token: WithoutToken::SignedOut,
            store: None,
            runtime,
            refresh_timeout: Duration::from_secs(30),
            rules: Rules::default(),
            request_options: Options::default(),
            listeners: Vec::new(),
        }
    }

    /// Sets how tokens are requested, over the session's transport.
    pub fn grant(mut self, grant: impl Grant) -> Self
    where
        T: 'static,
    {
        let transport = Arc::clone(&self.transport);
        self.set_source(Source::Grant(Arc::new(GrantRefresher { grant, transport })));
        self
    }

    /// Sets how tokens are requested, over a transport of its own: for sessions whose transport
    /// may resend a request by itself, or does not reach the token server.
    pub fn grant_over(mut self, transport: impl Transport + 'static, grant: impl Grant) -> Self {
        let transport = Arc::new(transport);
        self.set_source(Source::Grant(Arc::new(GrantRefresher { grant, transport })));
        self
    }

    /// Sets what trades a token for a newer one, instead of a [`grant`](Self::grant).
    pub fn refresher(mut self, refresher: impl TokenRefresher) -> Self {
        self.set_source(Source::Refresher(Arc::new(refresher)));
        self
    }

    /// The last call of one kind counts. Calls of both kinds are an error.
    fn set_source(&mut self, source: Source) {
        match (&self.source, &source) {
            (Some(Source::Grant(_)), Source::Refresher(_))
            | (Some(Source::Refresher(_)), Source::Grant(_)) => {
                self.refuse(BuildError::new(BuildErrorKind::GrantAndRefresher));
            }
            (Some(_) | None, _) => {}
        }
        self.source = Some(source);
    }

    pub(super) fn refuse(&mut self, invalid: BuildError) {
        self.invalid.get_or_insert(invalid);
    }

    /// Refuses a time limit of zero.
    fn limited(&mut self, setting: &'static str, limit: Duration) {
        if limit.is_zero() {
            let source = format!("SessionBuilder::{setting} must be longer than zero");
            self.refuse(BuildError::because(BuildErrorKind::InvalidTimeout, source));
        }
    }

    /// Revokes the token when the session signs out, over the session's transport, within 5
    /// seconds. By default it is not revoked.
    pub fn revocation(mut self, revocation: impl Revocation) -> Self
    where
        T: 'static,
    {
        self.revoker = Some(revoke::over(&self.transport, revocation));
        self
    }

    /// The token to start with. [`open`](Self::open) uses it if nothing was ever saved in the
    /// store; a new sign-in goes through [`Session::replace`].
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Lets the first request get a token if there is none to start with: for grants that need no
    /// refresh token, such as client credentials ([RFC 6749 §4.4]).
    ///
    /// [RFC 6749 §4.4]: https://www.rfc-editor.org/rfc/rfc6749#section-4.4
    pub fn without_token(mut self) -> Self {
        self.without_token = WithoutToken::Refresh;
        self
    }

    /// Keeps the token in a store. By default it is lost with the session.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// The clock and the tasks to use, instead of the transport's.
    pub fn runtime(mut self, runtime: impl Runtime) -> Self {
        self.runtime = Arc::new(runtime);
        self
    }

    /// Limits how long a refresh may take, from connect to save. A fifth of it is for the save.
    /// By default 30 seconds; at least 1 second.
    pub fn refresh_timeout(mut self, timeout: Duration) -> Self {
        self.limited("refresh_timeout", timeout);
        self.refresh_timeout = timeout.max(Duration::from_secs(1));
        self
    }

    /// How long before it expires a token is refreshed, while requests still use it. At most a
    /// tenth of its lifetime. By default 30 seconds. Needs a runtime with a spawner.
    pub fn early_refresh(mut self, margin: Duration) -> Self {
        self.rules.early_refresh = Some(margin);
        self
    }

    /// Refreshes a token only once it has expired or is refused.
    pub fn no_early_refresh(mut self) -> Self {
        self.rules.early_refresh = None;
        self
    }

    /// How long before it expires a token is refreshed *before* a request that can be sent only
    /// once, so that this is not refused. At most a fifth of the token's whole lifetime, if that
    /// is known ([`Token::with_issued_at`]). By default 2 minutes. If the refresh fails, the
    /// request is sent with the current token.
    pub fn renewal(mut self, margin: Duration) -> Self {
        self.rules.renewal = margin;
        self
    }

    /// Adds a listener for each [`Event`].
    ///
    /// It is called on the thread on which the event happened, outside the session's locks, for
    /// one event after another in their order. It must not block: hand the event to a bounded
    /// channel. Its panics are caught and ignored.
    pub fn on_event(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.listeners.push(Box::new(listener));
        self
    }

    /// Limits how many refreshes may begin within a window. By default 20 within 10 seconds; at
    /// least 1 within 1 second.
    pub fn refresh_limit(mut self, refreshes: u32, window: Duration) -> Self {
        self.rules.refresh_limit = refreshes.max(1);
        self.rules.refresh_window = window.max(Duration::from_secs(1));
        self
    }

    /// Limits how many requests may wait for one refresh. One more fails at once with
    /// [`ErrorKind::TooManyWaiting`](crate::ErrorKind::TooManyWaiting), or is sent with the
    /// current token if that is still valid. A request that is cancelled makes room. By default
    /// there is no limit; at least 1.
    pub fn max_waiting(mut self, requests: u32) -> Self {
        self.rules.max_waiting = Some(requests.max(1));
        self
    }

    /// How often a refresh is retried if it was provably not processed (429, 503, no connection):
    /// after 1 and 2 seconds, or when the server says, within the refresh timeout. Requests that
    /// need a token wait meanwhile. By default twice; at most twice.
    pub fn refresh_retries(mut self, retries: u8) -> Self {
        self.rules.retries = retries.min(2);
        self
    }

    /// Whether a refresh token can be sent again after the server may have spent it. By default
    /// the session finds out.
    pub fn token_use(mut self, token_use: TokenUse) -> Self {
        self.rules.token_use = token_use;
        self
    }

    /// Builds a session with the given token. The store saves it at the first refresh or in
    /// [`Session::close`].
    ///
    /// # Errors
    ///
    /// [`BuildError`] if a setting is missing or invalid.
    pub fn build(mut self) -> Result<Session<T>, BuildError> {
        match (self.token.take(), self.without_token) {
            (Some(token), _) => {
                self.check(Some(&token))?;
                // A token without an access token is not saved.
                let write = token
                    .signs()
                    .then(|| Write::SignedIn(TokenPair(Arc::new(token.clone()))));
                self.session(Some(token), Outbox::new(None, write))
            }
            (None, WithoutToken::Refresh) => {
                self.check(None)?;
                self.session(Some(Token::nothing()), Outbox::new(None, None))
            }
            (None, WithoutToken::SignedOut) => Err(BuildError::new(BuildErrorKind::NoToken)),
        }
    }

    /// Builds a session with the token in the store, or with the given token if nothing was ever
    /// saved there. Without either, and after a sign-out, the session is signed out until
    /// [`Session::replace`], or the first request gets a token
    /// ([`without_token`](Self::without_token)).
    ///
    /// # Errors
    ///
    /// [`BuildError`] if a setting is missing or invalid, or if the store cannot be read within
    /// the refresh timeout.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing: it only reads.
    pub async fn open(mut self) -> Result<Session<T>, BuildError> {
        let in_hand = self.token.take();
        let stored = match &self.store {
            Some(store) => {
                let load = within(&*self.runtime, self.refresh_timeout, store.load());
                // The panic's message may hold a token.
                let loaded = AssertUnwindSafe(load).catch_unwind().await;
                loaded.unwrap_or_else(|_panic| Some(Err("the store panicked".into())))
            }
            None => Some(Ok(None)),
        };
        let stored = stored.unwrap_or_else(|| Err("the store took too long".into()));
        let stored = stored.map_err(|error| BuildError::because(BuildErrorKind::Store, error))?;
        match stored {
            Some(stored) => {
                let outbox = Outbox::new(Some(stored.version), None);
                self.session(stored.token, outbox)
            }
            None => {
                match (&in_hand, self.without_token) {
                    (Some(token), _) => self.check(Some(token))?,
                    (None, WithoutToken::Refresh) => self.check(None)?,
                    (None, WithoutToken::SignedOut) => {}
                }
                // It does not replace what another process may save meanwhile.
                let write = in_hand
                    .clone()
                    .filter(Token::signs)
                    .map(|token| Write::Refreshed(TokenPair(Arc::new(token))));
                let token = in_hand.or_else(|| match self.without_token {
                    WithoutToken::Refresh => Some(Token::nothing()),
                    WithoutToken::SignedOut => None,
                });
                self.session(token, Outbox::new(None, write))
            }
        }
    }

    /// Checks that a newer token can follow the one that the session starts with.
    fn check(&self, token: Option<&Token>) -> Result<(), BuildError> {
        match self.source.as_ref().map(Source::refresher) {
            Some(refresher) if !refresher.can_refresh(token) && self.store.is_none() => {
                Err(BuildError::new(BuildErrorKind::NotRefreshable))
            }
            // A missing grant is reported later.
            Some(_) | None => Ok(()),
        }
    }

    /// Checks that the client supports the schemes that the session needs.
    fn supported(&self) -> Result<(), BuildError> {
        let mut schemes = self.origins.schemes();
        let origins = schemes.try_for_each(|scheme| self.transport.supports(&scheme));
        let mut refresher = self.source.iter().map(Source::refresher);
        let supported = origins.and_then(|()| refresher.try_for_each(|it| it.supported()));
        let unsupported = BuildErrorKind::UnsupportedScheme;
        supported.map_err(|what_to_do| BuildError::because(unsupported, what_to_do))
    }

    fn session(
        mut self,
        token: Option<Token>,
        outbox: Outbox<TokenPair>,
    ) -> Result<Session<T>, BuildError> {
        if let Some(invalid) = self.invalid.take() {
            return Err(invalid);
        }
        let supported = self.supported();
        let signer = Signer::new(self.scheme);
        let origins = self.origins.build(signer.header().clone())?;
        let refresher = self.source.as_ref().map(Source::refresher).cloned();
        let refresher = refresher.ok_or_else(|| BuildError::new(BuildErrorKind::NoRefresher))?;
        supported?;
        if self.runtime.spawner().is_none() {
            // Nothing would drive it.
            self.rules.early_refresh = None;
        }
        self.runtime = Arc::new(BothClocks::new(self.runtime));
        let save_timeout = self.refresh_timeout / SAVE_SHARE;
        let events = Arc::new(Dispatcher::new(self.listeners));
        let store = StoreQueue::new(
            self.store,
            outbox,
            Arc::clone(&self.runtime),
            Arc::clone(&events),
            save_timeout,
        );
        let context = Arc::new(RefreshContext {
            refresher,
            revoker: self.revoker,
            store,
            runtime: self.runtime,
            refresh_timeout: self.refresh_timeout,
            rules: self.rules,
            events: Arc::clone(&events),
            ids: RandomState::new(),
        });
        let renewable = |token: &Token| context.renewable(token);
        let state = TokenState::new(
            self.rules,
            token,
            signer,
            &*context.runtime,
            renewable,
            events,
        );
        let state = Arc::new(state);
        let tokens = Tokens { state, context };
        Ok(Session {
            driver: Arc::new(Driver {
                transport: self.transport,
                origins: Arc::new(origins),
                options: Arc::new(self.request_options),
                tokens,
            }),
        })
    }
}

impl<T> fmt::Debug for SessionBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("origins", &self.origins)
            .field("token", &self.token)
            .field("refresh_timeout", &self.refresh_timeout)
            .field("rules", &self.rules)
            .field("request_options", &self.request_options)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
