//! What an application does with a session besides requests, and the events it gets.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reauth::{
    BearerToken, ErrorKind, Event, EventKind, Generation, Reason, RefreshError, Session,
    SessionBuilder, Token,
};
use support::*;

const SECOND: Duration = Duration::from_secs(1);

/// The events that a listener got, each as a word and a number.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<(u64, String)>>>);

impl Told {
    fn hear(&self, event: &Event) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "more may come")]
        let word = match &event.kind {
            EventKind::Refreshed { generation } => format!("refreshed {}", number(*generation)),
            EventKind::RefreshFailed {
                generation, error, ..
            } => {
                format!("failed {} {:?}", number(*generation), error.kind())
            }
            EventKind::Saved => "saved".to_owned(),
            EventKind::SaveFailed { error } => format!("not saved: {error}"),
            EventKind::SignedIn { generation } => format!("in {}", number(*generation)),
            EventKind::SignedOut { generation } => format!("out {}", number(*generation)),
            EventKind::Replayed { generation } => format!("replayed {}", number(*generation)),
            EventKind::ReplayRefused { generation, reason } => {
                format!("kept {} {reason:?}", number(*generation))
            }
            EventKind::Revoked => "revoked".to_owned(),
            _ => "not revoked".to_owned(),
        };
        self.0.lock().unwrap().push((event.number, word));
    }

    /// All events so far, numbered without a gap.
    fn words(&self) -> Vec<String> {
        let told = self.0.lock().unwrap();
        for (expected, (number, word)) in (1..).zip(told.iter()) {
            assert_eq!(*number, expected, "{word}");
        }
        told.iter().map(|(_, word)| word.clone()).collect()
    }
}

/// How many events came before it.
fn number(generation: Generation) -> usize {
    let mut earlier = Generation::FIRST;
    let mut number = 0;
    while earlier < generation {
        earlier = earlier.next();
        number += 1;
    }
    number
}

fn listening(
    world: World,
    token: Token,
    options: impl FnOnce(SessionBuilder<Wire>) -> SessionBuilder<Wire>,
) -> (Scene, Told) {
    let told = Told::default();
    let ear = told.clone();
    let scene = Scene::of(world, token, |builder| {
        options(builder.on_event(move |event| ear.hear(event)))
    });
    (scene, told)
}

fn scene() -> (Scene, Told) {
    listening(World::default(), token("a1", "r1"), |builder| builder)
}

fn text(token: &BearerToken) -> &str {
    token.access_token()
}

#[test]
fn a_refresh_is_one_event_however_many_waited_for_it() {
    let (scene, told) = scene();
    scene.wire.accept("a2");
    let mut calls: Vec<_> = (0..8).map(|_| scene.call()).collect();
    for call in &mut calls {
        assert!(poll(call).is_pending());
    }
    scene.desk.will_grant("a2", "r2");
    for call in calls {
        assert_eq!(now(call).unwrap().status(), 200);
    }
    // The others started when their token was already known to be refused.
    let words = ["saved", "saved", "refreshed 1", "replayed 1"];
    assert_eq!(told.words(), words);
    let counts = scene.session.counts();
    assert_eq!(
        (counts.refreshes, counts.refreshed, counts.failed),
        (1, 1, 0)
    );
    assert_eq!((counts.joined, counts.replayed, counts.spared), (7, 1, 0));
}

#[test]
fn what_fails_is_told_once_and_why() {
    let (scene, told) = scene();
    let (mut first, mut second) = (scene.call(), scene.call());
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    scene
        .desk
        .will(Reply::Error(RefreshError::refused("revoked")));
    for call in [first, second] {
        assert_eq!(now(call).unwrap_err().kind(), ErrorKind::SessionExpired);
    }
    assert_eq!(told.words(), ["saved", "failed 0 Refused"]);
    let counts = scene.session.counts();
    assert_eq!((counts.refreshes, counts.failed, counts.refused), (1, 1, 1));

    scene.shelf.be(Mood::FailsToSave);
    _ = now(scene.session.replace(token("b1", "s1"))).unwrap_err();
    scene.shelf.be(Mood::Works);
    now(scene.session.sign_out()).unwrap();
    let words = told.words();
    assert_eq!(
        words[2..],
        ["in 1", "not saved: the shelf is full", "out 2", "saved"]
    );
}

#[test]
fn a_refusal_that_is_the_callers_is_told_with_its_reason() {
    let (scene, told) = scene();
    scene.desk.will_grant("a2", "r2");
    assert_eq!(scene.status(), 401);
    let kept = format!("kept 1 {:?}", Reason::RefusedAgain);
    assert_eq!(
        told.words(),
        ["saved", "saved", "refreshed 1", "replayed 1", &kept]
    );
    assert_eq!(scene.session.counts().replays_refused, 1);
}

#[test]
fn promise_8_a_listener_that_panics_or_calls_back_poisons_nothing() {
    let session: Arc<Mutex<Option<Session<Wire>>>> = Arc::default();
    let (back, told) = (Arc::clone(&session), Told::default());
    let ear = told.clone();
    let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder
            .on_event(|_| panic!("a listener"))
            .on_event(move |event| {
                ear.hear(event);
                let session = back.lock().unwrap().take();
                // It signs out inside an event, so that event is delivered after it.
                if let Some(session) = session {
                    now(session.sign_out()).unwrap();
                }
            })
    });
    *session.lock().unwrap() = Some(scene.session.clone());
    now(scene.session.replace(token("b1", "s1"))).unwrap();
    assert_eq!(told.words(), ["saved", "in 1", "out 2", "saved"]);
    assert_eq!(now(scene.call()).unwrap_err().kind(), ErrorKind::SignedOut);
}

#[test]
fn a_token_in_hand_is_refreshed_if_need_be_and_reported_into_the_same_flight() {
    let (scene, _) = scene();
    let held = now(scene.session.token()).unwrap();
    assert_eq!(
        (text(&held), held.authorization().is_sensitive()),
        ("a1", true)
    );
    assert!(!format!("{held:?}").contains("a1"));

    // Its server refuses the token, and a request is refused too: one refresh for both.
    scene.wire.accept("a2");
    let mut reported = Box::pin(scene.session.report_rejected(held.generation()));
    let mut call = scene.call();
    assert!(poll(&mut reported).is_pending() && poll(&mut call).is_pending());
    scene.desk.will_grant("a2", "r2");
    let newer = now(reported).unwrap();
    assert_eq!(text(&newer), "a2");
    assert_eq!(now(call).unwrap().status(), 200);
    assert_eq!(scene.desk.asked(), ["r1"]);

    // A late report finds the newer token.
    let late = now(scene.session.report_rejected(held.generation())).unwrap();
    assert_eq!((text(&late), scene.desk.asked().len()), ("a2", 1));
    assert_eq!(scene.session.counts().spared, 1);
}

#[test]
fn promise_3_a_token_of_somebody_before_is_not_exchanged() {
    let (scene, _) = scene();
    let held = now(scene.session.token()).unwrap();
    now(scene.session.replace(token("b1", "s1"))).unwrap();
    let error = now(scene.session.report_rejected(held.generation())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Superseded);
    assert!(scene.desk.asked().is_empty());
    now(scene.session.sign_out()).unwrap();
    assert_eq!(
        now(scene.session.token()).unwrap_err().kind(),
        ErrorKind::SignedOut
    );
}

#[test]
fn a_token_about_to_expire_is_renewed_before_it_is_given_out() {
    let world = World::default();
    let short = token("a1", "r1").with_expires_at(world.in_time(10 * SECOND));
    let (scene, _) = listening(world.clone(), short, |builder| builder);
    world.pass(8 * SECOND);
    scene.desk.will_grant("a2", "r2");
    assert_eq!(text(&now(scene.session.token()).unwrap()), "a2");
}

#[test]
fn a_refresh_by_force_needs_no_refusal() {
    let (scene, told) = scene();
    scene.wire.accept("a1");
    assert_eq!(scene.status(), 200);
    scene.desk.will_grant("a2", "r2");
    scene.wire.accept("a2");
    assert_eq!(text(&now(scene.session.refresh()).unwrap()), "a2");
    assert_eq!(scene.status(), 200);
    assert_eq!(told.words(), ["saved", "saved", "refreshed 1"]);
}
