//! The pure machines: all the rules about tokens, and no IO.
//!
//! ```text
//!         execute(request)
//!               │
//!    ┌──────────▼───────────┐  Refresh{stale}   ┌────────────────────┐
//!    │    SessionMachine    │ ────────────────► │    Coordinator     │
//!    │ one hop of a request │ ◄──────────────── │ one session's token│
//!    └──────────┬───────────┘  Refreshed(newer) └─────────┬──────────┘
//!               │ Send{token}                             │ depart / land
//!               ▼                                         ▼
//! ```
//!
//! A [`SessionMachine`] knows one hop of one request. A [`Coordinator`] knows the token of one
//! session, and no request. Neither knows a socket, a clock or the bytes of a token: time is an
//! argument, and a token is a [`Generation`](crate::Generation).
//!
//! A [`RedirectMachine`] knows what spans the hops of a request that is redirected. The driver
//! starts a [`SessionMachine`] for each hop that is signed. An [`Outbox`] knows what still has to
//! be written to the store.

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
    AccessTokenChange, Admission, Again, CallFailure, Connection, Coordinator, Entry, Landed,
    Landing, RefreshTokenChange, Refusal, Rest, Resume, Sendable, Sending, Wait,
};
pub use origins::{Destination, OriginSet, PathId};
pub use outbox::{Conflict, Found, Outbox, Version, Write};
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
