//! Grants and tokens: token calls, what their answers mean, and secrets.

use super::{Defect, defect};

const SECRET: &str = "core/src/token/secret.rs";
const REFRESHER: &str = "core/src/refresher/grant.rs";
const CALL: &str = "core/src/refresher/call.rs";
const STATUS: &str = "core/src/grant/status.rs";
const ANSWER: &str = "core/src/grant/answer.rs";
const COLLECT: &str = "core/src/collect.rs";
const WORDS: &str = "core/src/grant/words.rs";
const OAUTH2: &str = "core/src/grant/oauth2.rs";
const ERROR_RESPONSE: &str = "core/src/grant/error_response.rs";

pub(super) const DEFECTS: &[Defect] = &[
    defect(
        "a secret in a Debug",
        SECRET,
        "f.write_str(\"[redacted]\")",
        "f.write_str(self.expose())",
    ),
    defect(
        "a lost answer taken for none",
        REFRESHER,
        "                Abandoned::Begun => RefreshError::unknown(error),",
        "                Abandoned::Begun => RefreshError::transient(error),",
    ),
    defect(
        "a call that waits for a lock taken for one that was sent",
        CALL,
        "_ = self.progress.change(UNSAID, HELD);",
        "",
    ),
    defect(
        "a 503 without Retry-After taken for proof",
        STATUS,
        "StatusCode::SERVICE_UNAVAILABLE if retry_after.is_some() =>",
        "StatusCode::SERVICE_UNAVAILABLE =>",
    ),
    defect(
        "Retry-After obeyed with no other status",
        ANSWER,
        "let retry_after = by_status.retry_after();",
        "let retry_after = None;",
    ),
    defect(
        "a whole token answer lost with what breaks behind it",
        COLLECT,
        "Some(Err(_)) if whole || is_whole(&body) =>",
        "Some(Err(_)) if whole && is_whole(b\"\") =>",
    ),
    defect(
        "a whole token answer waited for to its end",
        COLLECT,
        "None if looks.next().is_some() && is_whole(&body) =>",
        "None if looks.next().is_none() && is_whole(&body) =>",
    ),
    defect(
        "a call that was given up and is sent all the same",
        CALL,
        "matches!(begun, Ok(_) | Err(BEGUN))",
        "{ _ = begun; true }",
    ),
    defect(
        "an error that is nested and not found",
        WORDS,
        "const DEEPEST: usize = 4;",
        "const DEEPEST: usize = 2;",
    ),
    defect(
        "a page of a proxy that ends a session",
        WORDS,
        "words.writer = Writer::Middlebox",
        "words.read_text(text)",
    ),
    defect(
        "a client without a secret that is at fault for a bare 401",
        OAUTH2,
        "Flow::RefreshToken if self.client.has_secret() => Proof::Both,",
        "Flow::RefreshToken if self.client.has_secret() || true => Proof::Both,",
    ),
    defect(
        "a sentence about a dead refresh token that is not read",
        WORDS,
        "() if says(About::DeadToken) => Some(Said::DEAD),",
        "() if false && says(About::DeadToken) => Some(Said::DEAD),",
    ),
    defect(
        "what the application says of a dead token not asked for",
        ANSWER,
        "Some(dead) if dead(&said) =>",
        "Some(dead) if false && dead(&said) =>",
    ),
    defect(
        "a description in a debug output",
        ERROR_RESPONSE,
        ".field(\"status\", &self.status)",
        ".field(\"status\", &self.status).field(\"description\", &self.description)",
    ),
    defect(
        "white space at the end of a refresh token",
        SECRET,
        "Self(wiped(Box::from(secret.trim_ascii())))",
        "Self(wiped(Box::from(secret.as_str())))",
    ),
];
