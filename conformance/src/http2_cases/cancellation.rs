//! Dropped requests.

use std::pin::pin;

use futures_util::future::{Either, select};
use reauth::Transport;

use crate::http2::{First, Http2Adapter, Http2Server, Plan, Settings};
use crate::outcome::ensure_eq;
use crate::scene::{fetch, get};
use crate::server::Answer;
use crate::signal::Signal;
use crate::{Abandoned, Outcome, Scene, Violation};

/// Dropping the future of [`Transport::send`] resets its stream, at once or at the next byte, as
/// declared. Other requests on the same connection are not affected.
pub async fn dropping_a_request_resets_its_stream_alone<A: Http2Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let signals: [Signal; 5] = Default::default();
    let [arrived, dropped, reset, held, opened] = &signals;
    let first = match scene.capabilities().of_abandoned() {
        Abandoned::ClosesAtOnce => First::Nothing,
        Abandoned::ClosesAtNextByte => First::Piece,
    };
    let script = {
        let [arrived, dropped, reset, held, opened] = signals.clone();
        move |request: &crate::server::Received| match &*request.target {
            "/dropped" => Plan::UntilReset {
                arrived: arrived.clone(),
                dropped: dropped.clone(),
                first,
                reset: reset.clone(),
            },
            "/held" => Plan::Hold {
                arrived: held.clone(),
                opened: opened.clone(),
                answer: Answer::new(200),
            },
            _ => Plan::Answer(Answer::new(200)),
        }
    };
    let server = Http2Server::start(Settings::default(), script)?;
    let origin = scene.http2_origin(&server);
    let transport = scene.http2_transport();
    // Opens a connection, so that the others do not each open one.
    fetch(&transport, get(&format!("{origin}/first"))?).await?;
    let beside = async { fetch(&transport, get(&format!("{origin}/held"))?).await };
    let dropping = async {
        held.reached(1).await;
        {
            let send = pin!(transport.send(get(&format!("{origin}/dropped"))?));
            match select(send, pin!(arrived.reached(1))).await {
                Either::Left((Ok(_), _)) => {
                    return Err(Violation::new("a response that was not sent"));
                }
                Either::Left((Err(error), _)) => return Err(error.into()),
                Either::Right(((), _)) => {}
            }
        }
        dropped.raise();
        reset.reached(1).await;
        opened.raise();
        Ok(())
    };
    let (beside, dropping) = futures_util::future::join(beside, dropping).await;
    dropping?;
    ensure_eq!(beside?.0, 200, "the status of the request beside it");
    let (status, _) = fetch(&transport, get(&format!("{origin}/next"))?).await?;
    ensure_eq!(status, 200, "the status of the next request");
    let received = server.received()?;
    let seen: Vec<_> = received
        .iter()
        .map(|request| (&*request.target, request.connection))
        .collect();
    let promised = [("/first", 0), ("/held", 0), ("/dropped", 0), ("/next", 0)];
    ensure_eq!(seen, promised, "the targets and their connections");
    Ok(())
}
