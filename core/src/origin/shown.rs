//! A URL for errors and logs.

use http::Uri;

/// How many characters of a path are shown.
pub(crate) const LONGEST_PATH: usize = 200;

/// The origin and the path, without query and user information, which may hold a secret.
pub(crate) fn shown(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit('@').next().unwrap_or_default();
    let path: String = uri.path().chars().take(LONGEST_PATH).collect();
    format!("{scheme}://{host}{path}")
}
