//! The URL of a request, read from its URI.

use std::fmt;
use std::sync::OnceLock;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use reqwest::Url;
use url::{ParseError, Position};

/// The first origin that a client sends to, read once: most send to no other, and to read a host
/// is the larger part of reading a URL.
#[derive(Default)]
pub(crate) struct Base(OnceLock<First>);

struct First {
    scheme: Scheme,
    authority: Authority,
    url: Url,
}

impl Base {
    /// As [`Url::parse`].
    pub(crate) fn url(&self, uri: &Uri) -> Result<Url, ParseError> {
        if let Some(first) = self.0.get()
            && let Some(url) = first.join(uri)
        {
            return Ok(url);
        }
        let url = Url::parse(&uri.to_string())?;
        if self.0.get().is_none()
            && let Some(first) = First::of(uri, &url)
        {
            _ = self.0.set(first);
        }
        Ok(url)
    }
}

/// The first URL of a token call, read once: a session makes them all to one endpoint.
#[derive(Default)]
pub(crate) struct Endpoint(OnceLock<(Uri, Url)>);

impl Endpoint {
    /// As [`Url::parse`].
    pub(crate) fn url(&self, uri: &Uri) -> Result<Url, ParseError> {
        match self.0.get() {
            Some((first, url)) if spelled_alike(first, uri) => Ok(url.clone()),
            Some(_) => Url::parse(&uri.to_string()),
            None => {
                let url = Url::parse(&uri.to_string())?;
                // What is a secret is kept by nobody.
                if url.username().is_empty() && url.password().is_none() {
                    _ = self.0.set((uri.clone(), url.clone()));
                }
                Ok(url)
            }
        }
    }
}

/// Letter by letter: two that are equal may differ in case.
fn spelled_alike(one: &Uri, other: &Uri) -> bool {
    one.scheme() == other.scheme()
        && one.authority().map(Authority::as_str) == other.authority().map(Authority::as_str)
        && one.path_and_query().map(PathAndQuery::as_str)
            == other.path_and_query().map(PathAndQuery::as_str)
}

/// Not what it is, as of every URL.
impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Base").finish_non_exhaustive()
    }
}

/// As for [`Base`]: its query may hold a key.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").finish_non_exhaustive()
    }
}

impl First {
    /// Neither path nor query, which may be a secret; none where there is user information.
    fn of(uri: &Uri, url: &Url) -> Option<Self> {
        let (scheme, authority) = (uri.scheme()?, uri.authority()?);
        if authority.as_str().contains('@') {
            return None;
        }
        let mut url = url.clone();
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        Some(Self {
            scheme: scheme.clone(),
            authority: Authority::try_from(authority.as_str()).ok()?,
            url,
        })
    }

    /// None where the URI is of another origin, or where its path begins in a way that could be
    /// one (`//host`, and what is read as that).
    fn join(&self, uri: &Uri) -> Option<Url> {
        if uri.scheme() != Some(&self.scheme)
            || uri.authority()?.as_str() != self.authority.as_str()
        {
            return None;
        }
        let target = uri.path_and_query()?.as_str();
        let [b'/', rest @ ..] = target.as_bytes() else {
            return None;
        };
        if rest
            .first()
            .is_some_and(|first| !first.is_ascii_alphanumeric())
        {
            return None;
        }
        let url = self.url.join(target).ok()?;
        let same = url[..Position::BeforePath] == self.url[..Position::BeforePath];
        same.then_some(url)
    }
}

#[cfg(test)]
mod tests;
