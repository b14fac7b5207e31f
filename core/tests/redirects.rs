//! A session that follows redirects: where the token goes, and which headers go along.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::error::Error as _;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::header::{AUTHORIZATION, LOCATION};
use http::{Method, Request, Response};
use reauth::{
    Body, Error, ErrorKind, FinalUri, Reason, RedirectChain, Redirects, Session, SessionBuilder,
    TokenResponse, Transport, WithoutCredentials, from_fn,
};
use support::{Desk, Reply, World, now, poll, token};

const A: &str = "https://a.example/start";
const SECOND: Duration = Duration::from_secs(1);

type Answer = Result<Response<Body>, Error>;
type Answers = Box<dyn FnMut(&Request<Bytes>) -> Response<Body> + Send>;

/// All servers in one: it answers by the request, and records what came.
#[derive(Clone)]
struct Net(Arc<Mutex<State>>);

struct State {
    seen: Vec<Request<Bytes>>,
    answers: Answers,
    /// How many responses are left.
    open: usize,
}

struct Stage<T> {
    net: Net,
    desk: Desk,
    world: World,
    session: Session<T>,
}

fn stage(
    answers: impl FnMut(&Request<Bytes>) -> Response<Body> + Send + 'static,
) -> Stage<impl Transport<Response = Response<Body>>> {
    stage_with(answers, |builder| builder)
}

/// A session that follows three redirects, with `https://a.example` and two more as origins; its
/// token is `a1`.
fn stage_with<R>(
    answers: impl FnMut(&Request<Bytes>) -> Response<Body> + Send + 'static,
    options: R,
) -> Stage<impl Transport<Response = Response<Body>>>
where
    R: FnOnce(
        SessionBuilder<reauth::HttpTransport<Wire>>,
    ) -> SessionBuilder<reauth::HttpTransport<Wire>>,
{
    let (world, desk) = (World::default(), Desk::default());
    let net = Net(Arc::new(Mutex::new(State {
        seen: Vec::new(),
        answers: Box::new(answers),
        open: usize::MAX,
    })));
    let wire = net.clone();
    let send: Wire = Box::new(move |request| Box::pin(wire.clone().answer(request)));
    let builder = Session::builder(from_fn(send, world.clone()))
        .origin("https://a.example")
        .origin("https://a2.example")
        .insecure_origin("http://plain.example")
        .refresher(desk.clone())
        .token(token("a1", "r1"))
        .redirects(Redirects::follow(3));
    Stage {
        net,
        desk,
        world,
        session: options(builder).build().unwrap(),
    }
}

type Sent = Pin<Box<dyn Future<Output = io::Result<Response<Body>>> + Send>>;
type Wire = Box<dyn Fn(Request<Body>) -> Sent + Send + Sync>;

impl Net {
    async fn answer(self, request: Request<Body>) -> io::Result<Response<Body>> {
        if request.uri().host() == Some("gone.example") {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (parts, mut body) = request.into_parts();
        let mut read = Vec::new();
        while let Some(frame) =
            poll_fn(|context| http_body::Body::poll_frame(Pin::new(&mut body), context)).await
        {
            read.extend(frame.unwrap().into_data().unwrap());
        }
        let request = Request::from_parts(parts, Bytes::from(read));
        self.0.lock().unwrap().seen.push(request.clone());
        poll_fn(|_| {
            let open = &mut self.0.lock().unwrap().open;
            match *open {
                0 => Poll::Pending,
                _ => {
                    *open -= 1;
                    Poll::Ready(())
                }
            }
        })
        .await;
        Ok((self.0.lock().unwrap().answers)(&request))
    }

    /// Method, target and credentials of each attempt.
    fn seen(&self) -> Vec<String> {
        let seen = self.seen_whole();
        let shown = seen.iter().map(|request| {
            let credentials = request.headers().get(AUTHORIZATION);
            let credentials = credentials.map_or("-", |value| value.to_str().unwrap());
            format!("{} {} {credentials}", request.method(), request.uri())
        });
        shown.collect()
    }

    fn seen_whole(&self) -> Vec<Request<Bytes>> {
        self.0.lock().unwrap().seen.clone()
    }

    fn open(&self, answers: usize) {
        self.0.lock().unwrap().open = answers;
    }
}

fn to(status: u16, location: &str) -> Response<Body> {
    let response = Response::builder()
        .status(status)
        .header(LOCATION, location);
    response.body("over there".into()).unwrap()
}

fn just(status: u16) -> Response<Body> {
    let response = Response::builder().status(status);
    response.body(Body::empty()).unwrap()
}

fn bearer(request: &Request<Bytes>) -> Option<&str> {
    request.headers().get(AUTHORIZATION)?.to_str().ok()
}

fn path(request: &Request<Bytes>) -> &str {
    request.uri().path()
}

fn get(url: &str) -> Request<Body> {
    Request::get(url).body(Body::empty()).unwrap()
}

impl<T: Transport<Response = Response<Body>> + 'static> Stage<T> {
    fn call(&self, request: Request<Body>) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        let session = self.session.clone();
        Box::pin(async move { session.execute(request).await })
    }

    fn answer(&self, request: Request<Body>) -> Response<Body> {
        now(self.call(request)).unwrap()
    }
}

fn reason(response: &Response<Body>) -> Option<Reason> {
    response.extensions().get().copied()
}

#[test]
fn a_session_follows_nothing_where_it_was_not_asked_to() {
    let stage = stage_with(
        |_| to(307, "https://b.example/"),
        |builder| builder.redirects(Redirects::Off),
    );
    let answer = stage.answer(get(A));
    assert_eq!(answer.status(), 307);
    assert_eq!(reason(&answer), None);
    assert!(answer.extensions().get::<FinalUri>().is_none());
    assert_eq!(stage.net.seen().len(), 1);
}

#[test]
fn method_and_body_are_those_of_the_status() {
    let all = ["GET", "HEAD", "POST", "PUT", "DELETE"];
    for (status, next) in [
        (301, ["GET", "HEAD", "GET", "PUT", "DELETE"]),
        (302, ["GET", "HEAD", "GET", "PUT", "DELETE"]),
        (303, ["GET", "HEAD", "GET", "GET", "GET"]),
        (307, all),
        (308, all),
    ] {
        for (method, next) in all.into_iter().zip(next) {
            let stage = stage(move |request| match path(request) {
                "/start" => to(status, "/next"),
                _ => just(200),
            });
            let request = Request::builder()
                .method(method)
                .uri(A)
                .header("content-type", "text/plain")
                .header("content-language", "en")
                .header("x-mine", "1")
                .body("a book".into())
                .unwrap();
            assert_eq!(stage.answer(request).status(), 200);
            let seen = stage.net.seen_whole();
            let [_, hop] = &seen[..] else {
                panic!("{seen:?}")
            };
            assert_eq!(hop.method(), next, "{status} to a {method}");
            let kept = status > 303 || (status < 303 && method != "POST");
            assert_eq!(hop.body() == "a book", kept, "{status} to a {method}");
            for name in ["content-type", "content-language"] {
                assert_eq!(hop.headers().contains_key(name), kept, "{status}: {name}");
            }
            assert_eq!(hop.headers()["x-mine"], "1");
            assert_eq!(bearer(hop), Some("Bearer a1"));
        }
    }
}

#[test]
fn what_does_not_redirect_is_returned() {
    for status in [200, 300, 304, 305, 306, 399, 404] {
        let stage = stage(move |_| to(status, "/next"));
        let answer = stage.answer(get(A));
        assert_eq!((answer.status().as_u16(), reason(&answer)), (status, None));
        assert_eq!(stage.net.seen().len(), 1);
    }
}

#[test]
fn a_redirect_to_where_no_request_goes_is_returned_with_the_reason() {
    for location in ["ftp://a.example/", "https://me@a.example/", "", "https:///"] {
        let stage = stage(move |_| to(302, location));
        let answer = stage.answer(get(A));
        assert_eq!(answer.status(), 302);
        assert_eq!(
            reason(&answer),
            Some(Reason::UnusableLocation),
            "{location}"
        );
        assert_eq!(stage.net.seen().len(), 1);
    }
    let stage = stage(|_| just(302));
    assert_eq!(
        reason(&stage.answer(get(A))),
        Some(Reason::UnusableLocation)
    );
}

#[test]
fn promise_16_a_body_that_is_gone_is_not_sent_empty() {
    let upload = || {
        let pieces = [Ok::<_, io::Error>(Bytes::from("a book"))];
        let request = Request::post(A).body(Body::stream(stream::iter(pieces)));
        request.unwrap()
    };
    let once = stage(|_| to(307, "/next"));
    let answer = once.answer(upload());
    assert_eq!(answer.status(), 307);
    assert_eq!(reason(&answer), Some(Reason::BodyNotReplayable));
    assert_eq!(once.net.seen().len(), 1);

    let stage = stage(|request| match path(request) {
        "/start" => to(303, "/next"),
        _ => just(200),
    });
    assert_eq!(stage.answer(upload()).status(), 200);
    assert_eq!(stage.net.seen()[1], "GET https://a.example/next Bearer a1");
}

#[test]
fn promise_17_the_token_and_what_is_for_one_origin_stay_at_home() {
    let calls = Arc::new(Mutex::new(0));
    let called = Arc::clone(&calls);
    let stage = stage_with(
        |request| match (request.uri().host().unwrap(), path(request)) {
            ("a.example", "/start") => to(307, "https://b.example/x"),
            ("b.example", _) => to(307, "https://a.example/back"),
            _ => just(200),
        },
        move |builder| {
            builder.before_attempt(move |attempt| {
                *called.lock().unwrap() += 1;
                attempt.headers_mut().insert("x-signature", 7.into());
            })
        },
    );
    let mut request = get(A);
    let theirs = ["cookie", "proxy-authorization", "host"];
    for name in theirs.into_iter().chain(["x-mine"]) {
        request.headers_mut().insert(name, "mine".parse().unwrap());
    }
    let answer = stage.answer(request);
    let uri = answer.extensions().get::<FinalUri>().unwrap();
    assert_eq!(uri.0, "https://a.example/back");
    assert_eq!(
        stage.net.seen(),
        [
            "GET https://a.example/start Bearer a1",
            "GET https://b.example/x -",
            "GET https://a.example/back Bearer a1",
        ]
    );
    let seen = stage.net.seen_whole();
    for name in theirs {
        let there: Vec<_> = seen
            .iter()
            .map(|hop| hop.headers().contains_key(name))
            .collect();
        assert_eq!(there, [true, false, false], "{name} does not come back");
    }
    let names: Vec<_> = seen[1].headers().keys().map(|name| name.as_str()).collect();
    assert_eq!(names, ["x-mine"], "what another origin gets");
    assert_eq!(*calls.lock().unwrap(), 2, "no hook for another origin");
}

#[test]
fn promise_17_what_is_for_one_origin_stays_there_on_the_list_too() {
    let stage = stage(|request| match path(request) {
        "/start" => to(307, "/same"),
        "/same" => to(307, "https://a2.example/other"),
        _ => just(200),
    });
    let mut request = get(A);
    request
        .headers_mut()
        .insert("cookie", "mine".parse().unwrap());
    assert_eq!(stage.answer(request).status(), 200);
    let seen = stage.net.seen_whole();
    let cookies: Vec<_> = seen
        .iter()
        .map(|hop| hop.headers().contains_key("cookie"))
        .collect();
    assert_eq!(cookies, [true, true, false]);
    assert!(seen.iter().all(|hop| bearer(hop) == Some("Bearer a1")));
}

#[test]
fn promise_17_a_request_of_the_callers_gets_no_token_at_any_hop() {
    let answers = |request: &Request<Bytes>| match path(request) {
        "/start" => to(307, "/same"),
        "/same" => to(307, "https://b.example/away"),
        "/away" => to(307, "https://a.example/back"),
        _ => just(401),
    };
    let own = stage(answers);
    let mut request = get(A);
    request
        .headers_mut()
        .insert(AUTHORIZATION, "Basic YTpi".parse().unwrap());
    let answer = own.answer(request);
    assert_eq!((answer.status().as_u16(), reason(&answer)), (401, None));
    assert_eq!(
        own.net.seen(),
        [
            "GET https://a.example/start Basic YTpi",
            "GET https://a.example/same Basic YTpi",
            "GET https://b.example/away -",
            "GET https://a.example/back -",
        ]
    );

    let without = stage(answers);
    let mut request = get(A);
    request.extensions_mut().insert(WithoutCredentials);
    assert_eq!(without.answer(request).status(), 401);
    assert_eq!(without.net.seen().len(), 4);
    assert!(without.net.seen().iter().all(|seen| seen.ends_with(" -")));
    assert!(own.desk.asked().is_empty() && without.desk.asked().is_empty());
}

#[test]
fn promise_17_a_credential_of_the_callers_in_the_sessions_header_stays_there() {
    let stage = stage_with(
        |request| match path(request) {
            "/start" => to(307, "https://b.example/away"),
            _ => just(200),
        },
        |builder| builder.scheme(reauth::HeaderScheme::new("x-api-key").unwrap()),
    );
    let mut request = get(A);
    let headers = request.headers_mut();
    headers.insert("x-api-key", "mine".parse().unwrap());
    assert_eq!(stage.answer(request).status(), 200);
    assert_eq!(stage.answer(get(A)).status(), 200);
    let seen = stage.net.seen_whole();
    let keys = seen.iter().map(|hop| hop.headers().get("x-api-key"));
    let keys: Vec<_> = keys
        .map(|key| key.map(|key| key.to_str().unwrap()))
        .collect();
    assert_eq!(keys, [Some("mine"), None, Some("a1"), None]);
}

#[test]
fn promise_17_a_redirect_out_of_a_path_leaves_the_token_behind() {
    let stage = stage_with(
        |request| match path(request) {
            "/v1/start" => to(307, "../v10/books"),
            "/v10/books" => to(307, "/v1/books"),
            _ => just(200),
        },
        |builder| builder.origin("https://below.example/v1"),
    );
    assert_eq!(
        stage.answer(get("https://below.example/v1/start")).status(),
        200
    );
    assert_eq!(
        stage.net.seen(),
        [
            "GET https://below.example/v1/start Bearer a1",
            "GET https://below.example/v10/books -",
            "GET https://below.example/v1/books Bearer a1",
        ]
    );
}

#[test]
fn promise_17_https_to_http_never_carries_a_token() {
    let stage = stage(|request| match path(request) {
        "/start" => to(307, "http://plain.example/a"),
        "/a" => to(307, "http://plain.example/b"),
        "/b" => to(307, "https://a.example/c"),
        _ => just(200),
    });
    assert_eq!(stage.answer(get(A)).status(), 200);
    assert_eq!(
        stage.net.seen(),
        [
            "GET https://a.example/start Bearer a1",
            "GET http://plain.example/a -",
            "GET http://plain.example/b -",
            "GET https://a.example/c Bearer a1",
        ]
    );
    // A request that was plain `http` from the start has nothing to lose.
    assert_eq!(stage.answer(get("http://plain.example/d")).status(), 200);
    assert_eq!(stage.net.seen()[4], "GET http://plain.example/d Bearer a1");
}

#[test]
fn promise_17_a_401_of_another_origin_is_data() {
    let stage = stage(|request| match request.uri().host().unwrap() {
        "a.example" => to(302, "https://b.example/"),
        _ => {
            let mut refusal = just(401);
            let challenge = "Bearer error=\"invalid_token\"".parse().unwrap();
            refusal.headers_mut().insert("www-authenticate", challenge);
            refusal
        }
    });
    let answer = stage.answer(get(A));
    assert_eq!((answer.status().as_u16(), reason(&answer)), (401, None));
    assert!(stage.desk.asked().is_empty());
    assert_eq!(stage.net.seen().len(), 2);
}

#[test]
fn promise_1_a_401_behind_a_redirect_replays_the_hop_that_was_refused() {
    let stage = stage(|request| match (path(request), bearer(request)) {
        ("/start", _) => to(308, "/next"),
        (_, Some("Bearer a2")) => just(200),
        _ => just(401),
    });
    stage.desk.will_grant("a2", "r2");
    let request = Request::post(A).body("a book".into()).unwrap();
    assert_eq!(stage.answer(request).status(), 200);
    assert_eq!(
        stage.net.seen(),
        [
            "POST https://a.example/start Bearer a1",
            "POST https://a.example/next Bearer a1",
            "POST https://a.example/next Bearer a2",
        ]
    );
    let seen = stage.net.seen_whole();
    assert!(seen.iter().all(|hop| hop.body() == "a book"));
    assert_eq!(stage.desk.asked(), ["r1"]);
}

#[test]
fn promise_1_the_hops_of_a_request_have_one_refresh() {
    let stage = stage(|request| match (path(request), bearer(request)) {
        ("/start", Some("Bearer a2")) => to(302, "/next"),
        _ => just(401),
    });
    stage.desk.will_grant("a2", "r2");
    stage.desk.will_grant("a3", "r3");
    let answer = stage.answer(get(A));
    assert_eq!(answer.status(), 401);
    assert_eq!(reason(&answer), Some(Reason::RefusedAgain));
    assert_eq!(stage.desk.asked(), ["r1"]);
    assert_eq!(
        stage.net.seen(),
        [
            "GET https://a.example/start Bearer a1",
            "GET https://a.example/start Bearer a2",
            "GET https://a.example/next Bearer a2",
        ]
    );
}

#[test]
fn promise_1_a_redirect_that_needs_another_refresh_is_returned() {
    let stage = stage(|request| match bearer(request) {
        Some("Bearer a1") => just(401),
        _ => to(302, "/next"),
    });
    let short = TokenResponse::new("a2").unwrap();
    let short = short.with_refresh_token("r2").with_expires_in(60 * SECOND);
    stage.desk.will(Reply::Token(short));
    stage.net.open(1);
    let mut call = stage.call(get(A));
    assert!(poll(&mut call).is_pending(), "the replay is in flight");
    stage.world.pass(61 * SECOND);
    stage.net.open(1);
    let answer = now(call).unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(reason(&answer), Some(Reason::RefreshSpent));
    assert_eq!(stage.desk.asked(), ["r1"]);
    assert_eq!(stage.net.seen().len(), 2);
}

#[test]
fn promise_3_no_hop_goes_for_somebody_else() {
    let stage = stage(|_| to(302, "/next"));
    stage.net.open(0);
    let mut call = stage.call(get(A));
    assert!(poll(&mut call).is_pending());
    now(stage.session.replace(token("b1", "s1"))).unwrap();
    stage.net.open(1);
    let answer = now(call).unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(reason(&answer), Some(Reason::Superseded));
    assert_eq!(stage.net.seen().len(), 1);
}

#[test]
fn promise_3_no_hop_uses_an_identity_that_signed_in_during_the_redirect() {
    let stage = stage(|_| {
        let mut redirect = to(302, "/next");
        *redirect.body_mut() = Body::stream(stream::pending::<io::Result<Bytes>>());
        redirect
    });
    let mut call = stage.call(get(A));
    assert!(poll(&mut call).is_pending(), "it drains");
    now(stage.session.replace(token("b1", "s1"))).unwrap();
    stage.world.pass(SECOND);
    let error = now(call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Superseded);
    assert_eq!(stage.net.seen().len(), 1);
}

#[test]
fn a_loop_ends_at_the_bound_and_tells_where_it_went() {
    let stage = stage(|request| match path(request) {
        "/start" => to(302, "https://b.example:8443/there?secret=1#x"),
        _ => to(302, "https://a.example/start?secret=2"),
    });
    let error = now(stage.call(get("https://a.example/start?secret=0"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyRedirects);
    assert!(!error.is_transient());
    let chain = error
        .source()
        .unwrap()
        .downcast_ref::<RedirectChain>()
        .unwrap();
    let (here, there) = ("https://a.example/start", "https://b.example:8443/there");
    let hops: Vec<_> = chain.hops().collect();
    assert_eq!(hops, [here, there, here, there, here]);
    assert!(!format!("{error:?} {error} {chain}").contains("secret"));
    assert_eq!(
        stage.net.seen().len(),
        4,
        "the request, and three redirects"
    );
}

#[test]
fn a_chain_is_bounded_in_what_it_shows() {
    let stage = stage(|_| to(302, &format!("/{}", "long".repeat(10_000))));
    let error = now(stage.call(get(A))).unwrap_err();
    let chain = error.downcast_source::<RedirectChain>().unwrap();
    assert_eq!(chain.hops().count(), 5);
    assert!(chain.hops().all(|hop| hop.len() < 250));
}

#[test]
fn promise_8_the_timeout_covers_all_hops() {
    let stage = stage_with(|_| to(302, "/next"), |builder| builder.timeout(5 * SECOND));
    stage.net.open(1);
    let mut call = stage.call(get(A));
    assert!(poll(&mut call).is_pending());
    stage.world.pass(4 * SECOND);
    stage.net.open(1);
    assert!(poll(&mut call).is_pending(), "the third hop is in flight");
    stage.world.pass(SECOND);
    assert_eq!(now(call).unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(stage.net.seen().len(), 3);
}

#[test]
fn an_error_behind_a_redirect_says_not_that_nothing_was_processed() {
    let stage = stage(|_| to(303, "https://gone.example/"));
    let request = Request::post(A).body("a book".into()).unwrap();
    let error = now(stage.call(request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(!error.is_transient());

    let mut request = get("https://gone.example/");
    request.extensions_mut().insert(WithoutCredentials);
    assert!(now(stage.call(request)).unwrap_err().is_transient());
}

#[test]
fn a_redirect_that_the_application_takes_for_a_refusal_is_none() {
    let stage = stage_with(
        |request| match bearer(request) {
            Some("Bearer a2") => just(200),
            _ => to(302, "/login"),
        },
        |builder| builder.refused_when(|answer| answer.status() == 302),
    );
    stage.desk.will_grant("a2", "r2");
    assert_eq!(stage.answer(get(A)).status(), 200);
    let seen = stage.net.seen();
    assert!(seen.iter().all(|seen| seen.contains("/start")), "{seen:?}");
    assert_eq!(stage.net.seen_whole()[0].method(), Method::GET);
}

#[test]
fn a_refusal_that_redirects_is_not_followed_where_it_is_returned() {
    let stage = stage_with(
        |_| to(302, "/login"),
        |builder| {
            let builder = builder.refresh_limit(1, 60 * SECOND);
            builder.refused_when(|answer| answer.status() == 302)
        },
    );
    stage.desk.will_grant("a2", "r2");
    for reached in [Reason::RefusedAgain, Reason::RefreshLimit] {
        let answer = stage.answer(get(A));
        assert_eq!(answer.status(), 302);
        assert_eq!(reason(&answer), Some(reached));
        // A refusal of a fresh token does not count.
        stage.world.pass(SECOND);
    }
    let seen = stage.net.seen();
    assert!(seen.iter().all(|seen| seen.contains("/start")), "{seen:?}");
}
