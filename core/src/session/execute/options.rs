//! The settings for requests, as the driver reads them.

use std::time::Duration;

use http::{Extensions, Method};

use super::attempt::BeforeAttempt;
use super::classify::Classifier;
use crate::Redirects;

/// Which methods are replayed after a 401.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayMethods {
    /// All of them: a server that answers 401 has not processed the request.
    #[default]
    All,
    /// Idempotent methods only ([RFC 9110 §9.2.2]): for servers that may answer 401 to a request
    /// that they have processed. For any other method the caller gets the 401, with
    /// [`Reason::MethodNotReplayed`](crate::Reason::MethodNotReplayed).
    ///
    /// [RFC 9110 §9.2.2]: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
    Idempotent,
}

/// An extension of a request: its time limit from [`execute`](crate::Session::execute) to the
/// response head, instead of [`SessionBuilder::timeout`](crate::SessionBuilder::timeout).
///
/// ```
/// use std::time::Duration;
/// let mut request = http::Request::get("https://api.example.com/books").body(())?;
/// request.extensions_mut().insert(reauth::Timeout(Duration::from_secs(5)));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Timeout(pub Duration);

/// A duration that every clock can count to.
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
