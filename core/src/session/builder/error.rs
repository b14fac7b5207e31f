//! Why there is no session.

use std::error::Error as StdError;
use std::fmt;

use crate::store::StoreError;

/// Why there is no session.
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
    /// An origin, or the base URL, is none.
    InvalidOrigin,
    /// An origin, or the base URL, is `http`, and not on this machine.
    InsecureOrigin,
    /// Neither a [`grant`](crate::SessionBuilder::grant) nor a [`refresher`](crate::SessionBuilder::refresher)
    /// was given.
    NoRefresher,
    /// Both a [`grant`](crate::SessionBuilder::grant) and a
    /// [`refresher`](crate::SessionBuilder::refresher) were given.
    GrantAndRefresher,
    /// No [`token`](crate::SessionBuilder::token) was given.
    NoToken,
    /// The token has nothing that its grant could trade for a newer one: no refresh token.
    NotRefreshable,
    /// A time limit is zero.
    InvalidTimeout,
    /// The client, as it was built, cannot speak the scheme of an origin or of the token endpoint:
    /// `https` needs TLS.
    UnsupportedScheme,
    /// The store could not be read.
    Store,
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
            BuildErrorKind::NoOrigin => {
                "a session needs the origins to which its token may go: SessionBuilder::origin or \
                 base_url"
            }
            BuildErrorKind::InvalidOrigin => "invalid origin",
            BuildErrorKind::InsecureOrigin => "insecure origin",
            BuildErrorKind::NoRefresher => {
                "a session needs a way to a new token: SessionBuilder::grant or refresher"
            }
            BuildErrorKind::NoToken => {
                "a session needs a token: SessionBuilder::token, open to take the store's, or \
                 without_token where the grant needs none"
            }
            BuildErrorKind::GrantAndRefresher => {
                "a session has one way to a new token: SessionBuilder::grant or refresher, and not \
                 both"
            }
            BuildErrorKind::NotRefreshable => {
                "the token has no refresh token, and the grant needs one: Token::with_refresh_token, \
                 or a grant that needs none"
            }
            BuildErrorKind::InvalidTimeout => "a time limit of zero",
            BuildErrorKind::UnsupportedScheme => {
                "the client cannot speak the scheme of an origin or of the token endpoint"
            },
            BuildErrorKind::Store => "the store could not be read",
        })
    }
}

impl StdError for BuildError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source: &(dyn StdError + 'static) = &**self.source.as_ref()?;
        Some(source)
    }
}
