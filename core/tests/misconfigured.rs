//! Promise 28: a wrong configuration fails when it is built, with an error that says what to do.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::error::Error as _;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Scheme;
use http::{Extensions, HeaderMap, Request, Response, StatusCode};
use reauth::store::{MemoryStore, Record, Saved, StoreError, Stored, TokenStore, Version};
use reauth::{
    Body, BuildError, BuildErrorKind, Failure, JsonGrant, OAuth2Client, OAuth2Grant, Runtime,
    Session, SessionBuilder, Token, Transport, async_trait,
};
use support::*;

const SECOND: Duration = Duration::from_secs(1);

fn builder() -> SessionBuilder<Wire> {
    Session::builder(Wire::default()).origin("https://api.example.com")
}

fn grant() -> JsonGrant {
    JsonGrant::new("https://api.example.com/auth/refresh").unwrap()
}

/// The error's text, with its cause.
fn said(error: &BuildError) -> String {
    let source = error.source().map(|source| format!(": {source}"));
    format!("{error}{}", source.unwrap_or_default())
}

fn assert_says(builder: SessionBuilder<Wire>, kind: BuildErrorKind, words: &str) {
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
    assert!(said(&error).contains(words), "{}", said(&error));
}

#[test]
fn promise_28_a_session_has_one_way_to_a_new_token() {
    use BuildErrorKind::GrantAndRefresher;
    let twice = [
        builder().grant(grant()).refresher(Desk::default()),
        builder().refresher(Desk::default()).grant(grant()),
        builder()
            .grant_over(Wire::default(), grant())
            .refresher(Desk::default()),
    ];
    for builder in twice {
        assert_says(
            builder.token(token("a1", "r1")),
            GrantAndRefresher,
            "not both",
        );
    }
    // Of two values for one setting, the last one counts.
    let twice = builder()
        .grant(grant())
        .grant(grant())
        .token(token("a1", "r1"));
    assert!(twice.build().is_ok());
}

#[test]
fn promise_28_a_grant_needs_something_to_trade() {
    use BuildErrorKind::NotRefreshable;
    let client = || OAuth2Client::new("https://api.example.com/token", "id").unwrap();
    let alone = || Token::new("a1").unwrap();
    let oauth = || OAuth2Grant::refresh_token(client());
    for builder in [
        builder().grant(grant()).token(alone()),
        builder()
            .grant(oauth())
            .token(alone().with_refresh_token(" \n")),
        builder().grant(oauth()).without_token(),
    ] {
        assert_says(builder, NotRefreshable, "with_refresh_token");
    }
    let opened = now(builder().grant(grant()).token(alone()).open());
    assert_eq!(opened.unwrap_err().kind(), NotRefreshable);
    let by_client = OAuth2Grant::client_credentials(client().secret("s"));
    assert!(builder().grant(by_client).token(alone()).build().is_ok());
    // A session that is signed out gets its token later.
    assert!(now(builder().grant(grant()).open()).is_ok());
}

#[test]
fn promise_28_an_origin_names_one_host() {
    for (origin, words) in [
        ("https://*.example.com", "wildcard"),
        ("https://api.example.com/*", "wildcard"),
        ("https://{tenant}.example.com", "wildcard"),
        ("https://.example.com", "an origin is"),
        ("https://api..example.com", "an origin is"),
        ("https://api.example.com:0", "an origin is"),
    ] {
        for options in [
            SessionBuilder::origin,
            SessionBuilder::insecure_origin,
            SessionBuilder::base_url,
        ] {
            let builder = options(builder(), origin)
                .grant(grant())
                .token(token("a1", "r1"));
            assert_says(builder, BuildErrorKind::InvalidOrigin, words);
        }
    }
}

#[test]
fn promise_28_a_time_limit_is_longer_than_nothing() {
    use BuildErrorKind::InvalidTimeout;
    let whole = || builder().grant(grant()).token(token("a1", "r1"));
    assert_says(whole().timeout(Duration::ZERO), InvalidTimeout, "timeout");
    let refresh = whole().refresh_timeout(Duration::ZERO);
    assert_says(refresh, InvalidTimeout, "refresh_timeout");
    assert!(whole().timeout(Duration::from_nanos(1)).build().is_ok());
}

/// A client without TLS.
struct Plain(Wire);

impl Transport for Plain {
    type Response = Response<bytes::Bytes>;
    type Error = std::convert::Infallible;

    fn send(
        &self,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Self::Response, Self::Error>> + Send {
        self.0.send(request)
    }

    fn supports(&self, scheme: &Scheme) -> Result<(), &'static str> {
        match *scheme == Scheme::HTTPS {
            true => Err("add the feature `tls`"),
            false => Ok(()),
        }
    }

    fn status(response: &Self::Response) -> StatusCode {
        Wire::status(response)
    }

    fn headers(response: &Self::Response) -> &HeaderMap {
        Wire::headers(response)
    }

    fn extensions_mut(response: &mut Self::Response) -> &mut Extensions {
        Wire::extensions_mut(response)
    }

    async fn chunk(response: &mut Self::Response) -> Result<Option<bytes::Bytes>, Self::Error> {
        Wire::chunk(response).await
    }

    fn failure(error: &Self::Error) -> Failure {
        match *error {}
    }

    fn runtime(&self) -> Arc<dyn Runtime> {
        self.0.runtime()
    }
}

#[test]
fn promise_28_a_client_that_cannot_speak_https_is_told_when_the_session_is_built() {
    let plain = || Session::builder(Plain(Wire::default())).token(token("a1", "r1"));
    let local = "http://127.0.0.1:8000";
    let local_grant = || JsonGrant::new("http://127.0.0.1:8000/token").unwrap();
    for builder in [
        plain()
            .origin("https://api.example.com")
            .grant(local_grant()),
        plain()
            .base_url("https://api.example.com")
            .grant(local_grant()),
        plain().origin(local).grant(grant()),
        plain()
            .origin(local)
            .grant_over(Plain(Wire::default()), grant()),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), BuildErrorKind::UnsupportedScheme, "{error:?}");
        assert!(
            said(&error).ends_with("add the feature `tls`"),
            "{}",
            said(&error)
        );
    }
    assert!(plain().origin(local).grant(local_grant()).build().is_ok());
    let elsewhere = plain().origin(local).grant_over(Wire::default(), grant());
    assert!(elsewhere.build().is_ok());
}

#[test]
fn promise_28_a_session_begins_with_a_refresh_token_alone() {
    let alone = Token::from_refresh_token(" r1\n").unwrap();
    let scene = Scene::of(World::default(), alone.clone(), |builder| builder);
    scene.wire.accept("a2");
    let mut call = scene.call();
    assert!(poll(&mut call).is_pending());
    assert_eq!(scene.desk.asked(), ["r1"]);
    scene.desk.will_grant("a2", "r2");
    assert_eq!(now(call).unwrap().status(), 200);
    assert_eq!(scene.wire.seen(), ["Bearer a2"]);

    // With one, the session works.
    scene.wire.accept("a3");
    now(scene
        .session
        .replace(Token::from_refresh_token("r9").unwrap()))
    .unwrap();
    scene.desk.will_grant("a3", "r10");
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.desk.asked(), ["r1", "r9"]);

    // From a store, too.
    let store = Arc::new(MemoryStore::new());
    now(store.save_if(None, &Record::signed_in(alone, None))).unwrap();
    let desk = Desk::default();
    let wire = Wire::default();
    let session = Session::builder(wire.clone()).origin("https://api.example.com");
    let session = now(session.refresher(desk.clone()).store(store.clone()).open()).unwrap();
    wire.accept("a2");
    desk.will_grant("a2", "r2");
    let request = Request::get("https://api.example.com/books")
        .body(())
        .unwrap();
    assert_eq!(now(session.execute(request)).unwrap().status(), 200);
    assert_eq!(desk.asked(), ["r1"]);
}

#[test]
fn promise_28_a_refresh_token_alone_is_shared_from_the_start() {
    let (store, desk, wire) = (
        Arc::new(MemoryStore::new()),
        Desk::default(),
        Wire::default(),
    );
    let open = |refresh_token: &str| {
        let builder = Session::builder(wire.clone())
            .origin("https://api.example.com")
            .refresher(desk.clone())
            .store(store.clone())
            .token(Token::from_refresh_token(refresh_token).unwrap());
        now(builder.open()).unwrap()
    };
    let stored = || {
        let stored = now(store.load()).unwrap().unwrap();
        stored.record.token().unwrap().clone()
    };
    let sessions = [open("r1"), open("r9")];
    assert_eq!(stored().refresh_token(), Some("r1"));
    wire.accept("a2");
    desk.will_grant("a2", "r2");
    for session in sessions {
        let request = Request::get("https://api.example.com/books");
        let request = request.body(()).unwrap();
        assert_eq!(now(session.execute(request)).unwrap().status(), 200);
    }
    assert_eq!(desk.asked(), ["r1"]);
    let stored = stored();
    assert_eq!(
        (stored.access_token(), stored.refresh_token()),
        ("a2", Some("r2"))
    );
}

/// A store that never answers.
struct Mute;

#[async_trait]
impl TokenStore for Mute {
    async fn load(&self) -> Result<Option<Stored>, StoreError> {
        std::future::pending().await
    }

    async fn save_if(&self, _: Option<&Version>, _: &Record) -> Result<Saved, StoreError> {
        std::future::pending().await
    }
}

#[test]
fn promise_10_a_member_that_is_kept_is_there_until_another_comes() {
    let scene = Scene::new();
    scene.wire.accept("a2");
    let granted = reauth::TokenResponse::new("a2").unwrap();
    scene
        .desk
        .will(Reply::Token(granted.with_extra("instance_url", "u1")));
    assert_eq!(scene.status(), 200);
    scene.wire.accept("a3");
    scene.desk.will_grant("a3", "r3");
    scene.world.pass(SECOND);
    assert_eq!(scene.status(), 200);
    let token = now(scene.session.token()).unwrap();
    assert_eq!(token.access_token(), "a3");
    assert_eq!(token.extra("instance_url"), Some("u1"));
    let kept = now(scene.shelf.load()).unwrap().unwrap().record;
    assert_eq!(kept.token().unwrap().extra("instance_url"), Some("u1"));
}

#[test]
fn promise_28_open_has_a_deadline() {
    let world = World::default();
    let builder = builder().grant(grant()).store(Mute).runtime(world.clone());
    let mut open = Box::pin(builder.refresh_timeout(7 * SECOND).open());
    assert!(poll(&mut open).is_pending());
    world.pass(6 * SECOND);
    assert!(poll(&mut open).is_pending());
    world.pass(SECOND);
    let error = now(open).unwrap_err();
    assert_eq!(error.kind(), BuildErrorKind::Store);
    assert!(said(&error).ends_with("took too long"), "{}", said(&error));
}

#[test]
fn promise_28_a_token_in_hand_is_renewed_by_its_whole_lifetime() {
    let world = World::with_spawner();
    // An hour, of which 100 seconds are left; the margin is 2 minutes.
    let token = token("a1", "r1").with_expires_at(world.in_time(100 * SECOND));
    let scene = Scene::of(world.clone(), token, |builder| builder);
    scene.wire.accept("a2");
    scene.desk.will_grant("a2", "r2");
    let piece = || ready(std::io::Result::Ok(bytes::Bytes::from_static(b"a")));
    let stream = || Body::stream(futures_util::stream::once(piece()));
    let upload = || {
        Request::post("https://api.example.com/books")
            .body(stream())
            .unwrap()
    };
    assert_eq!(now(scene.session.execute(upload())).unwrap().status(), 200);
    assert_eq!(scene.wire.seen(), ["Bearer a2"]);

    // For a token that lives for 100 seconds, the margin is a fifth.
    let token = support::token("a1", "r1").with_issued_at(world.in_time(Duration::ZERO));
    let token = token.with_expires_at(world.in_time(100 * SECOND));
    let scene = Scene::of(world, token, |builder| builder);
    scene.wire.accept("a1");
    assert_eq!(now(scene.session.execute(upload())).unwrap().status(), 200);
    assert_eq!(scene.desk.asked(), [""; 0]);
}

#[test]
fn promise_28_a_clock_that_stood_still_while_the_machine_slept_is_noticed() {
    let scene = Scene::new();
    scene.wire.accept("a2");
    let lives = |token: &str| {
        let granted = reauth::TokenResponse::new(token).unwrap();
        Reply::Token(granted.with_expires_in(3600 * SECOND))
    };
    scene.desk.will(lives("a2"));
    assert_eq!(scene.status(), 200);
    scene.world.fall_asleep(3599 * SECOND);
    scene.wire.accept("a3");
    scene.desk.will(lives("a3"));
    scene.world.pass(2 * SECOND);
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.wire.seen().last().unwrap(), "Bearer a3");
    assert_eq!(
        scene.wire.seen().len(),
        3,
        "no request carried an expired token"
    );
    // A small clock correction does not count as sleep.
    scene.world.fall_asleep(4 * SECOND);
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.desk.asked().len(), 2);
}
