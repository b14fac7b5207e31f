//! The promises of a session, over this client.

use futures_util::future::join_all;
use http::HeaderValue;
use reauth::{ErrorKind, JsonGrant, Session, Token, Transport, WithoutCredentials};
use reauth_mock_api::{MockApi, Rotation};

use crate::outcome::{ensure, ensure_eq};
use crate::scene::{REFRESH, get, refusing};
use crate::server::{Answer, Received, Server};
use crate::{Adapter, Outcome, Scene, script};

/// Sixty-four requests that are refused at once cause one refresh, and succeed.
pub async fn promise_2_a_herd_makes_one_refresh<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    const HERD: usize = 64;
    let api = MockApi::builder().rotate(Rotation::On).start()?;
    let token = Token::new("stale")?.with_refresh_token(api.refresh_token());
    let session = Session::builder(scene.transport())
        .origin(&api.url())
        .grant(JsonGrant::new(&format!("{}{REFRESH}", api.url()))?)
        .token(token)
        .build()?;
    let url = format!("{}/api/books", api.url());
    let gate = api.hold_books();
    let requests: Outcome<Vec<_>> = (0..HERD).map(|_| get(&url)).collect();
    let herd = join_all(
        requests?
            .into_iter()
            .map(|request| session.execute(request)),
    );
    let open = async {
        gate.arrived(HERD).await;
        gate.open();
    };
    let (answers, ()) = futures_util::future::join(herd, open).await;
    for answer in answers {
        ensure_eq!(A::Transport::status(&answer?), 200, "the status");
    }
    let counts = api.counts();
    ensure_eq!(
        (counts.refreshes, counts.reuses),
        (1, 0),
        "refreshes, and reuses"
    );
    ensure_eq!(counts.books_unauthorized, HERD, "refusals");
    ensure_eq!(counts.books_ok, HERD, "successes");
    Ok(())
}

/// Each attempt has one credential header, the session's. The caller's own replaces it. A request
/// without credentials has none, and neither has a token call.
pub async fn promise_18_an_attempt_has_one_credential_header<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let server = refusing(|_| Answer::new(200))?;
    let session = scene.session(&server)?;
    session.execute(get(&server.url("/signed"))?).await?;
    let mut own = get(&server.url("/own"))?;
    let basic = HeaderValue::from_static("Basic YTpi");
    own.headers_mut().insert("authorization", basic);
    session.execute(own).await?;
    let mut without = get(&server.url("/without"))?;
    without.extensions_mut().insert(WithoutCredentials);
    session.execute(without).await?;

    let received = server.received()?;
    let seen: Vec<_> = received.iter().map(credentials).collect();
    let promised = [
        ("/signed", vec!["Bearer stale"]),
        (REFRESH, vec![]),
        ("/signed", vec!["Bearer fresh"]),
        ("/own", vec!["Basic YTpi"]),
        ("/without", vec![]),
    ];
    ensure_eq!(seen, promised, "the targets and their credentials");
    Ok(())
}

/// A session reports a refused connection as nothing sent, and a broken one as a failed
/// transport.
pub async fn a_session_tells_what_its_transport_tells<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let server = Server::start(|connection| {
        connection.read()?;
        Ok(())
    })?;
    let session = scene.session(&server)?;
    let url = server.url("/books");
    for (kind, gone) in [
        (ErrorKind::Transport, None),
        (ErrorKind::Connect, Some(server)),
    ] {
        drop(gone);
        match session.execute(get(&url)?).await {
            Ok(_) => ensure!(false, "expected an error, got a response"),
            Err(error) => ensure_eq!(error.kind(), kind, "the class of {error}"),
        }
    }
    Ok(())
}

/// A fixed script of requests, expiries, revocations, faults, sign-ins and a sign-out leaves the
/// same trace over every client: see [`script`](crate::script).
pub async fn the_script_gives_the_trace_that_every_client_gives<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let seen = script::trace(scene.transport()).await?;
    let differs = seen
        .lines()
        .zip(script::TRACE.lines())
        .find(|(seen, promised)| seen != promised);
    if let Some((seen, promised)) = differs {
        ensure_eq!(seen, promised, "a line of the trace");
    }
    ensure!(seen == script::TRACE, "another number of lines:\n{seen}");
    Ok(())
}

fn credentials(received: &Received) -> (&str, Vec<&str>) {
    let values = received.all("authorization").into_iter();
    let values = values.map(|value| std::str::from_utf8(value).unwrap_or("not text"));
    (&received.target, values.collect())
}
