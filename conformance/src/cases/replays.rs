//! What is replayed after a 401, and what cannot be.

use http::{HeaderValue, Request};
use reauth::{Body, Reason, Transport};

use crate::outcome::ensure_eq;
use crate::scene::{ensure_same, judged, many, read, refusing, request};
use crate::server::{Answer, Framing, Received, Server};
use crate::upload::{Upload, pieces};
use crate::{Adapter, ExpectContinue, Outcome, Scene};

/// A replay is byte-identical to the refused request, except for its token.
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

/// A stream that was read is not replayed: the caller gets the 401 and the reason, and the next
/// request carries a new token.
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

/// Twenty megabytes from a factory arrive whole, each time.
pub async fn promise_16_a_factory_of_twenty_megabytes_survives_a_refusal<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let body = many(20_000_000);
    let server = refusing(|_| Answer::new(200))?;
    let session = scene.session(&server)?;
    let theirs = body.clone();
    let factory = Body::factory(move || {
        let pieces = pieces(&theirs).into_iter().map(Ok::<_, std::io::Error>);
        Body::stream(futures_util::stream::iter(pieces))
    });
    let sent = session.execute(request("POST", &server.url("/books"), factory)?);
    ensure_eq!(A::Transport::status(&sent.await?), 200, "the status");
    let attempts = of(&server, "/books")?;
    ensure_eq!(attempts.len(), 2, "attempts");
    for attempt in attempts {
        ensure_eq!(attempt.framing, Framing::Chunked, "the framing");
        ensure_same(&attempt.body, &body, "an attempt")?;
    }
    Ok(())
}

/// A stream with `Expect: 100-continue` whose head is refused is sent with the replay, if the
/// client waits as declared. Otherwise the caller gets the 401 and the reason.
pub async fn promise_16_a_stream_that_was_not_read_is_replayed_as_declared<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let server = Server::start(|connection| {
        while let Some(mut request) = connection.read_head()? {
            match judged(&request) {
                Some(refusal) if request.target == "/books" => {
                    connection.note(&request);
                    connection.answer(&refusal.header("connection", "close"))?;
                    connection.finish()?;
                    connection.until_closed();
                    return Ok(());
                }
                answer => {
                    connection.read_body(&mut request)?;
                    connection.answer(&answer.unwrap_or_else(|| Answer::new(200)))?;
                }
            }
        }
        Ok(())
    })?;
    let session = scene.session(&server)?;
    let body = many(2_000_000);
    let stream = Body::once(Upload::of_unknown_length(pieces(&body)));
    let mut upload = request("POST", &server.url("/books"), stream)?;
    let expect = HeaderValue::from_static("100-continue");
    upload.headers_mut().insert("expect", expect);
    let mut answer = session.execute(upload).await?;
    let status = A::Transport::status(&answer).as_u16();
    let reason = A::Transport::extensions_mut(&mut answer).get().copied();
    let attempts = of(&server, "/books")?;
    let seen = (status, reason, attempts.len());
    match scene.capabilities().of_expect_continue() {
        ExpectContinue::Ignored => {
            let promised = (401, Some(Reason::BodyNotReplayable), 1);
            ensure_eq!(seen, promised, "the status, the reason, and the attempts");
        }
        ExpectContinue::Awaited => {
            ensure_eq!(
                seen,
                (200, None, 2),
                "the status, the reason, and the attempts"
            );
            ensure_same(&attempts[1].body, &body, "the replay")?;
        }
    }
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
