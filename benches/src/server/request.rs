//! A request, read from a connection.

use std::io::{Error, ErrorKind, Result};

use httparse::{EMPTY_HEADER, Status};
use tokio::io::AsyncReadExt;
use tokio::net::tcp::OwnedReadHalf;

/// More than any contender sends.
const MOST_HEADERS: usize = 64;

/// A request, its body read.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The part after the question mark, unchanged.
    pub(crate) query: String,
    /// The token it carries.
    pub(crate) bearer: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// The read half of a connection, with what was read of the next request.
pub(crate) struct Reader {
    stream: OwnedReadHalf,
    read: Vec<u8>,
}

struct Head {
    request: Request,
    /// Bytes of the head, and of the body behind it.
    length: usize,
    content_length: usize,
}

impl Reader {
    pub(crate) fn new(stream: OwnedReadHalf) -> Self {
        Self {
            stream,
            read: Vec::with_capacity(4096),
        }
    }

    /// Reads the next request; `None` if the client has closed.
    pub(crate) async fn request(&mut self) -> Result<Option<Request>> {
        loop {
            if let Some(head) = parse(&self.read)?
                && let end = head.length + head.content_length
                && self.read.len() >= end
            {
                let mut request = head.request;
                request.body.extend(&self.read[head.length..end]);
                self.read.drain(..end);
                return Ok(Some(request));
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Ok(None);
            }
        }
    }
}

/// The head, once it is complete.
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
    let target = head.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let bearer = value("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let request = Request {
        method: head.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        bearer: bearer.map(str::to_owned),
        body: Vec::new(),
    };
    Ok(Some(Head {
        request,
        length,
        content_length: content_length.map_err(|_| invalid("no length"))?,
    }))
}
