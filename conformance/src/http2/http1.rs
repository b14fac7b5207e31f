//! HTTP/1.1 on the same port, for clients that cannot give a token call its own HTTP/2 connection.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Plan;
use super::connection::{head, wait};
use super::server::{PATIENCE, Shared};
use crate::server::Received;

pub(super) async fn serve(stream: TcpStream, number: usize, shared: Arc<Shared>) {
    let serve = service_fn(|request: Request<Incoming>| {
        let (parts, body) = request.into_parts();
        answer(head(&parts, number), body, Arc::clone(&shared))
    });
    let io = TokioIo::new(stream);
    // The client notices a broken connection by itself.
    _ = http1::Builder::new().serve_connection(io, serve).await;
}

async fn answer(
    mut request: Received,
    body: Incoming,
    shared: Arc<Shared>,
) -> io::Result<Response<Full<Bytes>>> {
    let plan = (shared.script)(&request);
    let body = timeout(PATIENCE, body.collect()).await?;
    let body = body.map_err(io::Error::other)?;
    request.body = body.to_bytes().to_vec();
    shared.record(request);
    let answer = match plan {
        Plan::Answer(answer) | Plan::AnswerEarly(answer) | Plan::AnswerWithTrailers(answer, _) => {
            answer
        }
        Plan::Hold {
            arrived,
            opened,
            answer,
        } => {
            arrived.raise();
            wait(&opened).await?;
            answer
        }
        Plan::UntilReset { .. } | Plan::Refuse | Plan::GoAwayBefore | Plan::GoAwayAndClose => {
            shared.complain("a request over HTTP/1.1 where only HTTP/2 has an answer");
            return Err(io::ErrorKind::Unsupported.into());
        }
    };
    let (head, body) = answer.response().map_err(io::Error::other)?;
    Ok(head.map(|()| Full::new(body)))
}
