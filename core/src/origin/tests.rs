//! Parsing and comparing origins, and paths below them.

use http::Uri;
use proptest::prelude::*;

use super::base::NotBelow;
use super::*;

/// Whether an origin of the list allows a URL.
fn holds(entry: &str, target: &str) -> bool {
    let entry = AllowedOrigin::insecure(entry).unwrap_or_else(|why| panic!("{entry}: {why}"));
    let Ok(target) = target.parse::<Uri>() else {
        return false;
    };
    Origin::of(&target).is_some_and(|origin| entry.holds(&origin, target.path()))
}

#[test]
fn promise_17_an_origin_is_compared_parsed() {
    let api = "https://api.example.com";
    for same in [
        "https://api.example.com/",
        "https://api.example.com:443/books?x=1",
        "HTTPS://API.Example.COM/books",
        "https://api.example.com./books",
        "https://api.example.com/a/../b",
    ] {
        assert!(holds(api, same), "{same}");
    }
    for other in [
        "http://api.example.com/",
        "https://api.example.com:444/",
        "https://api.example.com:+443/",
        "https://api.example.com.evil.org/",
        "https://api.example.comevil.org/",
        "https://evil.org/https://api.example.com/",
        "https://example.com/",
        "https://api.example.com@evil.org/",
        "https://user@api.example.com/",
        "https://api.example.com:443@evil.org/",
        "https://api.example.com..",
        "ftp://api.example.com/",
        "https://api.example.com:x/",
        "https://api.example.com:/",
        "https://api%2eexample.com/",
        "https:\\\\api.example.com/",
        "https:/api.example.com/",
        "//api.example.com/",
        "/books",
        "api.example.com",
    ] {
        assert!(!holds(api, other), "{other}");
    }
}

#[test]
fn promise_17_addresses_are_compared_as_addresses() {
    let v6 = "http://[::1]:8000";
    assert!(holds(v6, "http://[0:0:0:0:0:0:0:1]:8000/x"));
    assert!(holds(
        "http://[2001:db8::a]",
        "http://[2001:0DB8:0::000A]:80/x"
    ));
    for other in [
        "http://[::2]:8000/x",
        "http://[::1%25eth0]:8000/",
        "http://[::ffff:0:1]:8000/",
    ] {
        assert!(!holds(v6, other), "{other}");
    }
    for other in [
        "http://localhost:8000/x",
        "http://127.1:8000/",
        "http://0x7f.0.0.1:8000/",
    ] {
        assert!(!holds("http://127.0.0.1:8000", other), "{other}");
    }
}

#[test]
fn promise_17_a_name_in_other_letters_is_compared_in_its_ascii_form() {
    assert!(holds(
        "https://xn--bcher-kva.example",
        "https://XN--Bcher-KVA.example/"
    ));
    assert_eq!(
        AllowedOrigin::secure("https://b\u{fc}cher.example"),
        Err(InvalidOrigin::Malformed)
    );
    // A Cyrillic letter that looks like a Latin one.
    assert!(!holds(
        "https://api.example.com",
        "https://\u{430}pi.example.com/"
    ));
}

#[test]
fn promise_17_http_is_for_this_machine_or_allowed_by_name() {
    for local in ["http://localhost", "http://127.8.8.8:1", "http://[::1]"] {
        assert!(AllowedOrigin::secure(local).is_ok(), "{local}");
    }
    let far = "http://api.example.com";
    let refused = AllowedOrigin::secure(far).expect_err("insecure");
    assert!(refused.to_string().contains("insecure_origin"), "{refused}");
    assert!(AllowedOrigin::insecure(far).is_ok());
    assert!(AllowedOrigin::secure("http://localhost.evil.org").is_err());
}

#[test]
fn promise_17_a_path_is_matched_at_whole_segments() {
    for entry in ["https://a/v1", "https://a/v1/"] {
        for below in [
            "https://a/v1",
            "https://a/v1/",
            "https://a/v1?x=/../",
            "https://a/v1/x",
            "https://a/v1//x/...y/.z/100%25/%C3%A9;v=1",
        ] {
            assert!(holds(entry, below), "{below}");
        }
        for beside in [
            "https://a/",
            "https://a/v10",
            "https://a/V1/x",
            "https://a/v1;x/y",
            "https://a/%761/x",
            "https://a/x/v1",
            "https://b/v1/x",
        ] {
            assert!(!holds(entry, beside), "{beside}");
        }
    }
}

#[test]
fn promise_17_a_path_that_can_be_read_in_two_ways_is_below_nothing() {
    for ambiguous in [
        "..",
        ".",
        "x/..",
        "%2e%2e",
        ".%2E",
        "..%2f",
        "x%2fy",
        "..%5c",
        "..\\",
        "x\\y",
        "..;",
        "..;x=1",
        "%2e%2e%3b",
        "..%00",
        "..%20",
        "%20.",
        "...",
        "%252e%252e",
        "%25252e.",
        "..%252f",
        "%c0%ae%c0%ae",
        "%e9",
        "%u002e",
        "%",
        "%2",
        "..%3fx",
        "%2e%23",
        "x%0d%0ay",
    ] {
        for target in [
            format!("https://a/v1/{ambiguous}"),
            format!("https://a/v1/{ambiguous}/b"),
        ] {
            assert!(target.parse::<Uri>().is_ok(), "it is a URL: {target}");
            assert!(!holds("https://a/v1", &target), "{target}");
            // If all paths are allowed, ambiguous ones are too.
            assert!(holds("https://a", &target), "{target}");
        }
        let entry = format!("https://a/{ambiguous}");
        assert!(AllowedOrigin::secure(&entry).is_err(), "{entry}");
    }
}

#[test]
fn an_entry_is_a_url_without_user_information_query_and_fragment() {
    for text in [
        "",
        "https://",
        "https://a/?b",
        "https://a/#b",
        "https://a#b",
        "a",
        "/a",
        "https://u@a",
        "https://a b",
        "https://a:99999",
    ] {
        assert_eq!(
            AllowedOrigin::insecure(text),
            Err(InvalidOrigin::Malformed),
            "{text}"
        );
    }
}

#[test]
fn promise_17_a_request_stays_below_its_base() {
    let joined = |base: &str, target: &str| {
        let base = Base::read(base).expect("a base");
        let target = target.parse().expect("a target");
        base.join(&target).map(|uri| uri.to_string())
    };
    for base in ["https://a/v1/", "https://a/v1"] {
        assert_eq!(
            joined(base, "/books?x=1"),
            Ok("https://a/v1/books?x=1".to_owned())
        );
        assert_eq!(joined(base, "/"), Ok("https://a/v1/".to_owned()));
    }
    assert_eq!(
        joined("https://a:8443", "/x"),
        Ok("https://a:8443/x".to_owned())
    );
    for host in ["//evil.org/x", "evil.org", "evil.org:443", "*"] {
        assert_eq!(
            joined("https://a/v1/", host),
            Err(NotBelow::NoPath),
            "{host}"
        );
    }
    for way_out in ["/../x", "/%2e%2e/x", "/\\evil.org/x", "/..", "/x/..%2f"] {
        for base in ["https://a/v1/", "https://a"] {
            assert_eq!(joined(base, way_out), Err(NotBelow::Ambiguous), "{way_out}");
        }
    }
}

proptest! {
    #![proptest_config(crate::seed::seeded(512))]

    #[test]
    fn no_target_panics(target in "\\PC{0,64}|https://a/v1/([.%2eEfF5cC;/\\\\]|\\PC){0,24}") {
        _ = holds("https://a/v1", &target);
        _ = AllowedOrigin::insecure(&target);
        _ = Base::read(&target);
    }
}
