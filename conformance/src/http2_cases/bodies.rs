//! Flow control, trailers, and responses that come before the request has ended.

use http::{HeaderMap, HeaderName, HeaderValue};
use reauth::{Body, Failure, Transport};

use crate::http2::{Http2Adapter, Http2Server, Plan, Settings};
use crate::outcome::ensure_eq;
use crate::scene::{ensure_same, failed, fetch, get, many, request};
use crate::server::Answer;
use crate::upload::{Upload, pieces};
use crate::{EarlyRefusal, Outcome, Scene, UploadTrailers};

/// Smaller than any body, and odd, so that they match no frame size.
const WINDOWS: (u32, u32) = (9_001, 70_001);

/// Five megabytes arrive whole through windows of a few kilobytes, as bytes and as a stream.
pub async fn an_upload_through_small_windows_arrives_whole<A: Http2Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let settings = Settings {
        windows: Some(WINDOWS),
        ..Settings::default()
    };
    let server = Http2Server::start(settings, |_| Plan::Answer(Answer::new(200)))?;
    let url = format!("{}/", scene.http2_origin(&server));
    let transport = scene.http2_transport();
    let body = many(5_000_000);
    let bodies: [Body; 3] = [
        body.clone().into(),
        Body::once(Upload::of_known_length(pieces(&body))),
        Body::once(Upload::of_unknown_length(pieces(&body))),
    ];
    for sent in bodies {
        let (status, _) = fetch(&transport, request("POST", &url, sent)?).await?;
        ensure_eq!(status, 200, "the status");
        let received = server.received()?;
        ensure_same(&received[received.len() - 1].body, &body, "the body")?;
    }
    ensure_eq!(server.received()?.len(), 3, "requests");
    Ok(())
}

/// Twenty megabytes, more than clients open their windows for, are read whole.
pub async fn a_download_beyond_the_windows_is_read_whole<A: Http2Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let promised = many(20_000_000);
    let theirs = promised.clone();
    let server = answering(move || Plan::Answer(Answer::new(200).body(theirs.clone())))?;
    let url = format!("{}/", scene.http2_origin(&server));
    let (status, body) = fetch(&scene.http2_transport(), get(&url)?).await?;
    ensure_eq!(status, 200, "the status");
    ensure_same(&body, &promised, "the body")
}

/// The trailers of an upload arrive or are dropped, as declared. Those of a response are not part
/// of its body.
pub async fn trailers_over_http2_are_no_part_of_a_body<A: Http2Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let (body, answered) = (many(1_000), many(2_000));
    let (name, value) = (
        HeaderName::from_static("x-checksum"),
        HeaderValue::from_static("7"),
    );
    let trailers = HeaderMap::from_iter([(name.clone(), value.clone())]);
    let theirs = Answer::new(200).body(answered.clone());
    let server = answering(move || Plan::AnswerWithTrailers(theirs.clone(), trailers.clone()))?;
    let url = format!("{}/", scene.http2_origin(&server));
    let upload = Upload::of_unknown_length(pieces(&body)).trailer(name, value);
    let request = request("POST", &url, Body::once(upload))?;
    let (status, read) = fetch(&scene.http2_transport(), request).await?;
    ensure_eq!(status, 200, "the status");
    ensure_same(&read, &answered, "the body of the answer")?;

    let received = server.received()?;
    ensure_eq!(received.len(), 1, "requests");
    ensure_same(&received[0].body, &body, "the body of the request")?;
    let promised = match scene.capabilities().of_upload_trailers() {
        UploadTrailers::Sent => vec![("x-checksum".to_owned(), b"7".to_vec())],
        UploadTrailers::Dropped => Vec::new(),
    };
    ensure_eq!(received[0].trailers, promised, "the trailers");
    Ok(())
}

/// A 401 that comes before the upload has ended is returned, or is an error as declared. The
/// request is sent once.
pub async fn a_401_in_the_middle_of_an_http2_upload_is_seen_or_an_error_as_declared<
    A: Http2Adapter,
>(
    scene: Scene<'_, A>,
) -> Outcome {
    let settings = Settings {
        windows: Some(WINDOWS),
        ..Settings::default()
    };
    let server = Http2Server::start(settings, |_| Plan::AnswerEarly(Answer::new(401)))?;
    let url = format!("{}/", scene.http2_origin(&server));
    let upload = Body::once(Upload::of_unknown_length(pieces(&many(5_000_000))));
    let request = request("POST", &url, upload)?;
    let sent = scene.http2_transport().send(request).await;
    match scene.capabilities().of_early_refusal() {
        EarlyRefusal::Seen => ensure_eq!(A::Transport::status(&sent?), 401, "the status"),
        EarlyRefusal::Lost => _ = failed::<A::Transport>(sent, Failure::Other)?,
    }
    ensure_eq!(server.received()?.len(), 1, "how often it was sent");
    Ok(())
}

fn answering(plan: impl Fn() -> Plan + Send + Sync + 'static) -> Outcome<Http2Server> {
    Http2Server::start(Settings::default(), move |_| plan())
}
