//! Connections that are refused, and connections that break.

use std::net::{Ipv4Addr, TcpListener};

use reauth::{Connection, Failure, Transport};

use crate::outcome::ensure_eq;
use crate::scene::{failed, get, post};
use crate::server::Server;
use crate::{Adapter, BrokenHeads, Outcome, Scene};

/// A refused connection is an error of the class [`Failure::Connect`], also for token calls.
pub async fn a_refused_connection_is_told_from_one_that_broke<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let url = format!("http://{}/", listener.local_addr()?);
    drop(listener);
    let transport = scene.transport();
    failed::<A::Transport>(transport.send(post(&url)?).await, Failure::Connect)?;
    let sent = transport
        .send_token_call(post(&url)?, Connection::Own)
        .await;
    failed::<A::Transport>(sent, Failure::Connect).map_err(|seen| seen.at("a token call"))?;
    Ok(())
}

/// If a connection ends before or inside the head, the error is of the class [`Failure::Other`],
/// also for token calls, unless declared otherwise. The request is sent once.
pub async fn a_connection_that_breaks_in_the_head_is_an_error<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let cut = [
        "",
        "HTTP/1.1 2",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n",
    ];
    for cut in cut {
        for call in [Call::Request, Call::Token] {
            let server = Server::start(move |connection| {
                connection.read()?;
                connection.write(cut.as_bytes())
            })?;
            let transport = scene.transport();
            let request = post(&server.url("/"))?;
            let sent = match call {
                Call::Request => transport.send(request).await,
                Call::Token => transport.send_token_call(request, Connection::Own).await,
            };
            let at = format!("{call:?} after {cut:?}");
            match scene.capabilities().of_broken_heads() {
                BrokenHeads::Taken if cut.ends_with('\n') => {
                    let status = A::Transport::status(&sent?);
                    ensure_eq!(status, 200, "{at}: the status");
                }
                BrokenHeads::Taken | BrokenHeads::Fail => {
                    failed::<A::Transport>(sent, Failure::Other).map_err(|seen| seen.at(at))?;
                }
            }
            let seen = server.received()?.len();
            ensure_eq!(seen, 1, "{call:?} after {cut:?}: how often it was sent");
        }
    }
    Ok(())
}

/// Bytes that are not HTTP are an error of the class [`Failure::Other`].
pub async fn an_answer_that_is_not_http_is_an_error<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let server = Server::start(|connection| {
        connection.read()?;
        connection.write(b"\0\xff\xfe this is not HTTP\r\n\r\n")
    })?;
    let sent = scene.transport().send(get(&server.url("/"))?).await;
    failed::<A::Transport>(sent, Failure::Other)?;
    Ok(())
}

#[derive(Clone, Copy, Debug)]
enum Call {
    Request,
    Token,
}
