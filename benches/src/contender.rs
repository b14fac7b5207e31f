//! The contenders: ways to send authorized requests, each with its baseline.

use crate::BoxError;
use crate::load::Load;
use crate::target::Target;

/// One way to send authorized requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contender {
    /// Its name, as in `--only`.
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    /// The same client with the same kind of request and nothing in between; a baseline's is
    /// itself.
    pub(crate) baseline: &'static str,
    pub(crate) threads: Threads,
    pub(crate) limit: Option<Limit>,
    pub(crate) load: fn(&Target) -> Result<Box<dyn Load>, BoxError>,
}

/// What kind of contender it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    /// It sends what it is given, including the token.
    Bare,
    /// One of this project.
    Session(HeldTo),
    /// Another one that replays nothing.
    Plain,
    /// Another one that gets a new token after a 401, and replays.
    Replaying,
}

/// The bars for a contender.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum HeldTo {
    /// Little more than its bare client, and less than other contenders that replay over it.
    BareAndRivals,
    /// Little more than its bare client.
    Bare,
    /// No bar.
    Nothing,
}

/// Which threads do the work.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Threads {
    /// The caller's, so that counts are exact.
    Callers,
    /// Another one besides, so that counts vary with the order in which the two run.
    Own,
}

/// How many callers it can take at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) callers: usize,
    pub(crate) why: &'static str,
}

impl Contender {
    pub(crate) fn is_bare(&self) -> bool {
        self.role == Role::Bare
    }

    pub(crate) fn held_to(&self) -> HeldTo {
        match self.role {
            Role::Session(held_to) => held_to,
            Role::Bare | Role::Plain | Role::Replaying => HeldTo::Nothing,
        }
    }

    /// Why this many callers are too many.
    pub(crate) fn refuses(&self, callers: usize) -> Option<&'static str> {
        let limit = self.limit.filter(|limit| callers > limit.callers);
        limit.map(|limit| limit.why)
    }
}
