//! Situations that runs should meet: a simulator that never meets one proves nothing about it.

/// What was met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Situations(u64);

macro_rules! situations {
    ($($name:ident: $text:literal,)*) => {
        /// Something that a run can meet.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Situation {
            $(
                #[doc = $text]
                $name,
            )*
        }

        impl Situation {
            const ALL: &[Self] = &[$(Self::$name,)*];

            /// What it is, in words.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

situations! {
    Refreshed: "a refresh brings a token",
    Replayed: "a refused request is replayed",
    RefusedAgain: "a replay is refused too",
    Superseded: "a request is superseded by a sign-in or sign-out",
    Served: "a session is served after the faults",
    Ended: "a session ends, as it must",
    RefreshUnavailable: "a request fails because no token is to be had now",
    RefreshUnknown: "a request fails because the answer to a refresh was lost",
    RequestTimedOut: "a request reaches its time limit",
    TooManyWaiting: "a request finds no place among the waiters",
    RefreshLimited: "a session reaches its limit of refreshes",
    TokenTooFresh: "a token is refused right after the refresh",
    BodyNotReplayable: "a body cannot be sent again",
    AttemptFailed: "an attempt gets no answer",
    Redirect: "a request is redirected within the origins",
    RedirectAway: "a request is redirected to another origin",
    TokenCallWithoutConnection: "a token call finds no connection",
    TokenCallNotProcessed: "a token call is provably not processed",
    TokenCallRefused: "the refresh token is refused",
    TokenCallUnknown: "a token call ends without an answer, before the server acts",
    GrantLost: "an answer with a token is lost",
    TokenCallGivenUp: "a token call reaches its deadline",
    AbandonedCallNotSent: "a token call that was given up is not sent",
    TokenCallArrivedLate: "a token call arrives after it was given up",
    SentTwice: "a refresh token is sent twice",
    StoreFailed: "a store call fails",
    AcknowledgementLost: "a save lands and its acknowledgement is lost",
    StoreSilent: "the store never answers",
    StorePanicked: "a store call panics",
    SaveFailed: "a session reports a failed save",
    SaveConflicted: "a save conflicts",
    SaveLandedLate: "a save lands after it was given up",
    NewerTokenRead: "a newer token is read from the store",
    StaleRead: "a replica that lags is read",
    Restored: "a store is restored to what it had before",
    ClaimedElsewhere: "a refresh waits for another process",
    TakenOver: "a claim takes the place of a lost one",
    Adopted: "a newer token is adopted",
    SignedInElsewhere: "a session follows the sign-in of another process",
    SignedOutElsewhere: "a session follows the sign-out of another process",
    FutureDropped: "a future is dropped",
    HeldBack: "a woken task or an answer is held back",
    Crashed: "a process dies",
    CrashedWhileSaving: "a process dies while a save is under way",
    CrashedWhileRefreshing: "a process dies while a token call is under way",
    Reopened: "a process starts again from its store",
    Stalled: "a process stalls",
    Suspended: "a machine is suspended",
    ClockSetBack: "a wall clock is set back",
    ClockSetAhead: "a wall clock is set ahead",
    SignedInAgain: "a session is signed in again while a refresh is in flight",
    SignedInWithTheSame: "a session is signed in with the token that it has",
    SignedOut: "a session is signed out",
    ClosedInFlight: "a session is closed while a refresh is in flight",
    Forced: "a refresh is asked for",
    EarlyRefresh: "a task refreshes early",
    Closed: "a session is closed",
}

impl Situation {
    /// The situations that so many processes can meet.
    pub fn of(processes: u8) -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        // Nobody else writes to the store of one process.
        let others = [
            Self::NewerTokenRead,
            Self::Restored,
            Self::ClaimedElsewhere,
            Self::TakenOver,
            Self::Adopted,
            Self::SignedInElsewhere,
            Self::SignedOutElsewhere,
        ];
        // Whoever shares a token signs in with a new one.
        let alone = [Self::SignedInWithTheSame];
        let impossible = move |situation: &Self| match processes {
            1 => others.contains(situation),
            _ => alone.contains(situation),
        };
        all.filter(move |situation| !impossible(situation))
    }
}

impl Situations {
    pub(crate) fn insert(&mut self, situation: Situation) {
        self.0 |= 1 << situation as u32;
    }

    /// Adds what another run met.
    pub fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether it was met.
    #[must_use]
    pub const fn contains(self, situation: Situation) -> bool {
        self.0 & 1 << situation as u32 != 0
    }
}
