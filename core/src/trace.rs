//! Spans, by the names of OpenTelemetry's HTTP conventions, and a line for each refresh that
//! failed, for whoever listens by `tracing`.
//!
//! It watches what the driver does and decides nothing. It never sees a token, a header, a body,
//! nor the text of an error. Without the feature `tracing` its twin does nothing.

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
