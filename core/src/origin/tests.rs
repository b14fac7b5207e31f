//! What is an origin, and what is the same one.

use proptest::prelude::*;

use super::*;

fn of(target: &str) -> Option<Origin> {
    Origin::of(&target.parse().ok()?)
}

#[test]
fn promise_17_an_origin_is_compared_parsed() {
    let api = Origin::secure("https://api.example.com").expect("an origin");
    for same in [
        "https://api.example.com/",
        "https://api.example.com:443/books?x=1",
        "HTTPS://API.Example.COM/books",
        "https://api.example.com./books",
    ] {
        assert_eq!(of(same).as_ref(), Some(&api), "{same}");
    }
    for other in [
        "http://api.example.com/",
        "https://api.example.com:444/",
        "https://api.example.com.evil.org/",
        "https://api.example.comevil.org/",
        "https://evil.org/https://api.example.com/",
        "https://example.com/",
        "https://api.example.com@evil.org/",
        "https://user@api.example.com/",
        "https://api.example.com:443@evil.org/",
        "ftp://api.example.com/",
        "https://api.example.com:x/",
        "https://api.example.com:/",
        "//api.example.com/",
        "/books",
        "api.example.com",
    ] {
        assert_ne!(of(other).as_ref(), Some(&api), "{other}");
    }
}

#[test]
fn promise_17_addresses_are_compared_as_addresses() {
    let v6 = Origin::secure("http://[::1]:8000").expect("an origin");
    assert_eq!(of("http://[0:0:0:0:0:0:0:1]:8000/x").as_ref(), Some(&v6));
    assert_ne!(of("http://[::2]:8000/x").as_ref(), Some(&v6));
    let v4 = Origin::secure("http://127.0.0.1:8000").expect("an origin");
    assert_ne!(of("http://localhost:8000/x").as_ref(), Some(&v4));
}

#[test]
fn promise_17_http_is_for_this_machine_or_allowed_by_name() {
    for local in ["http://localhost", "http://127.8.8.8:1", "http://[::1]"] {
        assert!(Origin::secure(local).is_ok(), "{local}");
    }
    let far = "http://api.example.com";
    let refused = Origin::secure(far).expect_err("insecure");
    assert!(refused.to_string().contains("insecure_origin"), "{refused}");
    assert!(Origin::insecure(far).is_ok());
    assert!(Origin::secure("http://localhost.evil.org").is_err());
}

#[test]
fn an_origin_has_no_path() {
    for text in [
        "",
        "https://",
        "https://a/b",
        "https://a/?b",
        "a",
        "https://u@a",
    ] {
        assert_eq!(
            Origin::insecure(text),
            Err(InvalidOrigin::Malformed),
            "{text}"
        );
    }
}

proptest! {
    #![proptest_config(crate::seed::seeded(512))]

    #[test]
    fn no_target_panics(target in "\\PC{0,64}") {
        _ = of(&target);
    }

    #[test]
    fn promise_17_no_other_name_is_ours(host in "[a-zA-Z0-9.@:/?#\\[\\]-]{1,40}") {
        let api = Origin::secure("https://api.example.com").expect("an origin");
        let ours = ["api.example.com", "api.example.com."];
        if of(&format!("https://{host}/")) == Some(api) {
            let authority = host.split(['/', '?', '#']).next().unwrap_or_default();
            let name = authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
            prop_assert!(ours.contains(&name.as_str()), "{host}");
        }
    }
}
