//! Requests that arrived.

use http::Version;

/// One request, as it was read from the wire.
#[derive(Clone)]
pub(crate) struct Received {
    /// The number of its connection, from 0.
    pub(crate) connection: usize,
    /// How many requests came before it on its connection.
    pub(crate) before: usize,
    pub(crate) version: Version,
    pub(crate) method: String,
    pub(crate) target: String,
    /// Names in lower case, values as bytes, in order.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) framing: Framing,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Vec<(String, Vec<u8>)>,
}

/// How a request says where its body ends ([RFC 9112 §6](https://www.rfc-editor.org/rfc/rfc9112#section-6)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// No body.
    Nothing,
    /// By `Content-Length`.
    Length(usize),
    /// By `Transfer-Encoding: chunked`.
    Chunked,
}

impl Received {
    /// Returns all values of a header, in order.
    pub(crate) fn all(&self, name: &str) -> Vec<&[u8]> {
        let of_name = self.headers.iter().filter(|(named, _)| named == name);
        of_name.map(|(_, value)| value.as_slice()).collect()
    }

    /// Returns the only value of a header, as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        match self.all(name).as_slice() {
            [value] => std::str::from_utf8(value).ok(),
            _ => None,
        }
    }
}

/// Leaves out the body, which may be megabytes, and the token.
impl std::fmt::Debug for Received {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {} ({:?}, {} bytes, connection {})",
            self.method,
            self.target,
            self.framing,
            self.body.len(),
            self.connection
        )
    }
}
