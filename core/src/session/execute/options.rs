//! What an application decides about its requests.

use std::time::Duration;

use http::{Extensions, Method};

use super::attempt::BeforeAttempt;
use super::classify::Classifier;
use crate::Redirects;

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
