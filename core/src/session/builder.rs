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
use super::store_queue::{StoreQueue, StoreSettings};
use super::token_state::TokenState;
use super::tokens::Tokens;
use crate::machine::holder::HolderSettings;
use crate::machine::{self, Holder, Rules, TokenUse};
use crate::refresher::GrantRefresher;
use crate::runtime::within;
use crate::store::{Stored, TokenStore, random};
use crate::{Bearer, Grant, Revocation, Runtime, Scheme, Token, TokenRefresher, Transport};

/// What a session does that is built without a token.
#[derive(Clone, Copy)]
enum WithoutToken {
    /// It is signed out.
    SignedOut,
    /// The first request gets a token.
    Refresh,
}

/// The store of a session, and what was read there.
struct Sharing {
    store: Arc<dyn TokenStore>,
    stored: Option<Stored>,
    /// The token that takes the place of what was read.
    in_hand: Option<Token>,
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
    holder: Option<String>,
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
            holder: None,
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
    /// store, or if the token server has refused what is there; a new sign-in goes through
    /// [`Session::replace`].
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

    /// Keeps the token in a store, and shares it with all sessions that have this store, in any
    /// process. By default the token is lost with the session. Needs [`open`](Self::open).
    ///
    /// `docs/sharing.md` says what sessions that share a store promise.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// The name of this session in the errors and events of others that share its store and wait
    /// until it has refreshed the token. By default the number of the process.
    pub fn holder(mut self, name: impl Into<String>) -> Self {
        self.holder = Some(name.into());
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

    /// Builds a session with the given token, without a store.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if a setting is missing or invalid, or if there is a store: [`open`](Self::open)
    /// reads it.
    pub fn build(mut self) -> Result<Session<T>, BuildError> {
        if self.store.is_some() {
            return Err(BuildError::new(BuildErrorKind::StoreNotRead));
        }
        let token = self.token.take();
        self.check(token.as_ref())?;
        match self.initial(token) {
            Some(token) => self.session(Some(token), None),
            None => Err(BuildError::new(BuildErrorKind::NoToken)),
        }
    }

    /// Builds a session with the token in the store. The given token is used, and saved, if nothing
    /// was ever saved there, or if the token server has refused what is there and this is another
    /// one. Without either, and after a sign-out, the session is signed out until
    /// [`Session::replace`], or until another session that shares the store signs in. For
    /// [`without_token`](Self::without_token), the first request gets a token.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if a setting is missing or invalid, or if the store cannot be read within
    /// the refresh timeout.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the given token may have been saved.
    pub async fn open(mut self) -> Result<Session<T>, BuildError> {
        let in_hand = self.token.take();
        let Some(store) = &self.store else {
            if in_hand.is_some() || matches!(self.without_token, WithoutToken::Refresh) {
                self.check(in_hand.as_ref())?;
            }
            let token = self.initial(in_hand);
            return self.session(token, None);
        };
        let load = within(&*self.runtime, self.refresh_timeout, store.load());
        // The panic's message may hold a token.
        let loaded = AssertUnwindSafe(load).catch_unwind().await;
        let stored = loaded.unwrap_or_else(|_panic| Some(Err("the store panicked".into())));
        let stored = stored.unwrap_or_else(|| Err("the store took too long".into()));
        let stored = stored.map_err(|error| BuildError::because(BuildErrorKind::Store, error))?;
        let sharing = Sharing {
            store: Arc::clone(store),
            in_hand: match &stored {
                Some(stored) => in_hand.filter(|token| stored.record.yields_to(token)),
                None => self.initial(in_hand),
            },
            stored,
        };
        let token = match (&sharing.in_hand, &sharing.stored) {
            (Some(token), _) => Some(token.clone()),
            (None, Some(stored)) => stored.record.token().cloned(),
            (None, None) => None,
        };
        let session = self.session(token, Some(sharing))?;
        session.driver.tokens.save_at_once().await;
        Ok(session)
    }

    /// The token to start with if nothing is stored.
    fn initial(&self, in_hand: Option<Token>) -> Option<Token> {
        in_hand.or_else(|| match self.without_token {
            WithoutToken::Refresh => Some(Token::nothing()),
            WithoutToken::SignedOut => None,
        })
    }

    /// Checks that a newer token can follow the one that the session starts with.
    fn check(&self, token: Option<&Token>) -> Result<(), BuildError> {
        match self.source.as_ref().map(Source::refresher) {
            Some(refresher)
                if token.is_some() || matches!(self.without_token, WithoutToken::Refresh) =>
            {
                match refresher.can_refresh(token) {
                    true => Ok(()),
                    false => Err(BuildError::new(BuildErrorKind::NotRefreshable)),
                }
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
        sharing: Option<Sharing>,
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
        let monotonic = Arc::clone(&self.runtime);
        self.runtime = Arc::new(BothClocks::new(self.runtime));
        let events = Arc::new(Dispatcher::new(self.listeners));
        if sharing.is_some() {
            self.rules.sharing = machine::Sharing::Shared;
        }
        let store = sharing.map(|sharing| {
            let save_timeout = self.refresh_timeout / SAVE_SHARE;
            let settings = HolderSettings {
                name: self.holder.unwrap_or_else(process).into(),
                limit: self.refresh_timeout,
                patience: save_timeout,
                token_use: self.rules.token_use,
            };
            let read = sharing.stored.as_ref().map(|stored| stored.record.clone());
            let there = sharing
                .stored
                .map(|stored| (stored.record.inner, stored.version));
            let mut holder = Holder::new(settings, there);
            if let Some(token) = sharing.in_hand {
                holder.begin_with(Arc::new(token), random());
            }
            let settings = StoreSettings {
                store: sharing.store,
                holder,
                read,
                monotonic,
                timeout: save_timeout,
            };
            let (runtime, events) = (Arc::clone(&self.runtime), Arc::clone(&events));
            Arc::new(StoreQueue::new(settings, runtime, events))
        });
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

/// The name of a session without a name.
fn process() -> String {
    format!("process {}", std::process::id())
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
