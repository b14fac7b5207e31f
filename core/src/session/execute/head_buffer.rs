//! A copy of headers as one run of bytes: for a replay, or for an error that carries the refused
//! response. Most copies are never read.
//!
//! A copy is written into a pooled buffer. A second `HeaderMap` would cost two allocations and a
//! reference count for each name and value, and would keep the client's read buffers alive.

use std::cell::RefCell;
use std::mem;

use bytes::{Buf, Bytes};
use http::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroize;

/// A text, followed by headers.
#[derive(Default)]
pub(in crate::session) struct HeadBuffer {
    text: usize,
    headers: usize,
    bytes: Vec<u8>,
}

thread_local! {
    /// Free buffers, overwritten with zeros.
    static POOL: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// How many buffers a thread keeps, and the largest capacity of one in bytes.
const POOLED: usize = 32;
const LONGEST: usize = 4 * 1024;

/// The usual size of a header, in bytes.
const USUAL: usize = PREFIX + 32;

/// Room for more headers, which the session and its client add.
const MORE: usize = 2;

/// The size of what precedes each header: the lengths of name and value, and in the lowest bit
/// whether the value is sensitive.
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

    /// The text.
    pub(in crate::session) fn text(&self) -> &str {
        str::from_utf8(&self.bytes[..self.text]).unwrap_or_default()
    }

    /// The headers as they were: names, values, order, and sensitivity.
    pub(in crate::session) fn headers(&self) -> HeaderMap {
        const KEPT: &str = "a saved header is valid";
        let headers = HeaderMap::try_with_capacity(self.headers + MORE);
        let mut headers = headers.unwrap_or_default();
        // All values share one copy.
        let mut rest = Bytes::copy_from_slice(&self.bytes[self.text..]);
        while let Some((prefix, _)) = rest.split_first_chunk::<PREFIX>() {
            let prefix = u64::from_ne_bytes(*prefix);
            let lengths = prefix >> 1;
            rest.advance(PREFIX);
            let name_ends = (lengths & ((1 << BITS_OF_NAME) - 1)) as usize;
            // HTTP/2 allows more in a name than `from_bytes` does.
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
        // Cookies and keys must not stay in memory as long as the thread lives. The compiler cannot
        // remove this store, because the buffer lives on.
        bytes.fill(0);
        // When the thread ends, the pool is gone.
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
