//! The error codes of a token server, and whose fault each says it is.

use super::RefreshErrorKind::{self, Misconfigured, Refused};

/// Those of [RFC 6749 §5.2] and [RFC 8707 §2], and what large servers say in their place.
///
/// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
/// [RFC 8707 §2]: https://www.rfc-editor.org/rfc/rfc8707#section-2
const CODES: [(&str, RefreshErrorKind); 12] = [
    ("invalid_grant", Refused),
    ("invalid_request", Misconfigured),
    ("invalid_client", Misconfigured),
    ("unauthorized_client", Misconfigured),
    ("unsupported_grant_type", Misconfigured),
    ("invalid_scope", Misconfigured),
    ("invalid_target", Misconfigured),
    // GitHub's.
    ("bad_refresh_token", Refused),
    ("incorrect_client_credentials", Misconfigured),
    // Slack's.
    ("invalid_refresh_token", Refused),
    ("invalid_client_id", Misconfigured),
    ("bad_client_secret", Misconfigured),
];

/// A code that is known, in our own words: what the server wrote is not repeated.
pub(super) fn known(code: &str) -> Option<(&'static str, RefreshErrorKind)> {
    CODES.into_iter().find(|(known, _)| *known == code)
}
