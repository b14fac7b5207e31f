//! What an application decides about its requests.

use std::sync::Arc;
use std::time::Duration;

use http::{Extensions, Method};

use super::attempt::{Attempt, BeforeAttempt};
use super::classify::{Answered, Classifier};
use crate::session::builder::SessionBuilder;
use crate::{Redirects, Transport};

/// Which methods are sent again after a 401.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayMethods {
    /// All: a server that refuses a request has not processed it.
    #[default]
    All,
    /// Those that are idempotent ([RFC 9110 §9.2.2]), for servers that answer 401 to what they
    /// have processed. The caller gets the 401 of any other, with
    /// [`Reason::MethodNotReplayed`](crate::Reason::MethodNotReplayed).
    ///
    /// [RFC 9110 §9.2.2]: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
    Idempotent,
}

/// An extension of a request that may take so long from [`execute`](crate::Session::execute) to
/// the head of its answer, in the place of [`SessionBuilder::timeout`](crate::SessionBuilder::timeout).
///
/// ```
/// use std::time::Duration;
/// let mut request = http::Request::get("https://api.example.com/outbox").body(())?;
/// request.extensions_mut().insert(reauth::Timeout(Duration::from_secs(5)));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Timeout(pub Duration);

/// What every clock can count to.
pub(in crate::session) const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 3600);

#[derive(Clone, Debug, Default)]
pub(in crate::session) struct Options {
    pub(in crate::session) replay_methods: ReplayMethods,
    pub(in crate::session) before_attempt: BeforeAttempt,
    pub(in crate::session) classifier: Classifier,
    pub(in crate::session) timeout: Option<Duration>,
    pub(in crate::session) redirects: Redirects,
}

impl Options {
    pub(in crate::session) fn replays(&self, method: &Method) -> bool {
        match self.replay_methods {
            ReplayMethods::All => true,
            ReplayMethods::Idempotent => method.is_idempotent(),
        }
    }

    pub(in crate::session) fn timeout(&self, extensions: &Extensions) -> Option<Duration> {
        let own = extensions.get().map(|Timeout(own)| *own);
        Some(own.or(self.timeout)?.min(LONGEST_TIMEOUT))
    }
}

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
