//! A URL for an error or a log.

use http::Uri;

/// How much of a path is shown, in characters.
pub(crate) const LONGEST_PATH: usize = 200;

/// Its origin and its path: a query and user information may hold a secret.
pub(crate) fn shown(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit('@').next().unwrap_or_default();
    let path: String = uri.path().chars().take(LONGEST_PATH).collect();
    format!("{scheme}://{host}{path}")
}
