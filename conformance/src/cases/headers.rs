//! Request and response headers.

use http::{HeaderMap, HeaderValue};
use reauth::{Failure, Transport};

use crate::outcome::{ensure, ensure_eq};
use crate::scene::{failed, fetch, get, post};
use crate::server::{Answer, Server};
use crate::{Adapter, BinaryHeaders, ContentType, Outcome, Scene};

/// A repeated request header arrives repeated, in order.
pub async fn a_repeated_request_header_arrives_repeated_and_in_order<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let server = Server::answering(|_| Answer::new(200))?;
    let mut request = get(&server.url("/"))?;
    let promised = ["first", "second, with a comma", "third", "first"];
    for value in promised {
        let value = HeaderValue::from_static(value);
        request.headers_mut().append("x-repeated", value);
    }
    fetch(&scene.transport(), request).await?;
    let received = server.only()?;
    let seen: Vec<_> = received.all("x-repeated").into_iter().map(text).collect();
    ensure_eq!(seen, promised, "the values");
    Ok(())
}

/// A repeated response header is there repeated, in order: cookies cannot be joined.
pub async fn a_repeated_response_header_is_there_repeated_and_in_order<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let promised = [
        "a=1; Path=/",
        "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
        "a=3",
    ];
    let server = Server::answering(move |_| {
        let answer = Answer::new(200);
        promised
            .iter()
            .fold(answer, |answer, cookie| answer.header("Set-Cookie", cookie))
    })?;
    let response = scene.transport().send(get(&server.url("/"))?).await?;
    let seen = values(A::Transport::headers(&response), "set-cookie");
    let promised: Vec<_> = promised.iter().map(|cookie| cookie.as_bytes()).collect();
    ensure_eq!(seen, promised, "the values");
    Ok(())
}

/// The bytes 0x80 to 0xff (`obs-text`, RFC 9110 section 5.5) arrive unchanged, in both
/// directions. A client that cannot send them reports it before it sends anything.
pub async fn a_binary_header_value_arrives_byte_for_byte<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let binary: Vec<u8> = (0x80..=0xff).collect();
    let theirs = binary.clone();
    let server = Server::answering(move |_| Answer::new(200).header("x-binary", &theirs))?;
    let mut request = get(&server.url("/"))?;
    let value = HeaderValue::from_bytes(&binary)?;
    request.headers_mut().insert("x-binary", value);
    let transport = scene.transport();
    let sent = transport.send(request).await;
    let response = match scene.capabilities().of_binary_headers() {
        BinaryHeaders::Sent => {
            let received = server.only()?;
            ensure_eq!(
                received.all("x-binary"),
                [binary.as_slice()],
                "the request's"
            );
            sent?
        }
        BinaryHeaders::Invalid => {
            failed::<A::Transport>(sent, Failure::Invalid)?;
            ensure_eq!(server.received()?.len(), 0, "requests that were sent");
            transport.send(get(&server.url("/"))?).await?
        }
    };
    let seen = values(A::Transport::headers(&response), "x-binary");
    ensure_eq!(seen, [binary.as_slice()], "the response's");
    Ok(())
}

/// An empty header value arrives empty.
pub async fn an_empty_header_value_arrives_empty<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let server = Server::answering(|_| Answer::new(200).header("x-empty", ""))?;
    let mut request = get(&server.url("/"))?;
    request
        .headers_mut()
        .insert("x-empty", HeaderValue::from_static(""));
    let response = scene.transport().send(request).await?;
    ensure_eq!(server.only()?.all("x-empty"), [b""], "the request's");
    let seen = values(A::Transport::headers(&response), "x-empty");
    ensure_eq!(seen, [b""], "the response's");
    Ok(())
}

/// The client adds the headers that its adapter declares, and no others.
pub async fn no_header_is_added_but_those_declared<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let capabilities = scene.capabilities();
    for request in [get, post] {
        let server = Server::answering(|_| Answer::new(200))?;
        fetch(&scene.transport(), request(&server.url("/"))?).await?;
        let received = server.only()?;
        let own = |name: &&str| !MESSAGE.contains(name) && *name != "content-type";
        let names = received.headers.iter().map(|(name, _)| name.as_str());
        let mut seen: Vec<&str> = names.filter(own).collect();
        seen.sort_unstable();
        let mut declared = capabilities.adds().to_vec();
        declared.sort_unstable();
        ensure_eq!(seen, declared, "added to {}", received.method);
    }
    Ok(())
}

/// A body without a type gets the type that the adapter declares, and is never called a form. A
/// type that the request names is kept. A request without a body gets none.
pub async fn no_content_type_is_invented<A: Adapter>(scene: Scene<'_, A>) -> Outcome {
    let server = Server::answering(|_| Answer::new(200))?;
    let transport = scene.transport();
    fetch(&transport, post(&server.url("/untyped"))?).await?;
    let mut typed = post(&server.url("/typed"))?;
    let own = HeaderValue::from_static("text/x-own");
    typed.headers_mut().insert("content-type", own);
    fetch(&transport, typed).await?;
    fetch(&transport, get(&server.url("/bodiless"))?).await?;

    let untyped: &[&str] = match scene.capabilities().of_content_type() {
        ContentType::Absent => &[],
        ContentType::OctetStream => &["application/octet-stream"],
    };
    for received in server.received()? {
        let seen: Vec<_> = received.all("content-type").into_iter().map(text).collect();
        let promised = match received.target.as_str() {
            "/untyped" => untyped,
            "/typed" => &["text/x-own"],
            _ => &[],
        };
        ensure!(
            seen == promised,
            "{}: expected {promised:?}, got {seen:?}",
            received.target
        );
    }
    Ok(())
}

/// Host and message framing, which the client adds.
const MESSAGE: [&str; 5] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "expect",
];

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

fn values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a [u8]> {
    headers
        .get_all(name)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect()
}
