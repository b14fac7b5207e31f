//! One connection: every request is routed and logged; an answer may be lost or break.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::ServiceExt;

use crate::access_log::RequestLine;
use crate::breaks::{Armed, Breakable};
use crate::shared::{Shared, lock};

/// Set on a response as an extension: the connection is closed in its place.
///
/// As an error of hyper's service, it leaves no byte of a response on the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LostAnswer;

impl fmt::Display for LostAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is lost on purpose")
    }
}

impl std::error::Error for LostAnswer {}

pub(crate) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    shared: Arc<Shared>,
) {
    let armed = Armed::default();
    let stream = Breakable::new(stream, Arc::clone(&armed));
    let service = service_fn(|request| answer(&router, &shared, peer, &armed, request));
    // Clients that leave and answers that are lost end here; neither is this server's failure.
    _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    router: &Router,
    shared: &Shared,
    peer: SocketAddr,
    armed: &Armed,
    request: Request<Incoming>,
) -> Result<Response, LostAnswer> {
    let line = RequestLine::new(peer, &request);
    let Ok(response) = router.clone().oneshot(request).await;
    shared.log.write(line.answered(response.status()));
    *lock(armed) = response.extensions().get().copied();
    match response.extensions().get::<LostAnswer>() {
        Some(lost) => Err(*lost),
        None => Ok(response),
    }
}
