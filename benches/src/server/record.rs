//! What a scene has received.

use serde::{Deserialize, Serialize};

/// All messages, in the order of their responses.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Record {
    pub(crate) messages: Vec<Message>,
    /// Token calls with a spent refresh token.
    pub(crate) reused: usize,
}

/// One request and its answer.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Message {
    pub(crate) kind: Kind,
    pub(crate) status: u16,
    /// Microseconds since the first of the scene.
    pub(crate) arrived: u64,
    pub(crate) answered: u64,
}

/// What it was.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Kind {
    /// A request of the application, by its number.
    Attempt(Option<usize>),
    TokenCall,
}

impl Record {
    /// How many messages meet this condition.
    pub(crate) fn count(&self, holds: impl Fn(&Message) -> bool) -> usize {
        self.messages.iter().filter(|one| holds(one)).count()
    }

    pub(crate) fn token_calls(&self) -> usize {
        self.count(Message::is_token_call)
    }
}

impl Message {
    pub(crate) fn is_token_call(&self) -> bool {
        self.kind == Kind::TokenCall
    }

    pub(crate) fn is_refused_attempt(&self) -> bool {
        self.kind != Kind::TokenCall && self.status == 401
    }
}
