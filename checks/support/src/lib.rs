//! What the tests of several crates share. The fuzz targets use it too, without features.

#![cfg_attr(
    feature = "adapters",
    expect(clippy::unwrap_used, reason = "tests may panic")
)]

pub mod attached;
#[cfg(feature = "adapters")]
pub mod log_lines;
#[cfg(feature = "adapters")]
pub mod over_sockets;
#[cfg(feature = "adapters")]
pub mod without_tls;
