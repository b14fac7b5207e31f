use http::HeaderValue;

use super::*;

fn led(base: &str, locations: &[&str]) -> Option<String> {
    let mut headers = HeaderMap::new();
    for location in locations {
        let location = HeaderValue::from_bytes(location.as_bytes()).expect("a value");
        headers.append(LOCATION, location);
    }
    let base = base.parse().expect("a URL");
    target(&base, &headers).map(|target| target.to_string())
}

#[test]
fn a_reference_is_resolved_and_its_fragment_dropped() {
    let base = "https://a.example:8443/b/c/d?q=1";
    for (location, promised) in [
        ("g", "https://a.example:8443/b/c/g"),
        ("./g/", "https://a.example:8443/b/c/g/"),
        ("../g", "https://a.example:8443/b/g"),
        ("../../../g", "https://a.example:8443/g"),
        ("/g?y#s", "https://a.example:8443/g?y"),
        ("?y", "https://a.example:8443/b/c/d?y"),
        ("#s", "https://a.example:8443/b/c/d?q=1"),
        ("//b.example/g", "https://b.example/g"),
        ("http://b.example", "http://b.example/"),
        ("HTTPS://b.example/x", "https://b.example/x"),
        (
            "https://b.example/x#https://a.example",
            "https://b.example/x",
        ),
        ("/a b\u{e9}", "https://a.example:8443/a%20b%C3%A9"),
        (
            "\\\\b.example\\g",
            "https://a.example:8443/b/c/%5C%5Cb.example%5Cg",
        ),
        ("/\\b.example", "https://a.example:8443/%5Cb.example"),
    ] {
        assert_eq!(
            led(base, &[location]).as_deref(),
            Some(promised),
            "{location}"
        );
    }
    let odd = led("https://a.example/{b}/c", &["d"]);
    assert_eq!(odd.as_deref(), Some("https://a.example/%7Bb%7D/d"));
}

#[test]
fn a_location_where_no_request_goes_is_none() {
    for locations in [
        &[][..],
        &[""],
        &["/a", "/a"],
        &["https://user@b.example/"],
        &["//user:secret@b.example/"],
        &["https://a.example@b.example/"],
        &["ftp://b.example/"],
        &["javascript:alert(1)"],
        &["https:"],
        &["https:///x"],
        &["https://b.example:port/"],
        &["https://b\u{e9}.example/"],
        &["/a\tb"],
        &["/%zz"],
        &["https://[::1/"],
    ] {
        assert_eq!(led("https://a.example/", locations), None, "{locations:?}");
    }
}
