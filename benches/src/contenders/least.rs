//! The least that a client must do before each request to be able to refresh and replay: read the
//! token under a lock, read a clock, check the origin, copy the head into a reused buffer, and
//! keep the body. It has no machine and no deadline, and cannot replay.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::session_tokens::bearer;
use crate::BoxError;
use crate::target::Target;

pub(super) struct Least {
    began: Instant,
    origin: String,
    held: Mutex<Held>,
    buffers: Mutex<Vec<Vec<u8>>>,
}

struct Held {
    bearer: HeaderValue,
    expires: Duration,
}

/// What another attempt would be made from.
pub(super) struct Kept {
    head: Vec<u8>,
    _body: Bytes,
}

impl Least {
    pub(super) fn new(target: &Target) -> Result<Self, BoxError> {
        Ok(Self {
            began: Instant::now(),
            origin: target.origin.clone(),
            held: Mutex::new(Held {
                bearer: bearer(target)?,
                expires: Duration::from_secs(3600),
            }),
            buffers: Mutex::default(),
        })
    }

    pub(super) fn sign(
        &self,
        url: &str,
        headers: &mut HeaderMap,
        body: &Bytes,
    ) -> Result<Kept, BoxError> {
        if !url.starts_with(&self.origin) {
            return Err("the token is not for that origin".into());
        }
        let now = self.began.elapsed();
        let bearer = {
            let held = lock(&self.held);
            (now < held.expires).then(|| held.bearer.clone())
        };
        let mut head = lock(&self.buffers).pop().unwrap_or_default();
        head.extend_from_slice(url.as_bytes());
        for (name, value) in &*headers {
            let (name, value) = (name.as_str(), value.as_bytes());
            let lengths = (name.len() as u64) << 32 | value.len() as u64;
            head.extend_from_slice(&lengths.to_ne_bytes());
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(value);
        }
        headers.insert(AUTHORIZATION, bearer.ok_or("the token has expired")?);
        let body = body.clone();
        Ok(Kept { head, _body: body })
    }

    pub(super) fn answered(&self, mut kept: Kept, status: StatusCode) -> Result<(), BoxError> {
        kept.head.clear();
        lock(&self.buffers).push(kept.head);
        match status {
            StatusCode::UNAUTHORIZED => Err("this contender cannot replay".into()),
            _ => Ok(()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
