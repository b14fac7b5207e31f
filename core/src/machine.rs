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
//! starts a [`SessionMachine`] for each hop that is signed. A [`Holder`] knows the record in the store,
//! which sessions share.

mod coordinator;
mod fresh_token;
pub mod holder;
mod looks;
mod origins;
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
pub use holder::Holder;
#[cfg(all(test, feature = "session"))]
pub(crate) use looks::{LONGEST as LONGEST_LOOK, SHORTEST as SHORTEST_LOOK};
pub use origins::{Destination, OriginSet, PathId};
pub use phase::RefreshTokenId;
pub use redirects::RedirectMachine;
#[cfg(all(test, feature = "session"))]
pub(crate) use refusals::MOST_PATHS;
#[cfg(all(test, feature = "session"))]
pub(crate) use retries::{BEYOND_THE_LIMIT, LONGEST_WAIT, SHORTEST_TRY, SHORTEST_WAIT};
pub use retries::{Retries, TAKEOVER_PAUSE, Waits};
pub use rules::{Rules, Sharing, TokenUse};
pub use session_machine::{
    Action, Input, Replay, SessionMachine, State, TokenStatus, Unexpected, Verdict,
};
pub use stored_token::{StoredAccessToken, StoredToken, StoredTokenUse};
pub use validity::{Renewable, Term};
