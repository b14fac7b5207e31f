//! Reads the response of a token server, for every grant of this crate.
//!
//! It decides the class of the response (`docs/answers.md`). It is lenient: an odd member must not
//! cost a valid token. Its errors never repeat what the server wrote.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, Response};

use super::RefreshErrorKind::{Misconfigured, Refused, Transient, Unknown};
use super::codes::Said;
use super::error_response::ErrorResponse;
use super::members::{self, Members};
use super::words::{Words, Writer};
use super::{JsonNames, RefreshError, refused_by_status};
use crate::TokenResponse;

/// The credentials of a token request: what is at fault if it is refused.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "oauth2"),
    expect(dead_code, reason = "only OAuth 2.0 has clients")
)]
pub(super) enum Proof {
    /// A refresh token, with or without a client id.
    RefreshToken,
    /// A refresh token and a client secret.
    Both,
    /// A client secret.
    Client,
}

/// What the application configured for reading responses.
#[derive(Clone, Default)]
pub(super) struct Reading {
    dead_when: Option<DeadWhen>,
    /// The names of the members to keep with the token.
    kept: Vec<String>,
}

type DeadWhen = Arc<dyn Fn(&ErrorResponse) -> bool + Send + Sync>;

impl Reading {
    pub(super) fn dead_when(
        &mut self,
        dead: impl Fn(&ErrorResponse) -> bool + Send + Sync + 'static,
    ) {
        self.dead_when = Some(Arc::new(dead));
    }

    pub(super) fn keep(&mut self, member: String) {
        self.kept.push(member);
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

/// Reads a response whose members have these names.
pub(super) fn read(
    answer: &Response<Bytes>,
    names: &JsonNames,
    proof: Proof,
    reading: &Reading,
) -> Result<TokenResponse, RefreshError> {
    let body = answer.body().as_ref();
    if answer.status().is_success()
        && let Some(members) = Members::of(body)
        && let Some(granted) = granted(&members, names)
    {
        let kept = members::kept(body, &reading.kept).into_iter();
        let keep = |token: TokenResponse, (name, value)| token.with_extra(name, value);
        return granted.map(|token| kept.fold(token, keep));
    }
    let words = Words::of(answer, &names.error);
    let said = words.answer(answer);
    let by_status = refused_by_status(answer);
    let retry_after = by_status.retry_after();
    let error = match &reading.dead_when {
        Some(dead) if dead(&said) => {
            RefreshError::refused("dead_when matched the response of the token endpoint")
        }
        Some(_) | None => classed(answer, &words, by_status, proof),
    };
    let error = error.with_answer(match answer.status().is_success() {
        // The body of a success may hold a token.
        true => said.without_body(),
        false => said,
    });
    Err(match retry_after {
        Some(retry_after) => error.with_retry_after(retry_after),
        None => error,
    })
}

/// The error for a response without a token.
fn classed(
    answer: &Response<Bytes>,
    words: &Words,
    by_status: RefreshError,
    proof: Proof,
) -> RefreshError {
    let status = answer.status();
    let answered = |what: &str| format!("the token endpoint answered {what}");
    if words.writer == Writer::Middlebox {
        let page = answered(&format!("{status} with an HTML page, perhaps from a proxy"));
        return match by_status.kind() {
            Refused | Misconfigured => RefreshError::misconfigured(page),
            Transient => by_status,
            Unknown => RefreshError::unknown(page),
        };
    }
    match (words.say(status), by_status.kind()) {
        (Some(said), _) if said.kind == Transient && !said.is_vague() => {
            RefreshError::transient(answered(said.word))
        }
        // The status says that the request was not processed.
        (_, Transient) => by_status,
        (Some(said), Unknown) if status.is_success() => refused(said, proof),
        (None, Unknown) if status.is_success() => without_token(answer),
        (_, Unknown) => by_status,
        (_, Misconfigured) if status.is_redirection() => by_status,
        (Some(said), Refused | Misconfigured) => refused(said, proof),
        (None, Misconfigured) => by_status,
        // A 401 without a code refuses the client's secret, if there is one.
        (None, Refused) => match proof {
            Proof::RefreshToken => by_status,
            Proof::Both | Proof::Client => {
                RefreshError::misconfigured(answered(&status.to_string()))
            }
        },
    }
}

fn refused(said: Said, proof: Proof) -> RefreshError {
    let answered = format!("the token endpoint answered {}", said.word);
    match (said.kind, proof) {
        // Client credentials have no user who could sign in again.
        (Refused, Proof::Client) | (Misconfigured, _) => RefreshError::misconfigured(answered),
        (Refused, Proof::RefreshToken | Proof::Both) => RefreshError::refused(answered),
        (Transient, _) => RefreshError::transient(answered),
        (Unknown, _) => RefreshError::unknown(answered),
    }
}

/// The error for a success without a token.
fn without_token(answer: &Response<Bytes>) -> RefreshError {
    match Members::of(answer.body()) {
        Some(_) => RefreshError::unknown("the response of the token endpoint has no access token"),
        None => unreadable(answer.headers()),
    }
}

/// Whether the body begins with a complete JSON object.
pub(super) fn is_whole(body: &[u8]) -> bool {
    Members::are_whole(body)
}

/// The error for a body that is not JSON. One with a content coding is not decoded.
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
            "the response of the token endpoint is encoded with {packed}, but the request asked for \
             identity: turn compression off at the endpoint, or in the proxy before it"
        )),
        None => RefreshError::unknown(
            "the response of the token endpoint is not a complete JSON object",
        ),
    }
}

/// `None` if there is no access token.
fn granted(
    members: &Members<'_>,
    names: &JsonNames,
) -> Option<Result<TokenResponse, RefreshError>> {
    let access_token = members.text(&names.access_token)?;
    Some(
        TokenResponse::new(access_token)
            .map_err(RefreshError::unknown)
            .map(|mut response| {
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
                response
            }),
    )
}

#[cfg(test)]
mod tests;
