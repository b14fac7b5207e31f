//! A canned answer.

/// What goes on the wire, as bytes.
#[derive(Clone, Debug)]
pub(crate) struct Answer(pub(crate) Vec<u8>);

impl Answer {
    pub(crate) fn json(status: &str, body: &str) -> Self {
        let length = body.len();
        Self(
            format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n\
                 content-length: {length}\r\n\r\n{body}"
            )
            .into_bytes(),
        )
    }

    pub(crate) fn not_found() -> Self {
        Self::json("404 Not Found", "{}")
    }
}
