//! Parses the head of a request, as strictly as a server should.

use std::io;

use http::Version;

use super::{Framing, Received};

pub(super) fn parse(head: &[u8]) -> io::Result<Received> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut fields);
    request
        .parse(head)
        .map_err(|error| illegal(error.to_string()))?;
    let named =
        |field: &httparse::Header<'_>| (field.name.to_ascii_lowercase(), field.value.to_vec());
    let mut received = Received {
        connection: 0,
        before: 0,
        version: Version::HTTP_11,
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        headers: request.headers.iter().map(named).collect(),
        framing: Framing::Nothing,
        body: Vec::new(),
        trailers: Vec::new(),
    };
    received.framing = framing(&received)?;
    Ok(received)
}

fn framing(request: &Received) -> io::Result<Framing> {
    let lengths = request.all("content-length");
    let codings = request.all("transfer-encoding");
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => Ok(Framing::Nothing),
        ([length], []) => {
            let length = std::str::from_utf8(length).ok();
            let length = length.and_then(|length| length.parse().ok());
            let length = length.ok_or_else(|| illegal("an invalid content-length"))?;
            Ok(Framing::Length(length))
        }
        ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
        _ => Err(illegal(format!(
            "{} content-length and {} transfer-encoding in one request",
            lengths.len(),
            codings.len()
        ))),
    }
}

pub(super) fn illegal(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}
