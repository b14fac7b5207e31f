//! Request bodies made of bytes.

use reauth::Body;

use crate::outcome::{ensure, ensure_eq};
use crate::scene::{ensure_same, fetch, many, request};
use crate::server::{Answer, Framing, Server};
use crate::upload::Upload;
use crate::{Adapter, Outcome, Scene};

/// A request without a body sends no body byte, and announces no length except 0.
pub async fn an_empty_body_sends_no_byte<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let empty = [
            ("none", Body::empty()),
            ("of no bytes", Body::from(Vec::new())),
            (
                "a stream of no bytes",
                Body::once(Upload::of_known_length([])),
            ),
        ];
        for (kind, body) in empty {
            let server = Server::answering(|_| Answer::new(200))?;
            let request = request(method, &server.url("/"), body)?;
            fetch(&scene.transport(), request).await?;
            let received = server.only()?;
            ensure_eq!(
                received.body.len(),
                0,
                "{method}, {kind}: the body's length"
            );
            let framing = received.framing;
            let none = [Framing::Nothing, Framing::Length(0)];
            ensure!(none.contains(&framing), "{method}, {kind}: got {framing:?}");
        }
    }
    Ok(())
}

/// Bytes arrive unchanged, with their length announced.
pub async fn bytes_arrive_with_their_length<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    for method in ["POST", "PUT", "PATCH", "DELETE", "GET"] {
        for length in [1, 2, 1_000, 65_536, 65_537] {
            exact(&scene, method, length).await?;
        }
    }
    Ok(())
}

/// Twenty megabytes arrive unchanged, with their length announced.
pub async fn twenty_megabytes_arrive_with_their_length<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    exact(&scene, "POST", 20_000_000).await
}

/// Bytes that look like the end of a message are treated as bytes.
pub async fn bytes_that_look_like_framing_are_bytes<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let server = Server::answering(|_| Answer::new(200))?;
    let promised = b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n\0\xff\r\n";
    let request = request("POST", &server.url("/"), promised.to_vec())?;
    fetch(&scene.transport(), request).await?;
    ensure_same(&server.only()?.body, promised, "the body")
}

async fn exact<A: Adapter>(scene: &Scene<'_, A>, method: &str, length: usize) -> Outcome {
    let server = Server::answering(|_| Answer::new(200))?;
    let body = many(length);
    let request = request(method, &server.url("/"), body.clone())?;
    let (status, _) = fetch(&scene.transport(), request).await?;
    ensure_eq!(status, 200, "the status");
    let received = server.only()?;
    let framing = Framing::Length(length);
    ensure_eq!(
        received.framing,
        framing,
        "{method} of {length} bytes: the framing"
    );
    ensure_same(&received.body, &body, method)
}
