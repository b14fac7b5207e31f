//! What a server records.

use std::fmt;

/// The scheme of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// Without TLS.
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

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) scheme: Scheme,
    /// With the query.
    pub(crate) target: String,
    /// In their order, with names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Received {
    /// The value of the first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether the request contains this text anywhere.
    pub(crate) fn contains(&self, text: &str) -> bool {
        let has = |(name, value): &(String, String)| name.contains(text) || value.contains(text);
        self.target.contains(text) || self.body.contains(text) || self.headers.iter().any(has)
    }
}
