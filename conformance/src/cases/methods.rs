//! Methods, and responses without a body.

use reauth::Transport;

use crate::outcome::ensure_eq;
use crate::scene::{TRIES, fetch, get, read, request};
use crate::server::{Answer, Server};
use crate::{Adapter, Outcome, Scene, Violation};

/// Every method and target arrives unchanged, even one that no standard defines.
pub async fn a_method_and_a_target_arrive_as_they_are<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let transport = scene.transport();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"] {
        let server = Server::answering(|_| Answer::new(200))?;
        let target = "/books/a%2Fb?q=%C3%A9&q=a+b&empty=";
        let (status, _) = fetch(&transport, request(method, &server.url(target), ())?).await?;
        ensure_eq!(status, 200, "the status for {method}");
        let received = server.only()?;
        ensure_eq!(received.method, method, "the method");
        ensure_eq!(received.target, target, "the target of {method}");
        let host = server.url("").replace("http://", "");
        ensure_eq!(
            received.header("host"),
            Some(&*host),
            "the host of {method}"
        );
    }
    Ok(())
}

/// The response to a HEAD has the headers of a body but no body, and its connection is reused.
pub async fn an_answer_to_head_has_no_body_and_frees_its_connection<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    bodiless(&scene, "HEAD", 200, b"content-length: 1000\r\n").await
}

/// A 204 has no body, and its connection is reused.
pub async fn a_204_has_no_body_and_frees_its_connection<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    bodiless(&scene, "GET", 204, b"").await
}

/// A 304 has no body, whatever length it announces, and its connection is reused.
pub async fn a_304_has_no_body_and_frees_its_connection<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    bodiless(&scene, "GET", 304, b"content-length: 1000\r\n").await
}

async fn bodiless<A: Adapter>(
    scene: &Scene<'_, A>,
    method: &str,
    status: u16,
    headers: &'static [u8],
) -> Outcome {
    let server = Server::start(move |connection| {
        while connection.read()?.is_some() {
            connection.write(format!("HTTP/1.1 {status} Bodiless\r\n").as_bytes())?;
            connection.write(headers)?;
            connection.write(b"x-seen: 1\r\n\r\n")?;
        }
        Ok(())
    })?;
    let transport = scene.transport();
    for _ in 0..TRIES {
        let request = request(method, &server.url("/"), ())?;
        let mut response = transport.send(request).await?;
        ensure_eq!(A::Transport::status(&response), status, "the status");
        let seen = A::Transport::headers(&response).get("x-seen").is_some();
        ensure_eq!(seen, true, "whether the headers are there");
        let body = read::<A::Transport>(&mut response).await?;
        ensure_eq!(body.len(), 0, "the length of the body");
        if server
            .received()?
            .iter()
            .any(|received| received.before > 0)
        {
            return Ok(());
        }
    }
    Err(Violation::new(format!(
        "{TRIES} requests took {TRIES} connections"
    )))
}

/// The extensions of a response keep what is put there.
pub async fn the_extensions_of_a_response_keep_what_is_put_there<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let server = Server::answering(|_| Answer::new(200))?;
    let transport = scene.transport();
    let mut response = transport.send(get(&server.url("/"))?).await?;
    let reason = reauth::Reason::RefusedAgain;
    A::Transport::extensions_mut(&mut response).insert(reason);
    let kept = A::Transport::extensions_mut(&mut response).get().copied();
    ensure_eq!(kept, Some(reason), "the reason");
    Ok(())
}
