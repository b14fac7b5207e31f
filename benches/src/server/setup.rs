//! The setup of a scene.

use serde::{Deserialize, Serialize};

/// The rules of a scene. By default it answers at once, and refuses nothing.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Setup {
    /// Which tokens are good.
    pub(crate) accepts: Accepts,
    /// How a token call is answered.
    pub(crate) token_answers: TokenAnswers,
    /// How long an issued token is good; `None` for no limit.
    pub(crate) lifetime_ms: Option<u64>,
    /// How long each response of the resource is delayed.
    pub(crate) pause_ms: u64,
    /// How long each response of the token server is delayed.
    pub(crate) token_pause_ms: u64,
    /// How many requests must have arrived before the first is answered.
    pub(crate) gate: usize,
    /// Over how long their responses are spread, one after the other.
    pub(crate) spread_ms: u64,
    /// Whether a token call waits until the figure releases it.
    pub(crate) token_gate: TokenGate,
}

/// Which tokens are good.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) enum Accepts {
    /// All.
    Anything,
    /// Those issued here, but not the one that a client starts with.
    Issued,
    /// The newest of those, for one request.
    Once,
}

/// How a token call is answered.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) enum TokenAnswers {
    /// With a token and another refresh token. One that is used twice ends the whole sign-in.
    Rotates,
    /// 400, `invalid_grant`.
    InvalidGrant,
    /// 503.
    Unavailable,
}

/// Whether a token call waits until the figure releases it.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) enum TokenGate {
    Open,
    Shut,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            accepts: Accepts::Anything,
            token_answers: TokenAnswers::Rotates,
            lifetime_ms: None,
            pause_ms: 0,
            token_pause_ms: 0,
            gate: 0,
            spread_ms: 0,
            token_gate: TokenGate::Open,
        }
    }
}
