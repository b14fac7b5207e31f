//! Sends each answer of `docs/answers.md` and `docs/providers.md` over sockets, and checks its
//! class.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use reauth::model::token_answers::rows;
use reauth_mock_api::{At, Break, How, MockApi, TokenAnswer};
use reauth_test_support::over_sockets::{self, class};
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test(flavor = "multi_thread")]
async fn promise_11_each_answer_falls_in_the_class_of_its_row_over_sockets() {
    over_sockets::each_answer_falls_in_the_class_of_its_row(transport).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_11_each_answer_of_a_provider_falls_in_its_class_over_sockets() {
    over_sockets::each_answer_of_a_provider_falls_in_its_class(transport).await;
}

/// Maps the class of an answer to what a session reports: if nothing was spent, an unknown outcome
/// is transient.
fn to_a_session(by: By, class: &'static str) -> &'static str {
    match (by, class) {
        (By::ClientCredentials, "unknown") => "transient",
        (By::Json | By::RefreshToken | By::ClientCredentials, class) => class,
    }
}

/// What the server does instead of answering.
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
        "a row without a test case"
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

/// Returns the URL of a server that closes a connection at the first byte it reads.
async fn hangs_up() -> String {
    serve(|mut stream| async move {
        _ = stream.read(&mut [0]).await;
    })
    .await
}

/// Returns the URL of a server that grants this token in an answer that never ends.
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
