//! A session over a closure that answers at once or never, with a clock that stands still.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use reauth_reqwest::reauth::{
    Body, BoxFuture, ReplayMethods, Runtime, Session, SessionBuilder, Token, Transport, from_fn,
};

use crate::BoxError;
use crate::contenders::signed_in;
use crate::target::Target;

/// No server listens there.
pub(crate) const ORIGIN: &str = "http://127.0.0.1:9";

/// How long a token lives that expires.
const LIFETIME: Duration = Duration::from_secs(100);

/// `/ok` is accepted and `/refused` refused, at once; `/never` gets no response, and neither does a
/// refresh.
pub(super) async fn answer(request: Request<Body>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::default());
    match request.uri().path() {
        "/ok" => {}
        "/refused" => *response.status_mut() = StatusCode::UNAUTHORIZED,
        _ => pending().await,
    }
    Ok(response)
}

/// A session with a token that never expires.
pub(crate) fn session() -> Result<Session<impl Transport>, BoxError> {
    Ok(builder(Clock::default())?.build()?)
}

/// A session with a token that expires by this clock. A POST of it can be sent once.
pub(crate) fn expiring_session(clock: &Clock) -> Result<Session<impl Transport>, BoxError> {
    let Target {
        access_token,
        refresh_token,
        ..
    } = Target::new(ORIGIN);
    let token = Token::new(access_token)?
        .with_refresh_token(refresh_token)
        .with_expires_at(clock.wall_clock() + LIFETIME);
    let builder = builder(clock.clone())?.token(token);
    Ok(builder.replay_methods(ReplayMethods::Idempotent).build()?)
}

fn builder(clock: Clock) -> Result<SessionBuilder<impl Transport>, BoxError> {
    let builder = Session::builder(from_fn(answer, clock));
    signed_in(builder, &Target::new(ORIGIN))
}

/// A clock that a figure moves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock(Arc<AtomicU64>);

impl Clock {
    /// Moves to where requests that can be sent once wait for a newer token, and others do not.
    pub(crate) fn to_renewal(&self) {
        let most_of_it = LIFETIME.as_secs() * 85 / 100;
        self.0.store(most_of_it, Ordering::Relaxed);
    }
}

impl Runtime for Clock {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.now()
    }

    fn jitter(&self) -> u8 {
        0
    }

    fn sleep(&self, _: Duration) -> BoxFuture<()> {
        Box::pin(pending())
    }
}
