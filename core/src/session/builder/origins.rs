//! The settings for where the token may go, and in which header.

use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use http::uri;

use super::SessionBuilder;
use super::{BuildError, BuildErrorKind};
use crate::origin::{AllowedOrigin, Base, InvalidOrigin};
use crate::session::execute::AllowedOrigins;
use crate::{Scheme, Transport};

/// The origins that were set so far.
#[derive(Default)]
pub(super) struct OriginsBuilder {
    entries: Vec<AllowedOrigin>,
    base: Option<Base>,
    /// The first that is invalid, for an error.
    invalid: Option<(String, InvalidOrigin)>,
}

impl<T: Transport> SessionBuilder<T> {
    /// Lets the token go to this origin: scheme, host, and port unless it is the default one. Can
    /// be called several times.
    ///
    /// The scheme must be `https`, or `http` for a loopback host. Write a host name that is not
    /// ASCII in its ASCII form (`xn--…`).
    ///
    /// With a path, the token goes to that path and below it only: `https://example.com/v1` allows
    /// `/v1` and `/v1/books`, but not `/v10`. A request is then refused if its path could be read
    /// as another one: if it has dot segments (`/v1/../admin`) or backslashes, percent-encoded
    /// ones (`%2e`, `%2f`, `%5c`, also encoded twice, `..;`), or escapes that are not UTF-8.
    pub fn origin(mut self, origin: &str) -> Self {
        self.origins.allow(origin, AllowedOrigin::secure(origin));
        self
    }

    /// As [`origin`](Self::origin), but allows `http` to any host. Everybody on the network path
    /// can then read the token.
    pub fn insecure_origin(mut self, origin: &str) -> Self {
        self.origins.allow(origin, AllowedOrigin::insecure(origin));
        self
    }

    /// Sends requests whose URL is only a path, such as `/books`, below this URL: with
    /// `https://example.com/v1/` that becomes `https://example.com/v1/books`. By default such a
    /// request is an error. Absolute URLs are left as they are.
    ///
    /// The token may go to this URL, as if it were an [`origin`](Self::origin). If it is `http` to
    /// a host other than a loopback host, it must be an
    /// [`insecure_origin`](Self::insecure_origin), too.
    ///
    /// A path cannot leave the base URL: `//host`, and paths that could be read as another one
    /// (see [`origin`](Self::origin)), are errors before anything is sent.
    ///
    /// ```
    /// # use reauth::{Session, Transport};
    /// # async fn example<T: Transport>(session: Session<T>) -> Result<(), Box<dyn std::error::Error>> {
    /// // The session was built with `.base_url("https://example.com/v1/")`.
    /// let books = session.execute(http::Request::get("/books").body(())?).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn base_url(mut self, base: &str) -> Self {
        match Base::read(base) {
            Ok(read) => self.origins.base = Some(read),
            Err(invalid) => self.origins.refuse(base, invalid),
        }
        self
    }

    /// How requests carry the token. By default [`Bearer`](crate::Bearer).
    ///
    /// A request that already has this header is sent as it is. 401s are read by
    /// [`Meaning::of`](crate::Meaning::of), which knows the schemes of RFCs only: if your server
    /// names a scheme of its own in `WWW-Authenticate`, set [`refused_when`](Self::refused_when).
    ///
    /// ```
    /// # use reauth::{HeaderScheme, InvalidScheme, SessionBuilder, Transport};
    /// # fn example<T: Transport>(builder: SessionBuilder<T>) -> Result<SessionBuilder<T>, InvalidScheme> {
    /// let builder = builder.scheme(HeaderScheme::new("x-api-key")?);
    /// # Ok(builder)
    /// # }
    /// ```
    pub fn scheme(mut self, scheme: impl Scheme) -> Self {
        self.scheme = Arc::new(scheme);
        self
    }
}

impl OriginsBuilder {
    fn allow(&mut self, text: &str, entry: Result<AllowedOrigin, InvalidOrigin>) {
        match entry {
            Ok(entry) => self.entries.push(entry),
            Err(invalid) => self.refuse(text, invalid),
        }
    }

    fn refuse(&mut self, text: &str, invalid: InvalidOrigin) {
        self.invalid.get_or_insert_with(|| (shown(text), invalid));
    }

    /// The URI schemes of all origins.
    pub(super) fn schemes(&self) -> impl Iterator<Item = uri::Scheme> {
        let schemes = self.entries.iter().map(AllowedOrigin::scheme);
        schemes.chain(self.base.iter().map(Base::scheme))
    }

    pub(super) fn build(mut self, header: HeaderName) -> Result<AllowedOrigins, BuildError> {
        if let Some(base) = &self.base
            && self.invalid.is_none()
        {
            let shown = || format!("{base:?}");
            match base.entry() {
                Ok(entry) if entry.is_secure() => self.entries.push(entry),
                Ok(entry) if self.entries.iter().any(|allowed| allowed.covers(&entry)) => {}
                Ok(_) => self.invalid = Some((shown(), InvalidOrigin::Insecure)),
                Err(invalid) => self.invalid = Some((shown(), invalid)),
            }
        }
        if let Some((text, invalid)) = self.invalid {
            let kind = match invalid {
                InvalidOrigin::Malformed | InvalidOrigin::Wildcard => BuildErrorKind::InvalidOrigin,
                InvalidOrigin::Insecure => BuildErrorKind::InsecureOrigin,
            };
            return Err(BuildError::because(kind, format!("{text}: {invalid}")));
        }
        if self.entries.is_empty() {
            return Err(BuildError::new(BuildErrorKind::NoOrigin));
        }
        Ok(AllowedOrigins {
            entries: self.entries,
            base: self.base,
            header,
        })
    }
}

/// An origin for an error, without user information and query, which may be secret.
fn shown(origin: &str) -> String {
    let origin = origin.split(['?', '#']).next().unwrap_or_default();
    if origin.contains('@') {
        "an origin with user information".to_owned()
    } else {
        format!("{origin:?}")
    }
}

impl fmt::Debug for OriginsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(&self.entries)
            .entries(&self.base)
            .finish()
    }
}
