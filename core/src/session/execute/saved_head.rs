//! A copy of a request head that was sent.

use http::{Extensions, Method, Request, Uri, Version};

use super::head_buffer::HeadBuffer;
use crate::{Error, RequestHead, Target, Transport};

/// The head that the next attempt is made from.
#[derive(Default)]
pub(super) struct SavedHead {
    pub(super) method: Method,
    version: Version,
    pub(super) extensions: Extensions,
    /// `None` if the buffer has it as text.
    uri: Option<Uri>,
    flat: HeadBuffer,
}

impl SavedHead {
    pub(super) fn of<T: Transport>(head: &impl RequestHead<T>) -> Self {
        let (uri, text) = match head.target() {
            Target::Uri(uri) => (Some(uri.clone()), ""),
            Target::Text(text) => (None, text),
        };
        Self {
            method: head.method().clone(),
            version: head.version(),
            extensions: head.extensions().clone(),
            uri,
            flat: HeadBuffer::new(text, head.headers()),
        }
    }

    /// The head of the next attempt.
    pub(super) fn again(&self) -> Result<Request<()>, Error> {
        let mut head = Request::new(());
        *head.method_mut() = self.method.clone();
        *head.uri_mut() = self.uri()?;
        *head.version_mut() = self.version;
        *head.headers_mut() = self.flat.headers();
        *head.extensions_mut() = self.extensions.clone();
        Ok(head)
    }

    pub(super) fn uri(&self) -> Result<Uri, Error> {
        match &self.uri {
            Some(uri) => Ok(uri.clone()),
            None => self.flat.text().parse().map_err(Error::invalid_request),
        }
    }
}
