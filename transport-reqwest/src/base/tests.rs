use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn promise_17_a_url_is_what_its_uri_is_read_as(
        authority in "(user@)?(a.example|A.Example|127.0.0.1|\\[::1\\]|a.example.)(:[0-9]{1,4})?",
        paths in prop::collection::vec(r"/?[a-c/.%\\@:;*_~!'|^-]{0,8}(\?[a-c?/%'|^ -]{0,5})?", 1..5),
    ) {
        let base = Base::default();
        for path in paths {
            for authority in [authority.as_str(), "b.example"] {
                let text = format!("https://{authority}{path}");
                let Ok(uri) = text.parse::<Uri>() else { continue };
                let read = Url::parse(&uri.to_string());
                prop_assert_eq!(base.url(&uri), read, "{}", text);
            }
        }
    }
}

#[test]
fn promise_19_a_base_holds_no_secret() {
    let base = Base::default();
    let uris = [
        "https://me:CANARY@a.example/",
        "https://a.example/CANARY?key=CANARY",
    ];
    for uri in uris {
        base.url(&uri.parse().expect("a URI")).expect("a URL");
    }
    let first = base.0.get().expect("one");
    assert_eq!(first.url.as_str(), "https://a.example/");
    assert_eq!(first.authority, "a.example");
    assert!(!format!("{base:?}").contains("CANARY"));
}

#[test]
fn promise_17_a_token_call_goes_where_its_uri_says() {
    let endpoint = Endpoint::default();
    for text in [
        "https://me:A@a.example/token",
        "https://me:a@a.example/token",
        "https://a.example/token?key=CANARY",
        "https://b.example/token",
        "https://a.example/",
    ] {
        let uri = text.parse().expect("a URI");
        for _ in 0..2 {
            assert_eq!(endpoint.url(&uri), Url::parse(text));
        }
    }
    assert!(!format!("{endpoint:?}").contains("CANARY"));
}

#[test]
fn promise_17_a_path_that_looks_like_a_host_stays_a_path() {
    let base = Base::default();
    for target in [
        "/books",
        "//evil.example/x",
        "/%5c%5cevil.example",
        "/\\evil.example",
    ] {
        let Ok(uri) = format!("https://a.example{target}").parse::<Uri>() else {
            continue;
        };
        let url = base.url(&uri).expect("a URL");
        assert_eq!(url.host_str(), Some("a.example"), "{target}");
    }
}
