//! Whether anything is sent twice where a connection that was used before dies.

use reauth::{Failure, Transport};

use crate::outcome::{chain, ensure, ensure_eq};
use crate::scene::{fetch, get, post, request};
use crate::server::{Answer, Received, Server};
use crate::{Adapter, BrokenReuse, Outcome, Scene, TokenCalls, Violation};

/// A token call is sent once: over a connection that was used before and dies with it, or over
/// one of its own.
pub async fn promise_9_a_token_call_is_never_sent_twice<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let server = dying()?;
    let transport = scene.transport();
    let calls = scene.capabilities().of_token_calls();
    for nth in 0..TRIES {
        fetch(&transport, get(&server.url("/warm"))?).await?;
        let target = format!("/once/{nth}");
        let sent = transport.send_token_call(post(&server.url(&target))?).await;
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
    never_reused(calls)
}

/// A POST whose connection dies after it was read is an error, or is sent again where the
/// adapter declares that its client does so.
pub async fn promise_15_nothing_is_sent_twice_but_as_declared<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let server = dying()?;
    let transport = scene.transport();
    for nth in 0..TRIES {
        fetch(&transport, get(&server.url("/warm"))?).await?;
        let target = format!("/once/{nth}");
        let sent = transport.send(post(&server.url(&target))?).await;
        let seen = arrived(&server, &target)?;
        ensure!(!seen.is_empty(), "the request never arrived");
        if seen[0].before == 0 {
            continue;
        }
        let said = match &sent {
            Ok(response) => A::Transport::status(response).to_string(),
            Err(error) => format!("{:?}: {}", A::Transport::failure(error), chain(error)),
        };
        match (scene.capabilities().of_broken_reuse(), sent) {
            (BrokenReuse::Fails | BrokenReuse::ResendsBodiless, Err(error)) => {
                let class = A::Transport::failure(&error);
                ensure_eq!(class, Failure::Other, "the class of the error");
                ensure_eq!(seen.len(), 1, "how often the request was sent");
            }
            (BrokenReuse::ResendsByItself, Ok(_)) => {
                ensure_eq!(seen.len(), 2, "how often the request was sent");
            }
            (declared, _) => ensure!(
                false,
                "{declared:?} promised, seen {said} after {} sends",
                seen.len()
            ),
        }
        return bodiless(&scene).await;
    }
    never_reused(TokenCalls::Shared)
}

/// The same without a body.
async fn bodiless<A: Adapter>(scene: &Scene<'_, A>) -> Outcome {
    let server = dying()?;
    let transport = scene.transport();
    let (gets, posts) = match scene.capabilities().of_broken_reuse() {
        BrokenReuse::Fails => (1, 1),
        BrokenReuse::ResendsBodiless => (2, 1),
        BrokenReuse::ResendsByItself => (2, 2),
    };
    for (method, times) in [("GET", gets), ("POST", posts)] {
        fetch(&transport, get(&server.url("/warm"))?).await?;
        let target = format!("/once/{method}");
        let sent = transport.send(request(method, &server.url(&target), ())?);
        _ = sent.await;
        let seen = arrived(&server, &target)?;
        if seen[0].before > 0 {
            ensure_eq!(seen.len(), times, "how often a {method} was sent");
        }
    }
    Ok(())
}

/// How often a connection may be missed that the client had no time to put back.
const TRIES: usize = 50;

fn never_reused(calls: TokenCalls) -> Outcome {
    match calls {
        TokenCalls::OwnConnection => Ok(()),
        TokenCalls::Shared => Err(Violation::new(format!(
            "no connection was used again in {TRIES} requests"
        ))),
    }
}

fn arrived(server: &Server, target: &str) -> Outcome<Vec<Received>> {
    let received = server.received()?.into_iter();
    Ok(received
        .filter(|received| received.target == target)
        .collect())
}

/// A server whose connections die with their second request, after it was read.
fn dying() -> Outcome<Server> {
    Server::start(|connection| {
        while let Some(request) = connection.read()? {
            if request.before > 0 && request.target != "/warm" {
                break;
            }
            connection.answer(&Answer::new(200))?;
        }
        Ok(())
    })
}
