//! Compares where a session attaches its token with another URL parser: the WHATWG's, which reads
//! paths as browsers do.

use std::convert::Infallible;
use std::future::{Future, ready};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use reauth::http::{Request, Response, Uri, header::AUTHORIZATION};
use reauth::{Body, BoxFuture, RefreshError, Runtime, Session, Token, from_fn, refresher_fn};
use url::{Host, Url};

struct Standstill;

impl Runtime for Standstill {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> BoxFuture<()> {
        Box::pin(std::future::pending())
    }
}

/// Checks an allowed origin (or, after a space, a base URL), a new line, and a target.
///
/// # Panics
///
/// If a token goes anywhere that is not allowed.
pub fn check(bytes: &[u8]) {
    let Some((allowed, target)) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.split_once('\n'))
    else {
        return;
    };
    let sent = attached(allowed, target);
    let (Some(sent), Ok(allowed)) = (sent, Url::parse(allowed)) else {
        return;
    };
    // A client with the other parser does not send what that cannot parse.
    if let Ok(read) = Url::parse(&sent) {
        assert!(
            is_below(&allowed, &read),
            "{allowed} allows {sent}, read as {read}"
        );
    }
}

/// The URL to which a session with this origin or base URL sent its token.
///
/// # Panics
///
/// If the request waits.
#[must_use]
pub fn attached(allowed: &str, target: &str) -> Option<String> {
    let target: Uri = target.parse().ok()?;
    let sent = Arc::new(Mutex::new(None));
    let log = Arc::clone(&sent);
    let send = move |request: Request<Body>| {
        if request.headers().contains_key(AUTHORIZATION) {
            let mut log = log.lock().expect("no thread has panicked");
            *log = Some(request.uri().to_string());
        }
        ready(Ok::<_, Infallible>(Response::new(String::new())))
    };
    let builder = Session::builder(from_fn(send, Standstill));
    let builder = match allowed.strip_prefix(' ') {
        Some(base) => builder.base_url(base),
        None => builder.insecure_origin(allowed),
    };
    let refuse = |_: Option<Token>| ready(Err(RefreshError::refused("never asked")));
    let token = Token::new("a1").expect("printable");
    let session = builder.refresher(refresher_fn(refuse)).token(token).build();
    let mut request = Request::new(());
    *request.uri_mut() = target;
    let session = session.ok()?;
    let answer = pin!(session.execute(request));
    match answer.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(_) => sent.lock().expect("no thread has panicked").take(),
        Poll::Pending => panic!("the request must not wait"),
    }
}

fn is_below(allowed: &Url, target: &Url) -> bool {
    let prefix = allowed.path().trim_end_matches('/');
    let rest = target.path().strip_prefix(prefix);
    origin(allowed) == origin(target)
        && target.username().is_empty()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn origin(url: &Url) -> (&str, Option<Host<String>>, Option<u16>) {
    let host = url.host().map(|host| match host {
        // The trailing dot of a fully qualified name does not matter.
        Host::Domain(name) => Host::Domain(name.strip_suffix('.').unwrap_or(name).to_owned()),
        Host::Ipv4(address) => Host::Ipv4(address),
        Host::Ipv6(address) => Host::Ipv6(address),
    });
    (url.scheme(), host, url.port_or_known_default())
}
