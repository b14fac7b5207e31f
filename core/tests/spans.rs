//! A `tracing` subscriber gets the spans of OpenTelemetry's conventions, without any token.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::future::{Future, pending, poll_fn, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{Method, Request, Response};
use reauth::{
    Body, Error, ErrorKind, JsonGrant, RefreshError, ReplayMethods, Session, SessionBuilder,
    Timeout, Transport, WithoutCredentials, from_fn,
};
use support::recorder::{Recorder, Span, Value};
use support::{Desk, Reply, World, now, poll, token};
use tracing::{Instrument, info_span};

/// A resource server and its token server. Each response has its own span, as if the server
/// were traced too.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<VecDeque<(u16, &'static str)>>>);

const ACCEPTED: &str = "Bearer SECRET-access-2";
const GRANTED: &str = r#"{"access_token":"SECRET-access-2","refresh_token":"SECRET-refresh-2"}"#;

impl Server {
    fn will_answer_token_call(&self, status: u16, body: &'static str) {
        self.0.lock().unwrap().push_back((status, body));
    }

    async fn answer(self, request: Request<Body>) -> io::Result<Response<String>> {
        let (status, body) = match request.uri().path() {
            "/token" => {
                poll_fn(|_| match self.0.lock().unwrap().pop_front() {
                    Some(answer) => Poll::Ready(answer),
                    None => Poll::Pending,
                })
                .await
            }
            "/nowhere" => return Err(io::Error::new(io::ErrorKind::ConnectionRefused, "SECRET")),
            "/slow" => return Err(io::Error::new(io::ErrorKind::TimedOut, "SECRET")),
            "/broken" => return Err(io::Error::other("SECRET")),
            "/silent" => pending().await,
            "/busy" => (503, ""),
            _ => match request.headers().get(AUTHORIZATION) {
                Some(credential) if credential != ACCEPTED => (401, "SECRET"),
                Some(_) | None => (200, ""),
            },
        };
        let response = Response::builder().status(status);
        Ok(response.body(body.to_owned()).unwrap())
    }
}

/// A session with a token that its server does not accept.
fn built<T: Transport>(builder: SessionBuilder<T>) -> Session<T> {
    let builder = builder
        .origin("https://api.example.com")
        .token(token("SECRET-access-1", "SECRET-refresh-1"));
    builder.build().unwrap()
}

fn over(
    server: &Server,
    world: &World,
) -> SessionBuilder<impl Transport<Response = Response<String>> + use<>> {
    let server = server.clone();
    let send = move |request: Request<Body>| {
        let span = info_span!("server", otel.kind = "server");
        server.clone().answer(request).instrument(span)
    };
    Session::builder(from_fn(send, world.clone()))
}

fn session(server: &Server) -> Session<impl Transport<Response = Response<String>> + use<>> {
    let grant = JsonGrant::new("https://api.example.com/token").unwrap();
    built(
        over(server, &World::default())
            .grant(grant)
            .refresh_retries(0),
    )
}

type Call = Pin<Box<dyn Future<Output = Result<u16, Error>> + Send>>;

fn request(path: &str) -> Request<Body> {
    let uri = format!("https://api.example.com{path}");
    Request::get(uri).body(Body::empty()).unwrap()
}

fn call<T>(session: &Session<T>, request: Request<Body>) -> Call
where
    T: Transport<Response = Response<String>> + 'static,
{
    let session = session.clone();
    Box::pin(async move { Ok(session.execute(request).await?.status().as_u16()) })
}

/// A call made while an inbound request is served.
fn served<T>(session: &Session<T>, path: &str) -> Call
where
    T: Transport<Response = Response<String>> + 'static,
{
    let span = info_span!("request", otel.kind = "server");
    Box::pin(call(session, request(path)).instrument(span))
}

/// A line of a tree, with its depth.
type Line = (usize, String);

/// The traces whose root is such a span, in the words of the specification.
fn traces(recorder: &Recorder, is_told: impl Fn(&Span) -> bool) -> Vec<Line> {
    let spans = recorder.spans();
    let roots = (0..spans.len()).filter(|&place| spans[place].parent.is_none());
    let mut lines = Vec::new();
    for (trace, root) in roots.filter(|&root| is_told(&spans[root])).enumerate() {
        let mut number = 0;
        tell(&spans, root, 0, trace + 1, &mut number, &mut lines);
    }
    lines
}

fn tell(
    spans: &[Span],
    place: usize,
    depth: usize,
    trace: usize,
    number: &mut usize,
    lines: &mut Vec<Line>,
) {
    let span = &spans[place];
    *number += 1;
    let mut line = String::new();
    match (
        span.text("otel.name"),
        span.text("url.full").splitn(4, '/').last(),
    ) {
        ("", _) => line.push_str(span.name),
        (name, path) => write!(line, "{name} /{}", path.unwrap()).unwrap(),
    }
    if let Some(Value::Int(status)) = span.field("http.response.status_code") {
        write!(line, " - {status}").unwrap();
    }
    let kind = span.text("otel.kind").to_uppercase();
    write!(line, " ({kind}, trace=t{trace}, span=s{number}").unwrap();
    if let Some(Value::Int(resends)) = span.field("http.request.resend_count") {
        write!(line, ", http.request.resend_count={resends}").unwrap();
    }
    lines.push((depth, line + ")"));
    for child in 0..spans.len() {
        if spans[child].parent == Some(place) {
            tell(spans, child, depth + 1, trace, number, lines);
        }
    }
}

/// A tree as the specification draws it: indented lines are children.
fn drawn(tree: &str) -> Vec<Line> {
    let mut columns: Vec<usize> = Vec::new();
    let lines = tree.lines().filter(|line| line.contains('('));
    lines
        .map(|line| {
            let text = line.trim_start_matches([' ', '|', '-']);
            let column = line.len() - text.len();
            columns.retain(|&known| known < column);
            columns.push(column);
            (columns.len() - 1, text.to_owned())
        })
        .collect()
}

fn is_no_refresh(span: &Span) -> bool {
    span.name != "reauth.refresh"
}

fn fields<const N: usize>(fields: [(&'static str, Value); N]) -> Vec<(&'static str, Value)> {
    fields.into()
}

fn sorted(span: &Span) -> Vec<(&'static str, Value)> {
    let mut fields = span.fields.clone();
    fields.sort_by_key(|(name, _)| *name);
    fields
}

/// The first of the "HTTP client authorization retry examples": a trace that an inbound request
/// started. <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>
const IN_A_TRACE: &str = "
request (SERVER, trace=t1, span=s1)
  |
  -- GET /hello - 401 (CLIENT, trace=t1, span=s2)
  |   |
  |   --- server (SERVER, trace=t1, span=s3)
  |
  -- GET /hello - 200 (CLIENT, trace=t1, span=s4, http.request.resend_count=1)
      |
      --- server (SERVER, trace=t1, span=s5)
";

/// The second example: no trace was started before.
const IN_NO_TRACE: &str = "
GET /hello - 401 (CLIENT, trace=t1, span=s1)
 |
 --- server (SERVER, trace=t1, span=s2)

GET /hello - 200 (CLIENT, trace=t2, span=s1, http.request.resend_count=1)
 |
 --- server (SERVER, trace=t2, span=s2)
";

/// What both have in addition: the refresh has its own trace.
const REFRESH: &str = "
reauth.refresh (INTERNAL, trace=t1, span=s1)
  |
  -- POST /token - 200 (CLIENT, trace=t1, span=s2)
      |
      --- server (SERVER, trace=t1, span=s3)
";

#[test]
fn a_replay_in_a_trace_is_the_tree_that_the_specification_draws() {
    let (server, recorder) = (Server::default(), Recorder::default());
    server.will_answer_token_call(200, GRANTED);
    let status = recorder.listen(|| now(served(&session(&server), "/hello")));
    assert_eq!(status.unwrap(), 200);
    assert_eq!(traces(&recorder, is_no_refresh), drawn(IN_A_TRACE));
    assert_eq!(
        traces(&recorder, |span| !is_no_refresh(span)),
        drawn(REFRESH)
    );
}

#[test]
fn a_replay_in_no_trace_is_the_forest_that_the_specification_draws() {
    let (server, recorder) = (Server::default(), Recorder::default());
    server.will_answer_token_call(200, GRANTED);
    let status = recorder.listen(|| now(call(&session(&server), request("/hello"))));
    assert_eq!(status.unwrap(), 200);
    assert_eq!(traces(&recorder, is_no_refresh), drawn(IN_NO_TRACE));
    assert_eq!(
        traces(&recorder, |span| !is_no_refresh(span)),
        drawn(REFRESH)
    );
}

#[test]
fn a_span_has_the_attributes_of_the_conventions_and_no_other() {
    let (server, recorder) = (Server::default(), Recorder::default());
    server.will_answer_token_call(200, GRANTED);
    let status = recorder.listen(|| now(served(&session(&server), "/hello?page=2")));
    assert_eq!(status.unwrap(), 200);
    let spans = recorder.spans();
    let [first, replay] = recorder.named("GET")[..] else {
        panic!("two attempts");
    };
    let url = "https://api.example.com/hello?page=REDACTED";
    assert_eq!(
        sorted(&spans[first]),
        fields([
            ("error.type", "401".into()),
            ("http.request.method", "GET".into()),
            ("http.response.status_code", 401.into()),
            ("network.protocol.version", "1.1".into()),
            ("otel.kind", "client".into()),
            ("otel.name", "GET".into()),
            ("otel.status_code", "ERROR".into()),
            ("server.address", "api.example.com".into()),
            ("server.port", 443.into()),
            ("url.full", url.into()),
        ])
    );
    assert_eq!(
        sorted(&spans[replay]),
        fields([
            ("http.request.method", "GET".into()),
            ("http.request.resend_count", 1.into()),
            ("http.response.status_code", 200.into()),
            ("network.protocol.version", "1.1".into()),
            ("otel.kind", "client".into()),
            ("otel.name", "GET".into()),
            ("server.address", "api.example.com".into()),
            ("server.port", 443.into()),
            ("url.full", url.into()),
        ])
    );
    let [refresh] = recorder.named("reauth.refresh")[..] else {
        panic!("one refresh");
    };
    assert_eq!(
        sorted(&spans[refresh]),
        fields([("otel.kind", "internal".into())])
    );
    for place in [first, replay, refresh] {
        assert_eq!(spans[place].target, "reauth");
        assert!(!spans[place].is_open, "it has ended");
    }
}

/// The page about spans. Each of its tables begins with the name of its first column.
const PAGE: &str = include_str!("../../docs/observability.md");

/// The first column of the tables of one section: the parts in backticks.
fn listed(section: &str, column: &str) -> Vec<&'static str> {
    let (_, page) = PAGE.split_once(section).unwrap();
    let page = page.split("\n### ").next().unwrap();
    let mut tables = page
        .split("\n\n")
        .filter(|part| part.trim_start().starts_with("| "));
    let table = tables.find(|table| table.trim_start()[2..].starts_with(column));
    let rows = table.unwrap().lines().filter(|row| row.starts_with("| `"));
    rows.map(|row| row.split('`').nth(1).unwrap()).collect()
}

#[test]
fn the_page_lists_each_attribute_and_no_other() {
    let (server, recorder) = (Server::default(), Recorder::default());
    server.will_answer_token_call(200, GRANTED);
    recorder.listen(|| now(served(&session(&server), "/hello")).unwrap());
    for (name, section) in [
        ("GET", "\n### Each attempt"),
        ("POST", "\n### Each attempt"),
        ("reauth.refresh", "\n### Each refresh"),
    ] {
        let mut declared = recorder.spans()[recorder.named(name)[0]].declared.clone();
        let mut listed = listed(section, "attribute");
        declared.sort_unstable();
        listed.sort_unstable();
        assert_eq!(declared, listed, "{section}");
    }
}

#[test]
fn promise_2_many_refused_requests_share_one_refresh_in_its_own_trace() {
    let (server, recorder) = (Server::default(), Recorder::default());
    recorder.listen(|| {
        let session = session(&server);
        let mut calls: Vec<_> = (0..8).map(|_| served(&session, "/hello")).collect();
        for call in &mut calls {
            assert!(poll(call).is_pending());
        }
        server.will_answer_token_call(200, GRANTED);
        for call in calls {
            assert_eq!(now(call).unwrap(), 200);
            let refresh = recorder.named("reauth.refresh")[0];
            assert!(!recorder.spans()[refresh].is_open, "it ends when it lands");
        }
    });
    let spans = recorder.spans();
    let [refresh] = recorder.named("reauth.refresh")[..] else {
        panic!("one refresh");
    };
    let [token_call] = recorder.named("POST")[..] else {
        panic!("one token call");
    };
    assert_eq!(spans[refresh].parent, None);
    assert_eq!(spans[token_call].parent, Some(refresh));
    let requests = recorder.named("request");
    assert_eq!(
        spans[refresh].follows,
        requests[..1],
        "the request that started it"
    );
    // One request was refused, the others waited for the newer token, and each got a response.
    let attempts = recorder.named("GET");
    assert_eq!((requests.len(), attempts.len()), (8, 9));
    for &place in &attempts {
        assert!(requests.contains(&spans[place].parent.unwrap()));
        let resends = spans[place].field("http.request.resend_count");
        assert_eq!(
            resends.is_some(),
            place > attempts[0] && spans[place].parent == Some(requests[0])
        );
    }
}

#[test]
fn a_refresh_that_fails_says_so_in_a_word() {
    for (status, word) in [(401, "refused"), (400, "misconfigured"), (500, "unknown")] {
        let (server, recorder) = (Server::default(), Recorder::default());
        server.will_answer_token_call(status, "SECRET");
        recorder.listen(|| now(served(&session(&server), "/hello")).unwrap_err());
        let spans = recorder.spans();
        let (refresh, token_call) = (
            recorder.named("reauth.refresh")[0],
            recorder.named("POST")[0],
        );
        assert_eq!(spans[refresh].text("error.type"), word);
        assert_eq!(spans[refresh].text("otel.status_code"), "ERROR");
        assert_eq!(spans[token_call].text("error.type"), status.to_string());
        assert_eq!(recorder.named("GET").len(), 1, "it is not sent again");
    }
}

#[test]
fn a_refresh_says_what_came_between_or_broke_it() {
    // No token server is needed: any refresher has its span.
    for (reply, word) in [
        (Some(Reply::Panic), "unknown"),
        (
            Some(Reply::Error(RefreshError::transient("SECRET"))),
            "transient",
        ),
        (None, "superseded"),
    ] {
        let (desk, recorder) = (Desk::default(), Recorder::default());
        recorder.listen(|| {
            let builder = over(&Server::default(), &World::default());
            let session = built(builder.refresher(desk.clone()).refresh_retries(0));
            let mut call = served(&session, "/hello");
            assert!(poll(&mut call).is_pending());
            match reply {
                Some(reply) => desk.will(reply),
                None => {
                    now(session.replace(token("SECRET-other-1", "SECRET-other-2"))).unwrap();
                    desk.will_grant("SECRET-access-2", "SECRET-refresh-2");
                }
            }
            _ = now(call);
            drop(session);
        });
        let spans = recorder.spans();
        let [refresh] = recorder.named("reauth.refresh")[..] else {
            panic!("one refresh");
        };
        assert_eq!(spans[refresh].text("error.type"), word);
        assert!(listed("\n### Each refresh", "word").contains(&word));
    }
}

#[test]
fn a_call_without_an_answer_says_why_in_a_word() {
    for (path, word) in [
        ("/nowhere", "connect"),
        ("/slow", "timeout"),
        ("/broken", "_OTHER"),
    ] {
        let (server, recorder) = (Server::default(), Recorder::default());
        recorder.listen(|| now(served(&session(&server), path)).unwrap_err());
        let span = &recorder.spans()[recorder.named("GET")[0]];
        assert_eq!(span.text("error.type"), word);
        assert!(listed("\n### Each attempt", "word").contains(&word));
        assert_eq!(span.text("otel.status_code"), "ERROR");
        assert_eq!(span.field("http.response.status_code"), None);
        assert_eq!(span.field("network.protocol.version"), None);
    }
}

#[test]
fn an_error_of_the_application_is_one_of_its_span() {
    let (server, recorder) = (Server::default(), Recorder::default());
    let status = recorder.listen(|| now(served(&session(&server), "/busy")));
    assert_eq!(status.unwrap(), 503);
    let span = &recorder.spans()[recorder.named("GET")[0]];
    assert_eq!(span.text("error.type"), "503");
    assert_eq!(span.text("otel.status_code"), "ERROR");
}

#[test]
fn promise_7_a_request_that_is_left_or_runs_out_of_time_ends_its_span() {
    let (server, recorder) = (Server::default(), Recorder::default());
    recorder.listen(|| {
        let world = World::default();
        let grant = JsonGrant::new("https://api.example.com/token").unwrap();
        let session = built(over(&server, &world).grant(grant));
        let mut left = served(&session, "/silent");
        assert!(poll(&mut left).is_pending());
        drop(left);
        let mut late = request("/silent");
        late.extensions_mut()
            .insert(Timeout(Duration::from_secs(1)));
        let mut late = call(&session, late);
        assert!(poll(&mut late).is_pending());
        world.pass(Duration::from_secs(1));
        assert_eq!(now(late).unwrap_err().kind(), ErrorKind::Timeout);
    });
    let spans = recorder.spans();
    let attempts = recorder.named("GET");
    assert_eq!(attempts.len(), 2);
    for place in attempts {
        assert_eq!(spans[place].text("error.type"), "cancelled");
        assert!(!spans[place].is_open);
    }
}

#[test]
fn promise_7_a_refresh_keeps_no_span_of_a_dropped_request_open() {
    let (server, recorder) = (Server::default(), Recorder::default());
    recorder.listen(|| {
        let session = session(&server);
        let mut left = served(&session, "/hello");
        assert!(poll(&mut left).is_pending());
        drop(left);
        let (request, refresh) = (
            recorder.named("request")[0],
            recorder.named("reauth.refresh")[0],
        );
        assert!(!recorder.spans()[request].is_open);
        assert!(recorder.spans()[refresh].is_open);
        server.will_answer_token_call(200, GRANTED);
        let mut next = served(&session, "/hello");
        assert_eq!(now(&mut next).unwrap(), 200);
        assert!(!recorder.spans()[refresh].is_open, "it ends when it lands");
        assert_eq!(recorder.spans()[refresh].follows, [request]);
    });
    assert_eq!(recorder.named("reauth.refresh").len(), 1);
}

#[test]
fn a_refresh_in_a_task_is_linked_to_the_request_that_has_it_depart() {
    let (server, recorder) = (Server::default(), Recorder::default());
    recorder.listen(|| {
        let world = World::with_spawner();
        let grant = JsonGrant::new("https://api.example.com/token").unwrap();
        let session = built(
            over(&server, &world)
                .grant(grant)
                .replay_methods(ReplayMethods::Idempotent),
        );
        // It cannot be replayed, so the refresh runs for later requests, and delays none.
        let mut once = request("/hello");
        *once.method_mut() = Method::POST;
        let span = info_span!("request", otel.kind = "server");
        assert_eq!(now(call(&session, once).instrument(span)).unwrap(), 401);
        server.will_answer_token_call(200, GRANTED);
        assert_eq!(world.run(), 0);
    });
    let spans = recorder.spans();
    let refresh = recorder.named("reauth.refresh")[0];
    assert_eq!(spans[refresh].follows, recorder.named("request"));
    assert_eq!(spans[refresh].field("error.type"), None);
}

#[test]
fn a_request_that_goes_as_it_is_has_its_span() {
    let (server, recorder) = (Server::default(), Recorder::default());
    recorder.listen(|| {
        let session = session(&server);
        let mut own = request("/hello");
        let credential = "Basic SECRET-own".parse().unwrap();
        own.headers_mut().insert(AUTHORIZATION, credential);
        assert_eq!(now(call(&session, own)).unwrap(), 401);
        let mut without = Request::new(Body::empty());
        *without.method_mut() = Method::from_bytes(b"PURGE").unwrap();
        *without.uri_mut() = "http://SECRET:SECRET@[::1]/a?SECRET".parse().unwrap();
        without.extensions_mut().insert(WithoutCredentials);
        assert_eq!(now(call(&session, without)).unwrap(), 200);
    });
    let spans = recorder.spans();
    let own = &spans[recorder.named("GET")[0]];
    assert_eq!(own.text("error.type"), "401");
    assert_eq!(own.field("http.request.resend_count"), None);
    let without = &spans[recorder.named("HTTP")[0]];
    assert_eq!(without.text("http.request.method"), "_OTHER");
    assert_eq!(without.text("http.request.method_original"), "PURGE");
    assert_eq!(without.text("server.address"), "::1");
    assert_eq!(without.field("server.port"), Some(&80.into()));
    assert_eq!(
        without.text("url.full"),
        "http://REDACTED:REDACTED@[::1]/a?REDACTED"
    );
    assert!(recorder.named("reauth.refresh").is_empty());
}

#[test]
fn promise_19_no_secret_is_in_any_span_or_event() {
    let (server, recorder) = (Server::default(), Recorder::default());
    recorder.listen(|| {
        let session = session(&server);
        server.will_answer_token_call(200, GRANTED);
        let query = "/hello?access_token=SECRET&code=SECRET&mine=SECRET&SECRET";
        assert_eq!(now(served(&session, query)).unwrap(), 200);
        for path in ["/nowhere", "/slow", "/broken"] {
            now(served(&session, path)).unwrap_err();
        }
        for answer in [(400, "SECRET"), (200, "SECRET"), (401, "SECRET")] {
            server.will_answer_token_call(answer.0, answer.1);
            _ = now(session.refresh());
            now(session.replace(token("SECRET-access-1", "SECRET-refresh-1"))).unwrap();
        }
        now(session.sign_out()).unwrap();
    });
    let words = recorder.words();
    assert!(words.len() > 100, "it listened");
    for word in words {
        assert!(!word.contains("SECRET"), "{word}");
    }
}

#[test]
fn without_a_subscriber_nothing_is_recorded() {
    let (server, recorder) = (Server::default(), Recorder::default());
    server.will_answer_token_call(200, GRANTED);
    let session = session(&server);
    assert_eq!(now(served(&session, "/hello")).unwrap(), 200);
    recorder.listen(|| ());
    assert!(recorder.spans().is_empty() && recorder.words().is_empty());
}

/// Codes, descriptions and kept members, in each line and each field of a span.
#[test]
fn promise_19_what_a_token_server_says_is_in_no_line_and_no_span() {
    for (status, body) in [
        (
            400,
            r#"{"error":"SECRET_code","error_description":"SECRET"}"#,
        ),
        (
            401,
            r#"{"error":{"code":"SECRET_invalid_refresh_token","message":"SECRET"}}"#,
        ),
        (400, "error=invalid_grant&error_description=SECRET"),
        (502, "<p>SECRET</p>"),
        (
            200,
            r#"{"access_token":"fresh","id_token":"SECRET","instance_url":"SECRET"}"#,
        ),
    ] {
        let answer = move |request: Request<Body>| {
            let token_call = request.uri().path() == "/token";
            let (status, body) = if token_call {
                (status, body)
            } else {
                (401, "SECRET")
            };
            ready(Response::builder().status(status).body(body.to_owned()))
        };
        let grant = JsonGrant::new("https://auth.example.com/token?key=SECRET").unwrap();
        let session = Session::builder(from_fn(answer, World::default()))
            .origin("https://api.example.com")
            .refresh_retries(0)
            .grant(grant.keep("id_token").keep("instance_url"))
            .token(token("SECRET-access", "SECRET-refresh"));
        let session = session.build().unwrap();
        let recorder = Recorder::default();
        recorder.listen(|| {
            let request = Request::get("https://api.example.com/books")
                .body(())
                .unwrap();
            let answered = now(session.execute(request)).map(|answer| answer.status());
            assert!(answered.is_err() || status == 200, "{answered:?}");
        });
        let words = recorder.words();
        let said = |word: &str| words.iter().any(|said| said.contains(word));
        assert_eq!(said("the session"), status != 200, "{words:?}");
        assert!(
            said("https://auth.example.com/token") && !said("SECRET"),
            "{words:?}"
        );
    }
}
