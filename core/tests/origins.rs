//! Where the token goes, and where it does not.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use http::Request;
use proptest::prelude::*;
use reauth::{BuildErrorKind, ErrorKind, Session};
use reauth_test_support::attached::{self, attached};
use support::seed::seeded;
use support::*;

#[test]
fn promise_17_a_request_without_an_origin_is_sent_below_the_base_and_signed() {
    let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder.base_url("https://api.example.com/v1/")
    });
    scene.wire.accept("a1");
    let request = Request::get("/books?page=2").body(()).unwrap();
    assert_eq!(now(scene.session.execute(request)).unwrap().status(), 200);
    let sent = scene.wire.received();
    assert_eq!(sent[0].uri(), "https://api.example.com/v1/books?page=2");
}

#[test]
fn promise_17_no_request_leads_out_of_a_base_with_a_token() {
    let base = " https://api.example.com/v1/";
    assert!(attached(base, "/books").is_some());
    assert!(attached(base, "https://api.example.com/v1/books").is_some());
    for out in [
        "https://evil.org/v1/books",
        "https://api.example.com/v2/books",
        "https://api.example.com/v1/../v2",
        "http://api.example.com/v1/books",
        "//evil.org/books",
        "/\\evil.org/books",
        "/../v2",
        "/%2e%2e/v2",
        "/..%5cv2",
        "evil.org",
        "evil.org:443",
    ] {
        assert_eq!(attached(base, out), None, "{out}");
    }
}

#[test]
fn promise_17_an_origin_with_a_path_says_what_is_below_it() {
    for (target, is_below) in [
        ("https://api.example.com/v1", true),
        ("https://api.example.com/v1/books", true),
        ("https://api.example.com/v10", false),
        ("https://api.example.com/v1/../admin", false),
        ("https://api.example.com/v1/%2e%2e/admin", false),
        ("https://api.example.com/v1/..%2fadmin", false),
        ("https://api.example.com.evil.org/v1", false),
    ] {
        let sent = attached("https://api.example.com/v1", target);
        assert_eq!(sent.is_some(), is_below, "{target}");
    }
}

#[test]
fn promise_17_a_refusal_says_how_to_allow_it_and_nothing_that_may_be_secret() {
    let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder.origin("https://files.example.com/v1")
    });
    for (target, wanted) in [
        ("http://far.example.com/CANARY", "insecure_origin"),
        ("https://far.example.com/CANARY", "SessionBuilder::origin"),
        ("https://files.example.com/CANARY", "below"),
        ("https://CANARY@api.example.com/", "user information"),
        ("/CANARY", "base_url"),
    ] {
        let request = Request::get(target).body(()).unwrap();
        let error = now(scene.session.execute(request)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OriginNotAllowed);
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains(wanted), "{source}");
        assert!(
            !format!("{error:?} {source}").contains("CANARY"),
            "{source}"
        );
    }
    assert!(scene.wire.received().is_empty());
}

#[test]
fn promise_17_a_base_of_http_is_for_this_machine_or_allowed_by_name() {
    let builder = || {
        let builder = Session::builder(Wire::default()).refresher(Desk::default());
        builder.token(token("a1", "r1"))
    };
    let far = "http://far.example.com/v1";
    let refused = builder().base_url(far).build().unwrap_err();
    assert_eq!(refused.kind(), BuildErrorKind::InsecureOrigin);
    let source = std::error::Error::source(&refused).unwrap().to_string();
    assert!(source.contains("insecure_origin"), "{source}");
    let elsewhere = builder().insecure_origin("http://far.example.com/v2");
    assert!(elsewhere.base_url(far).build().is_err());
    let allowed = builder().insecure_origin("http://far.example.com");
    assert!(allowed.base_url(far).build().is_ok());
    assert!(
        builder()
            .base_url("http://localhost:8000/v1")
            .build()
            .is_ok()
    );
    let invalid = builder().base_url("/v1").build().unwrap_err();
    assert_eq!(invalid.kind(), BuildErrorKind::InvalidOrigin);
}

/// Hosts, ports, paths and characters that URL parsers disagree about.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "https?|HTTPS|ftp|ws",
        "://|:|//|/|\\\\|@|\\?|#|\\.|%|;",
        "api\\.example\\.com|evil\\.org|localhost|127\\.0\\.0\\.1|127\\.1|\\[::1\\]|\\[0::1\\]|xn--bcher-kva",
        ":443|:80|:0443|:\\+443|:8000|:",
        "/v1|/v10|/v2|/\\.\\.|/\\.|%2e|%2E|%2f|%5c|%25|;x",
        "[a-zA-Z0-9._~!$&'()*+,;=:@/?\\[\\]%-]{0,6}",
        "\\PC{0,3}",
    ];
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

/// Path segments that go down and up.
fn climb() -> impl Strategy<Value = String> {
    let segment = "x|v1|v10||\\.|\\.\\.|%2e%2E|\\.%2e|\\.\\.\\\\|\\.\\.%5c|\\.\\.;|\\?|%252e";
    prop::collection::vec(segment, 0..5).prop_map(|segments| segments.join("/"))
}

fn allowed() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "( ?)https://api\\.example\\.com(/v1/?)?",
        1 => "( ?)http://(127\\.0\\.0\\.1|\\[::1\\]|localhost)(:80)?(/v1)?",
        1 => pieces(),
    ]
}

/// URLs that are close to an allowed one, and URLs that are not.
fn target() -> impl Strategy<Value = String> {
    let near = "https://api\\.example\\.com(:443|:\\+443|\\.|\\.evil\\.org|@evil\\.org)?";
    let local = "http://(127\\.0\\.0\\.1|\\[::1\\]|localhost)/?";
    let joined = |(start, rest): (String, String)| start + &rest;
    prop_oneof![
        3 => ("https://api\\.example\\.com/v1/?", climb()).prop_map(joined),
        2 => (near, pieces()).prop_map(joined),
        1 => (local, pieces()).prop_map(joined),
        1 => climb().prop_map(|rest| format!("/{rest}")),
        1 => pieces().prop_map(|rest| format!("/{rest}")),
        1 => pieces(),
    ]
}

proptest! {
    #![proptest_config(seeded(1024))]

    #[test]
    fn promise_17_a_token_is_attached_only_where_another_reader_finds_it_allowed(
        allowed in allowed(),
        target in target(),
    ) {
        attached::check(format!("{allowed}\n{target}").as_bytes());
    }
}

/// Checks what the property cannot: that tokens are attached at all.
#[test]
fn promise_17_the_property_sees_tokens_attached() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut sent = 0;
    for _ in 0..2_000 {
        let pair = (allowed(), target()).new_tree(&mut runner).unwrap();
        let (allowed, target) = pair.current();
        sent += usize::from(attached(&allowed, &target).is_some());
    }
    assert!(sent > 100, "{sent} of 2,000");
}
