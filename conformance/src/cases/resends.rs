//! Whether a client resends a request if a reused connection dies.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join;

use reauth::{Connection, Failure, Transport};

use crate::outcome::{chain, ensure_eq};
use crate::scene::{TRIES, failed, fetch, get, post, request};
use crate::server::{Answer, Received, Server};
use crate::signal::Signal;
use crate::{Adapter, BrokenReuse, Outcome, Scene, TokenCalls, Violation};

/// A token call is sent once, whether its connection is reused and dies, or is its own.
pub async fn promise_9_a_token_call_is_never_sent_twice<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let server = dying()?;
    let transport = scene.transport();
    let calls = scene.capabilities().of_token_calls();
    for nth in 0..TRIES {
        fetch(&transport, get(&server.url("/warm"))?).await?;
        let target = format!("/once/{nth}");
        let call = post(&server.url(&target))?;
        let sent = transport.send_token_call(call, Connection::Own).await;
        let seen = arrived(&server, &target)?;
        ensure_eq!(seen.len(), 1, "how often the token call was sent");
        match (calls, seen[0].before) {
            (TokenCalls::Shared, 0) => {}
            (TokenCalls::Shared, _) => {
                let class = sent.as_ref().err().map(A::Transport::failure);
                ensure_eq!(class, Some(Failure::Other), "the class of the error");
                return Ok(());
            }
            (TokenCalls::OwnConnection, before) => {
                ensure_eq!(before, 0, "requests before it on a connection of its own");
            }
        }
    }
    match calls {
        TokenCalls::OwnConnection => Ok(()),
        TokenCalls::Shared => Reuse::Never.reused(),
    }
}

/// A timeout of the client ends its requests, but no token call: the session's deadline bounds
/// that.
pub async fn promise_27_no_timeout_of_the_client_cuts_a_token_call<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    const PATIENCE: Duration = Duration::from_millis(200);
    let Some(transport) = scene.transport_with_timeout(PATIENCE) else {
        return Ok(());
    };
    let (asked, answered) = (Signal::default(), Signal::default());
    let (was_asked, answer) = (asked.clone(), answered.clone());
    let server = Server::start(move |connection| {
        let Some(request) = connection.read()? else {
            return Ok(());
        };
        if request.target == "/token" {
            was_asked.raise();
            answer.wait_for(Duration::from_secs(10));
            return connection.answer(&Answer::new(200));
        }
        connection.until_closed();
        Ok(())
    })?;
    let call = transport.send_token_call(post(&server.url("/token"))?, Connection::Own);
    let call = async { call.await.map(|answer| A::Transport::status(&answer)) };
    // A request that starts after the call, and times out before it ends.
    let request = async {
        asked.reached(1).await;
        let cut = transport.send(get(&server.url("/"))?).await;
        answered.raise();
        failed::<A::Transport>(cut, Failure::Timeout)
    };
    let (called, cut) = join(call, request).await;
    cut?;
    ensure_eq!(called?, 200, "the status of the token call");
    Ok(())
}

/// A request whose connection dies after it was read fails, or is resent if the adapter declares
/// that.
pub async fn promise_15_nothing_is_sent_twice_but_as_declared<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let (bodiless_get, bodiless_post, post) = match scene.capabilities().of_broken_reuse() {
        BrokenReuse::Fails => (1, 1, 1),
        BrokenReuse::ResendsBodiless => (2, 1, 1),
        BrokenReuse::ResendsByItself => (2, 2, 2),
    };
    sent(&scene, "POST", "a book", post).await?.reused()?;
    sent(&scene, "GET", "", bodiless_get).await?.reused()?;
    // It may have its own connection; then it was not resent either.
    sent(&scene, "POST", "", bodiless_post).await?;
    Ok(())
}

/// Sends a request until it uses a reused connection, and counts how often it arrives.
async fn sent<A: Adapter>(
    scene: &Scene<'_, A>,
    method: &str,
    body: &'static str,
    times: usize,
) -> Outcome<Reuse> {
    let server = dying()?;
    let transport = scene.transport();
    for nth in 0..TRIES {
        fetch(&transport, get(&server.url("/warm"))?).await?;
        let target = format!("/once/{nth}");
        let request = request(method, &server.url(&target), body)?;
        let sent = transport.send(request).await;
        let said = match &sent {
            Ok(response) => A::Transport::status(response).to_string(),
            Err(error) => format!("{:?}: {}", A::Transport::failure(error), chain(error)),
        };
        let seen = arrived(&server, &target)?;
        let (first, count) = (seen.first().map(|first| first.before), seen.len());
        let sends = format!("{method} of {body:?}, which gave {said}: how often it was sent");
        if first == Some(0) {
            ensure_eq!(count, 1, "{sends}");
            continue;
        }
        ensure_eq!(count, times, "{sends}");
        let class = sent.as_ref().err().map(A::Transport::failure);
        let promised = (times == 1).then_some(Failure::Other);
        ensure_eq!(
            class,
            promised,
            "{method} of {body:?}: the class of the error"
        );
        return Ok(Reuse::Seen);
    }
    Ok(Reuse::Never)
}

/// Whether a connection was reused.
enum Reuse {
    Seen,
    Never,
}

impl Reuse {
    fn reused(self) -> Outcome {
        match self {
            Self::Seen => Ok(()),
            Self::Never => Err(Violation::new(format!(
                "no connection was reused in {TRIES} requests"
            ))),
        }
    }
}

fn arrived(server: &Server, target: &str) -> Outcome<Vec<Received>> {
    let received = server.received()?.into_iter();
    Ok(received
        .filter(|received| received.target == target)
        .collect())
}

/// A server whose connections die with their second request, after it was read. A resent request
/// is answered.
fn dying() -> Outcome<Server> {
    let died = Mutex::new(HashSet::new());
    let dies = move |request: &Received| {
        let mut died = died.lock().unwrap_or_else(PoisonError::into_inner);
        request.before > 0 && request.target != "/warm" && died.insert(request.target.clone())
    };
    Server::start(move |connection| {
        while let Some(request) = connection.read()? {
            if dies(&request) {
                break;
            }
            connection.answer(&Answer::new(200))?;
        }
        Ok(())
    })
}
