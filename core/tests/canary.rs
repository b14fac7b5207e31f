//! No public type, and no error with its sources, shows a secret: not even if the servers send back
//! everything they get.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt::{Debug, Display, Write};
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};
use reauth::store::{MemoryStore, Record, Saved, Stored, TokenStore};
use reauth::*;
use support::{Desk, Mood, Reply, Scene, Shelf, World, now, poll};
use tower_layer::Layer;
use tower_service::Service;

/// Part of every secret, and of nothing else.
const CANARY: &str = "CANARY";
const ACCESS: &str = "CANARY-access";
const REFRESH: &str = "CANARY-refresh";
const CLIENT: &str = "CANARY-client";
/// Part of the client's secret as base64, which changes every letter.
const IN_BASE64: &str = "Q0FOQVJZ";

/// Everything that was shown.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<(BTreeSet<&'static str>, String)>>);

impl Log {
    fn shows(&self, name: &'static str, value: &(impl Debug + ?Sized)) {
        let mut log = self.0.lock().unwrap();
        log.0.insert(name);
        writeln!(log.1, "{name}: {value:?} {value:#?}").unwrap();
    }

    fn says(&self, name: &'static str, value: &(impl Debug + Display)) {
        self.shows(name, value);
        writeln!(self.0.lock().unwrap().1, "{value}").unwrap();
    }

    fn fails(&self, name: &'static str, error: &(impl StdError + 'static)) {
        self.says(name, error);
        let mut source = error.source();
        while let Some(error) = source {
            writeln!(self.0.lock().unwrap().1, "{error:?} {error:#?} {error}").unwrap();
            source = error.source();
        }
    }

    fn finds(&self) -> Option<String> {
        let log = self.0.lock().unwrap();
        let secret = |line: &&str| line.contains(CANARY) || line.contains(IN_BASE64);
        log.1.lines().find(secret).map(str::to_owned)
    }

    fn names(&self) -> BTreeSet<&'static str> {
        self.0.lock().unwrap().0.clone()
    }
}

fn secret_token() -> Token {
    let token = Token::new(ACCESS).unwrap().with_refresh_token(REFRESH);
    let token = token.with_scope(format!("read {REFRESH}"));
    token.with_token_type(format!("Bearer {ACCESS}"))
}

/// How the token server answers: a status, and a body in which `ECHO` stands for the request.
type Manners = (u16, &'static str);

const MANNERS: [Manners; 20] = [
    (200, "ECHO"),
    (
        200,
        r#"{"access_token":"fresh","id_token":"CANARY-id","authed_user":{"name":"ECHO"}}"#,
    ),
    (401, r#"{"error":{"code":"ECHO","message":"ECHO"}}"#),
    (400, r#"{"error":"CANARY_invalid_refresh_token"}"#),
    (400, "error=invalid_grant&error_description=ECHO"),
    (200, r#"{"access_token":"ECHO\u0000"}"#),
    (200, r#"{"access_token":"","scope":"ECHO"}"#),
    (
        200,
        r#"{"error":"invalid_grant","error_description":"ECHO"}"#,
    ),
    (200, r#"{"error":"ECHO"}"#),
    (
        200,
        r#"{"access_token":"CANARY-new","refresh_token":"CANARY-newer","scope":"CANARY-new","token_type":"CANARY-newer"}"#,
    ),
    (307, "ECHO"),
    (
        400,
        r#"{"error":"invalid_grant","error_description":"ECHO","error_uri":"ECHO"}"#,
    ),
    (
        400,
        r#"{"error":"invalid_client","error_description":"ECHO"}"#,
    ),
    (400, r#"{"error":"ECHO","error_description":"ECHO"}"#),
    (401, "ECHO"),
    (403, "ECHO"),
    (429, "ECHO"),
    (500, "ECHO"),
    (
        503,
        r#"{"error":"temporarily_unavailable","error_description":"ECHO"}"#,
    ),
    (200, ""),
];

/// Answers with everything that arrived.
fn answer(request: &Request<Body>, said: &str, (status, body): Manners) -> Response<String> {
    let echo = format!(
        "{:?} {said} {}",
        request.headers().get(AUTHORIZATION),
        request.uri()
    );
    let echo = echo.replace(['"', '\\'], "'");
    let mut answer = Response::new(echo.clone());
    if request.uri().path() == "/token" {
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        *answer.body_mut() = body.replace("ECHO", &echo);
        let headers = answer.headers_mut();
        headers.insert("location", "https://evil.org/?CANARY".parse().unwrap());
        headers.insert("retry-after", CANARY.parse().unwrap());
    } else {
        *answer.status_mut() = StatusCode::UNAUTHORIZED;
        let challenge =
            r#"Bearer realm="CANARY", error="invalid_token", error_description="CANARY""#;
        answer
            .headers_mut()
            .insert(WWW_AUTHENTICATE, challenge.parse().unwrap());
        answer
            .headers_mut()
            .insert("set-cookie", "CANARY".parse().unwrap());
    }
    answer
}

/// A client that echoes what it is asked.
fn client(manners: Manners) -> impl Transport<Response = Response<String>> + 'static {
    let send = move |request: Request<Body>| {
        let said = format!("{ACCESS} {REFRESH} {CLIENT}");
        ready(Ok::<_, Infallible>(answer(&request, &said, manners)))
    };
    from_fn(send, World::with_spawner())
}

fn grants() -> Vec<Box<dyn Grant>> {
    let endpoint = "https://auth.example.com/token?key=CANARY";
    let client = || OAuth2Client::new(endpoint, "id").unwrap();
    let json = JsonGrant::new(endpoint).unwrap().member("key", CLIENT);
    let json = json.keep("id_token").keep("authed_user");
    let refresh = OAuth2Grant::refresh_token(client().secret(CLIENT));
    let refresh = refresh.keep("id_token").keep("authed_user");
    let in_body = OAuth2Grant::refresh_token(client().secret_in_body(CLIENT));
    let alone = OAuth2Grant::client_credentials(client().secret(CLIENT));
    let alone = alone.parameter("key", CLIENT);
    vec![
        Box::new(json),
        Box::new(refresh),
        Box::new(in_body),
        Box::new(alone),
    ]
}

fn books() -> Request<Body> {
    let request = Request::get("https://api.example.com/books");
    request.body(Body::from(CANARY)).unwrap()
}

#[test]
fn promise_19_no_answer_of_a_token_server_brings_a_secret_into_an_error_or_an_event() {
    let log = Log::default();
    for manners in MANNERS {
        for grant in grants() {
            let (told, hook, judge) = (log.clone(), log.clone(), log.clone());
            let builder = Session::builder(client(manners))
                .origin("https://api.example.com")
                .refresh_retries(0)
                .on_event(move |event| {
                    told.shows("Event", event);
                    told.shows("EventKind", &event.kind);
                    if let EventKind::RefreshFailed { error, .. } = &event.kind {
                        told.fails("RefreshError", &**error);
                        if let Some(answer) = error.answer() {
                            told.shows("ErrorResponse", answer);
                        }
                    }
                })
                .before_attempt(move |attempt| hook.shows("Attempt", attempt))
                .refused_when(move |answer| {
                    judge.shows("Answered", answer);
                    answer.is_refused()
                })
                .revocation(OAuth2Revocation::new(
                    OAuth2Client::new("https://auth.example.com/token", "id").unwrap(),
                ))
                .grant(grant)
                .token(secret_token());
            log.shows("SessionBuilder", &builder);
            let session = builder.build().unwrap();
            match now(session.execute(books())) {
                // A second 401, which the caller gets unchanged.
                Ok(answer) => assert_eq!(answer.status(), 401),
                Err(error) => log.fails("Error", &error),
            }
            match now(session.token()) {
                Ok(token) => log.shows("BearerToken", &token),
                Err(error) => log.fails("Error", &error),
            }
            log.shows("Session", &session);
            log.shows("SessionLayer", &SessionLayer::new(&session));
            log.shows("Counts", &session.counts());
            now(session.sign_out()).unwrap();
        }
    }
    assert_eq!(log.finds(), None);
    for name in [
        "Error",
        "RefreshError",
        "BearerToken",
        "Attempt",
        "Answered",
        "Event",
    ] {
        assert!(log.names().contains(name), "{name} was seen");
    }
}

#[test]
fn promise_19_no_failure_on_the_way_brings_a_secret_into_an_error() {
    let log = Log::default();
    let scene = |options: fn(SessionBuilder<support::Wire>) -> SessionBuilder<support::Wire>| {
        Scene::of(World::with_spawner(), secret_token(), |builder| {
            let told = log.clone();
            let builder = builder.on_event(move |event| told.shows("Event", event));
            options(builder.refresh_retries(0))
        })
    };
    let mut kinds = Vec::new();
    let mut fails = |error: Error| {
        kinds.push(error.kind());
        log.fails("Error", &error);
    };
    for reply in [
        Reply::Panic,
        Reply::Error(RefreshError::refused("refused")),
        Reply::Error(RefreshError::misconfigured("wrong")),
        Reply::Error(RefreshError::transient("busy")),
    ] {
        let scene = scene(|builder| builder);
        scene.desk.will(reply);
        fails(now(scene.call()).unwrap_err());
    }
    let hangs = scene(|builder| builder.timeout(Duration::from_secs(1)));
    let mut call = hangs.call();
    assert!(poll(&mut call).is_pending());
    hangs.world.pass(Duration::from_secs(2));
    fails(now(call).unwrap_err());

    let crowded = scene(|builder| builder.max_waiting(1));
    let mut first = crowded.call();
    assert!(poll(&mut first).is_pending());
    fails(now(crowded.call()).unwrap_err());

    let limited = scene(|builder| builder.refresh_limit(1, Duration::from_secs(3600)));
    limited.desk.will_grant("CANARY-2", "CANARY-3");
    assert_eq!(limited.status(), 401);
    assert_eq!(limited.status(), 401);
    fails(now(limited.session.refresh()).unwrap_err());

    let fenced = scene(|builder| builder);
    let old = now(fenced.session.token()).unwrap().generation();
    now(fenced.session.replace(secret_token())).unwrap();
    fails(now(fenced.session.report_rejected(old)).unwrap_err());
    fenced.shelf.be(Mood::FailsToSave);
    fails(now(fenced.session.replace(secret_token())).unwrap_err());
    fenced.shelf.be(Mood::PanicsToSave);
    fails(now(fenced.session.replace(secret_token())).unwrap_err());
    fenced.shelf.be(Mood::Works);
    now(fenced.session.sign_out()).unwrap();
    fails(now(fenced.call()).unwrap_err());
    for target in [
        "https://evil.org/CANARY?CANARY",
        "https://user:CANARY@api.example.com/",
        "http://CANARY@evil.org/",
        "/CANARY",
        "CANARY@evil.org:1",
    ] {
        let request = Request::get(target).body(()).unwrap();
        fails(now(fenced.session.execute(request)).unwrap_err());
    }
    assert_eq!(log.finds(), None);
    let all = format!("{kinds:?}");
    for kind in [
        "SessionExpired",
        "RefreshUnknown",
        "RefreshMisconfigured",
        "RefreshUnavailable",
        "Timeout",
        "RefreshLimit",
        "TooManyWaiting",
        "Superseded",
        "Store",
        "SignedOut",
        "OriginNotAllowed",
    ] {
        assert!(all.contains(kind), "{kind} was seen in {all}");
    }
}

#[test]
fn promise_19_no_error_repeats_an_invalid_setting() {
    let log = Log::default();
    for url in [
        "https://user:CANARY@example.com",
        "https://CANARY@example.com/v1",
        "https://example.com/?access_token=CANARY",
        "https://example.com/#CANARY",
        "https://example.com:CANARY@example.com/?",
        "https://CANARY@example.com\n",
    ] {
        for options in [
            SessionBuilder::origin,
            SessionBuilder::insecure_origin,
            SessionBuilder::base_url,
        ] {
            let builder = options(Session::builder(support::Wire::default()), url);
            log.shows("SessionBuilder", &builder);
            let builder = builder.refresher(Desk::default()).token(secret_token());
            log.fails("BuildError", &builder.build().unwrap_err());
        }
        match JsonGrant::new(url) {
            Ok(grant) => log.shows("JsonGrant", &grant),
            Err(error) => log.fails("InvalidEndpoint", &error),
        }
    }
    log.fails("InvalidToken", &Token::new("CANARY\0").unwrap_err());
    log.fails("InvalidToken", &TokenResponse::new("CANARY\0").unwrap_err());
    log.fails("InvalidScheme", &HeaderScheme::new("CANARY\n").unwrap_err());
    let prefix = HeaderScheme::with_prefix("x-api-key", "CANARY\n");
    log.fails("InvalidScheme", &prefix.unwrap_err());
    assert_eq!(log.finds(), None);
}

/// What has no value to show: traits and aliases.
const NOTHING_TO_SHOW: [&str; 10] = [
    "Grant",
    "Revocation",
    "Scheme",
    "Call",
    "TokenRefresher",
    "BoxFuture",
    "Runtime",
    "Spawner",
    "RequestHead",
    "Transport",
];

/// Types whose values are only their own names and numbers: no secret, and nothing that a server
/// wrote.
const PLAIN: [&str; 17] = [
    "Connection",
    "TokenUse",
    "RefreshErrorKind",
    "Spends",
    "SessionMachine",
    "Reason",
    "ErrorKind",
    "BuildErrorKind",
    "Redirects",
    "ReplayMethods",
    "Timeout",
    "WithoutCredentials",
    "Failure",
    "Generation",
    "Bearer",
    "TokioRuntime",
    "TokenStore",
];

/// The server's words about a request, which the application should read.
const ASKED_FOR: [&str; 3] = ["Meaning", "InsufficientScope", "StepUp"];

/// Shown in the tests above.
const ABOVE: [&str; 15] = [
    "Error",
    "ErrorResponse",
    "RefreshError",
    "Event",
    "EventKind",
    "Attempt",
    "Answered",
    "SessionBuilder",
    "Session",
    "SessionLayer",
    "BearerToken",
    "Counts",
    "BuildError",
    "InvalidEndpoint",
    "InvalidScheme",
];

#[derive(Clone)]
struct Client;

impl Service<Request<Body>> for Client {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        ready(Ok(Response::default()))
    }
}

#[test]
fn promise_19_no_public_type_shows_a_secret_and_none_is_forgotten() {
    let log = Log::default();
    let token = secret_token();
    log.shows("Token", &token);
    let kept = token.clone().with_extra("id_token", "CANARY-id");
    log.shows("Token", &kept.with_scope("read CANARY-id"));
    let alone = Token::from_refresh_token(REFRESH).unwrap();
    log.shows("Token", &alone);
    log.fails("InvalidToken", &Token::new("Bearer CANARY").unwrap_err());
    let response = || {
        TokenResponse::new(ACCESS)
            .unwrap()
            .with_refresh_token(REFRESH)
    };
    log.shows(
        "TokenResponse",
        &response().with_scope(REFRESH).with_token_type(ACCESS),
    );
    let secret = Token::new(ACCESS).unwrap().with_refresh_token(REFRESH);
    log.shows("TokenCall", &TokenCall::new(Some(&secret)));
    log.fails("InvalidToken", &Token::new("CANARY\0").unwrap_err());

    let client = || {
        let endpoint = "https://auth.example.com/token?key=CANARY";
        OAuth2Client::new(endpoint, "id").unwrap().secret(CLIENT)
    };
    log.shows("OAuth2Client", &client());
    log.shows("OAuth2Client", &client().secret_in_body(CLIENT));
    let grant = OAuth2Grant::refresh_token(client()).parameter("key", CLIENT);
    log.shows("OAuth2Grant", &grant);
    log.shows("OAuth2Revocation", &OAuth2Revocation::new(client()));
    let json = JsonGrant::new("https://auth.example.com/token?key=CANARY").unwrap();
    let json = json.member("key", CLIENT);
    log.shows("JsonGrant", &json);
    log.shows("JsonNames", &JsonNames::camel_case());
    log.shows("HeaderScheme", &HeaderScheme::new("x-api-key").unwrap());

    let wire = self::client(MANNERS[0]);
    log.shows("HttpTransport", &from_service(Client, World::default()));
    log.shows("ServiceCall", &from_service(Client, World::default()));
    log.shows("GrantRefresher", &GrantRefresher::new(json, wire));
    let refuse = |_: Option<Token>| ready(Err(RefreshError::refused("no")));
    log.shows("RefresherFn", &refresher_fn(refuse));
    log.shows("Body", &Body::from(CANARY));
    log.fails(
        "RevocationError",
        &RevocationError::new("the revocation endpoint answered 500"),
    );

    let scene = Scene::of(World::default(), token.clone(), |builder| builder);
    let service = SessionLayer::new(&scene.session).layer(Client);
    log.shows("SessionService", &service);
    let store = MemoryStore::new();
    let record = Record::signed_in(token, None);
    log.shows("Record", &record);
    let Saved::Kept(version) = now(store.save_if(None, &record)).unwrap() else {
        panic!("there was no value");
    };
    log.shows("MemoryStore", &store);
    log.shows("Shelf", &now(Shelf::default().load()).unwrap());
    let stored = Stored { record, version };
    log.shows("Stored", &stored);
    log.shows("Saved", &Saved::Conflict(Some(stored)));

    let broken = from_fn(
        |_| {
            ready(Err::<Response<String>, _>(std::io::Error::other(
                "it broke",
            )))
        },
        World::default(),
    );
    let session = Session::builder(broken).origin("https://api.example.com");
    let session = session.refresher(Desk::default()).token(secret_token());
    let error = now(session.build().unwrap().execute(books())).unwrap_err();
    log.fails("Error", &error);
    log.fails("CallError", &error.downcast_source::<CallError>().unwrap());
    let session = Session::builder(from_fn(
        |_| {
            let there = "https://api.example.com/next?key=CANARY";
            let redirect = Response::builder().status(302).header("location", there);
            ready(redirect.body(String::new()))
        },
        World::default(),
    ));
    let session = session.origin("https://api.example.com");
    let session = session.refresher(Desk::default()).token(secret_token());
    let session = session.redirects(Redirects::follow(1)).build().unwrap();
    let error = now(session.execute(books())).unwrap_err();
    log.fails("Error", &error);
    log.fails(
        "RedirectChain",
        &error.downcast_source::<RedirectChain>().unwrap(),
    );
    let there = "https://me:CANARY@api.example.com/next?key=CANARY";
    log.shows("FinalUri", &FinalUri(there.parse().unwrap()));
    log.shows("Target", &Target::Text(there));
    let failing = futures_util::stream::iter([Err::<bytes::Bytes, _>("it broke")]);
    let mut body = Body::stream(failing);
    let frame = std::future::poll_fn(|context| {
        http_body::Body::poll_frame(std::pin::Pin::new(&mut body), context)
    });
    if let Some(Err(error)) = now(frame) {
        log.fails("BodyError", &error);
    }
    assert_eq!(log.finds(), None);

    let mut shown = log.names();
    shown.extend(NOTHING_TO_SHOW);
    shown.extend(PLAIN);
    shown.extend(ASKED_FOR);
    shown.extend(ABOVE);
    for name in exported() {
        assert!(
            shown.contains(name.as_str()),
            "{name} is public, and not shown here"
        );
    }
}

/// What the crate exports, according to its source.
fn exported() -> Vec<String> {
    let source = include_str!("../src/lib.rs");
    let exports = source.split("pub use ").skip(1);
    let exports = exports.filter_map(|rest| rest.split(';').next());
    let names = exports.flat_map(|export| export.split(|char: char| !char.is_alphanumeric()));
    let types = names.filter(|name| name.starts_with(char::is_uppercase));
    let types: Vec<_> = types.map(str::to_owned).collect();
    assert!(types.len() > 50, "{types:?}");
    types
}

#[test]
fn promise_19_the_search_finds_what_is_there() {
    for secret in [ACCESS, REFRESH, "Basic aWQ6Q0FOQVJZLWNsaWVudA=="] {
        let log = Log::default();
        log.says("a leak", &secret);
        assert!(log.finds().is_some(), "{secret}");
    }
}
