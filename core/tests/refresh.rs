//! One refresh while its token server fails.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use http_body::Body as _;
use reauth::{
    Body, ErrorKind, JsonGrant, Reason, RefreshError, Session, Spends, TokenCall, TokenRefresher,
    TokenResponse, TokenUse, async_trait, from_fn,
};
use support::*;

const SECOND: Duration = Duration::from_secs(1);

fn scene(token_use: TokenUse) -> Scene {
    let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder.token_use(token_use)
    });
    scene.wire.accept("a2");
    scene
}

/// Each flight makes one call.
fn scene_without_retries(token_use: TokenUse) -> Scene {
    let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder.token_use(token_use).refresh_retries(0)
    });
    scene.wire.accept("a2");
    scene
}

fn busy() -> Reply {
    Reply::Error(RefreshError::transient("busy"))
}

fn lost() -> Reply {
    Reply::Error(RefreshError::unknown("lost"))
}

fn kind(call: Call) -> ErrorKind {
    now(call).unwrap_err().kind()
}

/// The pause after a claim took the place of one whose answer was lost.
fn pass_the_takeover(scene: &Scene, call: &mut Call) {
    assert!(poll(call).is_pending(), "it pauses");
    scene.world.pass(SECOND / 5);
}

/// The next request, after the pause.
fn next(scene: &Scene) -> Call {
    scene.world.pass(SECOND);
    scene.call()
}

#[test]
fn promise_11_a_refresh_that_was_not_processed_is_tried_again_while_its_requests_wait() {
    let scene = scene(TokenUse::Learn);
    let (mut first, mut second) = (scene.call(), scene.call());
    scene.desk.will(busy());
    let later = RefreshError::transient("busy").with_retry_after(5 * SECOND);
    scene.desk.will(Reply::Error(later));
    scene.desk.will_grant("a2", "r2");
    for (pause, asked) in [(SECOND, 1), (5 * SECOND, 2)] {
        assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
        assert_eq!(scene.desk.asked().len(), asked);
        scene.world.pass(pause - SECOND / 2);
        assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
        assert_eq!(scene.desk.asked().len(), asked, "it pauses");
        scene.world.pass(SECOND / 2);
    }
    assert_eq!(now(first).unwrap().status(), 200);
    assert_eq!(now(second).unwrap().status(), 200);
    assert_eq!(scene.desk.asked(), ["r1"; 3]);
}

#[test]
fn promise_11_at_most_two_retries_and_then_every_waiter_gets_the_same_error() {
    let scene = scene(TokenUse::Learn);
    let (mut first, mut second) = (scene.call(), scene.call());
    for _ in 0..2 {
        scene.desk.will(busy());
        assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
        scene.world.pass(2 * SECOND);
    }
    scene.desk.will(busy());
    for call in [first, second] {
        assert_eq!(kind(call), ErrorKind::RefreshUnavailable);
    }
    assert_eq!(scene.desk.asked(), ["r1"; 3]);
    assert_eq!(
        kind(scene.call()),
        ErrorKind::RefreshUnavailable,
        "it rests"
    );
    assert_eq!(scene.desk.asked().len(), 3);
}

#[test]
fn promise_8_no_pause_that_does_not_fit_the_deadline() {
    let scene = scene(TokenUse::Learn);
    let later = RefreshError::transient("busy").with_retry_after(24 * SECOND);
    scene.desk.will(Reply::Error(later));
    let error = now(scene.call()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert_eq!(error.retry_after(), Some(24 * SECOND));
}

#[test]
fn promise_9_a_try_after_a_pause_reads_the_store_first() {
    let scene = scene(TokenUse::Learn);
    scene.wire.accept("a7");
    let mut call = scene.call();
    scene.desk.will(busy());
    assert!(poll(&mut call).is_pending(), "it pauses");
    // Another holder's refresh has succeeded meanwhile, so r1 is spent.
    scene.shelf.put(&token("a7", "r7"));
    scene.world.pass(SECOND);
    assert_eq!(now(call).unwrap().status(), 200);
    assert_eq!(scene.desk.asked(), ["r1"]);
}

#[test]
fn promise_20_a_token_that_was_granted_after_a_pause_has_its_whole_lifetime() {
    let scene = scene(TokenUse::Learn);
    let mut call = scene.call();
    let later = RefreshError::transient("busy").with_retry_after(10 * SECOND);
    scene.desk.will(Reply::Error(later));
    assert!(poll(&mut call).is_pending(), "it pauses");
    scene.world.pass(10 * SECOND);
    let granted = TokenResponse::new("a2").unwrap();
    scene
        .desk
        .will(Reply::Token(granted.with_expires_in(5 * SECOND)));
    assert_eq!(now(call).unwrap().status(), 200);
    scene.world.pass(4 * SECOND);
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.desk.asked().len(), 2);
}

#[test]
fn promise_9_a_try_whose_pause_nobody_waited_out_does_not_begin_where_it_may_be_cut() {
    for (left_alone, begins) in [(10, true), (20, false), (3600, false)] {
        let scene = scene(TokenUse::Learn);
        let mut call = scene.call();
        scene.desk.will(busy());
        assert!(poll(&mut call).is_pending(), "it pauses");
        drop(call);
        scene.world.pass(left_alone * SECOND);
        let mut late = scene.call();
        if begins {
            scene.desk.will_grant("a2", "r2");
            assert_eq!(now(late).unwrap().status(), 200);
        } else {
            let landed = poll(&mut late).map(|answer| answer.unwrap_err().kind());
            let unavailable = Poll::Ready(ErrorKind::RefreshUnavailable);
            assert_eq!(landed, unavailable, "{left_alone}");
            assert_eq!(scene.desk.asked(), ["r1"], "{left_alone}");
            // Nothing is lost.
            scene.desk.will_grant("a2", "r2");
            assert_eq!(now(next(&scene)).unwrap().status(), 200);
        }
    }
}

#[test]
fn promise_8_the_last_look_at_the_store_has_its_share_of_the_deadline() {
    let scene = scene(TokenUse::Learn);
    let mut call = scene.call();
    assert!(poll(&mut call).is_pending());
    assert_eq!(scene.desk.asked(), ["r1"]);
    // Another holder has taken over the claim, so the session looks at the store.
    scene.shelf.put(&token("a1", "r7"));
    scene.shelf.be(Mood::HangsToSave);
    scene.world.pass(23 * SECOND);
    scene.desk.will(lost());
    assert!(poll(&mut call).is_pending());
    scene.world.pass(5 * SECOND);
    scene.shelf.be(Mood::HangsToLoad);
    assert!(poll(&mut call).is_pending());
    // The save and the look share a fifth of the 30 seconds of the whole refresh.
    scene.world.pass(SECOND);
    assert_eq!(kind(call), ErrorKind::RefreshUnknown);
}

#[test]
fn promise_13_a_sign_in_during_a_pause_spends_no_other_token() {
    let scene = scene(TokenUse::Learn);
    let mut call = scene.call();
    scene.desk.will(busy());
    assert!(poll(&mut call).is_pending());
    now(scene.session.replace(token("b1", "s1"))).unwrap();
    scene.world.pass(SECOND);
    assert_eq!(kind(call), ErrorKind::Superseded);
    assert_eq!(scene.desk.asked(), ["r1"], "and s1 was not sent");
}

#[test]
fn promise_9_a_lost_answer_is_asked_for_once_more_in_its_flight_with_nothing_left_to_lose() {
    let scene = scene(TokenUse::Learn);
    let (mut first, mut second) = (scene.call(), scene.call());
    scene.desk.will(lost());
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    scene.world.pass(SECOND);
    pass_the_takeover(&scene, &mut first);
    scene.desk.will_grant("a2", "r2");
    assert_eq!(now(first).unwrap().status(), 200);
    assert_eq!(now(second).unwrap().status(), 200);
    assert_eq!(scene.desk.asked(), ["r1"; 2]);
}

#[test]
fn promise_9_twice_is_enough_and_then_only_a_sign_in_helps() {
    let scene = scene(TokenUse::Learn);
    let mut call = scene.call();
    scene.desk.will(lost());
    assert!(poll(&mut call).is_pending(), "it pauses");
    scene.world.pass(SECOND);
    pass_the_takeover(&scene, &mut call);
    scene.desk.will(lost());
    for call in [call, next(&scene)] {
        let error = now(call).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshUnknown);
        assert!(error.is_session_expired() && !error.is_transient());
    }
    assert_eq!(scene.desk.asked(), ["r1"; 2]);
}

#[test]
fn promise_9_without_waiters_the_refresh_is_repeated_later() {
    let scene = Scene::of(World::with_spawner(), token("a1", "r1"), |builder| builder);
    scene.wire.accept("a2");
    let mut call = scene.call();
    assert!(poll(&mut call).is_pending());
    drop(call);
    scene.desk.will(lost());
    assert_eq!(scene.world.run(), 0, "it has landed");
    let resting = now(scene.call()).unwrap_err();
    assert_eq!(resting.kind(), ErrorKind::RefreshUnknown);
    assert_eq!(resting.retry_after(), Some(SECOND));
    assert!(resting.is_transient() && !resting.is_session_expired());
    let mut call = next(&scene);
    pass_the_takeover(&scene, &mut call);
    scene.desk.will_grant("a2", "r2");
    assert_eq!(now(call).unwrap().status(), 200);
    assert_eq!(scene.desk.asked(), ["r1"; 2]);
}

#[test]
fn promise_9_a_token_that_is_still_good_is_not_put_at_risk() {
    let world = World::with_spawner();
    let first = token("a1", "r1").with_expires_at(world.in_time(100 * SECOND));
    let scene = Scene::of(world, first, |builder| builder);
    scene.wire.accept("a1");
    scene.world.pass(95 * SECOND);
    assert_eq!(scene.status(), 200, "an early refresh starts beside it");
    scene.desk.will(lost());
    scene.world.run();
    for _ in 0..4 {
        scene.world.pass(SECOND);
        assert_eq!(scene.status(), 200);
        scene.world.run();
        assert_eq!(scene.desk.asked(), ["r1"], "a1 is still good");
    }
    scene.world.pass(SECOND);
    scene.wire.accept("a2");
    let mut call = scene.call();
    pass_the_takeover(&scene, &mut call);
    scene.desk.will_grant("a2", "r2");
    assert_eq!(now(call).unwrap().status(), 200, "a1 has expired");
    assert_eq!(scene.desk.asked(), ["r1"; 2]);
}

#[test]
fn promise_9_a_token_of_single_use_is_never_sent_twice() {
    let scene = scene(TokenUse::SingleUse);
    scene.desk.will(lost());
    for call in [scene.call(), next(&scene)] {
        let error = now(call).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshUnknown);
        assert!(error.is_session_expired());
    }
    assert_eq!(scene.desk.asked(), ["r1"]);
}

#[test]
fn promise_9_an_answer_that_repeats_the_refresh_token_proves_it_reusable() {
    let scene = scene(TokenUse::Learn);
    scene.desk.will_grant("a2", "r1");
    assert_eq!(scene.status(), 200);
    scene.wire.accept("a3");
    // A flight tries three times; then comes the next one.
    let mut call = scene.call();
    for pause in [1, 2] {
        scene.desk.will(lost());
        assert!(poll(&mut call).is_pending());
        scene.world.pass(pause * SECOND);
        pass_the_takeover(&scene, &mut call);
    }
    scene.desk.will(lost());
    assert!(now(call).unwrap_err().is_transient());
    let mut call = next(&scene);
    pass_the_takeover(&scene, &mut call);
    scene.desk.will_grant("a3", "r1");
    assert_eq!(now(call).unwrap().status(), 200);
    assert_eq!(scene.desk.asked(), ["r1"; 5]);
}

/// Refreshers whose calls spend nothing, or have not begun to send.
#[test]
fn promise_9_a_call_that_spends_nothing_may_hang_or_panic() {
    for costless in [Costless::Says, Costless::HasNoRefreshToken, Costless::Holds] {
        for end in [End::Hangs, End::Panics] {
            let (wire, world) = (Wire::default(), World::default());
            wire.accept("a2");
            let first = reauth::Token::new("a1").unwrap();
            let first = match costless {
                Costless::HasNoRefreshToken => first,
                Costless::Says | Costless::Holds => first.with_refresh_token("r1"),
            };
            let calls = Arc::new(AtomicUsize::new(0));
            let session = Session::builder(wire.clone())
                .origin("https://api.example.com")
                .runtime(world.clone())
                .token_use(TokenUse::SingleUse)
                .refresh_retries(0)
                .refresher(Ends(costless, end, Arc::clone(&calls)))
                .token(first)
                .build()
                .unwrap();
            let request = || {
                Request::get("https://api.example.com/books")
                    .body(())
                    .unwrap()
            };
            let mut call = Box::pin(session.execute(request()));
            if let End::Hangs = end {
                assert!(poll(&mut call).is_pending());
                world.pass(24 * SECOND);
            }
            let error = now(call).unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::RefreshUnavailable,
                "{costless:?} {end:?}"
            );
            world.pass(SECOND);
            let answer = now(session.execute(request())).unwrap();
            assert_eq!(answer.status(), 200, "{costless:?} {end:?}");
            assert_eq!(calls.load(Ordering::Relaxed), 2);
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Costless {
    Says,
    HasNoRefreshToken,
    Holds,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Hangs,
    Panics,
}

/// The first call fails with this error; the second brings `a2`.
struct Ends(Costless, End, Arc<AtomicUsize>);

#[async_trait]
impl TokenRefresher for Ends {
    async fn refresh(&self, call: &TokenCall<'_>) -> Result<TokenResponse, RefreshError> {
        if let Costless::Holds = self.0 {
            call.hold();
        }
        match (self.2.fetch_add(1, Ordering::Relaxed), self.1) {
            (0, End::Hangs) => std::future::pending().await,
            (0, End::Panics) => panic!("SECRET"),
            _ => {
                call.begin()?;
                Ok(TokenResponse::new("a2").unwrap())
            }
        }
    }

    fn spends(&self) -> Spends {
        match self.0 {
            Costless::Says => Spends::Nothing,
            Costless::HasNoRefreshToken | Costless::Holds => Spends::RefreshToken,
        }
    }
}

#[test]
fn promise_2_a_refresh_that_brings_the_refused_token_is_none() {
    let scene = scene(TokenUse::Learn);
    scene.desk.will_grant("a1", "r2");
    let error = now(scene.call()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshUnavailable);
    assert_eq!(error.refused().unwrap().status(), 401);
    assert_eq!(
        scene.wire.seen(),
        ["Bearer a1"],
        "there is nothing to replay with"
    );
    assert_eq!(
        kind(scene.call()),
        ErrorKind::RefreshUnavailable,
        "it rests"
    );
    // What came with the refused token belongs to the session.
    scene.desk.will_grant("a2", "r3");
    assert_eq!(now(next(&scene)).unwrap().status(), 200);
    assert_eq!(scene.desk.asked(), ["r1", "r2"]);
}

#[test]
fn promise_2_a_server_that_has_no_other_token_takes_no_session_down() {
    let scene = scene(TokenUse::Learn);
    scene.desk.will_grant("a1", "r1");
    assert_eq!(kind(scene.call()), ErrorKind::RefreshUnavailable);
    // It was refused by mistake.
    scene.wire.accept("a1");
    for _ in 0..3 {
        assert_eq!(now(next(&scene)).unwrap().status(), 200);
    }
    // A forced refresh brings the same token again, which does no harm.
    scene.desk.will_grant("a1", "r1");
    assert_eq!(now(scene.session.refresh()).unwrap().access_token(), "a1");
    assert_eq!(scene.status(), 200);
}

/// A client that continues a call which was dropped, and reads its body late.
#[test]
fn promise_9_a_call_that_was_given_up_before_it_was_sent_is_not_sent_any_more() {
    let (kept, world) = (Arc::new(Mutex::new(Vec::new())), World::default());
    let calls = Arc::clone(&kept);
    let send = move |request: Request<Body>| {
        let refuses = request.uri().path() != "/token";
        if !refuses {
            calls.lock().unwrap().push(request);
        }
        async move {
            match refuses {
                true => Ok::<_, std::io::Error>(refusal()),
                false => std::future::pending().await,
            }
        }
    };
    let session = Session::builder(from_fn(send, world.clone()))
        .origin("https://api.example.com")
        .token(token("a1", "r1"))
        .token_use(TokenUse::SingleUse)
        .grant(JsonGrant::new("https://api.example.com/token").unwrap())
        .build()
        .unwrap();
    let request = || {
        Request::get("https://api.example.com/books")
            .body(())
            .unwrap()
    };
    let mut first = Box::pin(session.execute(request()));
    assert!(poll(&mut first).is_pending());
    world.pass(24 * SECOND);
    assert_eq!(
        now(first).unwrap_err().kind(),
        ErrorKind::RefreshUnavailable
    );
    world.pass(SECOND);
    let mut second = Box::pin(session.execute(request()));
    assert!(poll(&mut second).is_pending());
    let calls = std::mem::take(&mut *kept.lock().unwrap());
    let sent = calls.into_iter().map(|call| {
        let mut body = call.into_body();
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        now(frame).unwrap().is_ok()
    });
    assert_eq!(sent.collect::<Vec<_>>(), [false, true]);
}

fn refusal() -> Response<String> {
    let mut refusal = Response::new(String::new());
    *refusal.status_mut() = StatusCode::UNAUTHORIZED;
    refusal
}

/// Ten requests a second, against servers that accept a new token 0.3 seconds late.
#[test]
fn promise_2_servers_that_lag_behind_cost_one_rotation() {
    let scene = scene(TokenUse::Learn);
    scene.wire.accept("not yet");
    scene.desk.will_grant("a2", "r2");
    let tick = SECOND / 10;
    let mut statuses = Vec::new();
    for nth in 0..10 {
        if nth == 3 {
            scene.wire.accept("a2");
        }
        let answer = now(scene.call()).unwrap();
        let reason = answer.extensions().get::<Reason>().copied();
        statuses.push((answer.status().as_u16(), reason));
        scene.world.pass(tick);
    }
    let refused = [
        Reason::RefusedAgain,
        Reason::TokenTooFresh,
        Reason::TokenTooFresh,
    ];
    let refused = refused.map(|reason| (401, Some(reason)));
    assert_eq!(statuses[..3], refused);
    assert!(statuses[3..].iter().all(|status| *status == (200, None)));
    assert_eq!(scene.desk.asked(), ["r1"]);
}

#[test]
fn promise_2_a_token_that_was_accepted_is_traded_at_once() {
    let scene = scene(TokenUse::Learn);
    for (accepted, refresh_token) in [("a2", "r2"), ("a3", "r3"), ("a4", "r4")] {
        scene.wire.accept(accepted);
        scene.desk.will_grant(accepted, refresh_token);
        assert_eq!(scene.status(), 200);
    }
    assert_eq!(scene.desk.asked(), ["r1", "r2", "r3"]);
}

#[test]
fn promise_11_a_rest_doubles_or_is_what_the_server_asks_for_whatever_it_says() {
    let scene = scene(TokenUse::Learn);
    let misconfigured = || RefreshError::misconfigured("fix the client");
    let asked = misconfigured().with_retry_after(60 * SECOND);
    let mut rests = Vec::new();
    for error in [misconfigured(), misconfigured(), asked, misconfigured()] {
        scene.desk.will(Reply::Error(error));
        let error = now(scene.call()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshMisconfigured);
        let rest = error.retry_after().unwrap();
        rests.push(rest.as_secs());
        scene.world.pass(rest);
    }
    assert_eq!(rests, [1, 2, 60, 8]);
}

#[test]
fn promise_9_a_session_without_a_token_has_none_to_lose() {
    let (wire, desk, world) = (Wire::default(), Desk::default(), World::default());
    let builder = Session::builder(wire.clone())
        .origin("https://api.example.com")
        .runtime(world.clone())
        .refresher(desk.clone());
    let session = builder.without_token().refresh_retries(0).build().unwrap();
    wire.accept("a1");
    let call = || {
        let request = Request::get("https://api.example.com/books");
        now(session.execute(request.body(()).unwrap()))
    };
    desk.will(lost());
    assert_eq!(call().unwrap_err().kind(), ErrorKind::RefreshUnavailable);
    world.pass(SECOND);
    desk.will(Reply::Token(TokenResponse::new("a1").unwrap()));
    assert_eq!(call().unwrap().status(), 200);
    assert_eq!(desk.asked(), ["nothing"; 2]);
}

#[test]
fn promise_9_within_its_grace_a_refresh_token_is_sent_again_and_after_it_is_not() {
    let scene = scene_without_retries(TokenUse::Grace(3 * SECOND));
    scene.desk.will(lost());
    assert_eq!(kind(scene.call()), ErrorKind::RefreshUnknown);
    let mut again = next(&scene);
    pass_the_takeover(&scene, &mut again);
    scene.desk.will(lost());
    let again = now(again).unwrap_err();
    assert_eq!(again.retry_after(), Some(2 * SECOND));
    scene.world.pass(2 * SECOND);
    let ended = now(scene.call()).unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::RefreshUnknown);
    assert_eq!(ended.retry_after(), None, "sign in again");
    assert!(ended.is_session_expired());
    assert_eq!(scene.desk.asked(), ["r1"; 2]);
}

#[test]
fn promise_9_a_grace_that_ends_before_the_call_is_not_outlived_by_it() {
    let scene = scene_without_retries(TokenUse::Grace(2 * SECOND));
    scene.desk.will(lost());
    assert_eq!(kind(scene.call()), ErrorKind::RefreshUnknown);
    scene.shelf.be(Mood::HangsToLoad);
    let mut late = next(&scene);
    assert!(poll(&mut late).is_pending());
    scene.world.pass(2 * SECOND);
    scene.shelf.be(Mood::Works);
    assert_eq!(kind(late), ErrorKind::RefreshUnknown);
    assert_eq!(scene.desk.asked(), ["r1"], "it was not sent");
}

/// A refresher that waits before it sends its second call, whose first answer was lost.
struct Waits {
    holds: bool,
    calls: AtomicUsize,
    sent: Arc<AtomicUsize>,
    opened: Arc<AtomicBool>,
}

#[async_trait]
impl TokenRefresher for Waits {
    async fn refresh(&self, call: &TokenCall<'_>) -> Result<TokenResponse, RefreshError> {
        if self.calls.fetch_add(1, Ordering::Relaxed) > 0 {
            if self.holds {
                call.hold();
            }
            poll_fn(|_| match self.opened.load(Ordering::Relaxed) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            })
            .await;
            call.begin()?;
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
        Err(RefreshError::unknown("the answer is lost"))
    }
}

#[test]
fn promise_9_a_call_that_would_leave_after_its_grace_is_not_sent() {
    for holds in [true, false] {
        for (waited, sent) in [(3 * SECOND, 1), (SECOND, 2)] {
            let refresher = Waits {
                holds,
                calls: AtomicUsize::new(0),
                sent: Arc::default(),
                opened: Arc::default(),
            };
            let (sent_to, opened) = (Arc::clone(&refresher.sent), Arc::clone(&refresher.opened));
            let world = World::default();
            let scene = Scene::of(world.clone(), token("a1", "r1"), |builder| {
                let grace = TokenUse::Grace(4 * SECOND);
                let builder = builder.refresher(refresher).token_use(grace);
                builder.refresh_retries(0)
            });
            assert_eq!(kind(scene.call()), ErrorKind::RefreshUnknown);
            let mut late = next(&scene);
            assert!(poll(&mut late).is_pending());
            world.pass(waited);
            opened.store(true, Ordering::Relaxed);
            assert!(now(late).is_err());
            assert_eq!(sent_to.load(Ordering::Relaxed), sent, "{holds} {waited:?}");
        }
    }
}

#[test]
fn promise_11_after_a_refusal_the_store_is_looked_at_before_anything_else() {
    for reply in [
        lost(),
        Reply::Error(RefreshError::refused("revoked")),
        Reply::Error(RefreshError::misconfigured("an unknown code")),
    ] {
        let scene = scene_without_retries(TokenUse::Learn);
        scene.wire.accept("a7");
        let mut call = scene.call();
        assert!(poll(&mut call).is_pending());
        assert_eq!(scene.desk.asked(), ["r1"]);
        // Another holder was faster.
        scene.shelf.put(&token("a7", "r7"));
        scene.desk.will(reply);
        assert_eq!(now(call).unwrap().status(), 200);
        assert_eq!(scene.desk.asked().len(), 1);
    }
}

#[test]
fn promise_5_a_token_of_one_second_makes_one_refresh_a_second_and_not_one_a_request() {
    let world = World::with_spawner();
    let first = token("a1", "r1").with_expires_at(world.in_time(SECOND));
    let scene = Scene::of(world.clone(), first, |builder| builder);
    let mut accepted = 1;
    for tick in 0..1_000_u32 {
        // Ten requests every tenth of a second, and a server that expires the token before.
        scene.wire.accept(&format!("a{accepted}"));
        for _ in 0..10 {
            let mut call = scene.call();
            if poll(&mut call).is_pending() {
                accepted += 1;
                scene.wire.accept(&format!("a{accepted}"));
                let granted = TokenResponse::new(format!("a{accepted}")).unwrap();
                scene
                    .desk
                    .will(Reply::Token(granted.with_expires_in(SECOND)));
                assert_eq!(now(call).unwrap().status(), 200, "tick {tick}");
            }
        }
        world.run();
        world.pass(SECOND / 10);
    }
    let refreshes = scene.desk.asked().len();
    assert!(
        (100..=112).contains(&refreshes),
        "{refreshes} in 100 seconds"
    );
}
