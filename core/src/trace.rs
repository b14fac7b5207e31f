//! Spans and log lines for `tracing`, with the names of OpenTelemetry's HTTP conventions.
//!
//! No token, header, body or error text is recorded. Without the feature `tracing`, `silent` has
//! the same functions and does nothing.

#[cfg(feature = "tracing")]
mod call;
#[cfg(feature = "tracing")]
mod log;
#[cfg(feature = "tracing")]
mod method;
#[cfg(feature = "tracing")]
mod open;
#[cfg(feature = "tracing")]
mod refresh;
#[cfg(not(feature = "tracing"))]
mod silent;
#[cfg(feature = "tracing")]
mod url;

#[cfg(not(feature = "tracing"))]
pub(crate) use silent::{Call, Refresh, log, logs};
#[cfg(feature = "tracing")]
pub(crate) use {call::Call, log::log, log::logs, refresh::Refresh};
