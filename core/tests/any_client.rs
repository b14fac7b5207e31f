//! A session over any client, and under any tower stack.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::error::Error;
use std::future::{Ready, poll_fn, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures_util::stream;
use http::header::AUTHORIZATION;
use http::{Request, Response, StatusCode};
use http_body::Body as _;
use reauth::{
    Body, CallError, ErrorKind, Failure, RefreshError, Session, SessionBuilder, SessionLayer,
    Transport, from_fn, from_service,
};
use support::*;
use tower_layer::Layer;
use tower_service::Service;

/// What a server answers, by the credential.
fn judged(request: &Request<Body>) -> Response<String> {
    let credential = request.headers().get(AUTHORIZATION);
    let accepted = credential.is_some_and(|credential| credential == "Bearer a2");
    let mut response = Response::new("a body".to_owned());
    if !accepted {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    response
}

fn session_over<T: Transport>(transport: T, desk: &Desk) -> SessionBuilder<T> {
    Session::builder(transport)
        .origin("https://api.example.com")
        .refresher(desk.clone())
        .token(token("a1", "r1"))
}

fn books() -> Request<Body> {
    let request = Request::get("https://api.example.com/books");
    request.body(Body::empty()).unwrap()
}

/// A client that counts its calls, must be ready first, and cannot be shared.
#[derive(Clone, Default)]
struct Client {
    calls: Arc<Mutex<Vec<String>>>,
    ready: std::cell::Cell<bool>,
}

impl Service<Request<Body>> for Client {
    type Response = Response<String>;
    type Error = io::Error;
    type Future = Ready<io::Result<Response<String>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.ready.set(true);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        assert!(self.ready.take(), "poll_ready was called first");
        let credential = request.headers()[AUTHORIZATION].to_str().unwrap();
        self.calls.lock().unwrap().push(credential.to_owned());
        ready(Ok(judged(&request)))
    }
}

impl Client {
    fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }
}

#[test]
fn promise_14_an_async_closure_is_a_transport_and_its_response_stays_its_own() {
    let desk = Desk::default();
    desk.will_grant("a2", "r2");
    let client = async |request: Request<Body>| Ok::<_, io::Error>(judged(&request));
    let transport = from_fn(client, World::default());
    let session = session_over(transport, &desk).build().unwrap();
    let answer: Response<String> = now(session.execute(books())).unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.body()[..]),
        (200, "a body")
    );
    assert_eq!(desk.asked(), ["r1"]);
}

#[test]
fn promise_2_a_service_is_a_transport_whose_clones_are_asked_whether_they_are_ready() {
    let (desk, client) = (Desk::default(), Client::default());
    desk.will_grant("a2", "r2");
    let transport = from_service(client.clone(), World::default());
    let session = session_over(transport, &desk).build().unwrap();
    assert_eq!(now(session.execute(books())).unwrap().status(), 200);
    assert_eq!(client.calls(), ["Bearer a1", "Bearer a2"]);
}

#[test]
fn promise_2_the_services_of_a_layer_share_one_token() {
    let desk = Desk::default();
    desk.will_grant("a2", "r2");
    let (one, other) = (Client::default(), Client::default());
    // The transport of the session is for token calls only; here there are none.
    let unused = async |_: Request<Body>| -> io::Result<Response<String>> {
        panic!("a request of the application must not come here")
    };
    let transport = from_fn(unused, World::default());
    let session = session_over(transport, &desk).build().unwrap();
    let layer = SessionLayer::new(&session);
    for client in [&one, &other] {
        let mut service = layer.layer(client.clone());
        assert_eq!(now(service.call(books())).unwrap().status(), 200);
    }
    assert_eq!(one.calls(), ["Bearer a1", "Bearer a2"]);
    assert_eq!(other.calls(), ["Bearer a2"]);
    assert_eq!(desk.asked(), ["r1"]);
}

#[test]
fn promise_17_a_layer_sends_nothing_to_another_origin() {
    let (desk, client) = (Desk::default(), Client::default());
    let transport = from_service(client.clone(), World::default());
    let session = session_over(transport, &desk).build().unwrap();
    let mut service = SessionLayer::new(&session).layer(client.clone());
    let request = Request::get("https://evil.example.org/");
    let request = request.body(Body::empty()).unwrap();
    let error = now(service.call(request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OriginNotAllowed);
    assert!(client.calls().is_empty());
}

/// What a session reports for an error of its client.
fn told(error: io::ErrorKind) -> (ErrorKind, bool) {
    let client = move |_| ready(Err::<Response<String>, io::Error>(error.into()));
    let transport = from_fn(client, World::default());
    let session = session_over(transport, &Desk::default()).build().unwrap();
    let error = now(session.execute(books())).unwrap_err();
    let client = error.source().unwrap().downcast_ref::<CallError>().unwrap();
    let own = client
        .source()
        .unwrap()
        .downcast_ref::<io::Error>()
        .unwrap();
    (error.kind(), own.kind() != io::ErrorKind::Other)
}

#[test]
fn an_error_is_classified_by_its_causes() {
    for (error, kind) in [
        (io::ErrorKind::ConnectionRefused, ErrorKind::Connect),
        (io::ErrorKind::TimedOut, ErrorKind::Timeout),
        (io::ErrorKind::ConnectionReset, ErrorKind::Transport),
        (io::ErrorKind::HostUnreachable, ErrorKind::Transport),
    ] {
        assert_eq!(told(error), (kind, true), "{error:?}");
    }
}

#[test]
fn promise_15_a_body_that_fails_for_want_of_a_connection_is_no_missing_connection() {
    // The error comes from another connection, which was refused.
    let body = || {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        Body::stream(stream::iter([Ok("a piece".into()), Err(refused)]))
    };
    for wrapped in [false, true] {
        let client = move |request: Request<Body>| async move {
            let mut body = request.into_body();
            loop {
                match poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
                    Some(Ok(_)) => {}
                    Some(Err(error)) if wrapped => return Err(io::Error::other(error).into()),
                    Some(Err(error)) => return Err(error.into()),
                    None => {
                        return Ok::<Response<String>, Box<dyn Error + Send + Sync>>(
                            Response::default(),
                        );
                    }
                }
            }
        };
        let transport = from_fn(client, World::default());
        let session = session_over(transport, &Desk::default()).build().unwrap();
        let error = now(session.execute(books().map(|_| body()))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{wrapped}");
        assert!(!error.is_transient());
    }
}

#[test]
fn an_application_may_class_the_errors_of_its_client_itself() {
    let client = async |_: Request<Body>| Err::<Response<String>, _>(io::Error::other("no route"));
    let transport =
        from_fn(client, World::default()).classify(|error| match error.to_string().as_str() {
            "no route" => Failure::Connect,
            _ => Failure::Other,
        });
    let session = session_over(transport, &Desk::default()).build().unwrap();
    assert!(now(session.execute(books())).unwrap_err().is_connect());
}

#[test]
fn promise_9_a_grant_goes_over_the_transport_that_it_was_given_with() {
    struct Grant;
    impl reauth::Grant for Grant {
        fn request(
            &self,
            _: Option<&reauth::Token>,
        ) -> Result<Request<bytes::Bytes>, RefreshError> {
            let request = Request::post("https://login.example.com/token");
            Ok(request.body("a call".into()).unwrap())
        }

        fn response(
            &self,
            answer: &Response<bytes::Bytes>,
        ) -> Result<reauth::TokenResponse, RefreshError> {
            assert_eq!(answer.body(), "granted");
            Ok(reauth::TokenResponse::new("a2").unwrap())
        }
    }
    let calls = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&calls);
    let desk = from_fn(
        move |request: Request<Body>| {
            assert_eq!(request.uri().path(), "/token");
            *counted.lock().unwrap() += 1;
            ready(Ok::<_, io::Error>(Response::new("granted".to_owned())))
        },
        World::default(),
    );
    let client = Client::default();
    let transport = from_service(client.clone(), World::default());
    let session = Session::builder(transport)
        .origin("https://api.example.com")
        .grant_over(desk, Grant)
        .token(token("a1", "r1"))
        .build()
        .unwrap();
    assert_eq!(now(session.execute(books())).unwrap().status(), 200);
    assert_eq!(client.calls(), ["Bearer a1", "Bearer a2"]);
    assert_eq!(*calls.lock().unwrap(), 1);
}
