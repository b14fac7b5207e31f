//! What a token server says of a refresh in an answer without a token: error codes and sentences,
//! wherever the answer has them.
//!
//! It decides whose fault the words say it is ([`codes`](super::codes)). It never decides what that
//! means for a session.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response};
use serde_json::{Map, Value};

use super::codes::{self, Said};
use super::error_response::ErrorResponse;
use super::members::Members;

/// The members of an error whose text is a code, in any case and with or without underscores.
const CODES: [&str; 8] = [
    "error",
    "code",
    "errorcode",
    "errortype",
    "type",
    "suberror",
    "reason",
    "status",
];

/// The members whose text is for a developer.
const DESCRIPTIONS: [&str; 7] = [
    "errordescription",
    "description",
    "message",
    "errormessage",
    "msg",
    "detail",
    "title",
];

/// How much of an answer is read: so many words, in objects within objects down to here.
const MOST_WORDS: usize = 32;
const DEEPEST: usize = 4;

/// How much of a text that is no JSON is read, in characters.
const LONGEST_TEXT: usize = 1_024;

/// Who wrote an answer, by its looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    /// A token server, or somebody who speaks as one.
    TokenServer,
    /// Something on the way: it answers with a page for people.
    Middlebox,
}

/// What an answer says.
pub(super) struct Words {
    pub(super) writer: Writer,
    codes: Vec<String>,
    descriptions: Vec<String>,
}

impl Words {
    /// Of an answer whose error code has this name, or one that is usual.
    pub(super) fn of<B: AsRef<[u8]>>(answer: &Response<B>, error: &str) -> Self {
        let body = answer.body().as_ref();
        let mut words = Self {
            writer: Writer::TokenServer,
            codes: Vec::new(),
            descriptions: Vec::new(),
        };
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        let own = Members::of(body);
        let own = own.as_ref().and_then(|members| members.text(error));
        words.codes.extend(own.map(str::to_owned));
        match serde_json::from_str(text) {
            Ok(Value::String(text)) => words.read_text(&text),
            Ok(json) => words.read_json(&json),
            Err(_) if own.is_some() => {}
            Err(_) if is_page(answer.headers(), text) => words.writer = Writer::Middlebox,
            Err(_) => words.read_text(text),
        }
        words
    }

    /// Level by level, so that what stands at the top comes first.
    fn read_json(&mut self, json: &Value) {
        let mut level = vec![(None, json)];
        for _ in 0..DEEPEST {
            let mut next = Vec::new();
            for (name, value) in level {
                match (value, name) {
                    (Value::Object(members), _) => {
                        self.read_parameter(members);
                        let members = members.iter();
                        next.extend(members.map(|(name, value)| (Some(name.as_str()), value)));
                    }
                    (Value::Array(values), name) => {
                        next.extend(values.iter().map(|value| (name, value)));
                    }
                    (Value::String(text), Some(name)) => self.read_member(name, text),
                    _ => {}
                }
            }
            level = next;
            level.truncate(MOST_WORDS);
        }
    }

    /// Some say which parameter is at fault, and beside it how.
    fn read_parameter(&mut self, members: &Map<String, Value>) {
        let text = |names: &[&str]| names.iter().find_map(|name| members.get(*name)?.as_str());
        let parameter = text(&["field", "param", "parameter", "property"]);
        if let (Some(parameter), Some(code)) = (parameter, text(&["code", "reason", "error"])) {
            self.descriptions.push(format!("{parameter} {code}"));
        }
    }

    fn read_member(&mut self, name: &str, text: &str) {
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        if DESCRIPTIONS.contains(&name.as_str()) || name == "errors" {
            self.descriptions.push(text.to_owned());
        } else if CODES.contains(&name.as_str()) {
            // Some write a sentence there.
            match text.contains(' ') {
                true => self.descriptions.push(text.to_owned()),
                false => self.codes.push(text.to_owned()),
            }
        }
    }

    /// Neither JSON nor a page: a form, or a sentence.
    fn read_text(&mut self, text: &str) {
        let text: String = text.chars().take(LONGEST_TEXT).collect();
        let words = text.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
        let known = words.filter(|word| codes::said(word).is_some());
        self.codes.extend(known.map(str::to_owned));
        self.descriptions.push(text);
    }

    /// What all of them say together. A code that leaves no doubt says more than a sentence; a
    /// sentence about a dead refresh token says more than a code that many servers use for
    /// anything.
    pub(super) fn say(&self) -> Option<Said> {
        let texts = self.codes.iter().chain(&self.descriptions);
        let coded: Vec<_> = texts.filter_map(|text| codes::said(text)).collect();
        let certain = coded.iter().find(|said| !said.is_vague());
        if let Some(certain) = certain {
            return Some(*certain);
        }
        let texts = || self.codes.iter().chain(&self.descriptions);
        if texts().any(|text| codes::tells_of_a_dead_token(text)) {
            return Some(Said::DEAD);
        }
        if texts().any(|text| codes::tells_to_try_again(text)) {
            return Some(Said::BUSY);
        }
        coded.first().copied()
    }

    /// The answer, for an application that asks what stood in it.
    pub(super) fn answer(&self, answer: &Response<Bytes>) -> ErrorResponse {
        let response = ErrorResponse::new(answer.status(), answer.body().clone());
        let known = self.codes.iter().find(|code| codes::said(code).is_some());
        let response = match known.or_else(|| self.codes.first()) {
            Some(code) => response.with_code(code),
            None => response,
        };
        match self.descriptions.first() {
            Some(description) => response.with_description(description),
            None => response,
        }
    }
}

fn is_page(headers: &HeaderMap, text: &str) -> bool {
    let html = |value: &http::HeaderValue| {
        let value = value.to_str().unwrap_or_default();
        value.to_ascii_lowercase().contains("html")
    };
    text.starts_with('<') || (headers.get(CONTENT_TYPE).is_some_and(html) && !text.is_empty())
}
