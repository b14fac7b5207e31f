//! Where a session's token may go, and how, as its owner says it.

use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use http::uri;

use super::SessionBuilder;
use super::{BuildError, BuildErrorKind};
use crate::origin::{Base, InvalidOrigin, Place};
use crate::session::execute::AllowedOrigins;
use crate::{Scheme, Transport};

/// What was said so far.
#[derive(Default)]
pub(super) struct OriginsBuilder {
    places: Vec<Place>,
    base: Option<Base>,
    /// The first that is none, for an error.
    invalid: Option<(String, InvalidOrigin)>,
}

impl<T: Transport> SessionBuilder<T> {
    /// Lets the token go to this origin: scheme, host, and port where it is not the default one.
    ///
    /// It must be `https`, or `http` on this machine. May be called for several.
    ///
    /// With a path, the token goes to that path and what is below it: `https://example.com/v1`
    /// lets it go to `/v1` and `/v1/outbox`, not to `/v10`. A path that could be read as another
    /// one is refused then: one with dot segments (`/v1/../admin`), with backslashes, with either
    /// in disguise (`%2e`, `%2f`, `%5c`, twice encoded too, `..;`), or with escapes that are no
    /// UTF-8. Without a path, it goes to all of them. A name that is not ASCII is written in its
    /// ASCII form (`xn--…`).
    pub fn origin(mut self, origin: &str) -> Self {
        self.destinations.allow(origin, Place::secure(origin));
        self
    }

    /// As [`origin`](Self::origin), with `http` to anywhere: the token is readable on the way.
    pub fn insecure_origin(mut self, origin: &str) -> Self {
        self.destinations.allow(origin, Place::insecure(origin));
        self
    }

    /// Sends a request without an origin, such as one for `/outbox`, below this URL:
    /// `https://example.com/v1/` makes it `https://example.com/v1/outbox`. By default such a
    /// request is an error.
    ///
    /// The token may go there, as with [`origin`](Self::origin), which allows more; where it is
    /// `http` and not on this machine, [`insecure_origin`](Self::insecure_origin) must allow it,
    /// too.
    ///
    /// A request cannot lead out of it: one for `//host`, and one whose path could be read as
    /// another (see [`origin`](Self::origin)), is an error before anything is sent. An absolute
    /// URL is taken as it is.
    ///
    /// ```
    /// # use reauth::{Session, Transport};
    /// # async fn example<T: Transport>(session: Session<T>) -> Result<(), Box<dyn std::error::Error>> {
    /// // Of a session that was built with `.base_url("https://example.com/v1/")`.
    /// let outbox = session.execute(http::Request::get("/outbox").body(())?).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn base_url(mut self, base: &str) -> Self {
        match Base::read(base) {
            Ok(read) => self.destinations.base = Some(read),
            Err(invalid) => self.destinations.refuse(base, invalid),
        }
        self
    }

    /// How a request carries the token. By default [`Bearer`](crate::Bearer).
    ///
    /// A request that has that header already goes as it is. What a server means by a 401 is read
    /// as [`Meaning::of`](crate::Meaning::of) does, for which a scheme of its own is a foreign one:
    /// where yours names one in `WWW-Authenticate`, say so with
    /// [`refused_when`](Self::refused_when).
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
    fn allow(&mut self, text: &str, place: Result<Place, InvalidOrigin>) {
        match place {
            Ok(place) => self.places.push(place),
            Err(invalid) => self.refuse(text, invalid),
        }
    }

    fn refuse(&mut self, text: &str, invalid: InvalidOrigin) {
        self.invalid.get_or_insert_with(|| (shown(text), invalid));
    }

    /// The schemes of all of them.
    pub(super) fn schemes(&self) -> impl Iterator<Item = uri::Scheme> {
        let places = self.places.iter().map(Place::scheme);
        places.chain(self.base.iter().map(Base::scheme))
    }

    pub(super) fn origins(mut self, header: HeaderName) -> Result<AllowedOrigins, BuildError> {
        if let Some(base) = &self.base
            && self.invalid.is_none()
        {
            let shown = || format!("{base:?}");
            match base.place() {
                Ok(place) if place.is_secure() => self.places.push(place),
                Ok(place) if self.places.iter().any(|allowed| allowed.covers(&place)) => {}
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
        if self.places.is_empty() {
            return Err(BuildError::new(BuildErrorKind::NoOrigin));
        }
        Ok(AllowedOrigins {
            places: self.places,
            base: self.base,
            header,
        })
    }
}

/// An origin for an error: user information may be a secret, and so may a query.
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
            .entries(&self.places)
            .entries(&self.base)
            .finish()
    }
}
