//! The events of a session, through a bounded channel: a listener must not block.
//!
//! `cargo run --example events`

use std::error::Error;
use std::sync::mpsc::sync_channel;

use reauth_mock_api::MockApi;
use reauth_reqwest::reauth::{EventKind, JsonGrant, Token, http::Request};
use reauth_reqwest::{ReqwestTransport, Session};

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let api = MockApi::start()?;
    let (sender, events) = sync_channel(64);
    let session = Session::builder(ReqwestTransport::new(|client| client.no_proxy())?)
        .origin(&api.url())
        .grant(JsonGrant::new(&format!("{}/auth/refresh", api.url()))?)
        .token(Token::new("an-expired-token")?.with_refresh_token(api.refresh_token()))
        // If the channel is full, the event is lost; the counters lose nothing.
        .on_event(move |event| drop(sender.try_send(event.clone())))
        .build()?;

    let request = Request::get(format!("{}/api/books", api.url())).body(())?;
    session.execute(request).await?.error_for_status()?;
    session.sign_out().await?;

    let events: Vec<_> = events.try_iter().collect();
    for event in &events {
        println!("{:>2}. {:?}", event.number, event.kind);
    }
    let counts = session.counts();
    println!("{} refresh, {} replay", counts.refreshed, counts.replayed);

    let refreshed = |kind: &EventKind| matches!(kind, EventKind::Refreshed { .. });
    let refreshes = events.iter().filter(|event| refreshed(&event.kind));
    assert_eq!(
        refreshes.count(),
        1,
        "one event, however many requests waited"
    );
    assert_eq!((counts.refreshed, counts.replayed), (1, 1));
    assert!(
        events
            .iter()
            .zip(1..)
            .all(|(event, number)| event.number == number)
    );
    Ok(())
}
