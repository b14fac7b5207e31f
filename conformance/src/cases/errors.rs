//! The class and the text of errors.

use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use reauth::{Failure, Transport};

use crate::outcome::{chain, ensure, ensure_eq};
use crate::scene::{failed, get, request};
use crate::server::Server;
use crate::signal::Signal;
use crate::{Adapter, Hostless, Outcome, Scene};

/// If a server does not answer in time, the error is of the class [`Failure::Timeout`], and the
/// connection is closed. If the client has no timeout, the caller's own deadline applies.
pub async fn an_answer_that_does_not_come_in_time_is_a_timeout<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    const PATIENCE: Duration = Duration::from_millis(200);
    let closed = Signal::default();
    let theirs = closed.clone();
    let server = Server::start(move |connection| {
        connection.read()?;
        connection.until_closed();
        theirs.raise();
        Ok(())
    })?;
    let request = get(&server.url("/"))?;
    if let Some(transport) = scene.transport_with_timeout(PATIENCE) {
        failed::<A::Transport>(transport.send(request).await, Failure::Timeout)?;
        closed.reached(1).await;
        server.received()?;
        return Ok(());
    }
    let transport = scene.transport();
    let deadline = transport.runtime().sleep(PATIENCE);
    let sending = pin!(transport.send(request));
    let seen = match select(sending, deadline).await {
        Either::Left(_) => "a response that was not sent",
        Either::Right(_) => "the deadline",
    };
    ensure_eq!(seen, "the deadline", "what came first");
    Ok(())
}

/// A request without a host is an error as declared, and is sent nowhere.
pub async fn a_request_without_a_host_is_an_error_as_declared<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let promised = match scene.capabilities().of_hostless() {
        Hostless::Invalid => Failure::Invalid,
        Hostless::Connect => Failure::Connect,
        Hostless::Other => Failure::Other,
    };
    let sent = scene.transport().send(request("GET", "/books", ())?).await;
    failed::<A::Transport>(sent, promised)?;
    Ok(())
}

/// The client's own error is the transport's, or one of its sources. No error has an empty text.
pub async fn the_clients_own_error_is_among_the_sources<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let nobody = format!("http://{}/", listener.local_addr()?);
    drop(listener);
    let transport = scene.transport();
    let refused = transport.send(get(&nobody)?).await;
    own::<A>(&failed::<A::Transport>(refused, Failure::Connect)?)?;

    let server = Server::start(|connection| {
        connection.read()?;
        Ok(())
    })?;
    let broken = transport.send(get(&server.url("/"))?).await;
    own::<A>(&failed::<A::Transport>(broken, Failure::Other)?)
}

fn own<A: Adapter>(error: &(dyn Error + 'static)) -> Outcome {
    let text = chain(error);
    ensure!(
        !error.to_string().is_empty(),
        "an error without a text: {text:?}"
    );
    let mut link = Some(error);
    while let Some(error) = link {
        if error.is::<A::ClientError>() {
            return Ok(());
        }
        link = error.source();
    }
    let promised = std::any::type_name::<A::ClientError>();
    ensure!(false, "no {promised} among the sources of: {text}");
    Ok(())
}
