//! Who takes part: a way to send authorized requests, and what it is compared with.

use serde::Serialize;

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
    pub(crate) load: fn(&Target) -> Result<Box<dyn Load>, BoxError>,
}

/// What somebody takes it for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    /// It sends what it is given, the token among it.
    Bare,
    /// Ours.
    Session,
    /// Something else that attaches a token, or does nothing: it replays nothing.
    Plain,
    /// Something else that gets a new token after a 401, and replays.
    Replaying,
}

impl Contender {
    pub(crate) fn is_bare(&self) -> bool {
        self.role == Role::Bare
    }
}
