//! Response bodies.

use reauth::{Failure, Transport};

use crate::outcome::{ensure, ensure_eq};
use crate::scene::{ensure_same, failed, fetch, get, many};
use crate::server::{Answer, Server};
use crate::signal::Signal;
use crate::{Adapter, Heads, Outcome, Scene};

/// The caller gets the first piece of a body before the server sends the last one.
pub async fn the_first_piece_comes_before_the_last_is_sent<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let gate = Signal::default();
    let theirs = gate.clone();
    let server = Server::start(move |connection| {
        if connection.read()?.is_some() {
            connection.write(b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nfirst")?;
            connection.wait(&theirs)?;
            connection.write(b", last")?;
        }
        Ok(())
    })?;
    let mut response = scene.transport().send(get(&server.url("/"))?).await?;
    let mut body = Vec::new();
    while body.len() < 5 {
        let piece = A::Transport::chunk(&mut response).await?;
        ensure!(piece.is_some(), "the body ended after {} bytes", body.len());
        body.extend(piece.unwrap_or_default());
    }
    ensure_same(&body, b"first", "before the gate was opened")?;
    gate.raise();
    while let Some(piece) = A::Transport::chunk(&mut response).await? {
        body.extend(piece);
    }
    ensure_same(&body, b"first, last", "the body")
}

/// Twenty megabytes arrive whole.
pub async fn twenty_megabytes_are_read_whole<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let promised = many(20_000_000);
    let theirs = promised.clone();
    let server = Server::answering(move |_| Answer::new(200).body(theirs.clone()))?;
    let (status, body) = fetch(&scene.transport(), get(&server.url("/"))?).await?;
    ensure_eq!(status, 200, "the status");
    ensure_same(&body, &promised, "the body")
}

/// A chunked body, and one that ends with its connection, arrive whole.
pub async fn a_body_of_unknown_length_is_read_whole<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let chunks = b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\n\r\n";
    let closed = b"connection: close\r\n\r\nabc0123456789";
    for rest in [chunks.as_slice(), closed] {
        let server = wire(rest)?;
        let (status, body) = fetch(&scene.transport(), get(&server.url("/"))?).await?;
        ensure_eq!(status, 200, "the status");
        ensure_same(&body, b"abc0123456789", "the body")?;
    }
    Ok(())
}

/// A body that is shorter than announced is an error of [`Transport::chunk`], and not an end. If
/// no byte of it came, it may be an error of [`Transport::send`], as declared.
pub async fn a_body_that_is_cut_is_an_error_and_no_end<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let cut = [
        "content-length: 10\r\n\r\n",
        "content-length: 10\r\n\r\n012345678",
        "transfer-encoding: chunked\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n5\r\n012",
        "transfer-encoding: chunked\r\n\r\n5\r\n01234\r\n",
        "transfer-encoding: chunked\r\n\r\n5\r\n01234\r\n0\r\n",
    ];
    for rest in cut {
        let server = wire(rest.as_bytes())?;
        let sent = scene.transport().send(get(&server.url("/"))?).await;
        if rest.ends_with("\r\n\r\n") && scene.capabilities().of_heads() == Heads::WithBody {
            failed::<A::Transport>(sent, Failure::Other).map_err(|seen| seen.at(rest))?;
            continue;
        }
        let mut response = sent?;
        let read = crate::scene::read::<A::Transport>(&mut response).await;
        ensure!(
            read.is_err(),
            "{rest:?}: expected an error, got the body {read:?}"
        );
    }
    Ok(())
}

/// A server that sends a status line and these bytes, and closes the connection.
fn wire(rest: &'static [u8]) -> Outcome<Server> {
    Server::start(move |connection| {
        if connection.read()?.is_some() {
            connection.write(b"HTTP/1.1 200 OK\r\n")?;
            connection.write(rest)?;
        }
        Ok(())
    })
}
