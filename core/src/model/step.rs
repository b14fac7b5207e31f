//! What can happen, in words; [`World::tell`](super::World) adds what a move leads to.

use std::fmt;

/// One thing that happens. A number picks among those that it can happen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// A request begins.
    Start,
    /// A request begins whose body can be sent once.
    StartOnce,
    /// A request begins, to the second origin.
    StartSecond,
    /// The resource server answers a request.
    Answer(u8, Said),
    /// A request makes its next move.
    Move(u8),
    /// A caller gives up a request.
    Leave(u8),
    /// A flight is driven on.
    Fly(u8, Kept),
    /// The token server answers a flight.
    Serve(u8, Reply),
    /// The store hears what it is pending.
    Settle(Kept),
    /// Somebody signs in.
    SignIn,
    /// Somebody signs out.
    SignOut,
    /// The server stops accepting the access token.
    Expire,
    /// The server revokes the refresh token.
    Revoke,
    /// Another process uses the store.
    Elsewhere(Elsewhere),
    /// Time passes.
    Time(Time),
}

/// How the resource server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Said {
    /// By the token.
    Honestly,
    /// 401, whatever the token.
    Refused,
    /// Not at all: the connection breaks.
    Nothing,
    /// With a 307, to another place where the token may go.
    Onward,
    /// With a 303, to a stranger.
    Away,
}

/// How the token server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// By the refresh token.
    Honest,
    /// It processed the request, and the answer is lost.
    Lost,
    /// It did not process the request, which nobody knows.
    Broken,
    /// It did not process the request, and says so.
    Busy,
    /// And asks to be left alone for longer than a flight lasts.
    BusyForLong,
    /// It refuses a good refresh token.
    Refused,
    /// It never answers: the flight's time runs out.
    Silence,
    /// It grants what it is asked for, but for another access token.
    SameToken,
}

/// What the store does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kept {
    /// What it is told.
    Works,
    /// It fails.
    Fails,
    /// It does, and its answer is lost.
    LosesItsAnswer,
}

/// What another process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Elsewhere {
    /// It refreshes the token in the store.
    Refreshes,
}

/// How much time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Time {
    /// Until a rest is over.
    Rest,
    /// Until a token is in the last tenth of its lifetime.
    Early,
    /// Until a token has expired.
    Lifetime,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("a request begins"),
            Self::StartOnce => f.write_str("a request begins, with a body that can be sent once"),
            Self::StartSecond => f.write_str("a request begins, to the second origin"),
            Self::Answer(n, Said::Honestly) => write!(f, "the server answers request {n}"),
            Self::Answer(n, Said::Refused) => write!(f, "the server refuses request {n} with 401"),
            Self::Answer(n, Said::Nothing) => write!(f, "the connection of request {n} breaks"),
            Self::Answer(n, Said::Onward) => write!(f, "the server redirects request {n}"),
            Self::Answer(n, Said::Away) => write!(f, "request {n} is redirected to a stranger"),
            Self::Move(n) => write!(f, "request {n}"),
            Self::Leave(n) => write!(f, "the caller of request {n} gives up"),
            Self::Fly(n, Kept::Works) => write!(f, "flight {n}"),
            Self::Fly(n, Kept::Fails) => write!(f, "the store fails; flight {n}"),
            Self::Fly(n, Kept::LosesItsAnswer) => {
                write!(f, "the store's answer is lost; flight {n}")
            }
            Self::Serve(n, Reply::Honest) => write!(f, "the token server answers flight {n}"),
            Self::Serve(n, Reply::Lost) => {
                write!(f, "the token server's answer to flight {n} is lost")
            }
            Self::Serve(n, Reply::Broken) => {
                write!(
                    f,
                    "flight {n} never reaches the token server, which nobody knows"
                )
            }
            Self::Serve(n, Reply::Busy) => write!(f, "the token server is busy for flight {n}"),
            Self::Serve(n, Reply::BusyForLong) => {
                write!(
                    f,
                    "the token server is busy for flight {n}, and will be for long"
                )
            }
            Self::Serve(n, Reply::Refused) => write!(f, "the token server refuses flight {n}"),
            Self::Serve(n, Reply::Silence) => {
                write!(
                    f,
                    "the token server never answers flight {n}, whose time runs out"
                )
            }
            Self::Serve(n, Reply::SameToken) => {
                write!(
                    f,
                    "the token server answers flight {n} with the same access token"
                )
            }
            Self::Settle(Kept::Works) => f.write_str("the store hears what it is pending"),
            Self::Settle(Kept::Fails) => {
                f.write_str("the store hears what it is pending, and fails")
            }
            Self::Settle(Kept::LosesItsAnswer) => {
                f.write_str("the store hears what it is pending, and its answer is lost")
            }
            Self::SignIn => f.write_str("somebody else signs in"),
            Self::SignOut => f.write_str("the session is signed out"),
            Self::Expire => f.write_str("the server stops accepting the access token"),
            Self::Revoke => f.write_str("the server revokes the refresh token"),
            Self::Elsewhere(Elsewhere::Refreshes) => {
                f.write_str("another process refreshes the token in the store")
            }
            Self::Time(Time::Rest) => f.write_str("time passes: a rest"),
            Self::Time(Time::Early) => f.write_str("time passes: most of a lifetime"),
            Self::Time(Time::Lifetime) => f.write_str("time passes: a lifetime"),
        }
    }
}
