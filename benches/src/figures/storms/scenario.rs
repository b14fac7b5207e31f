//! What the server does with a storm.

use crate::server::{Accepts, Setup, TokenAnswers, TokenGate};

/// How long the server delays each response, in milliseconds.
pub(super) const PAUSE: u64 = 20;

/// Over how long refusals trickle in; most of them arrive after the newer token.
const SPREAD: u64 = 200;

/// A storm: all its requests have arrived with a refused token before one is answered.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Scenario {
    AtOnce,
    /// One refusal after the other.
    Trickling,
    /// As many requests again come during the refresh.
    During,
    InvalidGrant,
    Unavailable,
}

impl Scenario {
    pub(super) const ALL: [Self; 5] = [
        Self::AtOnce,
        Self::Trickling,
        Self::During,
        Self::InvalidGrant,
        Self::Unavailable,
    ];

    pub(super) fn title(self, size: usize) -> String {
        match self {
            Self::AtOnce => format!("{size} at once"),
            Self::Trickling => format!("{size} trickling in"),
            Self::During => format!("{size}, and {size} during the refresh"),
            Self::InvalidGrant => format!("{size}, 400 invalid_grant"),
            Self::Unavailable => format!("{size}, 503"),
        }
    }

    pub(super) fn setup(self, size: usize) -> Setup {
        let all = Setup {
            accepts: Accepts::Issued,
            pause_ms: PAUSE,
            token_pause_ms: PAUSE,
            gate: size,
            ..Setup::default()
        };
        match self {
            Self::AtOnce => all,
            Self::Trickling => Setup {
                spread_ms: SPREAD,
                ..all
            },
            Self::During => Setup {
                token_gate: TokenGate::Shut,
                ..all
            },
            Self::InvalidGrant => failing(all, TokenAnswers::InvalidGrant),
            Self::Unavailable => failing(all, TokenAnswers::Unavailable),
        }
    }

    /// The requests that come during the refresh.
    pub(super) const fn late(self, size: usize) -> usize {
        match self {
            Self::During => size,
            Self::AtOnce | Self::Trickling | Self::InvalidGrant | Self::Unavailable => 0,
        }
    }

    /// What a session sends for it.
    pub(super) const fn messages(self, size: usize) -> usize {
        match self {
            Self::AtOnce | Self::Trickling => size + 1 + size,
            Self::During => size + 1 + size + size,
            Self::InvalidGrant => size + 1,
            // The refresh is retried twice, after pauses of 1 and 2 seconds.
            Self::Unavailable => size + 3,
        }
    }

    /// The kind of error with which each request of a session ends, if it does.
    pub(super) const fn error(self) -> Option<&'static str> {
        match self {
            Self::AtOnce | Self::Trickling | Self::During => None,
            Self::InvalidGrant => Some("SessionExpired"),
            Self::Unavailable => Some("RefreshUnavailable"),
        }
    }
}

// Without the pause, which a client without single flight would make for each request.
fn failing(setup: Setup, token_answers: TokenAnswers) -> Setup {
    Setup {
        token_answers,
        token_pause_ms: 0,
        ..setup
    }
}
