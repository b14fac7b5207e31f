//! One token at several origins, one of which refuses it.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::Request;
use reauth::{Body, ErrorKind, RefreshError, Session};
use support::*;

const SECOND: Duration = Duration::from_secs(1);

/// A server that decides by the path; the session treats `/a` and `/b` as two origins.
struct Two {
    world: World,
    wire: Wire,
    desk: Desk,
    session: Session<Wire>,
}

impl Two {
    fn new() -> Self {
        let (wire, world, desk) = (Wire::default(), World::default(), Desk::default());
        let session = Session::builder(wire.clone())
            .origin("https://api.example.com/a")
            .origin("https://api.example.com/b")
            .runtime(world.clone())
            .refresher(desk.clone())
            .token(token("a1", "r1"));
        Self {
            session: session.build().unwrap(),
            world,
            wire,
            desk,
        }
    }

    fn call(&self, path: &str, body: impl Into<Body>) -> Call {
        let session = self.session.clone();
        let request = Request::post(format!("https://api.example.com{path}"));
        let request = request.body(body.into()).unwrap();
        Box::pin(async move { session.execute(request).await })
    }

    /// The status at `/b`, whose server accepts the token for this request only.
    fn accepted_at_b(&self) -> u16 {
        self.wire.accept("a1");
        let answer = now(self.call("/b", ())).unwrap();
        self.wire.accept("none");
        answer.status().as_u16()
    }

    fn kind_at_a(&self) -> ErrorKind {
        now(self.call("/a", ())).unwrap_err().kind()
    }
}

#[test]
fn promise_5_what_one_origin_refuses_costs_no_other_its_requests_while_the_token_server_is_down() {
    let two = Two::new();
    for nth in 0..60 {
        let busy = RefreshError::transient("busy").with_retry_after(100 * SECOND);
        two.desk.will(Reply::Error(busy));
        assert_eq!(two.kind_at_a(), ErrorKind::RefreshUnavailable, "{nth}");
        assert_eq!(two.accepted_at_b(), 200, "{nth}");
        assert!(now(two.session.token()).is_ok(), "{nth}");
        two.world.pass(SECOND);
    }
    assert_eq!(two.desk.asked(), ["r1"]);
}

#[test]
fn promise_9_a_lost_answer_is_asked_for_again_once_the_other_origin_is_not_in_use_any_more() {
    let two = Two::new();
    assert_eq!(two.accepted_at_b(), 200);
    two.desk.will(Reply::Error(RefreshError::unknown("lost")));
    let error = now(two.call("/a", ())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnknown);
    assert!(error.is_transient(), "the session asks again");
    two.world.pass(2 * error.retry_after().unwrap());
    two.wire.accept("a2");
    two.desk.will_grant("a2", "r2");
    assert_eq!(now(two.call("/a", ())).unwrap().status(), 200);
    assert_eq!(two.desk.asked(), ["r1"; 2]);
}

#[test]
fn promise_9_a_refusal_that_the_application_reports_puts_no_origin_at_risk() {
    let two = Two::new();
    assert_eq!(two.accepted_at_b(), 200);
    let taken = now(two.session.token()).unwrap();
    two.desk.will(Reply::Error(RefreshError::unknown("lost")));
    let error = now(two.session.report_rejected(taken.generation())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnknown);
    assert_eq!(two.accepted_at_b(), 200);
    two.world.pass(SECOND);
    let again = now(two.session.refresh()).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::RefreshUnknown);
    assert_eq!(two.desk.asked(), ["r1"], "the token is good at /b");
}

#[test]
fn promise_16_what_can_be_sent_once_waits_for_the_refresh_that_another_origin_needs() {
    let two = Two::new();
    two.wire.accept("a2");
    let mut refused = two.call("/a", ());
    assert!(poll(&mut refused).is_pending());
    let pieces = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"piece"))]);
    let mut upload = two.call("/b", Body::stream(pieces));
    assert!(poll(&mut upload).is_pending(), "it waits");
    two.desk.will_grant("a2", "r2");
    assert_eq!(now(refused).unwrap().status(), 200);
    assert_eq!(now(upload).unwrap().status(), 200);
    assert_eq!(two.wire.seen(), ["Bearer a1", "Bearer a2", "Bearer a2"]);
}
