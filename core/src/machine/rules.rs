//! What a session's owner decides about refreshes.

use std::time::Duration;

/// The settings of a [`Coordinator`](super::Coordinator).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Rules {
    /// How long before its expiry a token is refreshed while requests go on with it; never more
    /// than a tenth of its lifetime. `None`: not before it expires. By default 30 seconds.
    pub early_refresh: Option<Duration>,
    /// How long before its expiry a token is refreshed before a request goes that can be sent
    /// once; never more than a fifth of its lifetime. By default 2 minutes.
    pub renewal: Duration,
    /// How many refreshes may depart within [`refresh_window`](Self::refresh_window). By
    /// default 20.
    pub refresh_limit: u32,
    /// By default 10 seconds.
    pub refresh_window: Duration,
    /// How many requests may wait for one flight. By default as many as come.
    pub max_waiting: Option<u32>,
    /// How often a refresh that was provably not processed is tried again within its flight, while
    /// its time lasts. By default twice, and never more often.
    pub retries: u8,
    /// How long nobody asks again after a refresh that failed for a while, where the token
    /// server does not say: twice as long after each further one. By default 1 second.
    pub rest: Duration,
    /// The longest rest, whoever asks for it. By default 5 minutes.
    pub longest_rest: Duration,
    /// How long a refusal of a token that a refresh brought does not count, until a server accepts
    /// one: twice as long for each further token. By default 1 second.
    pub fresh_token_patience: Duration,
    /// Whether a refresh token can be sent again. By default [`TokenUse::Learn`].
    pub token_use: TokenUse,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            early_refresh: Some(Duration::from_secs(30)),
            renewal: Duration::from_secs(120),
            refresh_limit: 20,
            refresh_window: Duration::from_secs(10),
            max_waiting: None,
            retries: 2,
            rest: Duration::from_secs(1),
            longest_rest: Duration::from_secs(300),
            fresh_token_patience: Duration::from_secs(1),
            token_use: TokenUse::default(),
        }
    }
}

/// Whether a refresh token can be sent again once the server may have spent it: after a call whose
/// answer was lost.
///
/// A server that rotates takes a second use for theft, and revokes the whole sign-in
/// ([RFC 9700 §4.14.2]). A server that does not rotate loses nothing by it.
///
/// [RFC 9700 §4.14.2]: https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenUse {
    /// Once more, and only when nothing is left to lose: when the access token has expired by the
    /// clock, or is refused by every origin that it was sent to within the last minutes. If the server had rotated, its successor is
    /// lost, and so is the session; if it had not, the session lives.
    ///
    /// An answer that keeps the refresh token proves that it is reusable: from then on any number
    /// of times.
    #[default]
    Learn,
    /// Never: a lost answer ends the session.
    SingleUse,
    /// For so long after it was first sent: the server lets a lost answer be asked for again. A
    /// server counts from when it was spent, which is later.
    Grace(Duration),
    /// Any number of times: the server does not rotate refresh tokens.
    Reusable,
}
