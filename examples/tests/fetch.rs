//! The output and the exit status of `fetch`.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

#[path = "support/fetch.rs"]
mod support;

use std::net::TcpListener;
use std::time::Duration;

use reauth_mock_api::{At, Break, How, MockApi, Rotation, TokenAnswer, TokenEndpoint};
use support::{Fetch, Said};

fn books(api: &MockApi) -> Fetch {
    Fetch::new(&format!("{}/api/books", api.url()))
}

/// Starts with an access token that is refused.
fn refreshing(api: &MockApi) -> Fetch {
    books(api)
        .with(&format!("--refresh-url {}/auth/refresh", api.url()))
        .secret("--refresh-token", api.refresh_token())
        .secret("--access-token", "SECRET-access")
}

fn over_oauth2(api: &MockApi) -> Fetch {
    books(api)
        .with(&format!("--refresh-url {}/oauth/token", api.url()))
        .with("--refresh oauth2 --client-id reader")
}

#[test]
fn each_request_is_a_line_and_the_totals_are_the_last() {
    let api = MockApi::start().unwrap();
    let said = refreshing(&api).with("--requests 20 --concurrency 4").run();
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert_eq!(said.lines.len(), 20);
    for line in &said.lines {
        assert_eq!(line["status"], 200, "{line}");
        assert_eq!(line["generation"], 1, "{line}");
        assert!(line["error"].is_null() && line["ms"].is_number(), "{line}");
    }
    let attempts = |said: &Said, n| said.lines.iter().filter(|l| l["attempts"] == n).count();
    let replays = attempts(&said, 2);
    assert!((1..=4).contains(&replays), "{replays}");
    assert_eq!(attempts(&said, 1), 20 - replays);
    let expected = serde_json::json!({
        "requests": 20, "ok": 20, "unauthorized": 0, "errors": 0, "refreshes": 1,
        "replays": replays,
    });
    assert_eq!(said.totals, expected);
}

#[test]
fn a_method_headers_and_a_body_are_sent_as_they_are_given() {
    let api = MockApi::start().unwrap();
    let url = format!("{}/api/books/1/text", api.url());
    let said = Fetch::new(&url)
        .with(&format!("--refresh-url {}/auth/refresh", api.url()))
        .with("--method PUT")
        .env("FETCH_REFRESH_TOKEN", api.refresh_token())
        .secret("--access-token", "SECRET-access")
        .secret("--header", "X-Key: SECRET-key")
        .secret("--data", "SECRET text")
        .run();
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(said.lines[0]["attempts"], 2);
    let counts = api.counts();
    assert_eq!((counts.texts_unauthorized, counts.texts_ok), (1, 1));
    assert!(api.log()[2].contains("\"PUT /api/books/1/text"));
}

/// Runs for four seconds with tokens that live for two, and refresh tokens that can be used once.
fn soak(api: &MockApi, fetch: Fetch) -> Said {
    let said = fetch.with("--duration 4 --concurrency 16").run();
    assert_eq!(said.code, Some(0), "{} {}", said.totals, said.err);
    assert!(said.lines.iter().all(|line| line["status"] == 200));
    assert_eq!(said.total("ok"), said.lines.len() as u64);
    let counts = api.counts();
    assert_eq!((counts.reuses, counts.refresh_refused), (0, 0));
    assert_eq!(said.total("refreshes"), counts.refreshes as u64);
    assert!((1..=5).contains(&counts.refreshes), "{counts:?}");
    said
}

#[test]
fn promise_2_a_rotating_server_with_known_lifetimes_sees_no_refresh_token_twice() {
    let api = MockApi::builder()
        .rotate(Rotation::On)
        .token_ttl(Duration::from_secs(2))
        .start()
        .unwrap();
    let fetch = books(&api)
        .with(&format!("--refresh-url {}/auth/refresh", api.url()))
        .with("--expires-in 1")
        .secret("--refresh-token", api.refresh_token())
        .secret("--access-token", &api.issue_access_token());
    soak(&api, fetch);
}

#[test]
fn promise_2_a_rotating_server_that_only_says_401_sees_no_refresh_token_twice() {
    let api = MockApi::builder()
        .rotate(Rotation::On)
        .silent_token_ttl(Duration::from_secs(2))
        .start()
        .unwrap();
    let said = soak(&api, refreshing(&api));
    assert!(said.total("replays") >= said.total("refreshes"));
}

#[test]
fn oauth_2_is_asked_as_a_client_with_a_refresh_token_or_without() {
    let api = MockApi::builder()
        .client("reader", "SECRET of a client")
        .start()
        .unwrap();
    for auth in ["basic", "body"] {
        for token in [Some(api.refresh_token()), None] {
            let mut fetch = over_oauth2(&api)
                .with("--scope read --client-auth")
                .with(auth)
                .env("FETCH_CLIENT_SECRET", "SECRET of a client");
            if let Some(token) = token {
                fetch = fetch.env("FETCH_REFRESH_TOKEN", token);
            }
            let said = fetch.run();
            assert_eq!(said.code, Some(0), "{auth} {token:?}: {}", said.err);
            let line = &said.lines[0];
            assert_eq!(
                (&line["status"], &line["attempts"]),
                (&200.into(), &1.into())
            );
            assert_eq!((said.total("refreshes"), said.total("replays")), (1, 0));
        }
    }
    let said = over_oauth2(&api)
        .with("--client-auth basic")
        .secret("--client-secret", "SECRET-wrong")
        .run();
    assert_eq!(
        (said.code, said.error()),
        (Some(1), "refresh_misconfigured")
    );
}

#[test]
fn what_fails_is_a_kind_on_its_line_and_a_line_that_says_why() {
    let api = MockApi::start().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);

    let unreachable = || Fetch::new(&nowhere).secret("--access-token", "SECRET-access");
    let revoked = books(&api)
        .with(&format!("--refresh-url {}/auth/refresh", api.url()))
        .secret("--refresh-token", "SECRET-revoked");
    let elsewhere = refreshing(&api).with("--allow-origin http://api.example.com");
    let failures = [
        (unreachable(), "connect", "could not connect"),
        (revoked, "session_expired", "sign in again"),
        (elsewhere, "origin_not_allowed", "--allow-origin"),
    ];
    for (fetch, kind, why) in failures {
        let said = fetch.run();
        assert_eq!((said.code, said.error()), (Some(1), kind), "{}", said.err);
        assert!(said.lines[0]["status"].is_null());
        assert_eq!((said.total("errors"), said.total("ok")), (1, 0));
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
        assert!(said.err.starts_with(&format!("{kind}: ")), "{}", said.err);
        assert!(said.err.contains(why), "{}", said.err);
    }
    // One line, however often it fails.
    let said = unreachable().with("--requests 9").run();
    assert_eq!(said.total("errors"), 9);
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);

    api.token_endpoint(TokenEndpoint::Garbage);
    let said = refreshing(&api).run();
    assert_eq!((said.code, said.error()), (Some(1), "refresh_unknown"));
    assert_eq!(said.lines[0]["attempts"], 1);
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);
}

#[test]
fn promise_9_a_refresh_token_is_sent_again_where_it_is_said_to_be_reusable() {
    for (options, calls) in [
        ("--token-use single --requests 3", 1),
        // The session does not ask again within a second.
        ("--token-use learn --requests 3", 2),
        ("--token-use reusable --requests 3", 2),
    ] {
        let api = MockApi::start().unwrap();
        api.break_next_refresh(Break {
            at: At::BeforeHead,
            how: How::Close,
        });
        let said = refreshing(&api).with(options).run();
        assert_eq!(said.total("refreshes"), 1, "{options}");
        assert_eq!(api.counts().refreshes, calls, "{options}");
        let last = said.lines.last().unwrap();
        assert_eq!(last["status"] == 200, calls == 2, "{options}: {last}");
    }
}

#[test]
fn an_answer_of_400_or_more_is_no_error_and_no_success() {
    let api = MockApi::start().unwrap();
    // Without a refresh, a 401 is the response.
    let said = books(&api).secret("--access-token", "SECRET-access").run();
    assert_eq!((said.code, said.err.as_str()), (Some(1), ""));
    assert_eq!(said.lines[0]["status"], 401);
    assert!(said.lines[0]["error"].is_null());
    assert_eq!((said.total("unauthorized"), said.total("errors")), (1, 0));

    let said = Fetch::new(&format!("{}/nowhere", api.url()))
        .secret("--access-token", "SECRET-access")
        .run();
    assert_eq!(
        (said.code, &said.lines[0]["status"]),
        (Some(1), &404.into())
    );
    assert_eq!((said.total("unauthorized"), said.total("ok")), (0, 0));
}

#[test]
fn promise_19_what_happens_to_the_session_is_told_without_its_tokens() {
    let api = MockApi::start().unwrap();
    let granted = r#"{"access_token":"SECRET-new","refresh_token":"SECRET-next"}"#;
    let refused = r#"{"error":"invalid_grant","error_description":"SECRET-next is spent"}"#;
    api.answer_refreshes([
        TokenAnswer::new(200, granted),
        TokenAnswer::new(400, refused),
    ]);
    let said = refreshing(&api)
        .with("--verbose --requests 2 --interval 1100")
        .run();
    // The granted token is refused, so the first response is a 401. A second later, the second
    // refresh ends the session.
    assert_eq!(said.lines[0]["status"], 401);
    assert_eq!(said.lines[1]["error"], "session_expired");
    for event in [
        "refreshed, generation 1",
        "replayed with generation 1",
        "refresh failed after",
    ] {
        assert!(said.err.contains(event), "{event}: {}", said.err);
    }
    assert!(said.err.contains("event 1: "), "{}", said.err);
}

#[test]
fn a_wrong_option_is_a_line_that_says_what_to_do() {
    const URL: &str = "http://127.0.0.1:1/";
    const REFRESH: &str = "--refresh-url http://127.0.0.1:1/";
    let refresh = |rest: &str| format!("{REFRESH} {rest}");
    let oauth2 = |rest: &str| format!("{REFRESH} --refresh oauth2 {rest}");
    let token = |rest: &str| format!("--access-token SECRET {rest}");
    for (url, options, told) in [
        ("example.com", String::new(), "no scheme"),
        ("ftp://example.com", String::new(), "neither https nor http"),
        (
            "http://SECRET:SECRET@127.0.0.1/",
            String::new(),
            "user information",
        ),
        ("http://example.com/", token(""), "use https"),
        (URL, String::new(), "--access-token"),
        (
            URL,
            token("--allow-origin here"),
            "--allow-origin takes scheme",
        ),
        (URL, token("--expires-in 9"), "--refresh-url"),
        (URL, token("--expires-in soon"), "--expires-in"),
        (URL, token("--header SECRET"), "a colon"),
        (URL, token("--header Authorization:SECRET"), "the session's"),
        (URL, token("--method G=T"), "--method"),
        (URL, token("--data @/no/such/SECRET"), "No such file"),
        (URL, token("--requests 0"), "--requests"),
        (URL, token("--concurrency 1001"), "1..=1000"),
        (URL, token("--duration 0"), "--duration"),
        (URL, token("--interval -1"), "--interval"),
        (URL, token("--transport curl"), "reqwest, isahc"),
        (URL, token("SECRET"), "may be a secret"),
        (URL, "--acess-token SECRET".to_owned(), "'--access-token'"),
        (URL, "--acess-token=SECRET".to_owned(), "'--access-token'"),
        (
            URL,
            "--refresh-token SECRET".to_owned(),
            "needs --refresh-url",
        ),
        (URL, token("--client-id reader"), "needs --refresh-url"),
        (URL, token("--refresh oauth2"), "needs --refresh-url"),
        (URL, token(&refresh("")), "needs --refresh-token"),
        (
            URL,
            refresh("--refresh-token SECRET --scope read"),
            "oauth2",
        ),
        (
            URL,
            refresh("--refresh-token SECRET --expires-in 9"),
            "--access-token",
        ),
        (URL, oauth2("--refresh-token SECRET"), "--client-id"),
        (
            URL,
            oauth2("--client-id r --client-secret SECRET"),
            "--client-auth",
        ),
        (
            URL,
            oauth2("--client-id r --client-auth body"),
            "--client-secret",
        ),
        (URL, token(&oauth2("--client-id r")), "--client-secret"),
        (
            URL,
            oauth2("--client-id r --client-secret SECRET --client-auth none"),
            "leave one out",
        ),
        (
            URL,
            "--refresh-token SECRET --refresh-url http://example.com/".to_owned(),
            "--allow-origin",
        ),
        (
            URL,
            "--refresh-token SECRET --refresh-url /token".to_owned(),
            "absolute",
        ),
    ] {
        let said = Fetch::new(url).with(&options).run();
        assert_eq!(said.code, Some(2), "{options}: {}", said.err);
        assert!(said.totals.is_null(), "{options}: {}", said.totals);
        assert_eq!(said.err.lines().count(), 1, "{options}: {}", said.err);
        assert!(said.err.starts_with("error: "), "{options}: {}", said.err);
        assert!(said.err.contains(told), "{options}: {}", said.err);
    }
}

#[test]
fn http_to_elsewhere_is_for_origins_that_are_named() {
    // This name does not resolve (RFC 6761), so nothing is sent.
    let said = Fetch::new("http://api.invalid:8000/books")
        .with("--allow-origin http://api.invalid:8000")
        .with("--refresh-url http://API.invalid:8000/token")
        .secret("--refresh-token", "SECRET-refresh")
        .run();
    assert_eq!((said.code, said.lines.len()), (Some(1), 1), "{}", said.err);
}

#[test]
fn promise_19_help_shows_no_secret_of_the_environment() {
    let mut help = Fetch::new("--help")
        .env("FETCH_ACCESS_TOKEN", "SECRET-access")
        .env("FETCH_REFRESH_TOKEN", "SECRET-refresh")
        .env("FETCH_CLIENT_SECRET", "SECRET-client")
        .start();
    let mut text = String::new();
    loop {
        match help.line() {
            line if line.is_empty() => break,
            line => text += &line,
        }
    }
    assert_eq!(help.finish().code, Some(0));
    assert!(!text.contains("SECRET-"), "{text}");
    for part in [
        "FETCH_ACCESS_TOKEN",
        "Examples",
        "Exit status",
        "--token-use",
        "Refresh:",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_reader_that_has_gone_ends_it_quietly() {
    let api = MockApi::start().unwrap();
    let mut fetch = refreshing(&api)
        .with("--duration 600 --concurrency 4 --verbose")
        .start();
    assert!(fetch.line().contains("200"));
    fetch.out = None;
    let said = fetch.finish();
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.err.lines().all(|line| line.starts_with("event ")),
        "{}",
        said.err
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_with_the_totals_of_what_was_done() {
    use std::process::Command;

    let api = MockApi::start().unwrap();
    let mut fetch = refreshing(&api)
        .with("--duration 600 --interval 200")
        .start();
    assert!(fetch.line().contains("200"));
    // A request in flight does not delay it.
    let gate = api.hold_book_requests();
    gate.wait_for(1);
    let sent = Command::new("kill")
        .args(["-INT", &fetch.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    let said = fetch.finish();
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(said.total("requests"), said.lines.len() as u64 + 1);
    assert_eq!(said.total("refreshes"), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn twenty_thousand_requests_hold_no_more_memory_than_three_thousand() {
    let api = MockApi::builder()
        .access_log(reauth_mock_api::AccessLog::Discard)
        .start()
        .unwrap();
    // It waits for its reader: more lines are left than a pipe holds.
    let peak = |requests: usize| {
        let mut fetch = refreshing(&api)
            .with("--concurrency 16 --requests")
            .with(&requests.to_string())
            .start();
        for _ in 0..requests - 2_000 {
            assert!(fetch.line().contains("\"status\":200"));
        }
        let status = std::fs::read_to_string(format!("/proc/{}/status", fetch.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
        let peak: usize = peak.unwrap().trim().parse().unwrap();
        assert_eq!(fetch.finish().total("ok"), requests as u64);
        peak
    };
    let (few, many) = (peak(3_000), peak(20_000));
    eprintln!("{few} kB of memory for 3,000 requests, {many} kB for 20,000");
    assert!(many < few + 512, "{few} kB for 3,000, {many} kB for 20,000");
}

#[cfg(feature = "isahc")]
#[test]
fn isahc_is_another_client_with_the_same_lines() {
    let api = MockApi::start().unwrap();
    let said = refreshing(&api)
        .with("--transport isahc --requests 3")
        .run();
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(said.total("ok"), 3);
    assert_eq!(said.lines[0]["attempts"], 2);
}

#[cfg(not(feature = "isahc"))]
#[test]
fn isahc_says_how_to_get_it() {
    let api = MockApi::start().unwrap();
    let said = refreshing(&api).with("--transport isahc").run();
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("--features isahc"), "{}", said.err);
}
