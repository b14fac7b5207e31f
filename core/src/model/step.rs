//! The steps of a world, and their descriptions; `World::describe` adds what a move does.

use std::fmt;

/// One thing that happens. A number is that of a request or of a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// A request begins.
    Start,
    /// A request begins whose body can be sent only once.
    StartOnce,
    /// A request begins, to the second origin.
    StartSecond,
    /// The resource server answers a request.
    Answer(u8, Said),
    /// A request makes its next move.
    Move(u8),
    /// A caller gives up a request.
    Leave(u8),
    /// A flight makes its next move.
    Fly(u8),
    /// The token server answers a flight.
    Serve(u8, Reply),
    /// Another identity signs in.
    SignIn,
    /// The session is signed out.
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
    /// According to the token.
    Honestly,
    /// With a 401 that does not depend on the token.
    Refused,
    /// It does not: the connection breaks.
    Nothing,
    /// With a 307 to an allowed origin.
    Onward,
    /// With a 303 to a foreign origin.
    Away,
}

/// How the token server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// According to the refresh token.
    Honest,
    /// It processes the request, and the answer is lost.
    Lost,
    /// It does not process the request, and the client cannot know that.
    Broken,
    /// It does not process the request, and says so.
    Busy,
    /// Like [`Busy`](Self::Busy), with a `Retry-After` longer than the time limit of a flight.
    BusyForLong,
    /// It refuses a good refresh token.
    Refused,
    /// It does not answer within the time limit of the flight.
    Silence,
    /// It grants the request, but with the same access token.
    SameToken,
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
    /// Until a back-off is over.
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
            Self::StartOnce => {
                f.write_str("a request begins, with a body that can be sent only once")
            }
            Self::StartSecond => f.write_str("a request begins, to the second origin"),
            Self::Answer(n, Said::Honestly) => write!(f, "the server answers request {n}"),
            Self::Answer(n, Said::Refused) => write!(f, "the server refuses request {n} with 401"),
            Self::Answer(n, Said::Nothing) => write!(f, "the connection of request {n} breaks"),
            Self::Answer(n, Said::Onward) => write!(f, "the server redirects request {n}"),
            Self::Answer(n, Said::Away) => {
                write!(f, "the server redirects request {n} to a foreign origin")
            }
            Self::Move(n) => write!(f, "request {n}"),
            Self::Leave(n) => write!(f, "the caller of request {n} gives up"),
            Self::Fly(n) => write!(f, "flight {n}"),
            Self::Serve(n, Reply::Honest) => write!(f, "the token server answers flight {n}"),
            Self::Serve(n, Reply::Lost) => {
                write!(f, "the token server's answer to flight {n} is lost")
            }
            Self::Serve(n, Reply::Broken) => {
                write!(
                    f,
                    "the request of flight {n} is lost before the token server processes it"
                )
            }
            Self::Serve(n, Reply::Busy) => write!(f, "the token server is too busy for flight {n}"),
            Self::Serve(n, Reply::BusyForLong) => {
                write!(
                    f,
                    "the token server is too busy for flight {n}, and will be for a long time"
                )
            }
            Self::Serve(n, Reply::Refused) => write!(f, "the token server refuses flight {n}"),
            Self::Serve(n, Reply::Silence) => {
                write!(
                    f,
                    "the token server does not answer flight {n} within its time limit"
                )
            }
            Self::Serve(n, Reply::SameToken) => {
                write!(
                    f,
                    "the token server answers flight {n} with the same access token"
                )
            }
            Self::SignIn => f.write_str("another identity signs in"),
            Self::SignOut => f.write_str("the session is signed out"),
            Self::Expire => f.write_str("the server stops accepting the access token"),
            Self::Revoke => f.write_str("the server revokes the refresh token"),
            Self::Elsewhere(Elsewhere::Refreshes) => {
                f.write_str("another process refreshes the token in the store")
            }
            Self::Time(Time::Rest) => f.write_str("time passes: a back-off"),
            Self::Time(Time::Early) => f.write_str("time passes: most of a lifetime"),
            Self::Time(Time::Lifetime) => f.write_str("time passes: a lifetime"),
        }
    }
}
