//! What happens in a run: chosen, or fixed beforehand.

use std::time::Duration;

use reauth::TokenUse;

use crate::calls::Place;
use crate::choices::{Choices, Kind};
use crate::ledger::Sent;
use crate::setup::{Bodies, Listener, Rotation, Setup, Start, Storing, Tasks};

/// Something that an application, a user, a server or a machine does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Request {
        process: u8,
        place: Place,
        sent: Sent,
    },
    /// The servers accept the access tokens of now no longer.
    RevokeAccesses,
    /// The token server ends the last sign-in.
    RevokeSignIn,
    /// An operator restores what the store had before.
    RestoreStore,
    SignIn(u8),
    /// The session is given the token that it has.
    SignInAgain(u8),
    SignOut(u8),
    Refresh(u8),
    Token(u8),
    Close(u8),
    Pass(Duration),
    /// A future is dropped.
    Drop,
    Crash(u8),
    Open(u8),
    Stall(u8),
    /// The wall clock is set, by so many milliseconds.
    SetClock(u8, i64),
    Suspend(u8, Duration),
}

/// What happens in a run, one after the other, and in which world.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What it is, in words.
    pub name: &'static str,
    /// How many processes it has at least.
    pub processes: u8,
    pub(crate) actions: &'static [Action],
    rotation: Rotation,
    token_use: TokenUse,
    lifetime: Option<Duration>,
    tasks: Tasks,
    start: Start,
}

const HERE: Place = Place { origin: 0, path: 0 };
const THERE: Place = Place { origin: 1, path: 0 };

const fn request(process: u8, sent: Sent) -> Action {
    Action::Request {
        process,
        place: HERE,
        sent,
    }
}

const GET: Action = request(0, Sent::Nothing);
/// A request of another process.
const OTHER: Action = request(1, Sent::Nothing);

impl Action {
    /// Chooses what happens.
    pub(crate) fn choose(choices: &mut Choices, setup: Setup) -> Self {
        let mut one_of = |options| choices.choose(Kind::Detail, options);
        let kind = one_of(27);
        let process = one_of(setup.processes.into()) as u8;
        let seconds = |of: usize| Duration::from_secs([1, 6, 20, 60, 400][of]);
        match kind {
            0..8 => Self::Request {
                process,
                place: Place {
                    origin: [0, 0, 0, 1][one_of(4)],
                    path: [0, 0, 0, 1][one_of(4)],
                },
                sent: [Sent::Nothing, Sent::Bytes, Sent::Factory, Sent::Once][one_of(4)],
            },
            8..12 => Self::RevokeAccesses,
            12 => Self::Refresh(process),
            13 | 14 => Self::SignIn(process),
            15 => Self::SignOut(process),
            16 => Self::Close(process),
            17 | 18 => Self::Pass(seconds(one_of(5))),
            19 => Self::Drop,
            20 => Self::Crash(process),
            21 => Self::Open(process),
            22 => Self::Stall(process),
            23 => Self::SetClock(process, [-7200, -60, 60, 7200][one_of(4)] * 1000),
            24 => Self::Suspend(process, seconds(one_of(5))),
            25 => Self::SignInAgain(process),
            26 => match one_of(9) {
                0..3 => Self::RevokeSignIn,
                3 if setup.can_restore() => Self::RestoreStore,
                _ => Self::Token(process),
            },
            _ => Self::Token(process),
        }
    }
}

impl Plan {
    const fn new(name: &'static str, actions: &'static [Action]) -> Self {
        Self {
            name,
            processes: 1,
            actions,
            rotation: Rotation::Rotates,
            token_use: TokenUse::Learn,
            lifetime: None,
            tasks: Tasks::None,
            start: Start::Open,
        }
    }

    pub(crate) fn setup(&self, processes: u8) -> Setup {
        Setup {
            processes: processes.max(self.processes),
            rotation: self.rotation,
            token_use: self.token_use,
            lifetime: self.lifetime,
            tasks: self.tasks,
            store: Storing::Shared,
            start: self.start,
            retries: 2,
            timeout: None,
            max_waiting: None,
            refresh_limit: 20,
            jitter: 0,
            listener: Listener::Listens,
            bodies: Bodies::WithTheHead,
            eagerness: 1,
        }
    }

    /// The plans of an exhaustive search.
    pub const ALL: &[Self] = &[
        Self::new(
            "two requests are refused",
            &[Action::RevokeAccesses, GET, GET],
        ),
        Self::new(
            "a sign-in between two refusals",
            &[
                Action::RevokeAccesses,
                GET,
                Action::SignIn(0),
                Action::RevokeAccesses,
                GET,
            ],
        ),
        Self {
            start: Start::OpenWithToken,
            ..Self::new(
                "signed in and out while the first save is under way",
                &[
                    GET,
                    Action::SignIn(0),
                    Action::SignOut(0),
                    Action::Pass(Duration::from_secs(7)),
                ],
            )
        },
        Self {
            lifetime: Some(Duration::from_secs(10)),
            tasks: Tasks::Spawned,
            ..Self::new(
                "tokens that last ten seconds, with tasks",
                &[
                    GET,
                    Action::Pass(Duration::from_secs(9)),
                    GET,
                    Action::Pass(Duration::from_secs(6)),
                    GET,
                ],
            )
        },
        Self::new(
            "a future is dropped while a refresh is in flight",
            &[
                Action::RevokeAccesses,
                GET,
                Action::Drop,
                GET,
                Action::Close(0),
            ],
        ),
        Self::new(
            "a process dies during a refresh and starts again",
            &[
                Action::RevokeAccesses,
                GET,
                Action::Crash(0),
                Action::Open(0),
                GET,
            ],
        ),
        Self {
            processes: 2,
            ..Self::new(
                "two processes are refused",
                &[Action::RevokeAccesses, GET, OTHER],
            )
        },
        Self {
            processes: 2,
            token_use: TokenUse::SingleUse,
            ..Self::new(
                "one process signs in while another refreshes",
                &[Action::RevokeAccesses, GET, Action::SignIn(1), OTHER],
            )
        },
        Self {
            processes: 2,
            ..Self::new(
                "one process dies during a refresh, and another goes on",
                &[Action::RevokeAccesses, GET, OTHER, Action::Crash(0)],
            )
        },
        Self {
            token_use: TokenUse::SingleUse,
            ..Self::new(
                "two origins, one of which refuses, and a token that is sent once",
                &[
                    GET,
                    Action::Request {
                        process: 0,
                        place: THERE,
                        sent: Sent::Once,
                    },
                    Action::RevokeAccesses,
                    GET,
                    Action::Request {
                        process: 0,
                        place: THERE,
                        sent: Sent::Bytes,
                    },
                ],
            )
        },
    ];
}
