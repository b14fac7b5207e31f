//! What a session promises, over this client.

use futures_util::future::join_all;
use http::{HeaderValue, Request};
use reauth::{Body, ErrorKind, JsonGrant, Reason, Session, Token, Transport, WithoutCredentials};
use reauth_mock_api::{MockApi, Rotation};

use crate::outcome::{ensure, ensure_eq};
use crate::scene::{REFRESH, ensure_same, get, many, read, refusing, request};
use crate::server::{Answer, Received, Server};
use crate::upload::Upload;
use crate::{Adapter, BrokenReuse, Outcome, Scene, script};

/// Sixty-four requests that are refused at once make one refresh, and succeed.
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

/// A replay is the refused request, byte for byte, but for its token.
pub async fn promise_16_a_replay_is_byte_identical<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let body = many(100_000);
    let theirs = body.clone();
    let server = refusing(move |_| Answer::new(200).body(theirs.clone()))?;
    let session = scene.session(&server)?;
    let request = Request::post(server.url("/books?a=b%20c"))
        .header("content-type", "text/plain; charset=utf-8")
        .header("content-encoding", "identity")
        .header("content-language", "en")
        .header("idempotency-key", "8e03978e-40d5-43dd-bc93-6894a57f9324")
        .header("x-repeated", "1")
        .header("x-repeated", "2")
        .body(body.clone())?;
    let mut response = session.execute(request).await?;
    ensure_eq!(A::Transport::status(&response), 200, "the status");
    ensure_same(
        &read::<A::Transport>(&mut response).await?,
        &body,
        "the answer",
    )?;

    let attempts = of(&server, "/books?a=b%20c")?;
    ensure_eq!(attempts.len(), 2, "attempts");
    let (first, second) = (&attempts[0], &attempts[1]);
    ensure_same(&first.body, &body, "the first attempt")?;
    ensure_same(&second.body, &body, "the replay")?;
    ensure_eq!(second.method, first.method, "the method");
    ensure_eq!(second.framing, first.framing, "the framing");
    ensure_eq!(
        unsigned(second),
        unsigned(first),
        "the headers of the replay"
    );
    ensure_eq!(
        first.header("content-language"),
        Some("en"),
        "a content header"
    );
    ensure_eq!(first.all("idempotency-key").len(), 1, "idempotency keys");
    Ok(())
}

/// A stream that was read is not replayed: the caller gets the 401 and why, and the next
/// request has a new token.
pub async fn promise_16_a_stream_that_was_read_is_not_replayed<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let server = refusing(|_| Answer::new(200))?;
    let session = scene.session(&server)?;
    let stream = || Body::once(Upload::of_unknown_length([many(1_000)]));
    let sent = session.execute(request("POST", &server.url("/first"), stream())?);
    let mut refused = sent.await?;
    ensure_eq!(A::Transport::status(&refused), 401, "the status");
    let reason = A::Transport::extensions_mut(&mut refused).get().copied();
    ensure_eq!(reason, Some(Reason::BodyNotReplayable), "the reason");
    ensure_same(
        &read::<A::Transport>(&mut refused).await?,
        b"refused",
        "the refusal",
    )?;

    let sent = session.execute(request("POST", &server.url("/next"), stream())?);
    ensure_eq!(
        A::Transport::status(&sent.await?),
        200,
        "the status of the next"
    );
    let first = of(&server, "/first")?;
    ensure_eq!(first.len(), 1, "attempts of the first");
    ensure_same(&first[0].body, &many(1_000), "the first")?;
    let next = of(&server, "/next")?;
    ensure_eq!(next.len(), 1, "attempts of the next");
    ensure_same(&next[0].body, &many(1_000), "the next")
}

/// Each attempt has one credential header, the session's; one of the caller's own goes alone;
/// a request without credentials has none, and neither has a token call.
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

/// What a session says of a connection that is refused is that nothing was sent; of one that
/// broke, that the transport failed.
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
            Ok(_) => ensure!(false, "an error promised, seen an answer"),
            Err(error) => ensure_eq!(error.kind(), kind, "the class of {error}"),
        }
    }
    Ok(())
}

/// A fixed script of requests, expiries, revocations, faults, sign-ins and a sign-out gives the
/// same trace over every client: see [`script`](crate::script).
pub async fn the_script_gives_the_trace_that_every_client_gives<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let promised = match scene.capabilities().of_broken_reuse() {
        BrokenReuse::Fails => script::TRACE.to_owned(),
        // No whole line of the answer came, so some clients send again by themselves.
        BrokenReuse::ResendsBodiless | BrokenReuse::ResendsByItself => script::TRACE.replace(
            "  GET /api/books 200 OK\n= Transport\n",
            "  GET /api/books 200 OK\n  GET /api/books 200 OK\n= 200\n",
        ),
    };
    let seen = script::trace(scene.transport()).await?;
    let differs = seen
        .lines()
        .zip(promised.lines())
        .find(|(seen, promised)| seen != promised);
    if let Some((seen, promised)) = differs {
        ensure_eq!(seen, promised, "a line of the trace");
    }
    ensure!(seen == promised, "another number of lines:\n{seen}");
    Ok(())
}

fn of(server: &Server, target: &str) -> Outcome<Vec<Received>> {
    let received = server.received()?.into_iter();
    Ok(received
        .filter(|received| received.target == target)
        .collect())
}

fn unsigned(received: &Received) -> Vec<(String, String)> {
    let headers = received.headers.iter();
    let unsigned = headers.filter(|(name, _)| name != "authorization");
    unsigned
        .map(|(name, value)| (name.clone(), String::from_utf8_lossy(value).into_owned()))
        .collect()
}

fn credentials(received: &Received) -> (&str, Vec<&str>) {
    let values = received.all("authorization").into_iter();
    let values = values.map(|value| std::str::from_utf8(value).unwrap_or("not text"));
    (&received.target, values.collect())
}
