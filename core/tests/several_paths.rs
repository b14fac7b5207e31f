//! One origin where one path refuses every token and another accepts the good ones.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{Request, Response};
use reauth::{
    Body, Error, ErrorKind, JsonGrant, Reason, RefreshError, Session, SessionBuilder, Token,
    Transport, from_fn,
};
use support::{Desk, Reply, World, now, poll, token};

const SECOND: Duration = Duration::from_secs(1);

/// `/admin` refuses every token. The other paths refuse bad tokens, except for `/health`, which
/// checks none.
#[derive(Clone, Default)]
struct Server {
    accepts: Arc<Mutex<Option<&'static str>>>,
    received: Arc<Mutex<Vec<String>>>,
    /// Responses to this path are held back.
    held: Arc<Mutex<Option<&'static str>>>,
}

impl Server {
    fn accept(&self, access_token: &'static str) {
        *self.accepts.lock().unwrap() = Some(access_token);
    }

    fn accept_none(&self) {
        *self.accepts.lock().unwrap() = None;
    }

    fn answer(&self, request: &Request<Body>) -> Response<String> {
        let (path, credential) = (request.uri().path(), &request.headers()[AUTHORIZATION]);
        let line = format!("{path} {}", credential.to_str().unwrap());
        let token = line.split(' ').next_back();
        let good = *self.accepts.lock().unwrap();
        let accepted =
            path == "/health" || !path.starts_with("/admin") && good.is_some() && good == token;
        self.received.lock().unwrap().push(line);
        let mut response = Response::new(String::new());
        if !accepted {
            *response.status_mut() = http::StatusCode::UNAUTHORIZED;
        }
        response
    }

    fn received(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    fn builder(
        &self,
        world: &World,
    ) -> SessionBuilder<impl Transport<Response = Response<String>> + use<>> {
        let server = self.clone();
        let answer = move |request: Request<Body>| {
            let server = server.clone();
            async move {
                let answer = server.answer(&request);
                poll_fn(|_| match *server.held.lock().unwrap() {
                    Some(held) if held == request.uri().path() => Poll::Pending,
                    Some(_) | None => Poll::Ready(()),
                })
                .await;
                Ok::<_, Infallible>(answer)
            }
        };
        Session::builder(from_fn(answer, world.clone())).origin("https://api.example.com")
    }
}

struct Scene<T> {
    world: World,
    server: Server,
    desk: Desk,
    session: Session<T>,
}

fn scene() -> Scene<impl Transport<Response = Response<String>> + 'static> {
    let (world, server, desk) = (World::default(), Server::default(), Desk::default());
    let builder = server
        .builder(&world)
        .refresher(desk.clone())
        .refresh_retries(0);
    let session = builder.token(token("a1", "r1")).build().unwrap();
    server.accept("a1");
    Scene {
        world,
        server,
        desk,
        session,
    }
}

impl<T: Transport<Response = Response<String>> + 'static> Scene<T> {
    fn call(&self, path: &str) -> impl Future<Output = Result<Response<String>, Error>> + use<T> {
        call(&self.session, path)
    }

    fn status(&self, path: &str) -> u16 {
        now(self.call(path)).unwrap().status().as_u16()
    }

    fn kind(&self, path: &str) -> ErrorKind {
        now(self.call(path)).unwrap_err().kind()
    }
}

fn call<T: Transport<Response = Response<String>> + 'static>(
    session: &Session<T>,
    path: &str,
) -> impl Future<Output = Result<Response<String>, Error>> + use<T> {
    let session = session.clone();
    let request = Request::get(format!("https://api.example.com{path}"))
        .body(())
        .unwrap();
    async move { session.execute(request).await }
}

#[test]
fn promise_5_a_path_that_refuses_every_token_costs_no_other_while_the_token_server_is_down() {
    let scene = scene();
    for second in 0..60 {
        // A request that starts during the refresh waits for it, and is served too.
        let mut admin = Box::pin(scene.call("/admin"));
        let pending = poll(&mut admin).is_pending();
        let mut books = Box::pin(scene.call("/books"));
        let waits = poll(&mut books).is_pending();
        assert!(!waits || second == 0, "{second}: it waits at most once");
        if pending {
            scene
                .desk
                .will(Reply::Error(RefreshError::transient("down")));
            assert_eq!(
                now(admin).unwrap_err().kind(),
                ErrorKind::RefreshUnavailable
            );
        }
        if waits {
            assert_eq!(now(books).unwrap().status(), 200, "{second}");
        }
        for path in ["/books", "/books/1"] {
            assert_eq!(scene.status(path), 200, "{second}");
        }
        scene.world.pass(SECOND);
    }
    assert!(scene.desk.asked().len() < 10, "each pause is longer");
    // Once the token server is back, the other path works again.
    scene.world.pass(400 * SECOND);
    scene.server.accept("a2");
    scene.desk.will_grant("a2", "r2");
    assert_eq!(scene.status("/admin"), 401);
    assert_eq!(scene.status("/books"), 200);
}

#[test]
fn promise_5_a_path_that_refuses_every_token_costs_no_other_while_the_token_server_works() {
    let scene = scene();
    for (nth, token) in ["a2", "a3", "a4", "a5"].into_iter().enumerate() {
        scene.server.accept(token);
        scene.desk.will_grant(token, "r2");
        let admin = now(scene.call("/admin")).unwrap();
        assert_eq!(admin.status(), 401);
        assert_eq!(admin.extensions().get(), Some(&Reason::RefusedAgain));
        assert_eq!(scene.status("/books"), 200, "{nth}");
    }
    assert_eq!(scene.desk.asked().len(), 4);
}

#[test]
fn promise_11_a_path_that_refuses_every_token_costs_no_other_where_the_refresh_token_is_dead() {
    let scene = scene();
    scene.desk.will(Reply::Error(RefreshError::refused("dead")));
    assert_eq!(scene.kind("/admin"), ErrorKind::SessionExpired);
    for _ in 0..3 {
        assert_eq!(scene.status("/books"), 200);
        let before = scene.server.received();
        assert_eq!(scene.kind("/admin"), ErrorKind::SessionExpired);
        assert_eq!(scene.server.received(), before, "it fails fast");
    }
    assert_eq!(scene.desk.asked(), ["r1"]);
    // A dead token is sent to no path twice.
    scene.server.accept_none();
    let before = scene.server.received();
    for _ in 0..3 {
        assert_eq!(scene.kind("/books"), ErrorKind::SessionExpired);
    }
    assert_eq!(scene.server.received(), before + 1);
}

#[test]
fn promise_14_a_request_that_waited_for_a_refresh_in_vain_says_why_and_what_was_refused() {
    let scene = scene();
    let mut admin = Box::pin(scene.call("/admin"));
    assert!(poll(&mut admin).is_pending());
    let mut books = Box::pin(scene.call("/books"));
    assert!(
        poll(&mut books).is_pending(),
        "its origin has refused the token"
    );
    scene.server.accept_none();
    let down = RefreshError::transient("down").with_retry_after(9 * SECOND);
    scene.desk.will(Reply::Error(down));
    for waited in [now(admin), now(books)] {
        let error = waited.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
        assert_eq!(error.refused().unwrap().status(), 401);
        assert_eq!(error.retry_after(), Some(9 * SECOND));
    }
    assert_eq!(scene.desk.asked(), ["r1"]);
    assert_eq!(scene.server.received(), 2);
}

#[test]
fn promise_5_where_there_is_no_way_to_a_token_a_401_is_data() {
    let (world, server) = (World::with_spawner(), Server::default());
    let grant = || JsonGrant::new("https://api.example.com/token").unwrap();
    let session = server
        .builder(&world)
        .grant(grant())
        .token(token("a1", "r1"));
    let session = session.build().unwrap();
    // A sign-in without a refresh token.
    let alone = Token::new("a2")
        .unwrap()
        .with_expires_at(world.in_time(60 * SECOND));
    now(session.replace(alone)).unwrap();
    server.accept("a2");
    assert_eq!(now(call(&session, "/books")).unwrap().status(), 200);
    for _ in 0..2 {
        let answer = now(call(&session, "/admin")).unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.extensions().get(), Some(&Reason::NotRefreshable));
        assert_eq!(now(call(&session, "/books")).unwrap().status(), 200);
    }
    // Only its server knows whether it has expired.
    world.pass(90 * SECOND);
    assert_eq!(now(call(&session, "/books")).unwrap().status(), 200);
    server.accept_none();
    assert_eq!(now(call(&session, "/books")).unwrap().status(), 401);
    let error = now(session.refresh()).unwrap_err();
    assert!(error.is_session_expired(), "{error:?}");
    assert_eq!(session.counts().refreshes, 0);
}

/// `/admin` was refused. `/books` waited for its refresh in vain and is refused as well; its
/// response is in flight.
fn refused_in_vain<T: Transport<Response = Response<String>> + 'static>(
    scene: &Scene<T>,
) -> std::pin::Pin<Box<dyn Future<Output = Result<Response<String>, Error>>>> {
    let mut admin = Box::pin(scene.call("/admin"));
    assert!(poll(&mut admin).is_pending());
    let mut books = Box::pin(scene.call("/books"));
    assert!(poll(&mut books).is_pending());
    scene.server.accept_none();
    *scene.server.held.lock().unwrap() = Some("/books");
    scene
        .desk
        .will(Reply::Error(RefreshError::transient("down")));
    now(admin).unwrap_err();
    assert!(poll(&mut books).is_pending(), "it is in flight");
    *scene.server.held.lock().unwrap() = Some("/books");
    books
}

#[test]
fn promise_3_a_request_that_waited_in_vain_goes_with_the_token_that_is_in_force_by_then() {
    let scene = scene();
    let books = refused_in_vain(&scene);
    scene.world.pass(2 * SECOND);
    scene.server.accept("a2");
    scene.desk.will_grant("a2", "r2");
    assert_eq!(scene.status("/other"), 200);
    *scene.server.held.lock().unwrap() = None;
    assert_eq!(now(books).unwrap().status(), 200);
    assert_eq!(scene.desk.asked().len(), 2);
}

#[test]
fn promise_3_a_request_whose_wait_failed_uses_no_other_identity() {
    let scene = scene();
    let books = refused_in_vain(&scene);
    now(scene.session.replace(token("b1", "s1"))).unwrap();
    *scene.server.held.lock().unwrap() = None;
    let answer = now(books).unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.extensions().get(), Some(&Reason::Superseded));
}

#[test]
fn promise_9_a_path_that_looks_at_no_token_keeps_no_session_in_doubt_for_ever() {
    let scene = scene();
    assert_eq!(scene.status("/health"), 200);
    scene.server.accept_none();
    scene.desk.will(Reply::Error(RefreshError::unknown("lost")));
    assert_eq!(scene.kind("/graphql"), ErrorKind::RefreshUnknown);
    assert_eq!(scene.status("/health"), 200);
    scene.server.accept("a2");
    scene.desk.will_grant("a2", "r2");
    for minute in 0..6 {
        scene.world.pass(60 * SECOND);
        assert_eq!(scene.status("/health"), 200);
        match now(scene.call("/graphql")) {
            Ok(answer) => return assert_eq!(answer.status(), 200),
            Err(error) => {
                let left = Duration::from_secs(300 - 60 * (minute + 1));
                assert_eq!(error.retry_after(), Some(left), "the time does not move");
            }
        }
    }
    panic!("the session never asks again");
}

#[test]
fn promise_5_many_paths_that_refuse_every_token_cost_no_other() {
    let scene = scene();
    let down = RefreshError::transient("down").with_retry_after(60 * SECOND);
    scene.desk.will(Reply::Error(down));
    for user in 0..20 {
        assert_eq!(
            scene.kind(&format!("/admin/{user}")),
            ErrorKind::RefreshUnavailable
        );
        assert_eq!(scene.status("/books"), 200, "{user}");
    }
}
