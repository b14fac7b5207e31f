//! The options of a session's requests.

use std::sync::Arc;
use std::time::Duration;

use super::SessionBuilder;
use crate::session::execute::{Answered, Attempt, BeforeAttempt, Classifier, ReplayMethods};
use crate::{Redirects, Transport};

impl<T: Transport> SessionBuilder<T> {
    /// How long a request may take from [`execute`](crate::Session::execute) to the head of its answer:
    /// attempts, waiting, refresh and replay. By default as long as the transport lets it; at most
    /// a year. A request may have a [`Timeout`](crate::Timeout) of its own.
    ///
    /// One that runs out leaves the refresh up for the others.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limited("timeout", timeout);
        self.request_options.timeout = Some(timeout);
        self
    }

    /// Whether redirects are followed ([RFC 9110 §15.4]), and how many of one request: up to 20.
    /// By default none is, and a redirect is an answer as any other.
    ///
    /// At each hop the session's token goes only where it may, and comes back where a stranger
    /// redirects to the list: that stranger chose the URL. Headers that the caller set stay,
    /// but for `Authorization`, `Cookie`, `Proxy-Authorization` and `Host`: those go with the
    /// origin they were for, and do not come back. A request with credentials of its own, or
    /// [without](crate::WithoutCredentials), gets none of the session's at any hop, and neither
    /// does `http` behind `https`. A stranger's 401 is an answer. All hops have one refresh, and
    /// one timeout.
    ///
    /// Where the bound is reached the request fails with
    /// [`ErrorKind::TooManyRedirects`](crate::ErrorKind::TooManyRedirects); a loop does with that.
    /// A redirect that is not followed has its [`Reason`](crate::Reason). The answer to one that
    /// was has a [`FinalUri`](crate::FinalUri).
    ///
    /// [RFC 9110 §15.4]: https://www.rfc-editor.org/rfc/rfc9110#section-15.4
    pub fn redirects(mut self, redirects: Redirects) -> Self {
        self.request_options.redirects = redirects;
        self
    }

    /// Which methods are sent again after a 401. By default all.
    pub fn replay_methods(mut self, methods: ReplayMethods) -> Self {
        self.request_options.replay_methods = methods;
        self
    }

    /// Which answers refuse the session's token, in the place of the session's own reading
    /// ([`Meaning::of`](crate::Meaning::of)): for servers that say "expired" with 419, with a 403
    /// and a header of theirs, or that ask for Basic where they take a bearer token.
    ///
    /// An answer that this takes for a refusal is drained, and its request sent again.
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

    /// What is called before each attempt that carries the session's token, to make headers that
    /// depend on the attempt: a timestamp, a signature. All other headers stay the same.
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
