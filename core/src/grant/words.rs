//! What a token server says of a refresh in an answer without a token: error codes and sentences,
//! wherever the answer has them.
//!
//! It decides whose fault the words say it is ([`codes`](super::codes)). It never decides what that
//! means for a session.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, StatusCode};
use serde_json::{Map, Value};

use super::codes::{self, Said};
use super::error_response::ErrorResponse;
use super::members::Members;
use super::sentences::{self, About};

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

/// Where a code stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the error, or in one of several.
    Error,
    Elsewhere,
}

/// What an answer says.
pub(super) struct Words {
    pub(super) writer: Writer,
    codes: Vec<(Place, String)>,
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
        own.into_iter()
            .for_each(|own| words.read_code(Place::Error, own));
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
        let mut level = vec![(Place::Elsewhere, None, json)];
        for _ in 0..DEEPEST {
            let mut next = Vec::new();
            for (place, name, value) in level {
                match (value, name) {
                    (Value::Object(members), _) => {
                        self.read_parameter(members);
                        let members = members.iter().map(|(name, value)| {
                            let name = normal(name);
                            let place = match name.as_str() {
                                "error" | "errors" => Place::Error,
                                _ => place,
                            };
                            (place, Some(name), value)
                        });
                        next.extend(members);
                    }
                    (Value::Array(values), name) => {
                        next.extend(values.iter().map(|value| (place, name.clone(), value)));
                    }
                    (Value::String(text), Some(name)) => self.read_member(place, &name, text),
                    _ => {}
                }
            }
            level = next;
            level.truncate(MOST_WORDS);
        }
    }

    /// Some say which parameter is at fault, and beside it how.
    fn read_parameter(&mut self, members: &Map<String, Value>) {
        const ENDS: [&str; 4] = ["invalid", "expired", "revoked", "not_found"];
        let text = |names: &[&str]| names.iter().find_map(|name| members.get(*name)?.as_str());
        let parameter = text(&["field", "param", "parameter", "property"]);
        if let (Some("refresh_token" | "refreshToken"), Some(code)) = (parameter, text(&["code"]))
            && ENDS.contains(&code)
        {
            self.codes
                .push((Place::Error, format!("refresh_token_{code}")));
        }
    }

    fn read_member(&mut self, place: Place, name: &str, text: &str) {
        if DESCRIPTIONS.contains(&name) || name == "errors" {
            self.descriptions.push(text.to_owned());
        } else if CODES.contains(&name) {
            self.read_code(place, text);
        }
    }

    fn read_code(&mut self, place: Place, text: &str) {
        // Some write a sentence there.
        match text.contains(' ') {
            true => self.descriptions.push(text.to_owned()),
            false => self.codes.push((place, text.to_owned())),
        }
    }

    /// Neither JSON nor a page: a form, or a sentence.
    fn read_text(&mut self, text: &str) {
        let text: String = text.chars().take(LONGEST_TEXT).collect();
        let words = text.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
        let known = words.filter(|word| word.contains('_') && codes::said(word).is_some());
        let known = known.map(|word| (Place::Elsewhere, word.to_owned()));
        self.codes.extend(known);
        self.descriptions.push(text);
    }

    /// What all of them say together, in an answer with this status.
    ///
    /// A code that leaves no doubt says more than a sentence; a sentence about a dead refresh token
    /// says more than a code that many servers use for anything. A success and a fault of the
    /// server count by the error's own code alone.
    pub(super) fn say(&self, status: StatusCode) -> Option<Said> {
        let own = self
            .codes
            .iter()
            .filter(|(place, _)| *place == Place::Error);
        let own = own.filter_map(|(_, code)| codes::said(code));
        if status.is_server_error() {
            return own.into_iter().find(|said| *said == Said::UNAVAILABLE);
        }
        if status.is_success() {
            let own: Vec<_> = own.collect();
            let certain = own.iter().find(|said| !said.is_vague());
            return certain.or_else(|| own.first()).copied();
        }
        self.say_of_a_refusal(status)
    }

    fn say_of_a_refusal(&self, status: StatusCode) -> Option<Said> {
        let (own, others): (Vec<_>, Vec<_>) = self
            .codes
            .iter()
            .partition(|(place, _)| *place == Place::Error);
        let codes = own.into_iter().chain(others).map(|(_, code)| code);
        let codes = codes.chain(self.descriptions.iter().filter(|text| !text.contains(' ')));
        let coded: Vec<_> = codes.filter_map(|code| codes::said(code)).collect();
        if let Some(certain) = coded.iter().find(|said| !said.is_vague()) {
            return Some(*certain);
        }
        let about: Vec<_> = self
            .descriptions
            .iter()
            .map(|text| sentences::about(text))
            .collect();
        let says = |what| about.contains(&what);
        // Of others than a token server such a sentence is heard with any other status.
        let usual = [400, 401, 403].contains(&status.as_u16());
        match () {
            () if says(About::DeadToken) => Some(Said::DEAD),
            () if says(About::DeadSession) && usual => Some(Said::DEAD),
            () if says(About::TryAgain) => Some(Said::BUSY),
            () => coded.first().copied().or_else(|| {
                let other = says(About::SomethingElse);
                other.then_some(Said::SOMETHING_ELSE)
            }),
        }
    }

    /// The answer, for an application that asks what stood in it.
    pub(super) fn answer(&self, answer: &Response<Bytes>) -> ErrorResponse {
        let response = ErrorResponse::new(answer.status(), answer.body().clone());
        let mut codes = self.codes.iter().map(|(_, code)| code);
        let known = codes.clone().find(|code| codes::said(code).is_some());
        let response = match known.or_else(|| codes.next()) {
            Some(code) => response.with_code(code),
            None => response,
        };
        match self.descriptions.first() {
            Some(description) => response.with_description(description),
            None => response,
        }
    }
}

/// A name without its case and its underscores.
fn normal(name: &str) -> String {
    let name = name.chars().filter(char::is_ascii_alphanumeric);
    name.map(|char| char.to_ascii_lowercase()).collect()
}

fn is_page(headers: &HeaderMap, text: &str) -> bool {
    let html = |value: &http::HeaderValue| {
        let value = value.to_str().unwrap_or_default();
        value.to_ascii_lowercase().contains("html")
    };
    let begin: String = text.chars().take(LONGEST_TEXT).collect();
    let begin = begin.to_ascii_lowercase();
    begin.starts_with('<')
        || ["<html", "<!doctype"].iter().any(|tag| begin.contains(tag))
        || (headers.get(CONTENT_TYPE).is_some_and(html) && !text.is_empty())
}
