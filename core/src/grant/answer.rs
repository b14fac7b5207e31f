//! The answer of a token server, as every grant of this crate reads it.
//!
//! It decides in which class an answer falls (`docs/answers.md`). It is lenient: an odd member
//! must not cost a token that is good. It never repeats what the server wrote.

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

/// What a question proved itself with, and so what is at fault where it is refused.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "oauth2"),
    expect(dead_code, reason = "a client is what OAuth 2.0 has")
)]
pub(super) enum Proof {
    /// A refresh token alone, or with the name of a client.
    RefreshToken,
    /// A refresh token, and a client's secret.
    Both,
    /// A client's secret, alone.
    Client,
}

/// What the application adds to the reading of an answer.
#[derive(Clone, Default)]
pub(super) struct Reading {
    dead_when: Option<DeadWhen>,
    /// The other members that are kept with the token.
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

/// Reads an answer with members of these names.
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
        Some(dead) if dead(&said) => RefreshError::refused("the application says that it is dead"),
        Some(_) | None => classed(answer, &words, by_status, proof),
    };
    let error = error.with_answer(match answer.status().is_success() {
        // A token may be in it.
        true => said.without_body(),
        false => said,
    });
    Err(match retry_after {
        Some(retry_after) => error.with_retry_after(retry_after),
        None => error,
    })
}

/// The class of an answer without a token.
fn classed(
    answer: &Response<Bytes>,
    words: &Words,
    by_status: RefreshError,
    proof: Proof,
) -> RefreshError {
    let status = answer.status();
    let answered = |what: &str| format!("the token endpoint answered {what}");
    if words.writer == Writer::Middlebox {
        let page = answered(&format!(
            "{status} with a page, which may come from a proxy"
        ));
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
        // Whether it was processed, the status says.
        (_, Transient) => by_status,
        (Some(said), Unknown) if status.is_success() => refused(said, proof),
        (None, Unknown) if status.is_success() => without_token(answer),
        (_, Unknown) => by_status,
        (_, Misconfigured) if status.is_redirection() => by_status,
        (Some(said), Refused | Misconfigured) => refused(said, proof),
        (None, Misconfigured) => by_status,
        // It refuses what the question proved itself with: the client, where it had to.
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
        // A client without a user has nobody to sign in again.
        (Refused, Proof::Client) | (Misconfigured, _) => RefreshError::misconfigured(answered),
        (Refused, Proof::RefreshToken | Proof::Both) => RefreshError::refused(answered),
        (Transient, _) => RefreshError::transient(answered),
        (Unknown, _) => RefreshError::unknown(answered),
    }
}

/// A success that brought none.
fn without_token(answer: &Response<Bytes>) -> RefreshError {
    match Members::of(answer.body()) {
        Some(_) => RefreshError::unknown("the answer has no access token in it"),
        None => unreadable(answer.headers()),
    }
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

/// None where it has no access token.
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
