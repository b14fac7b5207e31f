//! The pure machines: all the rules about tokens, and no IO.
//!
//! ```text
//!         execute(request)
//!               │
//!    ┌──────────▼───────────┐  Refresh{stale}   ┌────────────────────┐
//!    │    SessionMachine    │ ────────────────► │    Coordinator     │
//!    │ one request's journey│ ◄──────────────── │ one session's token│
//!    └──────────┬───────────┘  Refreshed(newer) └─────────┬──────────┘
//!               │ Send{token}                             │ depart / land
//!               ▼                                         ▼
//! ```
//!
//! [`SessionMachine`] knows one request and no other; [`Coordinator`] knows one session's token
//! and no request. Neither knows a socket, a clock, or the bytes of a token: time is an
//! argument, a token is a [`Generation`](crate::Generation). Above the first, an [`RedirectMachine`]
//! holds what spans the hops of a request that is redirected: it starts a [`SessionMachine`] for
//! each that is signed. Beside the coordinator, [`Outbox`] know what the store is still to hear.

mod coordinator;
mod fresh_token;
mod origins;
mod outbox;
mod permits;
mod phase;
pub mod redirects;
mod refusals;
mod retries;
mod rules;
mod session_machine;
mod stored_token;
mod validity;

pub use coordinator::{
    AccessToken, Admission, Again, Answered, Connection, Coordinator, Entry, Landed, Landing,
    RefreshToken, Refusal, Rest, Sendable, Sending, Wait,
};
pub use origins::{Destination, OriginSet, PathId};
pub use outbox::{Found, Outbox, Version, Write};
pub use phase::RefreshTokenId;
pub use redirects::RedirectMachine;
#[cfg(all(test, feature = "session"))]
pub(crate) use refusals::MOST_PATHS;
pub use retries::Retries;
#[cfg(all(test, feature = "session"))]
pub(crate) use retries::SHORTEST_TRY;
pub use rules::{Rules, TokenUse};
pub use session_machine::{
    Action, Input, Replay, SessionMachine, State, TokenStatus, Unexpected, Verdict,
};
pub use stored_token::{StoredAccessToken, StoredToken, StoredTokenUse};
pub use validity::{Renewable, Term};
