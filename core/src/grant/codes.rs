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

    pub(super) fn is_vague(self) -> bool {
        self.certainty == Certainty::Vague
    }
}

const fn certain(word: &'static str, kind: RefreshErrorKind) -> Said {
    let certainty = Certainty::Certain;
    Said {
        word,
        kind,
        certainty,
    }
}

const fn vague(word: &'static str, kind: RefreshErrorKind) -> Said {
    let certainty = Certainty::Vague;
    Said {
        word,
        kind,
        certainty,
    }
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
    certain("invalid_dpop_proof", Misconfigured),
    certain("temporarily_unavailable", Transient),
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
    let code = in_words(code).join("_");
    let listed = CODES.iter().find(|said| said.word == code).copied();
    // Of a refresh token there is little else to say, and no two servers say it alike.
    listed.or_else(|| {
        let about = code.contains("refresh_token") && !is_sentence;
        let dead = about && names_a_death(&code.replace('_', " "));
        dead.then_some(Said::DEAD)
    })
}

/// Its words in lower case: `InvalidGrant`, `INVALID-GRANT` and `invalid grant` are one. One that
/// is over long is none.
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

/// Whether a sentence says that the refresh token will never be accepted again.
pub(super) fn tells_of_a_dead_token(sentence: &str) -> bool {
    let sentence = format!(" {} ", in_words(sentence).join(" "));
    let has = |phrases: &[&str]| phrases.iter().any(|phrase| sentence.contains(phrase));
    if has(&SIGN_IN) {
        return true;
    }
    if has(&NOT_SENT) {
        return false;
    }
    let about = has(&[" refresh token", " refreshtoken", " authorization grant"])
        || has(&[" token ", " jwt "]) && !has(&OTHER_TOKENS);
    about && names_a_death(&sentence)
}

/// Whether a sentence says that the same question may be asked again.
pub(super) fn tells_to_try_again(sentence: &str) -> bool {
    const PHRASES: [&str; 4] = [
        " please retry",
        " try again later",
        " temporarily unavailable",
        " retry the request",
    ];
    let sentence = format!(" {} ", in_words(sentence).join(" "));
    PHRASES.iter().any(|phrase| sentence.contains(phrase))
}

fn names_a_death(sentence: &str) -> bool {
    DEATHS.iter().any(|death| sentence.contains(death))
}

/// What only a person can do.
const SIGN_IN: [&str; 14] = [
    " log in again",
    " logging in again",
    " signing in again",
    " session has been",
    " session has ended",
    " login again",
    " sign in again",
    " reauthenticat",
    " re authenticat",
    " reauthoriz",
    " session expired",
    " session has expired",
    " session not found",
    " session is no longer",
];

/// The refresh token is not where it should be, so it is not the one that is at fault.
const NOT_SENT: [&str; 8] = [
    " missing",
    " required",
    " not provided",
    " must be",
    " must provide",
    " is empty",
    " grant type",
    " not allowed to use",
];

const OTHER_TOKENS: [&str; 8] = [
    " client",
    " csrf",
    " xsrf",
    " access token",
    " id token",
    " api token",
    " api key",
    " token type",
];

const DEATHS: [&str; 23] = [
    "requires an active",
    "invalid",
    "expired",
    "revoked",
    "reuse",
    "already used",
    "been used",
    "already been",
    "not found",
    "unknown",
    "not valid",
    "no longer",
    "inactive",
    "not active",
    "not exist",
    "t exist",
    "incorrect",
    "bad ",
    "malformed",
    "rejected",
    "consumed",
    "not recogni",
    "not match",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promise_11_a_code_is_known_however_it_is_spelled() {
        for code in [
            "invalid_grant",
            "INVALID_GRANT",
            "Invalid Grant",
            "invalid-grant",
            "InvalidGrant",
        ] {
            assert_eq!(
                said(code).map(|said| said.word),
                Some("invalid_grant"),
                "{code}"
            );
        }
        let kind = |code| said(code).map(|said| said.kind);
        for dead in [
            "refresh_token_reused",
            "refresh_token_invalidated",
            "REFRESH_TOKEN_EXPIRED",
            "bad_refresh_token",
            "invalid_refresh_token",
            "InvalidRefreshToken",
            "refreshTokenNotFound",
            "refresh_token_already_used",
            "expired_refresh_token",
        ] {
            assert_eq!(kind(dead), Some(Refused), "{dead}");
        }
        for unknown in [
            "",
            "error",
            "refresh_token",
            "missing_refresh_token",
            "api_error",
            "400",
        ] {
            assert_eq!(kind(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn promise_11_a_sentence_tells_of_a_dead_token_or_of_something_else() {
        for dead in [
            "Invalid refresh token",
            "refresh_token is invalid",
            "Unknown or invalid refresh token.",
            "The refresh token has already been used",
            "Your refresh token was revoked. Please log out and sign in again.",
            "refresh+token+passed+is+incorrect+or+expired",
            "Token has been expired or revoked.",
            "token expired",
            "jwt expired",
            "The provided authorization grant is invalid",
            "Refresh token doesn't exist",
            "Session not found",
            "RefreshToken not recognised",
        ] {
            assert!(tells_of_a_dead_token(dead), "{dead}");
        }
        for other in [
            "",
            "Missing required parameter: refresh_token",
            "refresh_token is required",
            "The client is not allowed to use the grant type refresh_token",
            "refresh_token grant type is invalid for this client",
            "Invalid client secret",
            "CSRF token invalid",
            "Invalid access token",
            "invalid token type hint",
            "The request is malformed",
            "Unknown endpoint",
            "Not Found",
        ] {
            assert!(!tells_of_a_dead_token(other), "{other}");
        }
    }
}
