//! The settings for requests.

use std::sync::Arc;
use std::time::Duration;

use super::SessionBuilder;
use crate::session::execute::{Answered, Attempt, BeforeAttempt, Classifier, ReplayMethods};
use crate::{Redirects, Transport};

impl<T: Transport> SessionBuilder<T> {
    /// Limits how long a request may take, from [`execute`](crate::Session::execute) to the
    /// response head: attempts, waiting, refresh and replay. By default only the transport's own
    /// limits apply; at most a year. A request can have its own [`Timeout`](crate::Timeout).
    ///
    /// If the limit is reached, a refresh in progress goes on for other requests.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limited("timeout", timeout);
        self.request_options.timeout = Some(timeout);
        self
    }

    /// Whether redirects are followed ([RFC 9110 §15.4]), and how many for one request: up to 20.
    /// By default none are followed, and a redirect is a response like any other.
    ///
    /// Each hop is checked anew: the token is attached only if the hop goes to one of the
    /// session's origins, and never to `http` after `https`. A request with credentials of its
    /// own, or [without credentials](crate::WithoutCredentials), never gets the token. Headers
    /// that the caller set are kept, except `Authorization`, `Cookie`, `Proxy-Authorization` and
    /// `Host`: these are removed for good at the first hop to another origin. A 401 from an origin
    /// that is not the session's is a response like any other. All hops share one refresh and one
    /// timeout.
    ///
    /// A request that is redirected too often fails with
    /// [`ErrorKind::TooManyRedirects`](crate::ErrorKind::TooManyRedirects). A redirect that is not
    /// followed has a [`Reason`](crate::Reason), and the response behind a redirect a
    /// [`FinalUri`](crate::FinalUri).
    ///
    /// [RFC 9110 §15.4]: https://www.rfc-editor.org/rfc/rfc9110#section-15.4
    pub fn redirects(mut self, redirects: Redirects) -> Self {
        self.request_options.redirects = redirects;
        self
    }

    /// Which methods are replayed after a 401. By default all.
    pub fn replay_methods(mut self, methods: ReplayMethods) -> Self {
        self.request_options.replay_methods = methods;
        self
    }

    /// Which responses refuse the session's token, instead of the session's own reading
    /// ([`Meaning::of`](crate::Meaning::of)): for servers that say "expired" with 419 or with a
    /// 403 and a header of their own, or that challenge with Basic but accept a bearer token.
    ///
    /// A response for which this returns `true` is drained, and its request is replayed.
    ///
    /// ```
    /// # use reauth::{SessionBuilder, Transport};
    /// # fn example<T: Transport>(builder: SessionBuilder<T>) -> SessionBuilder<T> {
    /// builder.refused_when(|answer| answer.is_refused() || answer.status() == 419)
    /// # }
    /// ```
    pub fn refused_when(
        mut self,
        refused: impl Fn(&Answered<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.request_options.classifier = Classifier::by(Arc::new(refused));
        self
    }

    /// Sets a hook that runs before each attempt that carries the session's token, to set headers
    /// that depend on the attempt: a timestamp or a signature. All other headers stay the same.
    ///
    /// ```
    /// # use reauth::{SessionBuilder, Transport};
    /// # fn example<T: Transport>(builder: SessionBuilder<T>) -> SessionBuilder<T> {
    /// builder.before_attempt(|attempt| {
    ///     let number = attempt.number().into();
    ///     attempt.headers_mut().insert("x-attempt", number);
    /// })
    /// # }
    /// ```
    pub fn before_attempt(
        mut self,
        hook: impl Fn(&mut Attempt<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.request_options.before_attempt = BeforeAttempt(Some(Arc::new(hook)));
        self
    }
}
