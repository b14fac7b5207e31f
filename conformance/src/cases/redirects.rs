//! Redirects are returned.

use reauth::Transport;

use crate::outcome::{ensure, ensure_eq};
use crate::scene::{get, post};
use crate::server::{Answer, Server};
use crate::{Adapter, Outcome, Scene};

/// A redirect to any origin is returned unchanged, and its target gets no request.
pub async fn promise_17_a_redirect_is_returned_and_not_followed<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let transport = scene.transport();
    for status in [301, 302, 303, 307, 308] {
        let target = Server::answering(|_| Answer::new(200))?;
        for location in ["/elsewhere".to_owned(), target.url("/elsewhere")] {
            let theirs = location.clone();
            let server = Server::answering(move |request| match request.target.as_str() {
                "/here" => Answer::new(status)
                    .header("location", &theirs)
                    .body("over there"),
                _ => Answer::new(200),
            })?;
            for request in [get, post] {
                let sent = transport.send(request(&server.url("/here"))?).await;
                let response = sent?;
                ensure_eq!(A::Transport::status(&response), status, "the status");
                let seen = A::Transport::headers(&response).get("location");
                let seen = seen.and_then(|location| location.to_str().ok());
                ensure_eq!(seen, Some(&*location), "the location of a {status}");
            }
            let received = server.received()?;
            ensure_eq!(received.len(), 2, "requests at the origin of a {status}");
        }
        let foreign_requests = target.received()?;
        ensure!(
            foreign_requests.is_empty(),
            "a {status} was followed: {foreign_requests:?}"
        );
    }
    Ok(())
}
