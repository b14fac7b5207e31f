//! How the world of a run is set up.

use std::time::Duration;

use reauth::TokenUse;

use crate::choices::{Choices, Kind};

/// What differs between runs, and does not change during one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) processes: u8,
    pub(crate) rotation: Rotation,
    pub(crate) token_use: TokenUse,
    /// How long an access token is accepted, if the token server says it.
    pub(crate) lifetime: Option<Duration>,
    pub(crate) tasks: Tasks,
    pub(crate) store: Storing,
    pub(crate) start: Start,
    pub(crate) retries: u8,
    /// The time limit of a request.
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_waiting: Option<u32>,
    /// How many refreshes may depart within ten seconds.
    pub(crate) refresh_limit: u32,
    pub(crate) jitter: u8,
    pub(crate) listener: Listener,
    pub(crate) bodies: Bodies,
    /// How many of the options are another action, when nothing is under way.
    pub(crate) eagerness: u8,
}

/// What the token server does with a refresh token that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// It gives another one. A second use revokes the sign-in.
    Rotates,
    /// As `Rotates`, but within [`GRACE`] a second use gives the same successor.
    WithGrace,
    /// It keeps it.
    Keeps,
}

pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// Whether the runtime of a session spawns tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tasks {
    None,
    Spawned,
}

/// Whether the sessions have a store, which they then share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storing {
    None,
    Shared,
}

/// How the first session starts. All others open the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The store has a token.
    Open,
    /// It is built with a token, without a store.
    Build,
    /// It opens an empty store with a token in hand.
    OpenWithToken,
    /// It is built with a refresh token only.
    RefreshToken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listener {
    Listens,
    Panics,
}

/// How a refused answer's body arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bodies {
    WithTheHead,
    Later,
}

impl Setup {
    /// Whether an operator may restore the store: what one process lost, another one knows. With a
    /// grace, both may go on from it.
    pub(crate) fn can_restore(&self) -> bool {
        self.processes > 1 && self.rotation == Rotation::Rotates
    }

    pub(crate) fn choose(choices: &mut Choices, processes: u8) -> Self {
        let mut one_of = |options| choices.choose(Kind::Setup, options);
        let (rotation, token_use) = [
            (Rotation::Rotates, TokenUse::Learn),
            (Rotation::Rotates, TokenUse::SingleUse),
            (Rotation::WithGrace, TokenUse::Grace(GRACE)),
            (Rotation::WithGrace, TokenUse::Learn),
            (Rotation::Keeps, TokenUse::Reusable),
            (Rotation::Keeps, TokenUse::Learn),
            (Rotation::Keeps, TokenUse::SingleUse),
        ][one_of(7)];
        let seconds = [None, Some(5), Some(10), Some(60), Some(3600)][one_of(5)];
        let shared = processes > 1 || one_of(4) < 3;
        let start = [Start::Open, Start::OpenWithToken, Start::RefreshToken];
        Self {
            processes,
            rotation,
            token_use,
            lifetime: seconds.map(Duration::from_secs),
            tasks: [Tasks::None, Tasks::Spawned][one_of(2)],
            store: if shared {
                Storing::Shared
            } else {
                Storing::None
            },
            start: match (processes, shared) {
                (1, true) => start[one_of(3)],
                (1, false) => [Start::Build, Start::RefreshToken][one_of(2)],
                _ => Start::Open,
            },
            retries: [2, 0][one_of(2)],
            timeout: [
                None,
                Some(Duration::from_secs(3)),
                Some(Duration::from_secs(20)),
            ][one_of(3)],
            max_waiting: [None, None, Some(1)][one_of(3)],
            refresh_limit: [20, 20, 2][one_of(3)],
            jitter: [0, 128, 255][one_of(3)],
            listener: [Listener::Listens, Listener::Listens, Listener::Panics][one_of(3)],
            bodies: [Bodies::WithTheHead, Bodies::Later][one_of(2)],
            eagerness: [8, 40][one_of(2)],
        }
    }
}
