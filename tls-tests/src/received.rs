//! What a server writes down.

use std::fmt;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
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
pub struct Received {
    /// Over what.
    pub scheme: Scheme,
    /// Its method.
    pub method: String,
    /// Its target, query included.
    pub target: String,
    /// Its headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl Received {
    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether this text is anywhere in it.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        let has = |(name, value): &(String, String)| name.contains(text) || value.contains(text);
        self.target.contains(text) || self.body.contains(text) || self.headers.iter().any(has)
    }
}
