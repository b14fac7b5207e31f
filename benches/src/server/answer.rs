//! A canned response.

use http::StatusCode;

/// The bytes on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(status: StatusCode, body: &str) -> Self {
        Self::with_headers(status, "", body)
    }

    pub(crate) fn book() -> Self {
        let book = r#"{"id":1,"title":"Middlemarch","author":"George Eliot"}"#;
        Self::json(StatusCode::OK, book)
    }

    pub(crate) fn unauthorized() -> Self {
        let challenge = "www-authenticate: Bearer error=\"invalid_token\"\r\n";
        Self::with_headers(StatusCode::UNAUTHORIZED, challenge, "{}")
    }

    pub(crate) fn not_found() -> Self {
        Self::json(StatusCode::NOT_FOUND, "{}")
    }

    fn with_headers(status: StatusCode, headers: &str, body: &str) -> Self {
        let length = body.len();
        let bytes = format!(
            "HTTP/1.1 {status}\r\n{headers}content-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        Self {
            status,
            bytes: bytes.into_bytes(),
        }
    }
}
