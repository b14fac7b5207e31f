//! What all cases share: a client that acts, and a deadline.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Request, StatusCode};
use reauth::{Body, Failure, JsonGrant, Session, SessionBuilder, Token, TokenUse, Transport};

use crate::http2::{Http2Adapter, Http2Server};
use crate::outcome::{chain, ensure};
use crate::server::{Answer, Received, Server};
use crate::{Adapter, Capabilities, Outcome, Violation};

/// How long a case may take. It is longer than any limit inside a case, so that a case that
/// fails is distinguished from one that hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many times a test may miss a connection that the client has not returned to its pool yet.
pub(crate) const TRIES: usize = 50;

/// The argument of a case: the adapter under test.
#[derive(Debug)]
pub struct Scene<'a, A>(&'a A);

/// Runs one case.
///
/// # Errors
///
/// The [`Violation`] that the case found.
pub fn check<'a, A, C, F>(adapter: &'a A, case: C) -> Outcome
where
    A: Adapter,
    C: FnOnce(Scene<'a, A>) -> F + Send,
    F: Future<Output = Outcome> + Send,
{
    adapter.run(async {
        let deadline = adapter.transport().runtime().sleep(PATIENCE);
        match select(pin!(case(Scene(adapter))), deadline).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(((), _)) => Err(Violation::new(format!("not done after {PATIENCE:?}"))),
        }
    })
}

impl<A: Adapter> Scene<'_, A> {
    pub(crate) fn transport(&self) -> A::Transport {
        self.0.transport()
    }

    pub(crate) fn transport_with_timeout(&self, timeout: Duration) -> Option<A::Transport> {
        self.0.transport_with_timeout(timeout)
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    /// A session on this server whose token is refused.
    pub(crate) fn session(&self, server: &Server) -> Outcome<Session<A::Transport>> {
        Ok(self.builder(server)?.build()?)
    }

    pub(crate) fn builder(&self, server: &Server) -> Outcome<SessionBuilder<A::Transport>> {
        let token = Token::new("stale")?.with_refresh_token("r1");
        Ok(Session::builder(self.transport())
            .origin(&server.url(""))
            .grant(JsonGrant::new(&server.url(REFRESH))?)
            .token(token))
    }
}

impl<A: Http2Adapter> Scene<'_, A> {
    pub(crate) fn http2_transport(&self) -> A::Transport {
        self.0.http2_transport()
    }

    /// The origin of this server, as the transport reaches it. Call it once for each server.
    pub(crate) fn http2_origin(&self, server: &Http2Server) -> String {
        self.0.http2_origin(server.addr())
    }

    /// A session on this origin, over HTTP/2, whose token is refused.
    pub(crate) fn http2_session(&self, origin: &str) -> Outcome<Session<A::Transport>> {
        let token = Token::new("stale")?.with_refresh_token("r1");
        Ok(Session::builder(self.http2_transport())
            .origin(origin)
            .grant(JsonGrant::new(&format!("{origin}{REFRESH}"))?)
            .token(token)
            // The use for which a lost response would end the session.
            .token_use(TokenUse::SingleUse)
            .build()?)
    }
}

pub(crate) const REFRESH: &str = "/auth/refresh";

/// A server that refuses the token `stale`, trades it for `fresh`, and accepts that one.
pub(crate) fn refusing(
    answer: impl Fn(&Received) -> Answer + Send + Sync + 'static,
) -> Outcome<Server> {
    Server::answering(move |request| judged(request).unwrap_or_else(|| answer(request)))
}

/// The response to a token call or to a refused token; `None` if the token is good.
pub(crate) fn judged(request: &Received) -> Option<Answer> {
    if request.target == REFRESH {
        let token = r#"{"access_token":"fresh","refresh_token":"r2"}"#;
        return Some(Answer::new(200).body(token));
    }
    let is_fresh = request.header("authorization") == Some("Bearer fresh");
    (!is_fresh).then(|| Answer::new(401).body("refused"))
}

/// A request without headers.
pub(crate) fn request(method: &str, url: &str, body: impl Into<Body>) -> Outcome<Request<Body>> {
    let request = Request::builder().method(method).uri(url);
    Ok(request.body(body.into())?)
}

/// A GET.
pub(crate) fn get(url: &str) -> Outcome<Request<Body>> {
    request("GET", url, ())
}

/// A POST of a few bytes.
pub(crate) fn post(url: &str) -> Outcome<Request<Body>> {
    request("POST", url, "a book")
}

/// Reads the whole body of a response.
pub(crate) async fn read<T: Transport>(response: &mut T::Response) -> Result<Vec<u8>, T::Error> {
    let mut body = Vec::new();
    while let Some(piece) = T::chunk(response).await? {
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// Sends a request, and reads its response to the end.
pub(crate) async fn fetch<T: Transport>(
    transport: &T,
    request: Request<Body>,
) -> Outcome<(StatusCode, Vec<u8>)> {
    let mut response = transport.send(request).await?;
    let status = T::status(&response);
    Ok((status, read::<T>(&mut response).await?))
}

/// Returns the error if its class is the expected one.
pub(crate) fn failed<T: Transport>(
    sent: Result<T::Response, T::Error>,
    promised: Failure,
) -> Outcome<T::Error> {
    match sent {
        Ok(response) => Err(Violation::new(format!(
            "expected a failure of the class {promised:?}, got a {}",
            T::status(&response)
        ))),
        Err(error) => {
            let seen = T::failure(&error);
            ensure!(
                seen == promised,
                "expected a failure of the class {promised:?}, got {seen:?}: {}",
                chain(&error)
            );
            Ok(error)
        }
    }
}

/// Many bytes, no two neighbours alike.
pub(crate) fn many(length: usize) -> Bytes {
    // A prime, so that the pattern does not repeat at the size of a buffer.
    (0..length).map(|place| (place % 251) as u8).collect()
}

/// Compares bodies that are too long to print.
pub(crate) fn ensure_same(seen: &[u8], promised: &[u8], what: &str) -> Outcome {
    if seen == promised {
        return Ok(());
    }
    let same = seen
        .iter()
        .zip(promised)
        .take_while(|(a, b)| a == b)
        .count();
    Err(Violation::new(format!(
        "{what}: expected {} bytes, got {}, of which the first {same} match",
        promised.len(),
        seen.len()
    )))
}
