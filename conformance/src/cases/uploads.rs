//! Stream bodies, and servers that answer before their end.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use reauth::{Body, Failure, Transport};

use crate::outcome::{chain, ensure, ensure_eq};
use crate::scene::{ensure_same, failed, fetch, many, request};
use crate::server::{Answer, Framing, Received, Server};
use crate::upload::{Upload, pieces};
use crate::{Adapter, EarlyRefusal, Outcome, Scene, UploadTrailers};

/// A stream of unknown length is chunked, and arrives whole.
pub async fn a_stream_of_unknown_length_goes_in_chunks<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let body = many(300_000);
    let stream = pieces(&body).into_iter().map(Ok::<_, std::io::Error>);
    for stream in [
        Body::once(Upload::of_unknown_length(pieces(&body))),
        Body::stream(futures_util::stream::iter(stream)),
    ] {
        let received = arrived(&scene, stream).await?;
        ensure_eq!(received.framing, Framing::Chunked, "the framing");
        ensure_same(&received.body, &body, "the body")?;
    }
    Ok(())
}

/// A stream of known length announces it, and arrives whole.
pub async fn a_stream_of_known_length_announces_it<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let body = many(300_000);
    let received = arrived(&scene, Body::once(Upload::of_known_length(pieces(&body)))).await?;
    let framing = Framing::Length(body.len());
    ensure_eq!(received.framing, framing, "the framing");
    ensure_same(&received.body, &body, "the body")
}

/// A stream of twenty megabytes arrives whole, whether its length is known or not.
pub async fn a_stream_of_twenty_megabytes_arrives_whole<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let body = many(20_000_000);
    for stream in [
        Upload::of_unknown_length(pieces(&body)),
        Upload::of_known_length(pieces(&body)),
    ] {
        let received = arrived(&scene, Body::once(stream)).await?;
        ensure_same(&received.body, &body, "the body")?;
    }
    Ok(())
}

/// The trailers of a stream arrive or are dropped, as declared; the body arrives whole.
pub async fn trailers_of_an_upload_arrive_or_are_dropped_as_declared<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let body = many(1_000);
    let name = HeaderName::from_static("x-checksum");
    let stream =
        Upload::of_unknown_length(pieces(&body)).trailer(name, HeaderValue::from_static("7"));
    let server = Server::answering(|_| Answer::new(200))?;
    let mut request = request("POST", &server.url("/"), Body::once(stream))?;
    let announced = HeaderValue::from_static("x-checksum");
    request.headers_mut().insert("trailer", announced);
    fetch(&scene.transport(), request).await?;
    let received = server.only()?;
    ensure_same(&received.body, &body, "the body")?;
    let promised = match scene.capabilities().of_upload_trailers() {
        UploadTrailers::Sent => vec![("x-checksum".to_owned(), b"7".to_vec())],
        UploadTrailers::Dropped => Vec::new(),
    };
    ensure_eq!(received.trailers, promised, "the trailers");
    Ok(())
}

/// A stream that fails is an error, and the server never gets a whole request.
pub async fn a_stream_that_fails_is_no_whole_request<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let body = many(10_000);
    for stream in [
        Upload::of_unknown_length(pieces(&body)),
        announcing_more(&body),
    ] {
        let server = Server::answering(|_| Answer::new(200))?;
        let request = request("POST", &server.url("/"), Body::once(stream.failing()))?;
        failed::<A::Transport>(scene.transport().send(request).await, Failure::Other)?;
        let received = server.received()?;
        ensure!(received.is_empty(), "expected no request, got {received:?}");
    }
    Ok(())
}

/// A 401 in the middle of an upload is returned, or an error as declared, and the client does not
/// hang.
pub async fn a_401_in_the_middle_of_an_upload_is_seen_or_an_error_as_declared<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let early = scene.capabilities().of_early_refusal();
    for kind in [Kind::Bytes, Kind::Stream] {
        let server = Server::start(|connection| {
            if let Some(request) = connection.read_head()? {
                connection.take(1)?;
                connection.note(&request);
                let refusal = Answer::new(401).header("connection", "close");
                connection.answer(&refusal.body("enough"))?;
                connection.finish()?;
                // Unread data would reset the connection, and the response would be lost.
                connection.until_closed();
            }
            Ok(())
        })?;
        let sent = scene.transport().send(large(&server, kind)?).await;
        match early {
            EarlyRefusal::Seen => {
                let mut response = sent?;
                let status = A::Transport::status(&response);
                ensure_eq!(status, StatusCode::UNAUTHORIZED, "the status");
                let body = crate::scene::read::<A::Transport>(&mut response).await?;
                ensure_same(&body, b"enough", "the body")?;
            }
            EarlyRefusal::Lost => _ = failed::<A::Transport>(sent, Failure::Other)?,
        }
        server.only()?;
    }
    Ok(())
}

/// If the connection is reset in the middle of an upload, after a 401, the caller gets the 401 or
/// an error, and the client does not hang.
pub async fn a_reset_in_the_middle_of_an_upload_is_no_hang<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    for kind in [Kind::Bytes, Kind::Stream] {
        let server = Server::start(|connection| {
            if let Some(request) = connection.read_head()? {
                connection.take(1)?;
                connection.note(&request);
                connection.answer(&Answer::new(401).header("connection", "close"))?;
            }
            Ok(())
        })?;
        match scene.transport().send(large(&server, kind)?).await {
            Ok(response) => {
                let status = A::Transport::status(&response);
                ensure_eq!(status, StatusCode::UNAUTHORIZED, "the status");
            }
            Err(error) => {
                let class = A::Transport::failure(&error);
                ensure_eq!(class, Failure::Other, "the class of: {}", chain(&error));
            }
        }
        server.only()?;
    }
    Ok(())
}

/// How a body is made.
#[derive(Clone, Copy)]
enum Kind {
    Bytes,
    Stream,
}

/// More than the buffers of two sockets hold.
fn large(server: &Server, kind: Kind) -> Outcome<http::Request<Body>> {
    let body = many(20_000_000);
    let body = match kind {
        Kind::Bytes => Body::from(body),
        Kind::Stream => Body::once(Upload::of_unknown_length(pieces(&body))),
    };
    request("POST", &server.url("/"), body)
}

async fn arrived<A: Adapter>(scene: &Scene<'_, A>, body: Body) -> Outcome<Received> {
    let server = Server::answering(|_| Answer::new(200))?;
    let request = request("POST", &server.url("/"), body)?;
    let (status, _) = fetch(&scene.transport(), request).await?;
    ensure_eq!(status, 200, "the status");
    server.only()
}

/// Announces more bytes than it has before it fails.
fn announcing_more(body: &Bytes) -> Upload {
    Upload::of_known_length(pieces(body)).and_never(1_000)
}
