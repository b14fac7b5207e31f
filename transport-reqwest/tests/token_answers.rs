//! Each row of `docs/answers.md` over sockets: what a session makes of it.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;
#[path = "../../core/tests/support/token_answers.rs"]
mod token_answers;

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use reauth_mock_api::{At, Break, How, MockApi, TokenAnswer};
use reauth_reqwest::reauth::ErrorKind;
use reauth_reqwest::reauth::store::{MemoryStore, TokenStore};
use support::*;
use token_answers::{ANSWERED, Asked, Case, cases, rows};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn grants(asked: Asked) -> &'static [By] {
    match asked {
        Asked::All => &By::ALL,
        Asked::Json => &[By::Json],
        Asked::OAuth => &[By::RefreshToken, By::ClientCredentials],
        Asked::ByRefreshToken => &By::SPENDING,
        Asked::ByClientCredentials => &[By::ClientCredentials],
    }
}

const CLASSES: [(ErrorKind, &str); 4] = [
    (ErrorKind::SessionExpired, "refused"),
    (ErrorKind::RefreshMisconfigured, "misconfigured"),
    (ErrorKind::RefreshUnavailable, "transient"),
    (ErrorKind::RefreshUnknown, "unknown"),
];

fn class(answer: &Answer) -> &'static str {
    match answer {
        Ok(response) => {
            assert_eq!(response.status(), 200);
            "committed"
        }
        Err(error) => {
            let mut classes = CLASSES.into_iter();
            let class = classes.find(|(kind, _)| *kind == error.kind());
            class.unwrap_or_else(|| panic!("{error:?}")).1
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_answer_falls_in_the_class_of_its_row_over_sockets() {
    let rows = rows(ANSWERED);
    let answered = cases()
        .into_iter()
        .flat_map(|case| {
            let case = Arc::new(case);
            grants(case.asked)
                .iter()
                .map(move |by| (Arc::clone(&case), *by))
        })
        .map(|(case, by)| answered(case, by));
    let mut answered = stream::iter(answered).buffer_unordered(16);
    while let Some((case, by, class)) = answered.next().await {
        let said = (case.status, case.body("fresh"));
        let expected = to_a_session(by, rows[case.row]);
        assert_eq!(class, expected, "{by:?} {} {said:.60?}", case.row);
    }
}

/// What is unknown costs nothing where nothing was spent.
fn to_a_session(by: By, class: &'static str) -> &'static str {
    match (by, class) {
        (By::ClientCredentials, "unknown") => "transient",
        (By::Json | By::RefreshToken | By::ClientCredentials, class) => class,
    }
}

async fn answered(case: Arc<Case>, by: By) -> (Arc<Case>, By, &'static str) {
    let api = rotating();
    let body = case.body(&api.issue_access_token());
    let mut answer = TokenAnswer::new(case.status, body);
    for (name, value) in &case.headers {
        answer = answer.header(name, value);
    }
    api.answer_refreshes([answer]);
    let store = Arc::new(MemoryStore::new());
    let session = by.builder(&api).store(store.clone()).refresh_retries(0);
    let session = session.build().unwrap();
    let answered = books(&session, &api).await;
    let class = class(&answered);

    session.close().await.unwrap();
    let kept = store.load().await.unwrap().unwrap().token;
    let rotated = case.refresh_token().filter(|_| class == "committed");
    let expected = rotated.unwrap_or_else(|| api.refresh_token());
    assert_eq!(kept.refresh_token(), Some(expected), "{}", case.row);
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.refreshed), (1, 0), "{}", case.row);
    assert_rest(&case, &answered);
    (case, by, class)
}

/// The server may ask to be left alone, for 5 minutes at most.
fn assert_rest(case: &Case, answered: &Answer) {
    let bound = match case.row {
        "408, 425, 429 or 503, whatever its body, with `Retry-After` in seconds"
        | "any other of these with `Retry-After`: its class, and the rest that it asks for"
        | "… with `Retry-After` as a date, counted from the answer's own `Date`" => 7,
        "… with a `Retry-After` that is huge: the session bounds it" => 300,
        _ => return,
    };
    let rest = answered.as_ref().unwrap_err().retry_after().unwrap();
    let bound = Duration::from_secs(bound);
    assert!(rest <= bound && rest > bound / 2, "{}: {rest:?}", case.row);
}

/// What comes in the place of an answer.
#[derive(Clone, Copy, Debug)]
enum Lost {
    Refused,
    WithinRequest,
    AfterRequest,
    BehindToken(How),
    WithinToken,
    Within(u16),
}

impl Lost {
    const fn row(self) -> &'static str {
        match self {
            Self::Refused => "connection refused, or not there in time",
            Self::WithinRequest => "connection lost while the request was written",
            Self::AfterRequest => "connection lost after the request was written",
            Self::BehindToken(_) => {
                "connection lost behind the whole object, or its end not coming"
            }
            Self::WithinToken => "connection lost within the answer, its status a success",
            Self::Within(_) => "connection lost within the answer, its status another",
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_lose_the_answer_falls_in_the_class_of_its_row() {
    let rows = rows("| no answer | class |");
    let cases = [
        (Lost::Refused, "transient"),
        (Lost::WithinRequest, "unknown"),
        (Lost::BehindToken(How::Close), "committed"),
        (Lost::BehindToken(How::Reset), "committed"),
        (Lost::BehindToken(How::Stall), "committed"),
        (Lost::AfterRequest, "unknown"),
        (Lost::WithinToken, "unknown"),
        (Lost::Within(403), "misconfigured"),
        (Lost::Within(503), "unknown"),
        (Lost::Within(429), "transient"),
    ];
    for (lost, expected) in cases {
        let said = rows[lost.row()];
        assert!(said == expected || said == "that of its status", "{lost:?}");
        for by in By::ALL {
            let answer = ask(by, lost).await;
            let expected = to_a_session(by, expected);
            assert_eq!(class(&answer), expected, "{by:?} {lost:?}");
        }
    }
    let mut seen: Vec<_> = cases.map(|(lost, _)| lost.row()).to_vec();
    seen.sort_unstable();
    seen.dedup();
    assert!(
        seen.into_iter().eq(rows.into_keys()),
        "a row without a case"
    );
}

async fn ask(by: By, lost: Lost) -> Answer {
    let api = rotating();
    let breaks = |at| Break {
        at,
        how: How::Close,
    };
    let builder = match lost {
        Lost::Refused => {
            let gone = MockApi::start().unwrap().url();
            by.builder_at(&api, &gone)
        }
        Lost::WithinRequest => by.builder_at(&api, &hangs_up().await),
        Lost::BehindToken(how) => {
            by.builder_at(&api, &endless(api.issue_access_token(), how).await)
        }
        Lost::AfterRequest => {
            api.break_next_refresh(breaks(At::BeforeHead));
            by.builder(&api)
        }
        Lost::WithinToken => {
            api.break_next_refresh(breaks(At::InsideBody));
            by.builder(&api)
        }
        Lost::Within(status) => {
            api.break_next_refresh(breaks(At::InsideBody));
            let refusal = TokenAnswer::new(status, r#"{"error":"invalid_grant"}"#);
            api.answer_refreshes([refusal]);
            by.builder(&api)
        }
    };
    let session = builder.refresh_retries(0).build().unwrap();
    books(&session, &api).await
}

/// The URL of a server that closes a connection at the first byte that it reads there.
async fn hangs_up() -> String {
    serve(|mut stream| async move {
        _ = stream.read(&mut [0]).await;
    })
    .await
}

/// The URL of a server that grants this token, in an answer whose end never comes.
async fn endless(access_token: String, how: How) -> String {
    serve(move |mut stream| {
        let token = format!(r#"{{"access_token":"{access_token}","refresh_token":"r2"}}"#);
        async move {
            _ = stream.read(&mut [0; 4096]).await;
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            let answer = format!("{head}{:x}\r\n{token}\r\n", token.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
            match how {
                How::Reset => stream.set_zero_linger().unwrap(),
                How::Stall => _ = stream.read_to_end(&mut Vec::new()).await,
                How::Close | How::HalfClose | How::Garbage => {}
            }
        }
    })
    .await
}

async fn serve<F: Future<Output = ()> + Send + 'static>(
    connection: impl Fn(tokio::net::TcpStream) -> F + Send + 'static,
) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream));
        }
    });
    url
}
