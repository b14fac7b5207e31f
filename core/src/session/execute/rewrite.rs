//! How a redirect changes a request: its URL, method, headers and body.

use std::mem;

use http::header::{AUTHORIZATION, COOKIE, EXPECT, HOST, LAST_MODIFIED, PROXY_AUTHORIZATION};
use http::header::{HeaderName, TRAILER, TRANSFER_ENCODING};
use http::{HeaderMap, Method, Uri};

use super::request::{Head, ReplayableRequest};
use super::saved_head::SavedHead;
use crate::body::Spare;
use crate::machine::Sendable;
use crate::machine::redirects::{BodyLeft, Headers, Redirect, Rewrite};
use crate::{Body, Error, RequestHead, Transport};

/// Headers that are for one origin, and are removed for good. The session's own header is added
/// later, to each attempt.
const FOR_ONE_ORIGIN: [HeaderName; 4] = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, HOST];

/// Headers that describe a body, besides `Content-*`.
const OF_A_BODY: [HeaderName; 4] = [EXPECT, LAST_MODIFIED, TRAILER, TRANSFER_ENCODING];
const DIGESTS: [&str; 2] = ["digest", "repr-digest"];

impl<T: Transport, H: RequestHead<T>> ReplayableRequest<'_, T, H> {
    /// Whether there is a body for the next hop. A stream that was not read yet is taken back for
    /// it.
    pub(super) fn body_left(&mut self, rewrite: Rewrite) -> BodyLeft {
        match rewrite {
            Rewrite::AsGet => BodyLeft::There,
            Rewrite::Kept if self.body.is_there() => BodyLeft::There,
            Rewrite::Kept => BodyLeft::Gone,
        }
    }

    /// How often the next hop can be sent, after this rewrite.
    pub(super) fn sendable_after(&self, rewrite: Rewrite) -> Sendable {
        match rewrite {
            Rewrite::AsGet => Sendable::Again,
            Rewrite::Kept => self.sendable(),
        }
    }

    /// Turns the request into the next hop; from now on this hop is replayed. A value that the
    /// caller set for the session's header (`credential`) is for one origin, too.
    pub(super) fn follow(
        &mut self,
        target: Uri,
        redirect: Redirect,
        credential: &HeaderName,
    ) -> Result<(), Error> {
        let head = match mem::take(&mut self.head) {
            Head::Native(head) => SavedHead::of(&head).again(),
            Head::Hop(head) => Ok(head),
            Head::Sent(kept) => kept.again(),
        };
        let mut head = head?;
        *head.uri_mut() = target;
        match redirect.headers {
            Headers::Kept => {}
            Headers::Stripped => {
                head.headers_mut().remove(credential);
                remove(head.headers_mut(), &FOR_ONE_ORIGIN);
            }
        }
        match redirect.rewrite {
            Rewrite::Kept => {}
            Rewrite::AsGet => {
                if *head.method() != Method::HEAD {
                    *head.method_mut() = Method::GET;
                }
                self.body = Spare::new(Body::empty());
                let headers = head.headers_mut();
                remove(headers, &OF_A_BODY);
                let names: Vec<_> = headers
                    .keys()
                    .filter(|name| describes_a_body(name))
                    .cloned()
                    .collect();
                remove(headers, &names);
            }
        }
        self.head = Head::Hop(head);
        self.before += mem::take(&mut self.made);
        Ok(())
    }
}

fn describes_a_body(name: &HeaderName) -> bool {
    name.as_str().starts_with("content-") || DIGESTS.contains(&name.as_str())
}

fn remove(headers: &mut HeaderMap, names: &[HeaderName]) {
    for name in names {
        headers.remove(name);
    }
}
