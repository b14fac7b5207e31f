//! What a server writes down.

use std::fmt;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// Readable to everybody on the way.
    Http,
    /// Over TLS.
    Https,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Over what.
    pub(crate) scheme: Scheme,
    /// Its method.
    pub(crate) method: String,
    /// Its target, query included.
    pub(crate) target: String,
    /// Its headers in their order, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Its body.
    pub(crate) body: String,
}

impl Received {
    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether this text is anywhere in it.
    pub(crate) fn contains(&self, text: &str) -> bool {
        let has = |(name, value): &(String, String)| name.contains(text) || value.contains(text);
        self.target.contains(text) || self.body.contains(text) || self.headers.iter().any(has)
    }
}
