use proptest::prelude::*;

use super::*;

#[test]
fn promise_10_what_an_answer_leaves_out_stays() {
    let old = Token::new("old").expect("valid");
    let old = old.with_refresh_token("r1").with_scope("read");
    let answer = || TokenResponse::new("new").expect("valid");
    let since = SystemTime::UNIX_EPOCH;

    let kept = old.renewed(answer(), since);
    assert_eq!(kept.access_token(), "new");
    assert_eq!(kept.refresh_token(), Some("r1"));
    assert_eq!(kept.scope(), Some("read"));
    let empty = old.renewed(answer().with_refresh_token(""), since);
    assert_eq!(empty.refresh_token(), Some("r1"));
    let rotated = old.renewed(answer().with_refresh_token("r2"), since);
    assert_eq!(rotated.refresh_token(), Some("r2"));
}

#[test]
fn promise_20_a_lifetime_is_counted_from_before_the_question() {
    let old = Token::new("old").expect("valid");
    let since = SystemTime::UNIX_EPOCH;
    let answer = |seconds| {
        let answer = TokenResponse::new("new").expect("valid");
        answer.with_expires_in(Duration::from_secs(seconds))
    };
    let minute = Duration::from_secs(60);
    let token = old.renewed(answer(60), since);
    assert_eq!(token.expires_at(), Some(since + minute));
    assert_eq!(token.lifetime(since + minute / 2), Some(minute / 2));
    assert_eq!(token.lifetime(since + minute * 2), Some(Duration::ZERO));
    assert_eq!(old.renewed(answer(u64::MAX), since).expires_at(), None);
}

#[test]
fn promise_19_debug_shows_no_token() {
    let token = Token::new("SECRET").expect("valid");
    let token = token.with_refresh_token("SECRET");
    let shown = format!("{token:?} {:?}", TokenResponse::new("SECRET"));
    assert!(!shown.contains("SECRET"), "{shown}");
    assert!(shown.contains("refresh_token: Some"), "{shown}");
    let renewed = TokenResponse::new("A").expect("valid");
    let shown = format!("{renewed:?}");
    assert!(shown.contains("refresh_token: None"), "{shown}");
}

#[test]
fn promise_19_debug_shows_what_the_server_wrote_bounded_and_without_our_secrets() {
    let token = Token::new("SECRET").expect("valid");
    let token = token.with_refresh_token("SECRET-TOO");
    let shown = |scope: &str| format!("{:?}", token.clone().with_scope(scope));
    assert!(shown("read write").contains("read write"));
    assert!(!shown("read SECRET-TOO").contains("SECRET"));
    let odd = token.clone().with_token_type("is SECRET");
    assert!(!format!("{odd:?}").contains("SECRET"));
    let long = shown(&"\u{e9}".repeat(100_000));
    assert!(long.len() < 1_000 && long.contains("and more"), "{long}");
}

proptest! {
    #![proptest_config(crate::seed::seeded(512))]

    #[test]
    fn a_token_can_be_a_header_or_is_none(text in "\\PC{0,12}|[ -~]{0,12}|[\\x00-\\xff]{0,4}") {
        if let Ok(token) = Token::new(text) {
            let bearer = format!("Bearer {}", token.access_token());
            prop_assert!(http::HeaderValue::try_from(bearer).is_ok());
        }
    }

    #[test]
    fn promise_20_no_lifetime_panics(expires_in: Duration, since: u32, later: u64) {
        let since = SystemTime::UNIX_EPOCH + Duration::from_secs(since.into());
        let response = TokenResponse::new("new").expect("valid").with_expires_in(expires_in);
        let token = Token::new("old").expect("valid").renewed(response, since);
        let now = since.checked_add(Duration::from_secs(later)).unwrap_or(since);
        prop_assert!(token.lifetime(now).is_none_or(|left| left <= expires_in));
    }
}

#[test]
fn a_token_that_cannot_be_a_header_is_refused_at_the_border() {
    for text in ["", " ", "a\nb", "a\r\nx: y", "\u{e9}", "a\0"] {
        let invalid = Token::new(text).expect_err("no header");
        assert_eq!(invalid, InvalidToken(Invalid::AccessToken), "{text:?}");
    }
    assert!(Token::new("a.b-c_d~e+f/g=").is_ok());
}

#[test]
fn promise_28_a_token_comes_without_its_scheme() {
    for text in [
        "Bearer a",
        "bearer a",
        " BEARER  a ",
        "DPoP a",
        "Basic a",
        "token a",
        "Bearer",
    ] {
        let invalid = Token::new(text).expect_err(text);
        assert_eq!(invalid, InvalidToken(Invalid::Scheme), "{text:?}");
        assert!(invalid.to_string().contains("leave out"), "{invalid}");
    }
    for text in ["Bearera", "a Bearer", "token"] {
        assert!(Token::new(text).is_ok(), "{text:?}");
    }
    // Accepted from a server: the refresh token beside it must not be lost.
    for text in [
        "Bearer a",
        " bearer   a\r\n",
        "Bearer Bearer a",
        "Token Basic a",
    ] {
        let answer = TokenResponse::new(text).expect("a token");
        assert_eq!(answer.access_token(), "a", "{text:?}");
    }
    assert!(TokenResponse::new("Bearer").is_err());
}

#[test]
fn promise_28_white_space_around_a_token_is_no_part_of_it() {
    let token = Token::new(" a\n")
        .expect("valid")
        .with_refresh_token("r1 \r\n");
    assert_eq!(
        (token.access_token(), token.refresh_token()),
        ("a", Some("r1"))
    );
    let answer = TokenResponse::new("a\n")
        .expect("valid")
        .with_refresh_token("\tr1");
    assert_eq!(
        (answer.access_token(), answer.refresh_token()),
        ("a", Some("r1"))
    );
    assert_eq!(token.with_refresh_token(" \n").refresh_token(), None);
    let alone = Token::from_refresh_token(" r1\n").expect("valid");
    assert_eq!(
        (alone.access_token(), alone.refresh_token()),
        ("", Some("r1"))
    );
    let empty = Token::from_refresh_token(" ").expect_err("empty");
    assert_eq!(empty.to_string(), "the refresh token is empty");
}

#[test]
fn promise_10_extra_members_stay_until_an_answer_brings_others() {
    let old = Token::new("old").expect("valid");
    let old = old
        .with_extra("id_token", "i1")
        .with_extra("instance_url", "u1");
    let answer = TokenResponse::new("new").expect("valid");
    let newer = old.renewed(answer.with_extra("id_token", "i2"), SystemTime::UNIX_EPOCH);
    assert_eq!(newer.extra("id_token"), Some("i2"));
    assert_eq!(newer.extra("instance_url"), Some("u1"));
    assert_eq!((newer.extra("other"), newer.extras().count()), (None, 2));
    let shown = format!("{:?}", old.with_scope("has i1 in it"));
    assert!(!shown.contains("i1") && !shown.contains("u1"), "{shown}");
}
