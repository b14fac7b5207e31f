//! The promises of a session, over HTTP/2.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::{join, join_all};
use http::Version;
use reauth::{Connection, Failure, Transport};

use crate::http2::{Http2Adapter, Http2Server, Plan, Settings};
use crate::outcome::ensure_eq;
use crate::scene::{REFRESH, failed, get, judged, post};
use crate::server::{Answer, Received};
use crate::signal::Signal;
use crate::{Outcome, Scene, TokenCallVersion};

/// Sixty-four requests over HTTP/2 that are refused at once cause one refresh, on its own
/// connection, and succeed.
pub async fn promise_2_a_storm_over_http2_makes_one_refresh<A: Http2Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    const STORM: usize = 64;
    let (arrived, opened) = (Signal::default(), Signal::default());
    let theirs = (arrived.clone(), opened.clone());
    let server = Http2Server::start(Settings::default(), move |request| {
        let answer = judged(request).unwrap_or_else(|| Answer::new(200));
        match request.header("authorization") {
            Some("Bearer stale") => Plan::Hold {
                arrived: theirs.0.clone(),
                opened: theirs.1.clone(),
                answer,
            },
            _ => Plan::Answer(answer),
        }
    })?;
    let origin = scene.http2_origin(&server);
    let session = scene.http2_session(&origin)?;
    let url = format!("{origin}/books");
    let requests: Outcome<Vec<_>> = (0..STORM).map(|_| get(&url)).collect();
    let requests = requests?
        .into_iter()
        .map(|request| session.execute(request));
    let open = async {
        arrived.reached(STORM).await;
        opened.raise();
    };
    let (answers, ()) = join(join_all(requests), open).await;
    for answer in answers {
        ensure_eq!(A::Transport::status(&answer?), 200, "the status");
    }
    let received = server.received()?;
    let refreshes: Vec<_> = received.iter().filter(|r| r.target == REFRESH).collect();
    ensure_eq!(refreshes.len(), 1, "refreshes");
    token_call_version(&scene, refreshes[0])?;
    let own = refreshes[0].connection;
    let on_it = received.iter().filter(|r| r.connection == own).count();
    ensure_eq!(on_it, 1, "requests on the connection of the refresh");
    ensure_eq!(of(&received, "Bearer stale"), STORM, "refusals");
    ensure_eq!(of(&received, "Bearer fresh"), STORM, "successes");
    let mut others = received.iter().filter(|r| r.target != REFRESH);
    let other = others.find(|r| r.version != Version::HTTP_2);
    ensure_eq!(other.map(|r| r.version), None, "another version of HTTP");
    Ok(())
}

/// A token call whose stream is refused was not processed. No client resends it; the session does,
/// with the same refresh token, and loses nothing.
pub async fn promise_9_a_refused_token_call_loses_nothing<A: Http2Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    for plan in [Plan::Refuse, Plan::GoAwayBefore] {
        let calls = AtomicUsize::new(0);
        let server = Http2Server::start(Settings::default(), move |request| {
            // HTTP/1.1 has no such refusal.
            if request.target == REFRESH
                && request.version == Version::HTTP_2
                && calls.fetch_add(1, Ordering::SeqCst).is_multiple_of(2)
            {
                return plan.clone();
            }
            Plan::Answer(judged(request).unwrap_or_else(|| Answer::new(200)))
        })?;
        let origin = scene.http2_origin(&server);
        let session = scene.http2_session(&origin)?;
        let answer = session.execute(get(&format!("{origin}/books"))?).await?;
        ensure_eq!(A::Transport::status(&answer), 200, "the status");
        let received = server.received()?;
        let refreshes: Vec<_> = received.iter().filter(|r| r.target == REFRESH).collect();
        ensure_eq!(refreshes.len(), 1, "refreshes that were processed");
        token_call_version(&scene, refreshes[0])?;

        let call = post(&format!("{origin}{REFRESH}"))?;
        let transport = scene.http2_transport();
        let sent = transport.send_token_call(call, Connection::Own).await;
        match scene.capabilities().of_token_call_version() {
            TokenCallVersion::Http2 => _ = failed::<A::Transport>(sent, Failure::NotProcessed)?,
            TokenCallVersion::Http11 => ensure_eq!(A::Transport::status(&sent?), 200, "the status"),
        }
    }
    Ok(())
}

fn token_call_version<A: Http2Adapter>(scene: &Scene<'_, A>, call: &Received) -> Outcome {
    let promised = match scene.capabilities().of_token_call_version() {
        TokenCallVersion::Http2 => Version::HTTP_2,
        TokenCallVersion::Http11 => Version::HTTP_11,
    };
    ensure_eq!(call.version, promised, "the version of the token call");
    Ok(())
}

/// How many requests carried this credential.
fn of(received: &[Received], credential: &str) -> usize {
    let has = |r: &&Received| r.header("authorization") == Some(credential);
    received.iter().filter(has).count()
}
