use super::*;

#[test]
fn promise_18_a_scheme_is_a_header_and_its_value() {
    let value = |scheme: &dyn Scheme| {
        let (header, value) = (scheme.header(), scheme.value("a1"));
        format!("{header}: {}", value.to_str().expect("ASCII"))
    };
    assert_eq!(value(&Bearer), "authorization: Bearer a1");
    let key = HeaderScheme::new("X-Api-Key").expect("a name");
    assert_eq!(value(&key), "x-api-key: a1");
    let token = HeaderScheme::with_prefix("authorization", "Token ").expect("one");
    assert_eq!(value(&token), "authorization: Token a1");
}

#[test]
fn promise_18_no_scheme_takes_a_header_that_frames_or_breaks_a_message() {
    for header in ["", "a b", "x\r\ny", "Host", "content-length", "\u{e9}"] {
        let invalid = HeaderScheme::new(header).expect_err(header);
        assert_eq!(invalid, InvalidScheme::Header);
    }
    for prefix in ["a\n", "a\r\nx: y", "\0", "\u{e9}", "\t"] {
        let invalid = HeaderScheme::with_prefix("x-api-key", prefix).expect_err(prefix);
        assert_eq!(invalid, InvalidScheme::Prefix);
    }
}
