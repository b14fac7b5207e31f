//! Redirects between `http` and `https`, and HTTP/2 over TLS, for reqwest and isahc.
//!
//! Each test compares everything that a server received: the scheme and path of every request, and
//! every header except those that a client adds to any request.
//!
//! [`server`] speaks `http` and `https` on one port and records what it receives as [`received`],
//! [`front`] adds TLS to another server, [`clients`] has both clients, and [`stage`] has the servers
//! and the session of a test.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod certificate;
mod clients;
mod front;
mod http2;
mod received;
mod server;
mod stage;

use clients::Client;
use http::uri;
use reauth::{ErrorKind, Transport};
use received::Scheme::{Http, Https};
use stage::{Stage, answering, shown};

/// The headers of a first request.
const ALL: &str = "Bearer stale cookie proxy-authorization x-mine x-session";

/// Neither to another port, nor to the same port with another scheme. Back at home the token is sent
/// again, but not the caller's headers for one origin.
fn promise_17_https_to_http_carries_no_token<C: Client>(client: C) {
    let (home, other) = (answering(), answering());
    let stage = Stage::new(client, [&home, &other], [&home, &other]);
    for plain in [&home, &other] {
        let back = format!("/go?{}", home.url(Https, "/back"));
        let away = format!("/go?{}", plain.url(Http, &back));
        assert_eq!(stage.get(&home.url(Https, &away)).status, 200);
    }
    let (first, back) = (
        format!("https /go {ALL}"),
        "https /back Bearer stale x-mine x-session",
    );
    let on_one_port = [&*first, "http /go x-mine", back];
    let on_two = [&*first, back];
    assert_eq!(shown(&home), [&on_one_port[..], &on_two].concat());
    assert_eq!(shown(&other), ["http /go x-mine"]);
}

/// The 401 is the answer, although the session lists the origin.
fn promise_17_a_401_behind_a_lost_scheme_costs_no_refresh<C: Client>(client: C) {
    let home = answering();
    let stage = Stage::new(client, [&home], [&home]);
    let away = format!("/go?{}", home.url(Http, "/refuses"));
    let answer = stage.get(&home.url(Https, &away));
    assert_eq!((answer.status, answer.reason), (401, None));
    assert_eq!(answer.from, Some(home.url(Http, "/refuses")));
    let first = format!("https /go {ALL}");
    assert_eq!(shown(&home), [&*first, "http /refuses x-mine"]);
}

/// If the hop is refused there, the session refreshes and sends it again there.
fn promise_17_http_to_https_carries_the_token_inside_the_list<C: Client>(client: C) {
    for ports in [Ports::One, Ports::Two] {
        let (home, other) = (answering(), answering());
        let stage = Stage::new(client, [&home, &other], [&home, &other]);
        let target = match ports {
            Ports::One => &home,
            Ports::Two => &other,
        };
        let away = format!("/go?{}", target.url(Https, "/asks"));
        assert_eq!(stage.get(&home.url(Http, &away)).status, 200);
        let mut seen = shown(&home);
        seen.extend(shown(&other));
        let mut promised = vec![
            format!("http /go {ALL}"),
            "https /asks Bearer stale x-mine x-session".to_owned(),
            "https /auth/refresh".to_owned(),
            "https /asks Bearer fresh x-mine x-session".to_owned(),
        ];
        if let Ports::Two = ports {
            // `seen` has the requests of one server, then those of the other.
            promised.swap(1, 2);
        }
        assert_eq!(seen, promised);
    }
}

enum Ports {
    One,
    Two,
}

/// On another port with and without TLS, and on the same port with the other scheme.
fn promise_17_a_stranger_sees_nothing_and_its_401_is_an_answer<C: Client>(client: C) {
    let (home, foreign) = (answering(), answering());
    let stage = Stage::over_tls_alone(client, &home, [&home, &foreign]);
    for (server, scheme) in [(&foreign, Https), (&foreign, Http), (&home, Http)] {
        let away = format!("/go?{}", server.url(scheme, "/refuses"));
        let answer = stage.get(&home.url(Https, &away));
        assert_eq!((answer.status, answer.reason), (401, None));
        assert_eq!(answer.from, Some(server.url(scheme, "/refuses")));
    }
    let first = format!("https /go {ALL}");
    let foreign_requests = ["https /refuses x-mine", "http /refuses x-mine"];
    assert_eq!(shown(&foreign), foreign_requests);
    assert_eq!(
        shown(&home),
        [&first, &first, &first, "http /refuses x-mine"]
    );
}

/// With a foreign origin in between, over both schemes.
fn promise_17_the_token_is_back_at_home_and_was_nowhere_else<C: Client>(client: C) {
    for scheme in [Https, Http] {
        let (home, foreign) = (answering(), answering());
        let stage = Stage::over_tls_alone(client, &home, [&home, &foreign]);
        let back = format!("/go?{}", home.url(Https, "/asks"));
        let away = format!("/go?{}", foreign.url(scheme, &back));
        assert_eq!(stage.get(&home.url(Https, &away)).status, 200);
        assert_eq!(shown(&foreign), [format!("{scheme} /go x-mine")]);
        let first = format!("https /go {ALL}");
        let promised = [
            &*first,
            "https /asks Bearer stale x-mine x-session",
            "https /auth/refresh",
            "https /asks Bearer fresh x-mine x-session",
        ];
        assert_eq!(shown(&home), promised);
    }
}

/// They are sent neither with the other scheme nor after the way back.
fn promise_17_a_callers_own_credentials_stay_on_their_scheme<C: Client>(client: C) {
    let home = answering();
    let stage = Stage::new(client, [&home], [&home]);
    for (from, to) in [(Https, Http), (Http, Https)] {
        let back = format!("/go?{}", home.url(from, "/refuses"));
        let away = format!("/go?{}", home.url(to, &back));
        let answer = stage.get_as("Basic bWU6", &home.url(from, &away));
        assert_eq!((answer.status, answer.reason), (401, None));
        let seen = shown(&home).split_off(shown(&home).len() - 3);
        let promised = [
            format!("{from} /go Basic bWU6 cookie proxy-authorization x-mine"),
            format!("{to} /go x-mine"),
            format!("{from} /refuses x-mine"),
        ];
        assert_eq!(seen, promised);
    }
}

/// Neither to the same port without TLS, nor to a foreign origin, nor to an origin of the session.
fn promise_17_a_token_call_over_tls_is_not_redirected<C: Client>(client: C) {
    for place in [Place::SamePortPlain, Place::Foreign, Place::Allowed] {
        let (home, other) = (answering(), answering());
        let target = match place {
            Place::SamePortPlain => home.url(Http, "/auth/refresh"),
            Place::Foreign | Place::Allowed => other.url(Https, "/auth/refresh"),
        };
        let origins = match place {
            Place::SamePortPlain | Place::Foreign => vec![&home],
            Place::Allowed => vec![&home, &other],
        };
        let endpoint = home.url(Https, &format!("/go?{target}"));
        let stage = Stage::with_endpoint(client, &endpoint, origins, [&home, &other]);
        let error = stage.fail(&home.url(Https, "/asks"));
        assert_eq!(error.kind(), ErrorKind::RefreshMisconfigured);
        assert_eq!(error.refused().unwrap().status(), 401);
        assert_eq!(shown(&home), [&format!("https /asks {ALL}"), "https /go"]);
        let refreshes = home.received();
        let spent = refreshes.iter().filter(|of| of.contains("the-refresh"));
        assert_eq!(spent.count(), 1, "the refresh token is sent once");
        assert_eq!(shown(&other), [""; 0]);
    }
}

enum Place {
    SamePortPlain,
    Foreign,
    Allowed,
}

/// Neither a request nor a token call is sent to a server with an unknown certificate.
fn promise_17_nothing_is_sent_to_a_server_that_is_not_trusted<C: Client>(client: C) {
    let (home, impostor) = (answering(), answering());
    let stage = Stage::new(client, [&home, &impostor], [&home]);
    stage.fail(&impostor.url(Https, "/asks"));
    let endpoint = impostor.url(Https, "/auth/refresh");
    let stage = Stage::with_endpoint(client, &endpoint, [&home], [&home]);
    stage.fail(&home.url(Https, "/asks"));
    assert_eq!(shown(&impostor), [""; 0]);
    assert_eq!(shown(&home), [format!("https /asks {ALL}")]);
}

/// Here the client has TLS.
fn promise_28_a_client_with_tls_supports_https<C: Client>(client: C) {
    let transport = client.trusting(&[]);
    for scheme in [uri::Scheme::HTTP, uri::Scheme::HTTPS] {
        assert_eq!(transport.supports(&scheme), Ok(()), "{scheme}");
    }
}

macro_rules! by_both {
    ($($case:ident)*) => {
        mod reqwest {
            $(#[test] fn $case() { super::$case(super::clients::Reqwest); })*
        }
        mod isahc {
            $(#[test] fn $case() { super::$case(super::clients::Isahc); })*
        }
    };
}

by_both! {
    promise_17_https_to_http_carries_no_token
    promise_17_a_401_behind_a_lost_scheme_costs_no_refresh
    promise_17_http_to_https_carries_the_token_inside_the_list
    promise_17_a_stranger_sees_nothing_and_its_401_is_an_answer
    promise_17_the_token_is_back_at_home_and_was_nowhere_else
    promise_17_a_callers_own_credentials_stay_on_their_scheme
    promise_17_a_token_call_over_tls_is_not_redirected
    promise_17_nothing_is_sent_to_a_server_that_is_not_trusted
    promise_28_a_client_with_tls_supports_https
}
