//! A request's body and headers when its token is refused.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::convert::Infallible;
use std::future::ready;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Extensions, HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body::Body as _;
use reauth::{
    Body, ErrorKind, Reason, RefreshError, ReplayMethods, RequestHead, Session, SessionBuilder,
    Target, Transport, from_fn,
};
use support::*;

const MINUTE: Duration = Duration::from_secs(60);

fn pieces() -> Body {
    let pieces = ["a ", "stream"].map(|piece| Ok::<_, Infallible>(Bytes::from(piece)));
    Body::stream(stream::iter(pieces))
}

fn send(scene: &Scene, method: Method, body: Body) -> Answer {
    let request = Request::builder().method(method);
    let request = request.uri("https://api.example.com/books");
    let request = request
        .header(CONTENT_TYPE, "text/plain")
        .header("idempotency-key", "7")
        .header("x-twice", "1")
        .header("x-twice", "2");
    now(scene.session.execute(request.body(body).unwrap()))
}

fn post(scene: &Scene, body: Body) -> Answer {
    send(scene, Method::POST, body)
}

fn reason(answer: &Answer) -> Option<Reason> {
    answer.as_ref().unwrap().extensions().get().copied()
}

/// A session whose token is refused, and whose next token is accepted.
fn scene(options: impl FnOnce(SessionBuilder<Wire>) -> SessionBuilder<Wire>) -> Scene {
    let scene = Scene::of(World::default(), token("a1", "r1"), options);
    scene.wire.accept("a2");
    scene.desk.will_grant("a2", "r2");
    scene
}

/// A session whose token is accepted, and expires in ten minutes.
fn lasting(
    world: World,
    options: impl FnOnce(SessionBuilder<Wire>) -> SessionBuilder<Wire>,
) -> Scene {
    let token = token("a1", "r1").with_expires_at(world.in_time(10 * MINUTE));
    let scene = Scene::of(world, token, options);
    scene.wire.accept("a1");
    scene
}

#[test]
fn promise_16_a_factory_is_asked_again_and_no_other_header_changes() {
    let asked = Arc::new(AtomicU8::new(0));
    let scene = scene(|builder| builder);
    let count = Arc::clone(&asked);
    let body = Body::factory(move || {
        count.fetch_add(1, Ordering::Relaxed);
        pieces()
    });
    assert_eq!(post(&scene, body).unwrap().status(), 200);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    let [first, second] = &scene.wire.received()[..] else {
        panic!("two attempts");
    };
    assert_eq!(
        (&first.body()[..], first.method()),
        (&b"a stream"[..], &Method::POST)
    );
    assert_eq!(first.body(), second.body());
    let others = |request: &Request<Bytes>| {
        let mut headers: HeaderMap = request.headers().clone();
        assert!(headers.remove(AUTHORIZATION).unwrap().is_sensitive());
        headers
    };
    assert_eq!(others(first), others(second));
    assert_eq!(others(first).get_all("x-twice").iter().count(), 2);
}

#[test]
fn promise_16_a_stream_that_was_refused_unread_is_replayed_untouched() {
    let scene = scene(|builder| builder);
    scene.wire.reads(Reading::IfAccepted);
    assert_eq!(post(&scene, pieces()).unwrap().status(), 200);
    let bodies: Vec<_> = scene
        .wire
        .received()
        .into_iter()
        .map(Request::into_body)
        .collect();
    assert_eq!(bodies, ["", "a stream"]);
}

#[test]
fn promise_16_a_stream_that_will_not_be_sent_again_is_left_to_its_client() {
    // The client continues an upload although the response is there.
    for accepted in [None, Some("a1")] {
        let (sent, desk) = (Arc::new(Mutex::new(Vec::new())), Desk::default());
        desk.will_grant("a2", "r2");
        let keep = Arc::clone(&sent);
        let client = move |request: Request<Body>| {
            let credential = request.headers()[AUTHORIZATION].to_str().unwrap();
            let mut response = Response::new(String::new());
            if !accepted.is_some_and(|token| credential.ends_with(token)) {
                *response.status_mut() = StatusCode::UNAUTHORIZED;
            }
            keep.lock().unwrap().push(request.into_body());
            ready(Ok::<_, Infallible>(response))
        };
        let session = Session::builder(from_fn(client, World::default()))
            .origin("https://api.example.com")
            .refresher(desk)
            .token(token("a1", "r1"))
            .build()
            .unwrap();
        let request = Request::post("https://api.example.com/books");
        let answer = now(session.execute(request.body(pieces()).unwrap())).unwrap();
        assert_eq!(answer.status() == 200, accepted.is_some());
        let mut last = sent.lock().unwrap().pop().unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(Some(frame)) = Pin::new(&mut last).poll_frame(&mut context) else {
            panic!("the body is there");
        };
        assert_eq!(frame.unwrap().into_data().unwrap(), "a ");
    }
}

#[test]
fn promise_16_only_idempotent_methods_are_replayed_where_that_is_asked_for() {
    for (method, replayed) in [
        (Method::GET, true),
        (Method::PUT, true),
        (Method::DELETE, true),
        (Method::POST, false),
        (Method::PATCH, false),
    ] {
        let scene = scene(|builder| builder.replay_methods(ReplayMethods::Idempotent));
        let answer = send(&scene, method.clone(), Body::from("text"));
        let expected = (!replayed).then_some(Reason::MethodNotReplayed);
        assert_eq!(reason(&answer), expected, "{method}");
        assert_eq!(answer.unwrap().status() == 200, replayed, "{method}");
        assert_eq!(
            scene.wire.seen().len(),
            1 + usize::from(replayed),
            "{method}"
        );
        // Its token is refused anyway.
        assert_eq!(scene.status(), 200, "{method}");
        assert_eq!(scene.wire.seen().last().unwrap(), "Bearer a2", "{method}");
    }
}

#[test]
fn promise_18_a_hook_makes_headers_for_each_attempt_and_leaves_the_token_alone() {
    let scene = scene(|builder| {
        builder.before_attempt(|attempt| {
            let number = attempt.number();
            let length = attempt.body().map_or(0, Bytes::len);
            let signed = format!(
                "{number} {} {} {length}",
                attempt.method(),
                attempt.uri().path()
            );
            assert!(attempt.headers().contains_key(AUTHORIZATION));
            let headers = attempt.headers_mut();
            headers.insert("x-signature", signed.try_into().unwrap());
            headers.append(AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
        })
    });
    assert_eq!(post(&scene, Body::from("text")).unwrap().status(), 200);
    let signatures = scene.wire.received();
    let signatures: Vec<_> = signatures
        .iter()
        .map(|r| &r.headers()["x-signature"])
        .collect();
    assert_eq!(signatures, ["1 POST /books 4", "2 POST /books 4"]);
    assert_eq!(scene.wire.seen(), ["Bearer a1", "Bearer a2"]);
}

#[test]
fn promise_4_a_hook_tells_a_request_its_attempts_and_their_generations() {
    let scene = scene(|builder| {
        builder.before_attempt(|attempt| {
            let noted: &Mutex<Vec<_>> = attempt.extensions().get::<Arc<_>>().unwrap();
            let generation = attempt.generation().number();
            noted.lock().unwrap().push((attempt.number(), generation));
        })
    });
    for expected in [vec![(1, 0), (2, 1)], vec![(1, 1)]] {
        let noted = Arc::new(Mutex::new(Vec::<(u32, u64)>::new()));
        let request = Request::get("https://api.example.com/books");
        let request = request.extension(Arc::clone(&noted)).body(()).unwrap();
        assert_eq!(now(scene.session.execute(request)).unwrap().status(), 200);
        assert_eq!(*noted.lock().unwrap(), expected);
    }
}

#[test]
fn promise_16_what_can_be_sent_once_waits_for_a_token_that_lasts() {
    let world = World::default();
    let scene = lasting(world.clone(), |builder| builder);
    assert_eq!(post(&scene, pieces()).unwrap().status(), 200);
    // In the last fifth of its lifetime, and well before the last tenth.
    world.pass(8 * MINUTE);
    scene.desk.will_grant("a2", "r2");
    scene.wire.accept("a2");
    assert_eq!(post(&scene, pieces()).unwrap().status(), 200);
    assert_eq!(scene.wire.seen(), ["Bearer a1", "Bearer a2"]);
    assert_eq!(scene.wire.received()[1].body(), "a stream");
}

#[test]
fn promise_12_what_can_be_sent_once_goes_with_the_token_it_has_where_that_is_not_renewed() {
    let world = World::default();
    let scene = lasting(world.clone(), |builder| builder.refresh_retries(0));
    world.pass(8 * MINUTE);
    scene
        .desk
        .will(Reply::Error(RefreshError::transient("busy")));
    for _ in 0..2 {
        assert_eq!(post(&scene, pieces()).unwrap().status(), 200);
    }
    assert_eq!(scene.wire.seen(), ["Bearer a1"; 2]);
    assert_eq!(scene.desk.asked().len(), 1, "it rests");
}

#[test]
fn promise_3_what_waits_for_a_renewal_does_not_go_for_somebody_else() {
    let world = World::default();
    let scene = lasting(world.clone(), |builder| builder);
    world.pass(8 * MINUTE);
    let request = Request::post("https://api.example.com/books");
    let request = request.body(pieces()).unwrap();
    let mut call = Box::pin(scene.session.execute(request));
    assert!(poll(&mut call).is_pending());
    now(scene.session.replace(token("b1", "s1"))).unwrap();
    scene.desk.will_grant("a2", "r2");
    let error = now(call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Superseded);
    assert!(scene.wire.seen().is_empty());
}

/// A request that signs in as somebody else when the session reads its target for the nth time.
///
/// So this happens within a poll, as another thread could do it.
struct SignsIn {
    request: Request<()>,
    session: Session<Wire>,
    reads: Arc<AtomicUsize>,
    nth: usize,
}

impl RequestHead<Wire> for SignsIn {
    fn method(&self) -> &Method {
        self.request.method()
    }

    fn target(&self) -> Target<'_> {
        if self.reads.fetch_add(1, Ordering::Relaxed) + 1 == self.nth {
            now(self.session.replace(token("b1", "s1"))).unwrap();
        }
        Target::Uri(self.request.uri())
    }

    fn version(&self) -> Version {
        self.request.version()
    }

    fn headers(&self) -> &HeaderMap {
        self.request.headers()
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.request.headers_mut()
    }

    fn extensions(&self) -> &Extensions {
        self.request.extensions()
    }

    async fn send(self, body: Body, transport: &Wire) -> Result<Response<Bytes>, Infallible> {
        transport.send(self.request.map(|()| body)).await
    }
}

#[test]
fn promise_13_a_sign_in_leaves_no_failure_of_the_token_before_it() {
    let after_a_failure = || {
        let world = World::default();
        let scene = lasting(world.clone(), |builder| builder.refresh_retries(0));
        world.pass(8 * MINUTE);
        let busy = RefreshError::transient("busy");
        scene.desk.will(Reply::Error(busy));
        assert_eq!(post(&scene, pieces()).unwrap().status(), 200);
        // The rest after a failure is over.
        world.pass(MINUTE / 10);
        scene
    };
    let call = |scene: &Scene, nth| {
        let reads = Arc::<AtomicUsize>::default();
        let head = SignsIn {
            request: Request::post("https://api.example.com/books")
                .body(())
                .unwrap(),
            session: scene.session.clone(),
            reads: Arc::clone(&reads),
            nth,
        };
        let session = scene.session.clone();
        let call: Call = Box::pin(async move { session.execute_native(head, pieces()).await });
        (call, reads)
    };
    // How often its target is read until it waits for its token to be renewed.
    let (mut waiting, reads) = call(&after_a_failure(), 0);
    assert!(poll(&mut waiting).is_pending());
    let last = reads.load(Ordering::Relaxed);

    let scene = after_a_failure();
    let (superseded, _) = call(&scene, last);
    let error = now(superseded).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Superseded, "{error}");
    assert_eq!(scene.wire.seen(), ["Bearer a1"], "the request before it");
}

#[test]
fn promise_5_bytes_and_margins_of_nothing_wait_for_no_renewal() {
    for (margin, body) in [(2 * MINUTE, Body::from("text")), (Duration::ZERO, pieces())] {
        let world = World::default();
        let scene = lasting(world.clone(), |builder| builder.renewal(margin));
        world.pass(8 * MINUTE);
        assert_eq!(post(&scene, body).unwrap().status(), 200);
        assert!(scene.desk.asked().is_empty());
    }
}
