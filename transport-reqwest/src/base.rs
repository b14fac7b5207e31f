//! Parses the URL of a request from its URI.

use std::fmt;
use std::sync::OnceLock;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use reqwest::Url;
use url::{ParseError, Position};

/// The first origin that a client sends to, parsed once. Most clients send to one origin only, and
/// the host is the most expensive part of a URL to parse.
#[derive(Default)]
pub(crate) struct Base(OnceLock<First>);

struct First {
    scheme: Scheme,
    authority: Authority,
    url: Url,
}

impl Base {
    /// Returns what [`Url::parse`] returns for this URI.
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

/// The first URL of a token call, parsed once: all token calls of a session share one endpoint.
#[derive(Default)]
pub(crate) struct Endpoint(OnceLock<(Uri, Url)>);

impl Endpoint {
    /// Returns what [`Url::parse`] returns for this URI.
    pub(crate) fn url(&self, uri: &Uri) -> Result<Url, ParseError> {
        match self.0.get() {
            Some((first, url)) if spelled_alike(first, uri) => Ok(url.clone()),
            Some(_) => Url::parse(&uri.to_string()),
            None => {
                let url = Url::parse(&uri.to_string())?;
                // User information is a secret and must not be kept.
                if url.username().is_empty() && url.password().is_none() {
                    _ = self.0.set((uri.clone(), url.clone()));
                }
                Ok(url)
            }
        }
    }
}

/// Compares byte by byte, so URIs that differ only in case count as different.
fn spelled_alike(one: &Uri, other: &Uri) -> bool {
    one.scheme() == other.scheme()
        && one.authority().map(Authority::as_str) == other.authority().map(Authority::as_str)
        && one.path_and_query().map(PathAndQuery::as_str)
            == other.path_and_query().map(PathAndQuery::as_str)
}

/// Hides the URL, as every `Debug` here does.
impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Base").finish_non_exhaustive()
    }
}

/// Hides the URL: its query may hold a key.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").finish_non_exhaustive()
    }
}

impl First {
    /// Leaves out path and query, which may be secret. Returns `None` for a URI with user
    /// information.
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

    /// Returns `None` for another origin, and for a path that a URL parser could read as a host
    /// (such as `//host`).
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
