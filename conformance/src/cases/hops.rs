//! Sessions that follow redirects over this client.

use http::{HeaderValue, Request};
use reauth::{Body, FinalUri, Reason, Redirects, Session, Transport};

use crate::outcome::{ensure, ensure_eq};
use crate::scene::{REFRESH, TRIES, get, judged, post, request};
use crate::server::{Answer, Framing, Received, Server};
use crate::{Adapter, Outcome, Scene};

/// Headers that are meant for one origin.
const THEIRS: [&str; 2] = ["cookie", "proxy-authorization"];

/// A redirect to another port and back: the foreign origin gets no token, no cookie and no header
/// of a hook, and its 401 is returned. Back on an allowed origin, the token is sent again, and
/// the caller's own credentials are not.
pub async fn promise_17_no_token_reaches_a_stranger_by_a_redirect<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    for status in [301, 302, 303, 307, 308] {
        let (home, foreign) = pair(status)?;
        let session = following(&scene, &home)?;
        let mut request = get(&home.url("/away"))?;
        for name in THEIRS.into_iter().chain(["x-mine"]) {
            let value = HeaderValue::from_static("mine");
            request.headers_mut().insert(name, value);
        }
        let mut answer = session.execute(request).await?;
        ensure_eq!(
            A::Transport::status(&answer),
            401,
            "the foreign server's status"
        );
        let extensions = A::Transport::extensions_mut(&mut answer);
        let from = extensions.get::<FinalUri>().map(|uri| uri.0.to_string());
        ensure_eq!(from, Some(foreign.url("/refuses")), "where it comes from");
        ensure_eq!(extensions.get::<Reason>(), None, "the reason");
        let received = foreign.received()?;
        ensure_eq!(
            received.len(),
            1,
            "requests at the foreign server of a {status}"
        );
        let mut declared = scene.capabilities().adds().to_vec();
        declared.push("x-mine");
        declared.sort_unstable();
        ensure_eq!(
            own(&received[0]),
            declared,
            "the headers that a foreign server gets"
        );

        let mut request = get(&home.url("/there-and-back"))?;
        for name in THEIRS {
            let value = HeaderValue::from_static("mine");
            request.headers_mut().insert(name, value);
        }
        let answer = session.execute(request).await?;
        ensure_eq!(A::Transport::status(&answer), 200, "the status");
        let received = home.received()?;
        let seen: Vec<_> = received
            .iter()
            .map(|hop| (&*hop.target, own_of(hop)))
            .collect();
        let promised = [
            (
                "/away",
                vec!["authorization", "cookie", "proxy-authorization"],
            ),
            (
                "/there-and-back",
                vec!["authorization", "cookie", "proxy-authorization"],
            ),
            ("/back", vec!["authorization"]),
        ];
        ensure_eq!(seen, promised, "the hops of the list, without a refresh");
        let foreign_requests = foreign.received()?;
        ensure_eq!(
            own_of(&foreign_requests[1]),
            Vec::<&str>::new(),
            "at the foreign server"
        );
    }
    Ok(())
}

/// A refused hop is the one that is replayed, with its method and its body.
pub async fn promise_1_a_hop_that_is_refused_is_the_one_replayed<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let home = Server::answering(|received| match &*received.target {
        "/start" => Answer::new(308).header("location", "next?a=b#fragment"),
        _ => judged(received).unwrap_or_else(|| Answer::new(200)),
    })?;
    let session = following(&scene, &home)?;
    let answer = session.execute(post(&home.url("/start"))?).await?;
    ensure_eq!(A::Transport::status(&answer), 200, "the status");
    let received = home.received()?;
    let seen: Vec<_> = received
        .iter()
        .map(|hop| (&*hop.method, &*hop.target, hop.header("authorization")))
        .collect();
    let promised = [
        ("POST", "/start", Some("Bearer stale")),
        ("POST", "/next?a=b", Some("Bearer stale")),
        ("POST", REFRESH, None),
        ("POST", "/next?a=b", Some("Bearer fresh")),
    ];
    ensure_eq!(seen, promised, "the attempts");
    let hops = received.iter().filter(|hop| hop.target != REFRESH);
    for hop in hops {
        ensure_eq!(hop.body, b"a book", "the body at {}", hop.target);
    }
    Ok(())
}

/// A 303 turns a POST into a GET without a body; a 307 keeps both.
pub async fn a_redirect_keeps_or_drops_the_body_as_its_status_says<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let home = Server::answering(|received| match &*received.target {
        "/303" => Answer::new(303).header("location", "/next"),
        "/307" => Answer::new(307).header("location", "/next"),
        _ => Answer::new(200),
    })?;
    let session = following(&scene, &home)?;
    for target in ["/303", "/307"] {
        let typed = Request::post(home.url(target)).header("content-type", "text/x-own");
        let request = typed.body(Body::from("a book"))?;
        let answer = session.execute(request).await?;
        ensure_eq!(A::Transport::status(&answer), 200, "the status");
    }
    let received = home.received()?;
    let seen: Vec<_> = received
        .iter()
        .filter(|hop| hop.target == "/next")
        .map(|hop| (&*hop.method, hop.framing, hop.header("content-type")))
        .collect();
    let promised = [
        ("GET", Framing::Nothing, None),
        ("POST", Framing::Length(6), Some("text/x-own")),
    ];
    ensure_eq!(seen, promised, "the hops behind a 303 and a 307");
    Ok(())
}

/// A redirect is drained, so its connection serves the next hop.
pub async fn promise_21_a_redirects_connection_serves_the_next_hop<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let mut last = Vec::new();
    for _ in 0..TRIES {
        let home = Server::answering(|received| match &*received.target {
            "/start" => Answer::new(302)
                .header("location", "/next")
                .body(vec![b'x'; 60_000]),
            _ => Answer::new(200),
        })?;
        let session = following(&scene, &home)?;
        session.execute(get(&home.url("/start"))?).await?;
        last = home.received()?.iter().map(|hop| hop.connection).collect();
        if last == [0, 0] {
            return Ok(());
        }
    }
    ensure_eq!(last, [0, 0], "the numbers of their connections");
    Ok(())
}

/// A token call follows no redirect, so the refresh token reaches no other server.
pub async fn promise_17_a_token_endpoint_that_redirects_is_not_followed<A: Adapter>(
    scene: Scene<'_, A>,
) -> Outcome {
    let foreign = Server::answering(|_| Answer::new(200))?;
    let there = foreign.url("/token");
    let home = Server::answering(move |received| match &*received.target {
        REFRESH => Answer::new(307).header("location", &there),
        _ => Answer::new(401),
    })?;
    let session = following(&scene, &home)?;
    match session
        .execute(request("GET", &home.url("/books"), ())?)
        .await
    {
        Ok(_) => ensure!(false, "expected an error, got a response"),
        Err(error) => {
            let refused = error.refused().map(|refused| refused.status().as_u16());
            ensure_eq!(refused, Some(401), "the refusal that {error} has");
        }
    }
    let foreign_requests = foreign.received()?;
    ensure!(
        foreign_requests.is_empty(),
        "a token call was followed: {foreign_requests:?}"
    );
    let calls = home.received()?;
    let calls = calls.iter().filter(|call| call.target == REFRESH).count();
    ensure_eq!(calls, 1, "token calls");
    Ok(())
}

/// A server that redirects with this status, and a foreign one that redirects back or refuses.
fn pair(status: u16) -> Outcome<(Server, Server)> {
    // Each has to know the other, so the request carries the address of the first.
    let foreign = Server::answering(move |received| match received.target.split_once("?to=") {
        Some((_, home)) => Answer::new(status).header("location", home),
        None => Answer::new(401).header("www-authenticate", r#"Bearer error="invalid_token""#),
    })?;
    let there = foreign.url("");
    let home = Server::answering(move |received| {
        let host = received.header("host").unwrap_or_default();
        let location = match &*received.target {
            "/away" => format!("{there}/refuses"),
            "/there-and-back" => format!("{there}/sends?to=http://{host}/back"),
            _ => return Answer::new(200),
        };
        Answer::new(status).header("location", location)
    })?;
    Ok((home, foreign))
}

fn following<A: Adapter>(scene: &Scene<'_, A>, home: &Server) -> Outcome<Session<A::Transport>> {
    let builder = scene.builder(home)?.redirects(Redirects::follow(5));
    Ok(builder.build()?)
}

/// The headers of a request that are not message framing.
fn own(received: &Received) -> Vec<&str> {
    let names = received.headers.iter().map(|(name, _)| name.as_str());
    let mut own: Vec<_> = names
        .filter(|name| !["host", "connection"].contains(name))
        .collect();
    own.sort_unstable();
    own
}

/// The headers that are meant for one origin.
fn own_of(received: &Received) -> Vec<&str> {
    let mut own = own(received);
    own.retain(|name| *name == "authorization" || THEIRS.contains(name));
    own
}
