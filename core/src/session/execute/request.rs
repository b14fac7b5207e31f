//! A request that can be sent several times.
//!
//! All attempts are the same byte for byte, except for the token and for the headers that the
//! application's hook sets.

use std::future::Future;
use std::marker::PhantomData;
use std::mem;
use std::time::Duration;

use futures_util::future::Either;
use http::{HeaderMap, Method, Request, StatusCode, Uri};

use super::attempt::Attempt;
use super::classify::Classified;
use super::options::Options;
use super::saved_head::SavedHead;
use crate::body::Spare;
use crate::machine::{Replay, Sendable};
use crate::session::credential::Credential;
use crate::trace;
use crate::{Body, Error, Generation, RequestHead, Transport};

/// A request, as far as it can still be sent.
pub(super) struct ReplayableRequest<'a, T, H> {
    options: &'a Options,
    pub(super) head: Head<H>,
    pub(super) body: Spare,
    /// The number of attempts: of earlier hops, and of this one.
    pub(super) before: u32,
    pub(super) made: u32,
    /// The generation of the token that the last attempt carried.
    signed: Generation,
    transport: PhantomData<fn(T)>,
}

pub(super) enum Head<H> {
    /// As the caller made it.
    Native(H),
    /// Of the next hop, not sent yet.
    Hop(Request<()>),
    /// Sent; the next attempt is made from this.
    Sent(SavedHead),
}

impl<'a, T: Transport, H: RequestHead<T>> ReplayableRequest<'a, T, H> {
    #[inline]
    pub(super) const fn new(options: &'a Options, head: H, body: Body) -> Self {
        Self {
            options,
            head: Head::Native(head),
            body: Spare::new(body),
            before: 0,
            made: 0,
            signed: Generation::FIRST,
            transport: PhantomData,
        }
    }

    pub(super) fn sendable(&self) -> Sendable {
        if self.options.replays(self.method()) && !self.body.is_stream() {
            Sendable::Again
        } else {
            Sendable::Once
        }
    }

    /// The time limit of all attempts together.
    pub(super) fn timeout(&self) -> Option<Duration> {
        self.options.timeout(match &self.head {
            Head::Native(head) => head.extensions(),
            Head::Hop(head) => head.extensions(),
            Head::Sent(kept) => &kept.extensions,
        })
    }

    /// Sends the next attempt, with this credential if there is one.
    ///
    /// The request is handed to the client before the future is made, so that the future does not
    /// hold it.
    pub(super) fn send<'t>(
        &mut self,
        credential: Option<&Credential>,
        transport: &'t T,
    ) -> Result<impl Future<Output = Result<T::Response, T::Error>> + Send + use<'t, T, H>, Error>
    {
        let body = self.body.send();
        let body = body.expect("the machine only replays a body that is there");
        self.made += 1;
        self.signed = credential.map_or(self.signed, |credential| credential.generation);
        let (call, sent) = match mem::take(&mut self.head) {
            Head::Native(mut head) => {
                let kept = SavedHead::of(&head);
                self.sign(credential, &kept, head.headers_mut(), &body)?;
                let call = self.sends(kept);
                let sent = call.begin(|| Either::Left(head.send(body, transport)));
                (call, sent)
            }
            Head::Hop(mut head) => {
                let kept = SavedHead::of::<T>(&head);
                self.sign(credential, &kept, head.headers_mut(), &body)?;
                let call = self.sends(kept);
                let request = head.map(|()| body);
                let sent = call.begin(|| Either::Right(transport.send(request)));
                (call, sent)
            }
            Head::Sent(kept) => {
                let mut head = kept.again()?;
                self.sign(credential, &kept, head.headers_mut(), &body)?;
                let call = self.sends(kept);
                let request = head.map(|()| body);
                let sent = call.begin(|| Either::Right(transport.send(request)));
                (call, sent)
            }
        };
        Ok(call.around::<T>(sent))
    }

    fn sign(
        &self,
        credential: Option<&Credential>,
        kept: &SavedHead,
        headers: &mut HeaderMap,
        body: &Body,
    ) -> Result<(), Error> {
        let Some(credential) = credential else {
            return Ok(());
        };
        credential.sign(headers);
        if let Some(hook) = &self.options.before_attempt.0 {
            hook(&mut Attempt {
                method: &kept.method,
                uri: &kept.uri()?,
                headers,
                extensions: &kept.extensions,
                body: body.as_bytes(),
                number: self.made,
                generation: credential.generation,
            });
            // Again: the hook may have changed the header.
            credential.sign(headers);
        }
        Ok(())
    }

    pub(super) fn method(&self) -> &Method {
        match &self.head {
            Head::Native(head) => head.method(),
            Head::Hop(head) => head.method(),
            Head::Sent(kept) => &kept.method,
        }
    }

    pub(super) fn uri(&self) -> Uri {
        match &self.head {
            Head::Native(head) => head.target().to_uri(),
            Head::Hop(head) => head.uri().clone(),
            // An invalid URI is not sent.
            Head::Sent(kept) => kept.uri().unwrap_or_default(),
        }
    }

    pub(super) const fn was_sent(&self) -> bool {
        self.made > 0
    }

    /// The span of the next attempt, with the number of times that the request was sent before,
    /// earlier hops included.
    fn sends(&mut self, kept: SavedHead) -> trace::Call {
        self.head = Head::Sent(kept);
        let resends = (self.before + self.made).saturating_sub(1);
        trace::Call::of(self.method(), || self.uri(), resends)
    }

    /// The generation of the token that the last attempt carried.
    pub(super) const fn generation(&self) -> Generation {
        self.signed
    }

    /// What a response says about the token, if it says anything.
    pub(super) fn classify(&self, status: StatusCode, headers: &HeaderMap) -> Option<Classified> {
        self.options.classifier.classify(status, headers)
    }

    /// Whether the refused attempt can be repeated. A stream that was not read yet is taken back
    /// for it.
    pub(super) fn replay(&mut self) -> Replay {
        if !self.options.replays(self.method()) {
            Replay::MethodExcluded
        } else if self.body.is_there() {
            Replay::Allowed
        } else {
            Replay::BodyConsumed
        }
    }
}

impl<H> Default for Head<H> {
    fn default() -> Self {
        Self::Sent(SavedHead::default())
    }
}
