//! A request's URL before it is normalized.

use super::{Origin, Security};
use crate::Target;

/// The parts of an absolute `http` or `https` URL, as they are spelled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address<'a> {
    pub(super) security: Security,
    pub(super) authority: &'a str,
    behind: Behind<'a>,
}

/// What follows the authority.
#[derive(Clone, Copy, Debug)]
enum Behind<'a> {
    Path(&'a str),
    /// The path, and what follows it.
    Text(&'a str),
}

impl<'a> Address<'a> {
    #[inline]
    pub(crate) fn of(target: Target<'a>) -> Option<Self> {
        match target {
            Target::Uri(uri) => Some(Self {
                security: Security::named(uri.scheme_str()?)?,
                authority: uri.authority()?.as_str(),
                behind: Behind::Path(uri.path()),
            }),
            Target::Text(text) => {
                let (scheme, behind) = text.split_at_checked(text.find(':')?)?;
                let behind = behind.strip_prefix("://")?;
                let end = |byte: u8| matches!(byte, b'/' | b'?' | b'#');
                let length = behind.bytes().position(end).unwrap_or(behind.len());
                let (authority, behind) = behind.split_at_checked(length)?;
                Some(Self {
                    security: Security::named(scheme)?,
                    authority,
                    behind: Behind::Text(behind),
                })
            }
        }
    }

    pub(crate) fn path(&self) -> &'a str {
        match self.behind {
            Behind::Path(path) => path,
            Behind::Text(text) => text.split(['?', '#']).next().unwrap_or_default(),
        }
    }

    /// Whether the scheme is `https`.
    pub(crate) fn is_tls(&self) -> bool {
        self.security == Security::Tls
    }

    /// The origin, as from [`Origin::of`].
    pub(crate) fn origin(&self) -> Option<Origin> {
        let authority = self.authority.parse().ok()?;
        Origin::at(self.security, &authority)
    }
}
