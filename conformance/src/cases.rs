//! The cases, in groups. Each is a function that takes a [`Scene`](crate::Scene);
//! [`check`](crate::check) runs one alone.

mod bodies;
mod breaks;
mod cancellation;
mod downloads;
mod errors;
mod headers;
mod hops;
mod methods;
mod redirects;
mod refusals;
mod replays;
mod resends;
mod sessions;
mod uploads;

pub use bodies::*;
pub use breaks::*;
pub use cancellation::*;
pub use downloads::*;
pub use errors::*;
pub use headers::*;
pub use hops::*;
pub use methods::*;
pub use redirects::*;
pub use refusals::*;
pub use replays::*;
pub use resends::*;
pub use sessions::*;
pub use uploads::*;
