//! The access log, in uvicorn's form: one line for each response.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Mutex;

use axum::http::{Request, StatusCode};

use crate::shared::lock;

const CAPACITY: usize = 10_000;

/// Where the access log goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccessLog {
    /// Nowhere: [`MockApi::log`](crate::MockApi::log) is empty.
    Discard,
    /// Into memory, for [`MockApi::log`](crate::MockApi::log) to read.
    #[default]
    Record,
    /// Into memory, and to standard output.
    Print,
}

/// The last lines, in the order of the responses.
pub(crate) struct Log {
    to: AccessLog,
    lines: Mutex<VecDeque<String>>,
}

impl Log {
    pub(crate) fn new(to: AccessLog) -> Self {
        Self {
            to,
            lines: Mutex::default(),
        }
    }

    pub(crate) fn write(&self, line: String) {
        let mut lines = lock(&self.lines);
        match self.to {
            AccessLog::Discard => return,
            AccessLog::Record => {}
            AccessLog::Print => {
                // A closed standard output must not stop the server.
                _ = writeln!(io::stdout().lock(), "{line}");
            }
        }
        if lines.len() == CAPACITY {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        lock(&self.lines).iter().cloned().collect()
    }
}

/// A line without its status, taken before the request is consumed.
pub(crate) struct RequestLine(String);

impl RequestLine {
    pub(crate) fn new<B>(peer: SocketAddr, request: &Request<B>) -> Self {
        let uri = request.uri();
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        Self(format!(
            "INFO:     {peer} - \"{} {} {:?}\"",
            request.method(),
            quoted(target),
            request.version(),
        ))
    }

    pub(crate) fn answered(self, status: StatusCode) -> String {
        let reason = status.canonical_reason().unwrap_or_default();
        format!("{} {} {reason}", self.0, status.as_u16())
    }
}

/// Percent-encodes characters that could end the quotation or the line.
fn quoted(target: &str) -> String {
    target.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_graphic() && byte != b'"' {
            out.push(char::from(byte));
        } else {
            _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests;
