//! Reads requests from a connection.

use std::io::{Error, ErrorKind, Result};

use httparse::{EMPTY_HEADER, Status};
use tokio::io::{AsyncRead, AsyncReadExt};

const MOST_HEADERS: usize = 64;
/// The limit for head and body together.
const MOST_BYTES: usize = 64 * 1024;

/// A request, with its body.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    /// The access token in it.
    pub(super) bearer: Option<String>,
    pub(super) body: Vec<u8>,
}

struct Head {
    request: Request,
    length: usize,
    content_length: usize,
}

/// The next request, or `None` if the client closed the connection. `read` keeps the bytes that
/// follow it.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    read: &mut Vec<u8>,
) -> Result<Option<Request>> {
    loop {
        if let Some(head) = parse(read)?
            && let end = head.length.saturating_add(head.content_length)
            && read.len() >= end
        {
            let mut request = head.request;
            request.body.extend(&read[head.length..end]);
            read.drain(..end);
            return Ok(Some(request));
        }
        if read.len() > MOST_BYTES {
            return Err(Error::new(ErrorKind::InvalidData, "a request too long"));
        }
        if stream.read_buf(read).await? == 0 {
            return Ok(None);
        }
    }
}

/// The head, if it is complete.
fn parse(read: &[u8]) -> Result<Option<Head>> {
    let invalid = |what| Error::new(ErrorKind::InvalidData, what);
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let parsed = head.parse(read);
    let Status::Complete(length) = parsed.map_err(|_| invalid("not a head"))? else {
        return Ok(None);
    };
    let value = |name: &str| {
        let mut headers = head.headers.iter();
        let found = headers.find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(found.value).ok()
    };
    if value("transfer-encoding").is_some() {
        return Err(invalid("a body of unknown length"));
    }
    let content_length = value("content-length").map_or(Ok(0), str::parse);
    let bearer = value("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let request = Request {
        method: head.method.unwrap_or_default().to_owned(),
        path: head.path.unwrap_or_default().to_owned(),
        bearer: bearer.map(str::to_owned),
        body: Vec::new(),
    };
    Ok(Some(Head {
        request,
        length,
        content_length: content_length.map_err(|_| invalid("no length"))?,
    }))
}
