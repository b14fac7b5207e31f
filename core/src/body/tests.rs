use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Waker;

use futures_util::stream;

use super::*;

fn poll(body: &mut Body) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
    Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop()))
}

fn read(mut body: Body) -> Result<Vec<u8>, BodyError> {
    let mut read = Vec::new();
    while let Poll::Ready(Some(frame)) = poll(&mut body) {
        read.extend(frame?.into_data().expect("data"));
    }
    Ok(read)
}

fn text(body: Body) -> String {
    String::from_utf8(read(body).expect("it can be read")).expect("text")
}

fn pieces() -> Body {
    let pieces = ["te", "xt"].map(|piece| Ok::<_, BodyError>(Bytes::from(piece)));
    Body::stream(stream::iter(pieces))
}

#[test]
fn promise_16_bytes_are_the_same_each_time() {
    for body in [
        Body::from("text"),
        Body::from(String::from("text")),
        Body::from(b"text".to_vec()),
        Body::from(Bytes::from_static(b"text")),
    ] {
        let again = body.try_clone().expect("bytes");
        assert_eq!(body.size_hint().exact(), Some(4));
        let mut spare = Spare::new(body);
        for _ in 0..2 {
            assert_eq!(text(spare.send().expect("bytes")), "text");
        }
        assert_eq!(again.into_bytes().expect("bytes"), "text");
    }
    assert!(Body::empty().is_end_stream());
    assert_eq!(text(Body::empty()), "");
}

#[test]
fn promise_16_a_stream_is_no_bytes_and_has_no_second_time() {
    let once = Body::once(String::from("text"));
    assert!(once.try_clone().is_none());
    assert_eq!(once.size_hint().exact(), Some(4));
    let once = once.into_bytes().expect_err("a stream");
    assert_eq!(text(once), "text");
    assert_eq!(pieces().size_hint().exact(), None);
    assert_eq!(text(pieces()), "text");
}

#[test]
fn promise_16_a_stream_that_was_begun_never_comes_back() {
    let mut spare = Spare::new(pieces());
    let mut sent = spare.send().expect("it is whole");
    assert!(poll(&mut sent).is_ready());
    assert!(!spare.is_there());
    assert!(spare.send().is_none());
    assert_eq!(text(sent), "xt", "the first attempt continues with it");
}

#[test]
fn promise_16_a_stream_that_nobody_began_comes_back_whole_and_to_one_place() {
    for sized in [pieces(), Body::once(String::from("text"))] {
        let hint = sized.size_hint();
        let mut spare = Spare::new(sized);
        let sent = spare.send().expect("it is whole");
        // A client may ask for the size before it reads.
        assert_eq!(sent.size_hint().exact(), hint.exact());
        assert!(!sent.is_end_stream());
        assert!(spare.is_there());
        let again = spare.send().expect("it is there");
        assert_eq!(again.size_hint().exact(), hint.exact());
        assert!(!sent.is_end_stream());
        let error = read(sent).expect_err("it is a failure, and no shorter body");
        let cause = error.source().expect("a cause").to_string();
        assert!(cause.contains("send the request again"), "{cause}");
        assert_eq!(text(again), "text");
    }
}

#[test]
fn promise_16_a_stream_that_its_attempt_dropped_unread_comes_back() {
    let mut spare = Spare::new(pieces());
    drop(spare.send());
    assert_eq!(text(spare.send().expect("it is there")), "text");
    assert!(spare.send().is_none(), "it was read from");
}

#[test]
fn promise_16_a_factory_is_asked_once_for_each_time_that_its_body_is_sent() {
    static ASKED: AtomicU8 = AtomicU8::new(0);
    let body = Body::factory(|| {
        ASKED.fetch_add(1, Ordering::Relaxed);
        pieces()
    });
    let asked = || ASKED.load(Ordering::Relaxed);
    let mut spare = Spare::new(body);
    assert_eq!(text(spare.send().expect("it is made")), "text");
    assert!(spare.is_there());
    assert_eq!(asked(), 1, "the factory is called only when needed");
    assert_eq!(text(spare.send().expect("it is asked")), "text");
    assert_eq!(asked(), 2);
}

#[test]
fn a_factory_of_bytes_is_bytes_to_a_client() {
    let body = Body::factory(|| "text");
    assert_eq!(body.size_hint().exact(), Some(4));
    let again = body.try_clone().expect("a factory");
    assert_eq!(body.into_bytes().expect("bytes"), "text");
    assert_eq!(text(again), "text");
}

#[test]
fn a_stream_that_fails_says_why() {
    let broken = stream::iter([Err::<Bytes, _>(std::io::Error::other("the disk"))]);
    let error = read(Body::stream(broken)).expect_err("it fails");
    assert_eq!(error.source().expect("a cause").to_string(), "the disk");
}
