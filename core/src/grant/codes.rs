//! The error codes of token servers, and the class of each.

use super::RefreshErrorKind::{self, Misconfigured, Refused, Transient, Unknown};

/// A known error code. The text is ours: what the server wrote is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) word: &'static str,
    pub(super) kind: RefreshErrorKind,
    certainty: Certainty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Certainty {
    Certain,
    /// Servers use it for several causes: a description takes precedence.
    Vague,
}

impl Said {
    pub(super) const DEAD: Self = certain("that the refresh token is no longer valid", Refused);
    /// From a description, which may be a proxy's.
    pub(super) const BUSY: Self = vague("that the request may be sent again", Transient);
    pub(super) const SOMETHING_ELSE: Self = vague(
        "with an error that is not about the refresh token",
        Misconfigured,
    );
    pub(super) const UNAVAILABLE: Self = certain("temporarily_unavailable", Transient);

    const fn new(word: &'static str, kind: RefreshErrorKind, certainty: Certainty) -> Self {
        Self {
            word,
            kind,
            certainty,
        }
    }

    pub(super) fn is_vague(self) -> bool {
        self.certainty == Certainty::Vague
    }
}

const fn certain(word: &'static str, kind: RefreshErrorKind) -> Said {
    Said::new(word, kind, Certainty::Certain)
}

const fn vague(word: &'static str, kind: RefreshErrorKind) -> Said {
    Said::new(word, kind, Certainty::Vague)
}

/// The codes of [RFC 6749 §5.2], [RFC 8707 §2] and [OpenID Connect Core §3.1.2.6], and those that
/// servers use instead (`docs/providers.md`).
///
/// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
/// [RFC 8707 §2]: https://www.rfc-editor.org/rfc/rfc8707#section-2
/// [OpenID Connect Core §3.1.2.6]: https://openid.net/specs/openid-connect-core-1_0.html#AuthError
const CODES: &[Said] = &[
    certain("invalid_grant", Refused),
    certain("invalid_token", Refused),
    certain("expired_token", Refused),
    certain("revoked_token", Refused),
    certain("token_expired", Refused),
    certain("token_revoked", Refused),
    certain("token_invalid", Refused),
    certain("token_not_valid", Refused),
    certain("token_inactive", Refused),
    certain("interaction_required", Refused),
    certain("consent_required", Refused),
    certain("login_required", Refused),
    certain("mfa_required", Refused),
    certain("account_selection_required", Refused),
    certain("reauthentication_required", Refused),
    certain("reauth_required", Refused),
    certain("session_expired", Refused),
    certain("session_not_found", Refused),
    certain("session_revoked", Refused),
    certain("invalid_session", Refused),
    certain("user_not_found", Refused),
    certain("user_disabled", Refused),
    certain("user_banned", Refused),
    certain("user_deactivated", Refused),
    certain("account_inactive", Refused),
    certain("access_revoked", Refused),
    certain("grant_not_found", Refused),
    // From Zoho, for refresh tokens too, and from Anthropic.
    certain("invalid_code", Refused),
    certain("not_found_error", Refused),
    certain("expired_token_exception", Refused),
    certain("invalid_grant_exception", Refused),
    certain("invalid_client", Misconfigured),
    certain("invalid_client_id", Misconfigured),
    certain("invalid_client_secret", Misconfigured),
    certain("invalid_client_exception", Misconfigured),
    certain("bad_client_secret", Misconfigured),
    certain("incorrect_client_credentials", Misconfigured),
    certain("unauthorized_client_exception", Misconfigured),
    certain("unsupported_grant_type", Misconfigured),
    certain("invalid_grant_type", Misconfigured),
    certain("invalid_scope", Misconfigured),
    certain("invalid_target", Misconfigured),
    certain("invalid_api_key", Misconfigured),
    certain("use_dpop_nonce", Misconfigured),
    certain("invalid_dpop_proof", Misconfigured),
    Said::UNAVAILABLE,
    certain("slow_down", Transient),
    certain("too_many_requests", Transient),
    certain("rate_limited", Transient),
    certain("rate_limit_exceeded", Transient),
    certain("rate_limit_error", Transient),
    certain("over_request_rate_limit", Transient),
    certain("server_error", Unknown),
    vague("invalid_request", Misconfigured),
    vague("unauthorized_client", Misconfigured),
    vague("access_denied", Misconfigured),
];

/// The known code for this text, in any case and with any separators.
pub(super) fn said(code: &str) -> Option<Said> {
    let is_sentence = code.trim().contains(' ');
    let word = in_words(code).join("_");
    let listed = CODES.iter().find(|said| said.word == word).copied();
    // Many servers send `NotFoundError` for an unknown path.
    let listed = listed.filter(|said| said.word != NOT_FOUND || code == NOT_FOUND);
    // Servers have many codes for a dead refresh token, all of this form.
    listed.or_else(|| {
        let about = word.contains("refresh_token") && !is_sentence;
        let dead = about
            && ENDS
                .iter()
                .any(|end| word.split('_').any(|part| part == *end));
        dead.then_some(Said::DEAD)
    })
}

/// Anthropic's code for a dead refresh token.
const NOT_FOUND: &str = "not_found_error";

/// The words that say in a code that the refresh token is dead.
const ENDS: [&str; 14] = [
    "invalid",
    "invalidated",
    "expired",
    "revoked",
    "reused",
    "reuse",
    "used",
    "bad",
    "unknown",
    "found",
    "inactive",
    "mismatch",
    "malformed",
    "rejected",
];

/// The words in lower case: `InvalidGrant`, `INVALID-GRANT` and `invalid grant` are equal.
fn in_words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for char in text.chars().take(LONGEST_SENTENCE) {
        let begins = !char.is_alphanumeric() || (char.is_uppercase() && before.is_lowercase());
        if begins {
            words.push(String::new());
        }
        if char.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(char.to_lowercase());
        }
        before = char;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// How many characters are read.
const LONGEST_SENTENCE: usize = 512;
#[cfg(test)]
mod tests;
