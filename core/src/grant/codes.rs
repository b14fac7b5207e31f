//! What the words of a token server mean: whose fault each says it is.

use super::RefreshErrorKind::{self, Misconfigured, Refused, Transient, Unknown};

/// A code that is known, in our own words: what the server wrote is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) word: &'static str,
    pub(super) kind: RefreshErrorKind,
    certainty: Certainty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Certainty {
    Certain,
    /// Servers say this of anything; a sentence beside it says more.
    Vague,
}

impl Said {
    pub(super) const DEAD: Self = certain("that the refresh token is dead", Refused);
    /// A sentence: it may be a proxy's.
    pub(super) const BUSY: Self = vague("that it may be asked again", Transient);
    pub(super) const SOMETHING_ELSE: Self = vague("that something else is at fault", Misconfigured);
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

/// Those of [RFC 6749 §5.2], [RFC 8707 §2] and [OpenID Connect Core §3.1.2.6], and what large
/// servers say in their place (`docs/providers.md`).
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
    // Zoho's, which says `invalid_code` of a refresh token too, and Anthropic's.
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

/// What a code says, in any case and with whatever between its words.
pub(super) fn said(code: &str) -> Option<Said> {
    let is_sentence = code.trim().contains(' ');
    let word = in_words(code).join("_");
    let listed = CODES.iter().find(|said| said.word == word).copied();
    // Many say `NotFoundError` of a path that is none.
    let listed = listed.filter(|said| said.word != NOT_FOUND || code == NOT_FOUND);
    // Of a refresh token there is little else to say, and no two servers say it alike.
    listed.or_else(|| {
        let about = word.contains("refresh_token") && !is_sentence;
        let dead = about
            && ENDS
                .iter()
                .any(|end| word.split('_').any(|part| part == *end));
        dead.then_some(Said::DEAD)
    })
}

/// Anthropic's, of a dead refresh token.
const NOT_FOUND: &str = "not_found_error";

/// What a code about a refresh token says of its end.
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

/// Its words in lower case: `InvalidGrant`, `INVALID-GRANT` and `invalid grant` are one.
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

/// How much of a sentence is read, in characters.
const LONGEST_SENTENCE: usize = 512;
#[cfg(test)]
mod tests;
