//! Finds the error codes and descriptions in a token response without a token.
//!
//! [`codes`](super::codes) and [`sentences`](super::sentences) classify what is found here.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, StatusCode};
use serde_json::{Map, Value};

use super::codes::{self, Said};
use super::error_response::ErrorResponse;
use super::members::Members;
use super::sentences::{self, About};

/// The names of members that hold an error code, without case and underscores.
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

/// The names of members that hold a description.
const DESCRIPTIONS: [&str; 7] = [
    "errordescription",
    "description",
    "message",
    "errormessage",
    "msg",
    "detail",
    "title",
];

/// How many values and levels of a response are read.
const MOST_WORDS: usize = 32;
const DEEPEST: usize = 4;

/// How many characters are read of a text that is not JSON.
const LONGEST_TEXT: usize = 1_024;

/// Who wrote the response, as far as its form tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    /// A token server.
    TokenServer,
    /// A proxy or a firewall: it answers with an HTML page.
    Middlebox,
}

/// Where a code was found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the member `error`, or in one of `errors`.
    Error,
    Elsewhere,
}

/// The codes and descriptions of a response.
pub(super) struct Words {
    pub(super) writer: Writer,
    codes: Vec<(Place, String)>,
    descriptions: Vec<String>,
}

impl Words {
    /// Reads a response whose error code has this name, or one of [`CODES`].
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

    /// Reads level by level, so that the outermost members come first.
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

    /// Reads errors that name a parameter beside a code, as in
    /// `{"field": "refresh_token", "code": "expired"}`.
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
        // Some servers put a sentence there.
        match text.contains(' ') {
            true => self.descriptions.push(text.to_owned()),
            false => self.codes.push((place, text.to_owned())),
        }
    }

    /// Reads a body that is neither JSON nor HTML: a form, or a sentence.
    fn read_text(&mut self, text: &str) {
        let text: String = text.chars().take(LONGEST_TEXT).collect();
        let words = text.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
        let known = words.filter(|word| word.contains('_') && codes::said(word).is_some());
        let known = known.map(|word| (Place::Elsewhere, word.to_owned()));
        self.codes.extend(known);
        self.descriptions.push(text);
    }

    /// The meaning of all of them, in a response with this status.
    ///
    /// A certain code takes precedence over a sentence, and a sentence about a dead refresh token
    /// over a vague code. In a 2xx and a 5xx only the codes of the error itself count.
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
        // With other statuses the sentence may come from another server.
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

    /// The response, for [`RefreshError::answer`](super::RefreshError::answer).
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

/// A name without case and underscores.
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
