//! The settings of a session about refreshes.

use std::time::Duration;

/// The settings of a [`Coordinator`](super::Coordinator).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Rules {
    /// How long before its expiry a token is refreshed early, while requests still use it. At most
    /// a tenth of its lifetime. `None`: no early refresh. By default 30 seconds.
    pub early_refresh: Option<Duration>,
    /// How long before its expiry a token is refreshed before it signs a request that can be sent
    /// only once. At most a fifth of its lifetime. By default 2 minutes.
    pub renewal: Duration,
    /// How many refreshes may depart within [`refresh_window`](Self::refresh_window). By
    /// default 20.
    pub refresh_limit: u32,
    /// The window of [`refresh_limit`](Self::refresh_limit). By default 10 seconds.
    pub refresh_window: Duration,
    /// How many requests may wait for one flight. By default there is no limit.
    pub max_waiting: Option<u32>,
    /// How often a flight may send its token request again. By default twice, which is also the
    /// maximum.
    pub retries: u8,
    /// How long no flight departs after a failed refresh without a `Retry-After`. It doubles with
    /// each further failure in a row. By default 1 second.
    pub rest: Duration,
    /// The longest rest, also for a `Retry-After`. By default 5 minutes.
    pub longest_rest: Duration,
    /// How long a refusal of a new token is ignored, unless a server has accepted the token. It
    /// doubles with each further token in a row that is refused. By default 1 second.
    pub fresh_token_patience: Duration,
    /// Whether a refresh token can be sent again. By default [`TokenUse::Learn`].
    pub token_use: TokenUse,
    /// Whether other sessions may have the same token. By default the session is alone.
    pub sharing: Sharing,
}

/// Whether a session shares its token with others, by a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// It does not.
    #[default]
    Alone,
    /// It does: another session may refresh the token, sign in, or sign out.
    Shared,
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
            sharing: Sharing::Alone,
        }
    }
}

/// Whether a refresh token can be sent again after a call whose answer was lost.
///
/// A server that rotates refresh tokens takes a second use for theft, and revokes the whole sign-in
/// ([RFC 9700 §4.14.2]). On a server that does not rotate, a second use is harmless.
///
/// [RFC 9700 §4.14.2]: https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenUse {
    /// Once more, and only when nothing is left to lose: when the access token has expired, or
    /// when every origin that it was sent to within the last minutes refuses it. If the server
    /// has rotated the token, the session is lost; if it has not, the session lives.
    ///
    /// An answer that keeps the refresh token proves that it is reusable. From then on it can be
    /// sent any number of times.
    #[default]
    Learn,
    /// Never: a lost answer ends the session.
    SingleUse,
    /// For this long after it was first sent: the server repeats its answer within a grace period.
    /// The server counts from the use of the token, which is later.
    Grace(Duration),
    /// Any number of times: the server does not rotate refresh tokens.
    Reusable,
}
