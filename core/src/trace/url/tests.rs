use super::*;

#[test]
fn a_url_is_told_without_its_secrets() {
    for (url, told) in [
        ("https://a.example:8080/b/c", "https://a.example:8080/b/c"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        (
            "https://a.example/?sig=s3cret&page=2",
            "https://a.example/?sig=REDACTED&page=REDACTED",
        ),
        (
            "https://a.example/b?s3cret&c=d=s3cret&&e=",
            "https://a.example/b?REDACTED&c=REDACTED&&e=REDACTED",
        ),
        (
            "https://me:s3cret@a.example/",
            "https://REDACTED:REDACTED@a.example/",
        ),
        (
            "https://s3cret@a.example/",
            "https://REDACTED:REDACTED@a.example/",
        ),
        ("/b?c=s3cret", "/b?c=REDACTED"),
    ] {
        let uri: Uri = url.parse().expect(url);
        assert_eq!(redacted(&uri), told);
    }
}
