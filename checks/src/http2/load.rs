//! The requests of a row, and their counts.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as _;
use std::fmt;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use indicatif::ProgressBar;
use reauth::http::Request;
use reauth::{Body, Error, ErrorKind, JsonGrant, Session, Token, Transport};
#[cfg(feature = "isahc")]
use reauth_isahc::isahc::config::{Configurable, VersionNegotiation};
#[cfg(feature = "isahc")]
use reauth_isahc::{IsahcTransport, SendError};
use reauth_reqwest::ReqwestTransport;

use super::Client;
use crate::Verdict;

/// The method of the requests, and the version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
    /// An upload for which the application requests HTTP/1.1.
    PostOverHttp11,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::PostOverHttp11 => "POST over 1.1",
        })
    }
}

/// The requests of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) client: Client,
    pub(super) method: Method,
    pub(super) requests: usize,
    pub(super) at_once: usize,
}

/// Counts of the results of the requests.
#[derive(Debug, Default)]
pub(super) struct Counts {
    answered: BTreeSet<String>,
    failed: usize,
    /// Failed requests with the error that the client documents.
    allowed: usize,
    /// Requests that ran into the timeout.
    late: BTreeSet<String>,
    /// The error of the first request that failed otherwise.
    first: Option<String>,
    took: Duration,
}

/// Time limit for a request, with all its attempts.
const TIMEOUT: Duration = Duration::from_secs(10);

impl Load {
    /// Sends the requests through a session, `at_once` at the same time.
    pub(super) async fn send(&self, origin: &str, bar: &ProgressBar) -> Result<Counts, String> {
        match self.client {
            Client::Reqwest => {
                let client = ReqwestTransport::new(|client| {
                    client.no_proxy().timeout(TIMEOUT).http2_prior_knowledge()
                });
                self.send_over(client.map_err(text)?, origin, bar).await
            }
            #[cfg(feature = "isahc")]
            Client::Isahc => {
                let http2 = VersionNegotiation::http2();
                let client = IsahcTransport::new(|client| {
                    let client = client.proxy(None).timeout(TIMEOUT);
                    client.version_negotiation(http2.clone())
                });
                self.send_over(client.map_err(text)?, origin, bar).await
            }
        }
    }

    async fn send_over<T: Transport + 'static>(
        &self,
        transport: T,
        origin: &str,
        bar: &ProgressBar,
    ) -> Result<Counts, String> {
        let session = Session::builder(transport)
            .origin(origin)
            .grant(JsonGrant::new(&format!("{origin}/auth/refresh")).map_err(text)?)
            .token(
                Token::new("a-token")
                    .map_err(text)?
                    .with_refresh_token("never-asked-for"),
            )
            .build()
            .map_err(text)?;
        let begun = Instant::now();
        let mut sent = stream::iter(0..self.requests)
            .map(|nth| {
                let target = format!("/books/{nth}");
                let session = &session;
                async move {
                    let answer = session.execute(self.request(origin, &target)?).await;
                    let seen = match answer {
                        Ok(mut answer) => finish::<T>(&mut answer).await,
                        Err(error) => Err(Failed::of(&error)),
                    };
                    Ok::<_, String>((target, seen))
                }
            })
            .buffer_unordered(self.at_once);
        let mut counts = Counts::default();
        while let Some(sent) = sent.next().await {
            bar.inc(1);
            match sent? {
                (target, Ok(())) => _ = counts.answered.insert(target),
                (target, Err(failed)) => counts.fail(target, failed),
            }
        }
        counts.took = begun.elapsed();
        Ok(counts)
    }

    fn request(&self, origin: &str, target: &str) -> Result<Request<Body>, String> {
        let request = Request::builder().uri(format!("{origin}{target}"));
        match self.method {
            Method::Get => request.body(Body::empty()),
            Method::Post => request.method("POST").body("a book".into()),
            #[cfg(feature = "isahc")]
            Method::PostOverHttp11 => request
                .method("POST")
                .version_negotiation(VersionNegotiation::http11())
                .body("a book".into()),
            #[cfg(not(feature = "isahc"))]
            Method::PostOverHttp11 => request.method("POST").body("a book".into()),
        }
        .map_err(text)
    }
}

/// Reads the whole response.
async fn finish<T: Transport>(answer: &mut T::Response) -> Result<(), Failed> {
    let status = T::status(answer);
    if status != 200 {
        return Err(Failed::other(format!("a {status}")));
    }
    loop {
        match T::chunk(answer).await {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(()),
            Err(error) => return Err(Failed::other(format!("the body: {error}"))),
        }
    }
}

/// Why a request has no response.
struct Failed {
    text: String,
    /// Whether the client documents this error.
    allowed: bool,
    /// Whether the request ran into the timeout.
    late: bool,
}

impl Failed {
    fn other(text: String) -> Self {
        Self {
            text,
            allowed: false,
            late: false,
        }
    }

    fn of(error: &Error) -> Self {
        let mut failed = Self::other(error.to_string());
        failed.late = error.kind() == ErrorKind::Timeout;
        let mut cause = error.source();
        while let Some(error) = cause {
            failed.text = format!("{}: {error}", failed.text);
            #[cfg(feature = "isahc")]
            if let Some(SendError::BodyNotResent(_)) = error.downcast_ref() {
                failed.allowed = true;
            }
            cause = error.source();
        }
        failed
    }
}

impl Counts {
    fn fail(&mut self, target: String, failed: Failed) {
        self.failed += 1;
        if failed.late {
            self.late.insert(target);
        }
        if failed.allowed {
            self.allowed += 1;
        } else {
            self.first.get_or_insert(failed.text);
        }
    }
}

/// A row of the table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) load: Load,
    pub(super) server: &'static str,
    pub(super) goaway_after: u32,
    pub(super) connections: usize,
    /// How many times each target arrived.
    pub(super) arrived: BTreeMap<String, usize>,
    pub(super) counts: Counts,
}

impl Row {
    pub(super) const HEAD: &str = "client   method         server  goaway after  requests  \
                                   failed  allowed  lost  twice  missing  connections   req/s";

    fn twice(&self) -> usize {
        self.arrived.values().filter(|times| **times > 1).count()
    }

    fn missing(&self) -> usize {
        let arrived = |target: &&String| self.arrived.contains_key(*target);
        let answered = self.counts.answered.iter();
        answered.filter(|target| !arrived(target)).count()
    }

    /// Requests that never arrived and ran into the timeout.
    fn lost(&self) -> usize {
        let late = self.counts.late.iter();
        late.filter(|target| !self.arrived.contains_key(*target))
            .count()
    }

    /// One request in 100 connections may be lost: hyper loses about one in 1,000 GOAWAYs, with and
    /// without a session.
    pub(super) fn verdict(&self) -> Verdict {
        let counts = &self.counts;
        let may_be_lost = self.connections.div_ceil(100);
        let lost = self.lost();
        let failed = counts.failed - counts.allowed;
        let kept = failed == lost && lost <= may_be_lost;
        Verdict::of(kept && self.twice() == 0 && self.missing() == 0)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (load, counts) = (&self.load, &self.counts);
        let seconds = counts.took.as_secs_f64().max(f64::EPSILON);
        write!(
            f,
            "{:<7}  {:<13}  {:<6}  {:>12}  {:>8}  {:>6}  {:>7}  {:>4}  {:>5}  {:>7}  {:>11}  {:>6.0}",
            load.client.name(),
            load.method,
            self.server,
            self.goaway_after,
            load.requests,
            counts.failed,
            counts.allowed,
            self.lost(),
            self.twice(),
            self.missing(),
            self.connections,
            load.requests as f64 / seconds,
        )?;
        if let Some(first) = &counts.first {
            write!(f, "\n  first failure: {first}")?;
        }
        Ok(())
    }
}

fn text(error: impl fmt::Display) -> String {
    error.to_string()
}
