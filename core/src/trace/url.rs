//! A URL with possible secrets redacted.

use http::Uri;

/// The replacement for a secret, by OpenTelemetry's conventions.
const REDACTED: &str = "REDACTED";

/// The URL, with user information and all values of the query redacted.
pub(super) fn redacted(uri: &Uri) -> String {
    let mut url = String::new();
    if let Some(scheme) = uri.scheme_str() {
        url.extend([scheme, "://"]);
    }
    if let Some(authority) = uri.authority() {
        match authority.as_str().rsplit_once('@') {
            Some((_, host)) => url.extend([REDACTED, ":", REDACTED, "@", host]),
            None => url.push_str(authority.as_str()),
        }
    }
    url.push_str(uri.path());
    let mut separator = "?";
    for pair in uri.query().into_iter().flat_map(|query| query.split('&')) {
        url.push_str(separator);
        separator = "&";
        match pair.split_once('=') {
            Some((name, _)) => url.extend([name, "=", REDACTED]),
            None if pair.is_empty() => {}
            // It may be a value without a name.
            None => url.push_str(REDACTED),
        }
    }
    url
}

#[cfg(test)]
mod tests;
