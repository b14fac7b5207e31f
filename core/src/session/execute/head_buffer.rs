//! Headers as one run of bytes, from which few are made again: for a replay, or an error that
//! carries what was refused.
//!
//! It costs one copy into a buffer that was used before; another map costs two allocations, and
//! references to count for each name and value, which hold what a client read them from.

use std::cell::RefCell;
use std::mem;

use bytes::{Buf, Bytes};
use http::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroize;

/// A text, and headers behind it.
#[derive(Default)]
pub(in crate::session) struct HeadBuffer {
    text: usize,
    headers: usize,
    bytes: Vec<u8>,
}

thread_local! {
    /// Buffers that nobody uses, overwritten.
    static POOL: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// How many buffers a thread keeps, and how long ones, in bytes.
const POOLED: usize = 32;
const LONGEST: usize = 4 * 1024;

/// How long a header is, as a rule.
const USUAL: usize = PREFIX + 32;

/// For how many headers there is place beside those that were there: a session and its client add
/// some.
const MORE: usize = 2;

/// Before each header: the length of its name and that of its value, and whether the value is
/// sensitive, as the lowest bit.
const PREFIX: usize = size_of::<u64>();
const BITS_OF_NAME: u32 = 24;

impl HeadBuffer {
    pub(in crate::session) fn new(text: &str, headers: &HeaderMap) -> Self {
        let pooled = POOL.try_with(|pool| pool.borrow_mut().pop());
        let mut bytes = pooled.ok().flatten().unwrap_or_default();
        bytes.clear();
        bytes.reserve(text.len() + headers.len() * USUAL);
        bytes.extend_from_slice(text.as_bytes());
        for (name, value) in headers {
            let name = name.as_str();
            let lengths = (value.len() as u64) << BITS_OF_NAME | (name.len() as u64);
            let prefix = lengths << 1 | u64::from(value.is_sensitive());
            bytes.reserve(PREFIX + name.len() + value.len());
            bytes.extend_from_slice(&prefix.to_ne_bytes());
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(value.as_bytes());
        }
        Self {
            text: text.len(),
            headers: headers.len(),
            bytes,
        }
    }

    /// The text, where it was one.
    pub(in crate::session) fn text(&self) -> &str {
        str::from_utf8(&self.bytes[..self.text]).unwrap_or_default()
    }

    /// The headers, as they were: names, values, order, and what is sensitive.
    pub(in crate::session) fn headers(&self) -> HeaderMap {
        const KEPT: &str = "what was a header is one";
        let headers = HeaderMap::try_with_capacity(self.headers + MORE);
        let mut headers = headers.unwrap_or_default();
        // One copy, of which each value is a part.
        let mut rest = Bytes::copy_from_slice(&self.bytes[self.text..]);
        while let Some((prefix, _)) = rest.split_first_chunk::<PREFIX>() {
            let prefix = u64::from_ne_bytes(*prefix);
            let lengths = prefix >> 1;
            rest.advance(PREFIX);
            let name_ends = (lengths & ((1 << BITS_OF_NAME) - 1)) as usize;
            // What HTTP/2 allows in a name is more than `from_bytes` takes.
            let name = HeaderName::from_lowercase(&rest[..name_ends]).expect(KEPT);
            rest.advance(name_ends);
            let value = rest.split_to((lengths >> BITS_OF_NAME) as usize);
            let mut value = HeaderValue::from_maybe_shared(value).expect(KEPT);
            value.set_sensitive(prefix & 1 == 1);
            headers.append(name, value);
        }
        headers
    }
}

impl Drop for HeadBuffer {
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.bytes);
        if bytes.capacity() == 0 {
            return;
        }
        if bytes.capacity() > LONGEST {
            bytes.zeroize();
            return;
        }
        // A cookie, or the key of an application, must not lie there for as long as the thread
        // lives. The buffer outlives this, so that it is no dead store.
        bytes.fill(0);
        // Where the thread ends, there is no pool any more.
        _ = POOL.try_with(|pool| {
            let mut pool = pool.borrow_mut();
            if pool.len() < POOLED {
                pool.push(bytes);
            }
        });
    }
}

#[cfg(test)]
mod tests;
