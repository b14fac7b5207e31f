//! Refused responses and their connections.

use std::io;

use reauth::Transport;

use crate::outcome::{ensure, ensure_eq};
use crate::scene::{REFRESH, TRIES, get, judged, refusing};
use crate::server::{Answer, Connection, Received, Server, is_closed};
use crate::signal::Signal;
use crate::{Adapter, Outcome, Scene, TokenCalls};

/// A refused request and its replay use one connection, and so does the refresh, unless declared
/// otherwise.
pub async fn promise_21_a_drained_connection_serves_the_replay<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let token_calls = scene.capabilities().of_token_calls();
    let refresh = match token_calls {
        TokenCalls::Shared => 0,
        TokenCalls::OwnConnection => 1,
    };
    let promised = [("/books", 0), (REFRESH, refresh), ("/books", 0)];
    let mut last = Vec::new();
    let mut served = false;
    for _ in 0..TRIES {
        let server = refusing(|_| Answer::new(200))?;
        let session = scene.session(&server)?;
        let response = session.execute(get(&server.url("/books"))?).await?;
        ensure_eq!(A::Transport::status(&response), 200, "the status");
        last = server.received()?;
        served |= last.iter().map(on).eq(promised);
        match token_calls {
            TokenCalls::Shared if served => return Ok(()),
            // One try proves nothing: a client whose pool is late looks like a shared one.
            TokenCalls::OwnConnection if last.iter().any(|one| on(one) == (REFRESH, 0)) => {
                served = false;
                break;
            }
            TokenCalls::Shared | TokenCalls::OwnConnection => {}
        }
    }
    if served {
        return Ok(());
    }
    let seen: Vec<_> = last.iter().map(on).collect();
    ensure_eq!(
        seen,
        promised,
        "the targets and the numbers of their connections"
    );
    Ok(())
}

fn on(received: &Received) -> (&str, usize) {
    (&received.target, received.connection)
}

/// A 401 whose body never ends is dropped with its connection, and the replay follows.
pub async fn promise_21_a_refusal_without_an_end_is_dropped<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    /// Far more than the session drains and sockets buffer, far less than a client could store.
    const BOUND: usize = 64 * 1024 * 1024;
    endless(&scene, |connection, _| {
        let piece = [b'x'; 16 * 1024];
        for _ in 0..BOUND / piece.len() {
            chunk(connection, &piece)?;
        }
        connection.complain("a client that reads a refused response for ever");
        Ok(())
    })
    .await
}

/// A 401 whose body stalls is dropped with its connection, as declared, and the replay follows.
pub async fn promise_21_a_refusal_that_stops_is_dropped<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let abandoned = scene.capabilities().of_abandoned();
    endless(&scene, move |connection, replayed| {
        chunk(connection, b"first")?;
        connection.wait(replayed)?;
        connection.until_abandoned(abandoned, b"6\r\nsecond\r\n")
    })
    .await
}

/// A 401 whose body drips is dropped with its connection, and the replay follows.
pub async fn promise_21_a_refusal_that_drips_is_dropped<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    endless(&scene, |connection, _| {
        let drop = Signal::default();
        for _ in 0..500 {
            chunk(connection, b".")?;
            // The pace of the drip; the test waits for nothing here.
            drop.wait_for(std::time::Duration::from_millis(10));
        }
        connection.complain("a client that reads a dripping refusal to its end");
        Ok(())
    })
    .await
}

async fn endless<A: Adapter>(
    scene: &Scene<'_, A>,
    body: impl Fn(&mut Connection, &Signal) -> io::Result<()> + Send + Sync + 'static,
) -> Outcome {
    let (replayed, closed) = (Signal::default(), Signal::default());
    let theirs = (replayed, closed.clone());
    let server = Server::start(move |connection| {
        while let Some(request) = connection.read()? {
            match judged(&request) {
                None => {
                    theirs.0.raise();
                    connection.answer(&Answer::new(200))?;
                }
                Some(token) if request.target == REFRESH => connection.answer(&token)?,
                Some(_) => {
                    let head = b"HTTP/1.1 401 No\r\ntransfer-encoding: chunked\r\n\r\n";
                    connection.write(head)?;
                    let written = body(connection, &theirs.0);
                    theirs.1.raise();
                    return match written {
                        Err(error) if is_closed(&error) => Ok(()),
                        written => written,
                    };
                }
            }
        }
        Ok(())
    })?;
    let session = scene.session(&server)?;
    let response = session.execute(get(&server.url("/books"))?).await?;
    ensure_eq!(
        A::Transport::status(&response),
        200,
        "the status of the replay"
    );
    closed.reached(1).await;
    let received = server.received()?;
    let books = received
        .iter()
        .filter(|received| received.target == "/books");
    ensure_eq!(books.count(), 2, "attempts");
    ensure!(
        received.len() == 3,
        "expected three requests, got {received:?}"
    );
    Ok(())
}

fn chunk(connection: &mut Connection, bytes: &[u8]) -> io::Result<()> {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    connection.write(&chunk)
}
