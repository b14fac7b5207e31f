//! The answer of a token server, as every grant of this crate reads it.
//!
//! It decides in which class an answer falls (`docs/answers.md`). It is lenient: an odd member
//! must not cost a token that is good. It never repeats what the server wrote.

use http::header::CONTENT_ENCODING;
use http::{HeaderMap, Response, StatusCode};

use super::codes::known;
use super::members::Members;
use super::{JsonNames, RefreshError, RefreshErrorKind, refused_by_status};
use crate::TokenResponse;

/// What a question proved itself with, and so what is at fault where it is refused.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "oauth2"),
    expect(dead_code, reason = "a client is what OAuth 2.0 has")
)]
pub(super) enum Proof {
    /// A refresh token alone.
    RefreshToken,
    /// A refresh token, and who the client is.
    Both,
    /// Who the client is, alone.
    Client,
}

/// Reads an answer with members of these names.
pub(super) fn read(
    answer: &Response<impl AsRef<[u8]>>,
    names: &JsonNames,
    proof: Proof,
) -> Result<TokenResponse, RefreshError> {
    let status = answer.status();
    let members = Members::of(answer.body().as_ref());
    if status.is_success() {
        let members = members.ok_or_else(|| unreadable(answer.headers()))?;
        return granted(&members, names, proof);
    }
    let by_status = refused_by_status(answer);
    let code = members
        .as_ref()
        .and_then(|members| members.text(&names.error));
    let retry_after = by_status.retry_after();
    let error = match by_status.kind() {
        RefreshErrorKind::Refused | RefreshErrorKind::Misconfigured => {
            let by_code = code.and_then(|code| refused(code, proof));
            by_code.unwrap_or_else(|| without_code(by_status, status, proof))
        }
        // Whether it was processed, the status says.
        RefreshErrorKind::Transient | RefreshErrorKind::Unknown => by_status,
    };
    Err(match retry_after {
        Some(retry_after) => error.with_retry_after(retry_after),
        None => error,
    })
}

/// Whether an object in JSON is there to its end, whatever comes behind it.
pub(super) fn is_whole(body: &[u8]) -> bool {
    Members::are_whole(body)
}

/// What was sent in another encoding than was asked for is not unpacked.
fn unreadable(headers: &HeaderMap) -> RefreshError {
    let packed = ["gzip", "br", "deflate", "zstd"]
        .into_iter()
        .find(|packed| {
            let encodings = headers.get_all(CONTENT_ENCODING).iter();
            encodings
                .filter_map(|encoding| encoding.to_str().ok())
                .any(|encoding| encoding.eq_ignore_ascii_case(packed))
        });
    match packed {
        Some(packed) => RefreshError::unknown(format!(
            "the answer is encoded with {packed}, though identity was asked for"
        )),
        None => RefreshError::unknown("the answer is no object in JSON, or not whole"),
    }
}

fn granted(
    members: &Members<'_>,
    names: &JsonNames,
    proof: Proof,
) -> Result<TokenResponse, RefreshError> {
    let Some(access_token) = members.text(&names.access_token) else {
        let code = members.text(&names.error);
        let refused = code.and_then(|code| refused(code, proof));
        return Err(refused
            .unwrap_or_else(|| RefreshError::unknown("the answer has no access token in it")));
    };
    let mut response = TokenResponse::new(access_token).map_err(RefreshError::unknown)?;
    if let Some(refresh_token) = members.text(&names.refresh_token) {
        response = response.with_refresh_token(refresh_token);
    }
    if let Some(expires_in) = members.seconds(&names.expires_in) {
        response = response.with_expires_in(expires_in);
    }
    if let Some(scope) = members.text(&names.scope) {
        response = response.with_scope(scope);
    }
    if let Some(token_type) = members.text(&names.token_type) {
        response = response.with_token_type(token_type);
    }
    Ok(response)
}

fn refused(code: &str, proof: Proof) -> Option<RefreshError> {
    let (code, kind) = known(code)?;
    let said = format!("the token endpoint answered {code}");
    Some(match (kind, proof) {
        // A client without a user has nobody to sign in again.
        (RefreshErrorKind::Refused, Proof::Client) => RefreshError::misconfigured(said),
        (RefreshErrorKind::Refused, _) => RefreshError::refused(said),
        (RefreshErrorKind::Misconfigured, _) => RefreshError::misconfigured(said),
        (RefreshErrorKind::Transient, _) => RefreshError::transient(said),
        (RefreshErrorKind::Unknown, _) => RefreshError::unknown(said),
    })
}

/// A bare 401 refuses what the question proved itself with: the client, where it had to.
fn without_code(by_status: RefreshError, status: StatusCode, proof: Proof) -> RefreshError {
    match proof {
        Proof::RefreshToken => by_status,
        Proof::Both | Proof::Client => {
            RefreshError::misconfigured(format!("the token endpoint answered {status}"))
        }
    }
}

#[cfg(test)]
#[path = "answers_tests.rs"]
mod tests;
