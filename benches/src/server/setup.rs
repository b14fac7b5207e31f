//! How a scene is set up, as a figure asks for it.

use serde::{Deserialize, Serialize};

/// A scene's rules. By default it answers at once, and nothing is refused.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Setup {
    /// Which tokens are good.
    pub(crate) accepts: Accepts,
    /// How a token call is answered.
    pub(crate) token_answers: TokenAnswers,
    /// How long an issued token is good; for ever where there is no such time.
    pub(crate) lifetime_ms: Option<u64>,
    /// How long each answer of the resource is held back.
    pub(crate) pause_ms: u64,
    /// How long each answer of the token server is held back.
    pub(crate) token_pause_ms: u64,
    /// So many requests wait for each other before the first of them is answered.
    pub(crate) gate: usize,
    /// Over how long the answers of those are spread, one after the other.
    pub(crate) spread_ms: u64,
    /// Whether a token call waits for the figure's word.
    pub(crate) token_gate: TokenGate,
}

/// Which tokens are good.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) enum Accepts {
    /// All.
    Anything,
    /// Those that were issued here: never the one that a client began with.
    Issued,
    /// Of those the newest, for one request.
    Once,
}

/// How a token call is answered.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) enum TokenAnswers {
    /// With a token and another refresh token. One that comes twice ends the whole sign-in.
    Rotates,
    /// 400, `invalid_grant`.
    InvalidGrant,
    /// 503.
    Unavailable,
}

/// Whether a token call waits for the figure's word.
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
