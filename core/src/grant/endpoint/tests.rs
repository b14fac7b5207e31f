use super::*;

#[test]
fn an_endpoint_is_an_absolute_url() {
    for endpoint in [
        "",
        "/auth/refresh",
        "example.com/auth",
        "http://",
        "a b",
        "ftp://example.com/token",
        "https://user:password@example.com/token",
        "https://example.com:99999/token",
    ] {
        let invalid = Endpoint::insecure(endpoint).expect_err(endpoint);
        assert_eq!(invalid, InvalidEndpoint::Malformed);
    }
}

#[test]
fn promise_17_a_refresh_token_goes_over_https_or_stays_on_this_machine() {
    let far = "http://example.com/token";
    let insecure = Endpoint::secure(far).expect_err("readable on the way");
    assert_eq!(insecure, InvalidEndpoint::Insecure);
    assert!(insecure.to_string().contains("`insecure`"));
    assert!(Endpoint::insecure(far).is_ok());
    assert!(Endpoint::secure("http://127.0.0.1:8000/token").is_ok());
}

#[test]
fn promise_19_a_query_is_sent_and_not_shown() {
    let endpoint = Endpoint::secure("https://example.com:8443/token?key=CANARY");
    let endpoint = endpoint.expect("absolute");
    assert_eq!(format!("{endpoint:?}"), "https://example.com:8443/token");
    let asked = endpoint.post("text/plain", Vec::new());
    assert_eq!(asked.uri().query(), Some("key=CANARY"));
}
