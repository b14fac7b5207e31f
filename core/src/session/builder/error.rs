//! Why a session could not be built.

use std::error::Error as StdError;
use std::fmt;

use crate::store::StoreError;

/// Why a session could not be built, from [`SessionBuilder::build`] and [`SessionBuilder::open`].
///
/// [`SessionBuilder::build`]: crate::SessionBuilder::build
/// [`SessionBuilder::open`]: crate::SessionBuilder::open
#[derive(Debug)]
pub struct BuildError {
    pub(super) kind: BuildErrorKind,
    pub(super) source: Option<StoreError>,
}

/// The classes of [`BuildError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BuildErrorKind {
    /// Neither an [`origin`](crate::SessionBuilder::origin) nor a
    /// [`base_url`](crate::SessionBuilder::base_url) was given.
    NoOrigin,
    /// An origin or the base URL is invalid.
    InvalidOrigin,
    /// An origin or the base URL is `http` to a host other than a loopback host.
    InsecureOrigin,
    /// Neither a [`grant`](crate::SessionBuilder::grant) nor a [`refresher`](crate::SessionBuilder::refresher)
    /// was given.
    NoRefresher,
    /// Both a [`grant`](crate::SessionBuilder::grant) and a
    /// [`refresher`](crate::SessionBuilder::refresher) were given.
    GrantAndRefresher,
    /// No [`token`](crate::SessionBuilder::token) was given.
    NoToken,
    /// The token has no refresh token, but the grant needs one.
    NotRefreshable,
    /// A time limit is zero.
    InvalidTimeout,
    /// The client does not support the scheme of an origin or of the token endpoint: it was built
    /// without TLS, which `https` needs.
    UnsupportedScheme,
    /// The store could not be read.
    Store,
    /// There is a store, which [`build`](crate::SessionBuilder::build) does not read.
    StoreNotRead,
}

impl BuildError {
    pub(super) const fn new(kind: BuildErrorKind) -> Self {
        Self { kind, source: None }
    }

    pub(super) fn because(kind: BuildErrorKind, source: impl Into<StoreError>) -> Self {
        let source = Some(source.into());
        Self { kind, source }
    }

    /// Its class.
    #[must_use]
    pub const fn kind(&self) -> BuildErrorKind {
        self.kind
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            BuildErrorKind::NoOrigin => "no origin: set SessionBuilder::origin or base_url",
            BuildErrorKind::InvalidOrigin => "invalid origin",
            BuildErrorKind::InsecureOrigin => "insecure origin",
            BuildErrorKind::NoRefresher => "no grant: set SessionBuilder::grant or refresher",
            BuildErrorKind::NoToken => {
                "no token: set SessionBuilder::token, call open to load it from the store, or set \
                 without_token if the grant needs none"
            }
            BuildErrorKind::GrantAndRefresher => {
                "both a grant and a refresher: set SessionBuilder::grant or refresher, not both"
            }
            BuildErrorKind::NotRefreshable => {
                "the token has no refresh token, but the grant needs one: add it with \
                 Token::with_refresh_token, or use another grant"
            }
            BuildErrorKind::InvalidTimeout => "time limit of zero",
            BuildErrorKind::UnsupportedScheme => {
                "the client does not support the scheme of an origin or of the token endpoint"
            }
            BuildErrorKind::Store => "the store could not be read: check the store",
            BuildErrorKind::StoreNotRead => {
                "the store was not read: call SessionBuilder::open instead of build"
            }
        })
    }
}

impl StdError for BuildError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source: &(dyn StdError + 'static) = &**self.source.as_ref()?;
        Some(source)
    }
}
