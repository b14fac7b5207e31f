//! One connection: routes and logs every request. A response may be lost or break.

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

/// An extension of a response: the connection is closed instead of sending it.
///
/// It is an error of hyper's service, so no byte of the response is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LostAnswer;

impl fmt::Display for LostAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the response is lost on purpose")
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
    // Clients that leave and lost responses end here; neither is a failure of this server.
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
