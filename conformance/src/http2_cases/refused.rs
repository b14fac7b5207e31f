//! Refused streams (RFC 9113 section 8.7).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use reauth::{Body, Failure, Transport};

use crate::http2::{Http2Adapter, Http2Server, Plan, Settings};
use crate::outcome::ensure_eq;
use crate::scene::{fetch, get, many, request};
use crate::server::{Answer, Received};
use crate::upload::{Upload, pieces};
use crate::{Outcome, Scene, Unprocessed};

/// A request whose stream is refused is resent by the client, or reported, as declared.
pub async fn promise_15_a_refused_stream_is_resent_or_reported_as_declared<A: Http2Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    unprocessed(scene, Plan::Refuse).await
}

/// Each kind of request meets this plan at its first try, on a reused connection.
pub(super) async fn unprocessed<A: Http2Adapter>(scene: Scene<'_, A>, plan: Plan) -> Outcome {
    let declared = scene.capabilities().of_unprocessed();
    let stream = Upload::of_unknown_length(pieces(&many(10)));
    let kinds = [
        ("a GET", "GET", Body::empty()),
        ("a POST of bytes", "POST", "a book".into()),
        ("a POST of a stream", "POST", Body::once(stream)),
    ];
    for (kind, method, body) in kinds {
        let tried = Arc::new(Mutex::new(BTreeMap::<String, usize>::new()));
        let (theirs, plan) = (Arc::clone(&tried), plan.clone());
        let server = Http2Server::start(Settings::default(), move |request: &Received| {
            let mut tried = theirs.lock().unwrap_or_else(PoisonError::into_inner);
            let tried = tried.entry(request.target.clone()).or_default();
            *tried += 1;
            match (&*request.target, *tried) {
                ("/", 1) => plan.clone(),
                _ => Plan::Answer(Answer::new(200)),
            }
        })?;
        let origin = scene.http2_origin(&server);
        let transport = scene.http2_transport();
        fetch(&transport, get(&format!("{origin}/warm"))?).await?;
        let sent = transport.send(request(method, &format!("{origin}/"), body)?);
        let class = sent.await.as_ref().err().map(A::Transport::failure);
        let promised = match (declared, kind) {
            (Unprocessed::ResentByClient, "a POST of a stream") | (Unprocessed::Reported, _) => {
                Some(Failure::NotProcessed)
            }
            (Unprocessed::ResentWithoutBody, "a GET") | (Unprocessed::ResentByClient, _) => None,
            (Unprocessed::ResentWithoutBody, _) => Some(Failure::Other),
        };
        ensure_eq!(class, promised, "{kind}: the class of the error");
        server.received()?;
        let processed = server.arrived().remove("/").unwrap_or_default();
        let tries = tried.lock().unwrap_or_else(PoisonError::into_inner)["/"];
        let promised = if promised.is_none() { (1, 2) } else { (0, 1) };
        let seen = (processed, tries);
        ensure_eq!(
            seen,
            promised,
            "{kind}: how often it was processed, and sent"
        );
    }
    Ok(())
}
