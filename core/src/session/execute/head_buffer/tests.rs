use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn promise_16_headers_come_back_as_they_were(
        text in "[a-z:/.]{0,40}",
        headers in prop::collection::vec(("[a-zA-Z0-9\"!#$%&'*+.^_`|~-]{1,12}", "[ -~\u{80}-\u{ff}]{0,40}", any::<bool>()), 0..12),
    ) {
        let mut map = HeaderMap::new();
        for (name, value, sensitive) in headers {
            // As HTTP/2 reads it, which allows more.
            let name = name.to_ascii_lowercase();
            let name = HeaderName::from_lowercase(name.as_bytes()).expect("a name");
            let mut value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
            value.set_sensitive(sensitive);
            map.append(name, value);
        }
        let flat = HeadBuffer::new(&text, &map);
        let back = flat.headers();
        prop_assert_eq!(flat.text(), text);
        let told = |map: &HeaderMap| -> Vec<_> {
            let told = map.iter().map(|(name, value)| (name.clone(), value.clone(), value.is_sensitive()));
            told.collect()
        };
        prop_assert_eq!(told(&back), told(&map));
    }
}

#[test]
fn promise_19_a_buffer_that_is_kept_holds_no_secret() {
    let mut headers = HeaderMap::new();
    headers.insert("cookie", HeaderValue::from_static("CANARY"));
    drop(HeadBuffer::new("https://a.example/?key=CANARY", &headers));
    let buffer = POOL.with_borrow_mut(Vec::pop).expect("a buffer");
    assert!(buffer.len() > 40 && buffer.iter().all(|byte| *byte == 0));
}

#[test]
fn a_thread_keeps_so_many_buffers_and_no_long_ones() {
    let mut long = HeaderMap::new();
    long.insert("x-long", "x".repeat(LONGEST).try_into().expect("a value"));
    drop(HeadBuffer::new("", &long));
    let pooled = || POOL.with_borrow(Vec::len);
    assert_eq!(pooled(), 0);
    let all: Vec<_> = (0..2 * POOLED)
        .map(|_| HeadBuffer::new("a text", &HeaderMap::new()))
        .collect();
    drop(all);
    assert_eq!(pooled(), POOLED);
}
