//! The cases of [`http2_suite!`](crate::http2_suite), in groups. Each is a function that takes a
//! [`Scene`](crate::Scene); [`check`](crate::check) runs one alone.

mod bodies;
mod cancellation;
mod goaway;
mod refused;
mod sessions;

pub use bodies::*;
pub use cancellation::*;
pub use goaway::*;
pub use refused::*;
pub use sessions::*;
