//! Who takes part: a way to send authorized requests, and what it is compared with.

use crate::BoxError;
use crate::load::Load;
use crate::target::Target;

/// One way to send authorized requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contender {
    /// In the field's words, as in `--only`.
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    /// The same client, fed the same kind of request, with nothing in between. Itself, where it is
    /// one.
    pub(crate) baseline: &'static str,
    pub(crate) threads: Threads,
    pub(crate) limit: Option<Limit>,
    pub(crate) load: fn(&Target) -> Result<Box<dyn Load>, BoxError>,
}

/// What somebody takes it for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    /// It sends what it is given, the token among it.
    Bare,
    /// Ours.
    Session(HeldTo),
    /// Something else that replays nothing.
    Plain,
    /// Something else that gets a new token after a 401, and replays.
    Replaying,
}

/// The bars of a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum HeldTo {
    /// Hardly more than its bare client, and less than whoever replays over the same client.
    BareAndRivals,
    /// Hardly more than its bare client.
    Bare,
    /// Shown only.
    Nothing,
}

/// Who does the work.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Threads {
    /// Those that call: what they do can be counted to the instruction.
    Callers,
    /// One of its own beside them, so that counts wander with the order in which they run.
    Own,
}

/// How many callers at once there may be.
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

    /// Why so many callers are too many.
    pub(crate) fn refuses(&self, callers: usize) -> Option<&'static str> {
        let limit = self.limit.filter(|limit| callers > limit.callers);
        limit.map(|limit| limit.why)
    }
}
