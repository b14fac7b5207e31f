use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::*;

fn read(json: &str) -> serde_json::Result<Token> {
    serde_json::from_str(json)
}

fn at(millis: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
}

type Parts = (
    String,
    Option<String>,
    Option<String>,
    [Option<SystemTime>; 2],
    Option<String>,
    Vec<(String, String)>,
);

fn parts(token: &Token) -> Parts {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let extras = token.extras();
    (
        token.access_token().to_owned(),
        owned(token.token_type()),
        owned(token.refresh_token()),
        [token.issued_at(), token.expires_at()],
        owned(token.scope()),
        extras
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    )
}

/// Tokens with times to the millisecond.
fn tokens() -> impl Strategy<Value = Token> {
    let texts = (
        of("[!-~]{1,40}"),
        of(any::<String>()),
        of(any::<String>()),
        of(any::<String>()),
    );
    let time = || of((0..=LATEST).prop_map(at));
    let extras = vec((any::<String>(), any::<String>()), 0..3);
    (texts, time(), time(), extras).prop_map(|(texts, issued_at, expires_at, extras)| {
        let (access_token, token_type, refresh_token, scope) = texts;
        let token = access_token.and_then(|text| Token::new(text).ok());
        let mut token = token.unwrap_or_else(Token::nothing);
        token = token.with_refresh_token(refresh_token.unwrap_or_default());
        (token.token_type, token.scope) = (token_type, scope);
        (token.issued_at, token.expires_at) = (issued_at, expires_at);
        let extras = extras.into_iter();
        extras.fold(token, |token, (name, value)| token.with_extra(name, value))
    })
}

proptest! {
    #![proptest_config(crate::seed::seeded(256))]

    #[test]
    fn a_token_is_the_same_when_it_comes_back(token in tokens()) {
        let json = serde_json::to_string(&token).expect("a token can be written");
        let back = read(&json).expect("and read");
        prop_assert_eq!(parts(&back), parts(&token));
        let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let back: Token = serde_json::from_value(value).expect("a token");
        prop_assert_eq!(back.expires_at(), token.expires_at());
    }

    #[test]
    fn a_written_time_is_less_than_a_millisecond_earlier(nanos in 0..4_000_000_000_000_000_000_u64) {
        let time = SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos);
        let token = Token::new("a").expect("valid").with_expires_at(time);
        let json = serde_json::to_string(&token).expect("a token can be written");
        let read = read(&json).expect("and read").expires_at().expect("a time");
        let earlier = time.duration_since(read).expect("not later");
        prop_assert!(earlier < Duration::from_millis(1), "{:?}", earlier);
    }

    #[test]
    fn promise_19_no_error_of_a_token_shows_a_value(value in values(), member in 0..9_usize) {
        let json = match MEMBERS.get(member) {
            Some(&ACCESS_TOKEN) => format!(r#"{{"access_token":{value}}}"#),
            Some(member) => format!(r#"{{"access_token":null,"{member}":{value}}}"#),
            None if member == MEMBERS.len() => format!(r#"{{"access_token":null,"extras":{{"a":{value}}}}}"#),
            None => value,
        };
        if let Err(error) = read(&json) {
            let shown = format!("{error} {error:?}");
            prop_assert!(!shown.contains("SECRET") && !shown.contains("4711"), "{}", shown);
        }
    }
}

fn values() -> impl Strategy<Value = String> {
    let values = [
        r#""SECRET""#,
        r#""Bearer SECRET""#,
        r#""SECRET\u0001""#,
        "4711",
        "-4711",
        "4711.5",
        "1e4711",
        "true",
        "null",
        r#"["SECRET"]"#,
        r#"{"SECRET":"SECRET"}"#,
        r#"{"SECRET":4711}"#,
        r#""SECRET"#,
    ];
    prop::sample::select(values.to_vec()).prop_map(str::to_owned)
}

#[test]
fn the_form_of_a_token_is_stable() {
    let token = Token::new("a1").expect("valid");
    let token = token
        .with_token_type("Bearer")
        .with_refresh_token("r1")
        .with_scope("read")
        .with_issued_at(at(1_764_327_843_125))
        .with_expires_at(at(1_764_331_443_000))
        .with_extra("id_token", "i1");
    let json = concat!(
        r#"{"access_token":"a1","token_type":"Bearer","refresh_token":"r1","scope":"read","#,
        r#""issued_at":1764327843.125,"expires_at":1764331443,"extras":{"id_token":"i1"}}"#,
    );
    assert_eq!(serde_json::to_string(&token).expect("a token"), json);
    assert_eq!(parts(&read(json).expect("a token")), parts(&token));
}

#[test]
fn a_token_without_an_access_token_comes_back() {
    let alone = Token::from_refresh_token("r1").expect("valid");
    let json = serde_json::to_string(&alone).expect("a token");
    assert_eq!(json, r#"{"access_token":null,"refresh_token":"r1"}"#);
    assert_eq!(parts(&read(&json).expect("a token")), parts(&alone));

    let json = serde_json::to_string(&Token::nothing()).expect("a token");
    assert_eq!(json, r#"{"access_token":null}"#);
    let nothing = read(&json).expect("a token");
    assert_eq!(
        (nothing.access_token(), nothing.refresh_token()),
        ("", None)
    );
}

#[test]
fn promise_20_a_time_that_has_no_form_is_written_as_the_nearest() {
    let times = [
        (SystemTime::UNIX_EPOCH - Duration::from_secs(60), 0),
        (
            SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40),
            LATEST,
        ),
    ];
    for (time, nearest) in times {
        let token = Token::new("a").expect("valid").with_expires_at(time);
        let json = serde_json::to_string(&token).expect("a token");
        assert_eq!(
            read(&json).expect("a token").expires_at(),
            Some(at(nearest))
        );
    }
}

#[test]
fn what_is_unknown_or_null_is_left_out() {
    let json = r#"{"x":{"y":[1e400]},"access_token":"a","token_type":null,"refresh_token":null,
        "scope":null,"issued_at":null,"expires_at":null,"extras":null}"#;
    let token = Token::new("a").expect("valid");
    assert_eq!(parts(&read(json).expect("a token")), parts(&token));
}

#[test]
fn what_is_no_token_is_an_error_that_names_the_member() {
    for (json, says) in [
        ("{}", "missing field `access_token`"),
        ("[]", "expected a token as an object"),
        (r#""SECRET""#, "expected a token as an object"),
        (r#"{"access_token":""}"#, "printable ASCII"),
        (r#"{"access_token":"Bearer SECRET"}"#, "leave out"),
        (r#"{"access_token":4711}"#, "access_token is not text"),
        (
            r#"{"access_token":"a","access_token":"a"}"#,
            "duplicate field `access_token`",
        ),
        (
            r#"{"access_token":"a","refresh_token":4711}"#,
            "refresh_token is not text",
        ),
        (
            r#"{"access_token":"a","expires_at":"SECRET"}"#,
            "expires_at is not a number",
        ),
        (
            r#"{"access_token":"a","expires_at":-1}"#,
            "expires_at is not a number",
        ),
        (
            r#"{"access_token":"a","expires_at":-0.5}"#,
            "expires_at is not a number",
        ),
        (
            r#"{"access_token":"a","issued_at":1764327843125}"#,
            "issued_at is not a number of sec",
        ),
        (
            r#"{"access_token":"a","issued_at":1e300}"#,
            "issued_at is not a number",
        ),
        (
            r#"{"access_token":"a","extras":"SECRET"}"#,
            "extras is not an object",
        ),
        (
            r#"{"access_token":"a","extras":{"b":1}}"#,
            "the value of an extra is not text",
        ),
    ] {
        let error = read(json).expect_err(json).to_string();
        assert!(
            error.contains(says) && !error.contains("SECRET"),
            "{json}: {error}"
        );
    }
}
