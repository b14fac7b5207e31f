//! The options of a session.

mod clock;
mod error;
mod origins;
mod requests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

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

/// What a session without a token does.
#[derive(Clone, Copy)]
enum Start {
    /// It is signed out.
    SignedOut,
    /// It gets one.
    FromNothing,
}

/// How a session comes to a new token.
enum Way {
    Grant(Arc<dyn TokenRefresher>),
    Refresher(Arc<dyn TokenRefresher>),
}

impl Way {
    fn refresher(&self) -> &Arc<dyn TokenRefresher> {
        match self {
            Self::Grant(refresher) | Self::Refresher(refresher) => refresher,
        }
    }
}

/// The options of a [`Session`], from [`Session::builder`].
///
/// Required are an [`origin`](Self::origin) or a [`base_url`](Self::base_url), a [`grant`](Self::grant) or a
/// [`refresher`](Self::refresher), and for [`build`](Self::build) a [`token`](Self::token).
#[doc = include_str!("../../docs/settings.md")]
#[must_use = "there is no session before `build` or `open`"]
pub struct SessionBuilder<T> {
    transport: Arc<T>,
    destinations: OriginsBuilder,
    scheme: Arc<dyn Scheme>,
    refresher: Option<Way>,
    /// What was said that cannot be, the first of it.
    invalid: Option<BuildError>,
    revoker: Option<Revoker>,
    token: Option<Token>,
    start: Start,
    store: Option<Arc<dyn TokenStore>>,
    runtime: Arc<dyn Runtime>,
    refresh_timeout: Duration,
    rules: Rules,
    request_options: Options,
    listeners: Vec<Listener>,
}

impl<T: Transport> Session<T> {
    /// The options of a session over this transport.
    pub fn builder(transport: T) -> SessionBuilder<T> {
        SessionBuilder::new(transport)
    }
}

impl<T: Transport> SessionBuilder<T> {
    fn new(transport: T) -> Self {
        let runtime = transport.runtime();
        Self {
            transport: Arc::new(transport),
            destinations: OriginsBuilder::default(),
            scheme: Arc::new(Bearer),
            refresher: None,
            invalid: None,
            revoker: None,
            token: None,
            start: Start::SignedOut,
            store: None,
            runtime,
            refresh_timeout: Duration::from_secs(30),
            rules: Rules::default(),
            request_options: Options::default(),
            listeners: Vec::new(),
        }
    }

    /// How to ask for a token and read the answer, over the session's transport.
    pub fn grant(mut self, grant: impl Grant) -> Self
    where
        T: 'static,
    {
        let transport = Arc::clone(&self.transport);
        self.comes_by(Way::Grant(Arc::new(GrantRefresher { grant, transport })));
        self
    }

    /// How to ask for a token and read the answer, over a transport of its own: for a session
    /// whose transport may resend a request by itself, or does not reach the token server.
    pub fn grant_over(mut self, transport: impl Transport + 'static, grant: impl Grant) -> Self {
        let transport = Arc::new(transport);
        self.comes_by(Way::Grant(Arc::new(GrantRefresher { grant, transport })));
        self
    }

    /// What trades a token for a newer one, in the place of a [`grant`](Self::grant).
    pub fn refresher(mut self, refresher: impl TokenRefresher) -> Self {
        self.comes_by(Way::Refresher(Arc::new(refresher)));
        self
    }

    /// The last of one kind counts; of both kinds there is none.
    fn comes_by(&mut self, way: Way) {
        match (&self.refresher, &way) {
            (Some(Way::Grant(_)), Way::Refresher(_)) | (Some(Way::Refresher(_)), Way::Grant(_)) => {
                self.refuse(BuildError::new(BuildErrorKind::GrantAndRefresher));
            }
            (Some(_) | None, _) => {}
        }
        self.refresher = Some(way);
    }

    pub(super) fn refuse(&mut self, invalid: BuildError) {
        self.invalid.get_or_insert(invalid);
    }

    /// A limit that must not be zero: it would be over before anything happened.
    fn limited(&mut self, setting: &'static str, limit: Duration) {
        if limit.is_zero() {
            let source = format!("SessionBuilder::{setting} must be longer than zero");
            self.refuse(BuildError::because(BuildErrorKind::InvalidTimeout, source));
        }
    }

    /// How to tell the token server that the session has signed out, over the session's
    /// transport, for at most 5 seconds. By default it is not told.
    pub fn revocation(mut self, revocation: impl Revocation) -> Self
    where
        T: 'static,
    {
        self.revoker = Some(revoke::over(&self.transport, revocation));
        self
    }

    /// The token to start with. For [`open`](Self::open): where the store has none.
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Where there is no token to start with, the first request gets one: for a grant that needs
    /// no refresh token, such as client credentials ([RFC 6749 §4.4]).
    ///
    /// [RFC 6749 §4.4]: https://www.rfc-editor.org/rfc/rfc6749#section-4.4
    pub fn without_token(mut self) -> Self {
        self.start = Start::FromNothing;
        self
    }

    /// Where the token is kept while no session holds it. By default nowhere: it ends with the
    /// session.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Time and tasks, in the place of the transport's.
    pub fn runtime(mut self, runtime: impl Runtime) -> Self {
        self.runtime = Arc::new(runtime);
        self
    }

    /// How long a refresh may take from connect to save, of which a fifth is for the save. By
    /// default 30 seconds; at least 1 second.
    pub fn refresh_timeout(mut self, timeout: Duration) -> Self {
        self.limited("refresh_timeout", timeout);
        self.refresh_timeout = timeout.max(Duration::from_secs(1));
        self
    }

    /// How long before it expires a token is refreshed while requests go on with it; never more
    /// than a tenth of its lifetime. By default 30 seconds. Without a spawner there is none.
    pub fn early_refresh(mut self, margin: Duration) -> Self {
        self.rules.early_refresh = Some(margin);
        self
    }

    /// A token is refreshed when it has expired, or is refused.
    pub fn no_early_refresh(mut self) -> Self {
        self.rules.early_refresh = None;
        self
    }

    /// How long before it expires a token is refreshed *before* a request goes that can be sent
    /// once, so that it is not refused; never more than a fifth of its whole lifetime, where that
    /// is known ([`Token::with_issued_at`]). By default 2 minutes. Where that refresh fails, the
    /// request goes with the token it has.
    pub fn renewal(mut self, margin: Duration) -> Self {
        self.rules.renewal = margin;
        self
    }

    /// What is told of each [`Event`]; may be called for several.
    ///
    /// It is called at once, on whatever thread the event happened, outside of the session's
    /// locks, one event after another in their order. It must not block: hand the event to a
    /// bounded channel. Its panics are caught and go nowhere.
    pub fn on_event(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.listeners.push(Box::new(listener));
        self
    }

    /// How many refreshes may depart within a window. By default 20 within 10 seconds; at least
    /// 1 within 1 second.
    pub fn refresh_limit(mut self, refreshes: u32, window: Duration) -> Self {
        self.rules.refresh_limit = refreshes.max(1);
        self.rules.refresh_window = window.max(Duration::from_secs(1));
        self
    }

    /// How many requests may wait for one refresh; one more gets
    /// [`ErrorKind::TooManyWaiting`](crate::ErrorKind::TooManyWaiting) at once, and one that still
    /// has a valid token goes with it. Whoever leaves makes room. By default as many as come; at
    /// least 1.
    pub fn max_waiting(mut self, requests: u32) -> Self {
        self.rules.max_waiting = Some(requests.max(1));
        self
    }

    /// How often a refresh that was provably not processed (429, 503, no connection) is tried
    /// again before it fails, while the time of its refresh lasts: after 1 and 2 seconds, or when
    /// the server says. By default twice; at most twice. Whoever needs a token waits on.
    pub fn refresh_retries(mut self, retries: u8) -> Self {
        self.rules.retries = retries.min(2);
        self
    }

    /// Whether a refresh token can be sent again once the server may have spent it. By default
    /// the session learns it.
    pub fn token_use(mut self, token_use: TokenUse) -> Self {
        self.rules.token_use = token_use;
        self
    }

    /// A session with the token in hand, which the store hears of at the first refresh, or in
    /// [`Session::close`].
    ///
    /// # Errors
    ///
    /// [`BuildError`] where an option is missing or is none.
    pub fn build(mut self) -> Result<Session<T>, BuildError> {
        match (self.token.take(), self.start) {
            (Some(token), _) => {
                self.check(Some(&token))?;
                // What signs nothing is not worth keeping before it has new a token that does.
                let word = token
                    .signs()
                    .then(|| Write::SignedIn(TokenPair(Arc::new(token.clone()))));
                self.session(Some(token), Outbox::new(None, word))
            }
            (None, Start::FromNothing) => {
                self.check(None)?;
                self.session(Some(Token::nothing()), Outbox::new(None, None))
            }
            (None, Start::SignedOut) => Err(BuildError::new(BuildErrorKind::NoToken)),
        }
    }

    /// A session with the token that the store has, else the one in hand, else none: it is signed
    /// out then, until [`Session::replace`], or gets one ([`without_token`](Self::without_token)).
    ///
    /// # Errors
    ///
    /// [`BuildError`] where an option is missing or is none, or the store cannot be read within the
    /// refresh timeout.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn open(mut self) -> Result<Session<T>, BuildError> {
        let in_hand = self.token.take();
        let stored = match &self.store {
            Some(store) => within(&*self.runtime, self.refresh_timeout, store.load()).await,
            None => Some(Ok(None)),
        };
        let stored = stored.unwrap_or_else(|| Err("the store took too long".into()));
        let stored = stored.map_err(|error| BuildError::because(BuildErrorKind::Store, error))?;
        match stored {
            Some(stored) => {
                let outbox = Outbox::new(Some(stored.version), None);
                self.session(Some(stored.token), outbox)
            }
            None => {
                match (&in_hand, self.start) {
                    (Some(token), _) => self.check(Some(token))?,
                    (None, Start::FromNothing) => self.check(None)?,
                    (None, Start::SignedOut) => {}
                }
                // It does not take the place of what another session may put there meanwhile.
                let word = in_hand
                    .clone()
                    .filter(Token::signs)
                    .map(|token| Write::Refreshed(TokenPair(Arc::new(token))));
                let token = in_hand.or_else(|| match self.start {
                    Start::FromNothing => Some(Token::nothing()),
                    Start::SignedOut => None,
                });
                self.session(token, Outbox::new(None, word))
            }
        }
    }

    /// Whether there is a way from the token that the session begins with to a newer one.
    fn check(&self, token: Option<&Token>) -> Result<(), BuildError> {
        match self.refresher.as_ref().map(Way::refresher) {
            Some(refresher) if !refresher.can_refresh(token) && self.store.is_none() => {
                Err(BuildError::new(BuildErrorKind::NotRefreshable))
            }
            // That there is none is said later.
            Some(_) | None => Ok(()),
        }
    }

    /// Whether the client can send what the session needs.
    fn supported(&self) -> Result<(), BuildError> {
        let mut schemes = self.destinations.schemes();
        let origins = schemes.try_for_each(|scheme| self.transport.supports(&scheme));
        let mut refresher = self.refresher.iter().map(Way::refresher);
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
        let signing = Signer::new(self.scheme);
        let origins = self.destinations.origins(signing.header().clone())?;
        let refresher = self.refresher.as_ref().map(Way::refresher).cloned();
        let refresher = refresher.ok_or_else(|| BuildError::new(BuildErrorKind::NoRefresher))?;
        supported?;
        if self.runtime.spawner().is_none() {
            // Nobody would drive it.
            self.rules.early_refresh = None;
        }
        self.runtime = Arc::new(BothClocks::new(self.runtime));
        let patience = self.refresh_timeout / SAVE_SHARE;
        let events = Arc::new(Dispatcher::new(self.listeners));
        let (runtime, told) = (Arc::clone(&self.runtime), Arc::clone(&events));
        let store = StoreQueue::new(self.store, outbox, runtime, told, patience);
        let told = Arc::clone(&events);
        let context = Arc::new(RefreshContext {
            refresher,
            revoker: self.revoker,
            store,
            runtime: self.runtime,
            refresh_timeout: self.refresh_timeout,
            rules: self.rules,
            events,
        });
        let renewable = |token: &Token| context.renewable(token);
        let state = TokenState::new(
            self.rules,
            token,
            signing,
            &*context.runtime,
            renewable,
            told,
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
            .field("origins", &self.destinations)
            .field("token", &self.token)
            .field("refresh_timeout", &self.refresh_timeout)
            .field("rules", &self.rules)
            .field("request_options", &self.request_options)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
