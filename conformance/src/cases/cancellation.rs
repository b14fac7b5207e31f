//! Dropped futures and responses.

use std::pin::pin;

use futures_util::future::{Either, select};
use reauth::Transport;

use crate::outcome::ensure_eq;
use crate::scene::{fetch, get};
use crate::server::{Answer, Server};
use crate::signal::Signal;
use crate::{Adapter, Outcome, Scene, Violation};

/// Dropping the future of [`Transport::send`] closes its connection, as declared, and the next
/// request uses another.
pub async fn dropping_a_request_closes_its_connection<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let (arrived, dropped, closed) = (Signal::default(), Signal::default(), Signal::default());
    let theirs = (arrived.clone(), dropped.clone(), closed.clone());
    let abandoned = scene.capabilities().of_abandoned();
    let server = Server::start(move |connection| {
        while let Some(request) = connection.read()? {
            if request.target == "/next" {
                connection.answer(&Answer::new(200))?;
                continue;
            }
            theirs.0.raise();
            connection.wait(&theirs.1)?;
            connection.until_abandoned(abandoned, b"HTTP/1.1 200 OK\r\n")?;
            theirs.2.raise();
        }
        Ok(())
    })?;
    let transport = scene.transport();
    {
        let send = pin!(transport.send(get(&server.url("/dropped"))?));
        match select(send, pin!(arrived.reached(1))).await {
            Either::Left((Ok(_), _)) => return Err(Violation::new("a response that was not sent")),
            Either::Left((Err(error), _)) => return Err(error.into()),
            Either::Right(((), _)) => {}
        }
    }
    dropped.raise();
    closed.reached(1).await;
    server.received()?;
    let (status, _) = fetch(&transport, get(&server.url("/next"))?).await?;
    ensure_eq!(status, 200, "the status of the next request");
    Ok(())
}

/// Dropping a response in the middle of its body closes its connection, as declared, and the
/// next request uses another.
pub async fn dropping_a_response_closes_its_connection<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let (dropped, closed) = (Signal::default(), Signal::default());
    let theirs = (dropped.clone(), closed.clone());
    let abandoned = scene.capabilities().of_abandoned();
    let server = Server::start(move |connection| {
        while let Some(request) = connection.read()? {
            if request.target == "/next" {
                connection.answer(&Answer::new(200))?;
                continue;
            }
            connection.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nfirst")?;
            connection.wait(&theirs.0)?;
            connection.until_abandoned(abandoned, b"second")?;
            theirs.1.raise();
        }
        Ok(())
    })?;
    let transport = scene.transport();
    let mut response = transport.send(get(&server.url("/dropped"))?).await?;
    let piece = A::Transport::chunk(&mut response).await?;
    ensure_eq!(piece.is_some(), true, "whether a piece came");
    drop(response);
    dropped.raise();
    closed.reached(1).await;
    server.received()?;
    let (status, _) = fetch(&transport, get(&server.url("/next"))?).await?;
    ensure_eq!(status, 200, "the status of the next request");
    Ok(())
}
