//! The examples of reauth, each in its own file beside this one.

/// The program of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;

/// The programs of the page on first tokens compile.
#[cfg(doctest)]
#[doc = include_str!("../docs/first-token.md")]
struct FirstTokenDoctests;

/// The program of the page on sharing compiles.
#[cfg(doctest)]
#[doc = include_str!("../docs/sharing.md")]
struct SharingDoctests;
