//! Sessions that share a store behave as one.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response};
use reauth::store::{Record, Saved, StoreError, Stored, TokenStore, Version};
use reauth::{
    ErrorKind, Event, EventKind, RefreshError, Revocation, RevocationError, SessionBuilder, Token,
    async_trait,
};
use support::*;

const SECOND: Duration = Duration::from_secs(1);

/// The events of a session that concern others.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn listen(&self, builder: SessionBuilder<Wire>) -> SessionBuilder<Wire> {
        let told = self.clone();
        builder.on_event(move |event| told.hear(event))
    }

    fn hear(&self, event: &Event) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the rest concerns no other")]
        let word = match &event.kind {
            EventKind::Adopted { .. } => "adopted".to_owned(),
            EventKind::ClaimedElsewhere { holder, .. } => format!("claimed by {holder}"),
            EventKind::SignedInElsewhere { .. } => "in elsewhere".to_owned(),
            EventKind::SignedOutElsewhere { .. } => "out elsewhere".to_owned(),
            EventKind::Revoked => "revoked".to_owned(),
            _ => return,
        };
        self.0.lock().unwrap().push(word);
    }

    fn words(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A store that counts loads and conflicts, and can answer as a replica that lags.
#[derive(Clone)]
struct Spy {
    shelf: Shelf,
    lag: Arc<Mutex<Option<Stored>>>,
    loads: Arc<AtomicUsize>,
    conflicts: Arc<AtomicUsize>,
}

impl Spy {
    fn new(shelf: &Shelf) -> Self {
        Self {
            shelf: shelf.clone(),
            lag: Arc::default(),
            loads: Arc::default(),
            conflicts: Arc::default(),
        }
    }

    fn loads(&self) -> usize {
        self.loads.swap(0, Ordering::Relaxed)
    }
}

#[async_trait]
impl TokenStore for Spy {
    async fn load(&self) -> Result<Option<Stored>, StoreError> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        let lags = self.lag.lock().unwrap().clone();
        match lags {
            Some(earlier) => Ok(Some(earlier)),
            None => self.shelf.load().await,
        }
    }

    async fn save_if(
        &self,
        expected: Option<&Version>,
        record: &Record,
    ) -> Result<Saved, StoreError> {
        let saved = self.shelf.save_if(expected, record).await?;
        if let Saved::Conflict(_) = saved {
            self.conflicts.fetch_add(1, Ordering::Relaxed);
        }
        Ok(saved)
    }
}

fn stored(shelf: &Shelf) -> Stored {
    now(shelf.kept.load()).unwrap().unwrap()
}

fn refused() -> Reply {
    Reply::Error(RefreshError::refused("invalid_grant"))
}

#[test]
fn promise_10_a_session_that_only_closes_writes_nothing() {
    let first = Scene::new();
    let second = first.beside(|builder| builder);
    first.wire.accept("a2");
    let mut call = first.call();
    assert!(poll(&mut call).is_pending());
    let before = stored(&first.shelf).version;
    now(second.session.close()).unwrap();
    assert_eq!(stored(&first.shelf).version, before);

    first.desk.will_grant("a2", "r2");
    assert_eq!(now(call).unwrap().status(), 200);
    assert_eq!(first.shelf.access_token().unwrap(), "a2");
    assert_eq!(second.status(), 200);
    assert!(second.desk.asked().is_empty());
}

#[test]
fn promise_25_a_record_from_before_is_neither_adopted_nor_sent_nor_put_back() {
    let first = Scene::new();
    let earlier = stored(&first.shelf);
    let spy = Spy::new(&first.shelf);
    let second = first.beside(|builder| builder.store(spy.clone()));
    first.shelf.put(&token("a2", "r2"));
    first.wire.accept("a2");
    assert_eq!(second.status(), 200, "it adopts");

    *spy.lag.lock().unwrap() = Some(earlier);
    first.wire.accept("a3");
    second.desk.will_grant("a3", "r3");
    assert_eq!(second.status(), 200);
    assert_eq!(second.desk.asked(), ["r2"], "r1 is spent");
    assert_eq!(spy.conflicts.load(Ordering::Relaxed), 1);
    let seen = first.wire.seen();
    assert_eq!(seen, ["Bearer a1", "Bearer a2", "Bearer a2", "Bearer a3"]);
    assert_eq!(first.shelf.access_token().unwrap(), "a3");
}

#[test]
fn promise_25_the_loser_of_a_race_adopts_whatever_the_server_said() {
    for reply in [
        Reply::Error(RefreshError::unknown("500")),
        Reply::Error(RefreshError::transient("429")),
        Reply::Error(RefreshError::misconfigured("invalid_client")),
        refused(),
        Reply::Panic,
    ] {
        let scene = Scene::new();
        scene.wire.accept("a2");
        let mut call = scene.call();
        assert!(poll(&mut call).is_pending());
        scene.shelf.put(&token("a2", "r2"));
        scene.desk.will(reply);
        assert_eq!(now(call).unwrap().status(), 200);
        assert_eq!(scene.desk.asked(), ["r1"]);
        assert_eq!(scene.shelf.access_token().unwrap(), "a2");
    }
}

#[test]
fn promise_25_after_a_refusal_no_token_is_adopted_that_was_refused_or_has_expired() {
    let expired = token("a9", "r7").with_expires_at(SystemTime::UNIX_EPOCH);
    for found in [token("a1", "r7"), expired] {
        let scene = Scene::new();
        scene.wire.accept("a2");
        let mut call = scene.call();
        assert!(poll(&mut call).is_pending());
        scene.shelf.put(&found);
        scene.desk.will(refused());
        let error = now(call).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SessionExpired);
        assert_eq!(scene.wire.seen(), ["Bearer a1"]);
        // Its refresh token is alive.
        scene.desk.will_grant("a2", "r8");
        assert_eq!(scene.status(), 200);
        assert_eq!(scene.desk.asked(), ["r1", "r7"]);
    }
}

#[test]
fn promise_3_a_request_refused_before_a_sign_in_elsewhere_is_not_replayed_after_it() {
    let upload = |scene: &Scene| {
        let session = scene.session.clone();
        let request = Request::post("https://api.example.com/books");
        let request = request.body("from the first user").unwrap();
        Box::pin(async move { session.execute(request).await })
    };
    // Before the store is looked at, and while the token server is asked.
    for departs in [false, true] {
        let told = Told::default();
        let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
            told.listen(builder)
        });
        let mut call = upload(&scene);
        if departs {
            assert!(poll(&mut call).is_pending());
        }
        scene.shelf.sign_in(Some(token("b1", "s1")));
        scene.wire.accept("b1");
        scene.desk.will_grant("a2", "r2");
        let error = now(call).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Superseded, "{departs}");
        assert_eq!(error.refused().unwrap().status(), 401);
        assert_eq!(scene.wire.seen(), ["Bearer a1"]);
        assert_eq!(told.words(), ["in elsewhere"]);
        assert_eq!(scene.desk.asked().len(), usize::from(departs));

        assert_eq!(scene.status(), 200, "the next one is the second user's");
        assert_eq!(scene.wire.seen(), ["Bearer a1", "Bearer b1"]);
        assert_eq!(scene.shelf.access_token().unwrap(), "b1");
    }
}

#[test]
fn promise_11_a_session_that_ended_looks_at_once_and_then_after_growing_pauses() {
    for ended in ["refused", "signed out"] {
        let first = Scene::new();
        let (spy, told) = (Spy::new(&first.shelf), Told::default());
        let scene = first.beside(|builder| told.listen(builder.store(spy.clone())));
        let kind = match ended {
            "refused" => {
                scene.desk.will(refused());
                let error = now(scene.call()).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::SessionExpired);
                ErrorKind::SessionExpired
            }
            _ => {
                now(scene.session.sign_out()).unwrap();
                ErrorKind::SignedOut
            }
        };
        spy.loads();
        for pause in [1, 2, 4, 8, 16, 30, 30] {
            let error = now(scene.call()).unwrap_err();
            assert_eq!((error.kind(), spy.loads()), (kind, 1), "{ended}, {pause}");
            scene.world.pass(pause * SECOND - SECOND / 10);
            let error = now(scene.call()).unwrap_err();
            assert_eq!((error.kind(), spy.loads()), (kind, 0), "{ended}, {pause}");
            scene.world.pass(SECOND / 10);
        }
        first.shelf.sign_in(Some(token("b1", "s1")));
        scene.wire.accept("b1");
        assert_eq!(scene.status(), 200, "{ended}");
        assert_eq!(told.words(), ["in elsewhere"]);
        assert_eq!(scene.desk.asked().len(), usize::from(ended == "refused"));
    }
}

#[test]
fn promise_11_a_session_that_ended_serves_its_first_request_after_a_sign_in_elsewhere() {
    let scene = Scene::new();
    let other = scene.beside(|builder| builder);
    now(scene.session.sign_out()).unwrap();
    now(other.session.replace(token("b1", "s1"))).unwrap();
    scene.wire.accept("b1");
    assert_eq!(scene.status(), 200);
    assert!(scene.desk.asked().is_empty());
}

#[test]
fn promise_11_what_the_server_refused_is_sent_by_no_holder_again() {
    let first = Scene::new();
    let second = first.beside(|builder| builder);
    first.desk.will(refused());
    for session in [&first, &second] {
        let error = now(session.call()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SessionExpired);
    }
    let third = first.beside(|builder| builder);
    assert_eq!(
        now(third.call()).unwrap_err().kind(),
        ErrorKind::SessionExpired
    );
    let asked = [&first, &second, &third].map(|session| session.desk.asked().len());
    assert_eq!(asked, [1, 0, 0]);
}

#[test]
fn promise_11_a_misconfigured_holder_does_not_end_the_others() {
    let first = Scene::new();
    let second = first.beside(|builder| builder);
    let error = RefreshError::misconfigured("invalid_client");
    first.desk.will(Reply::Error(error));
    let error = now(first.call()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshMisconfigured);
    first.wire.accept("a2");
    second.desk.will_grant("a2", "r2");
    assert_eq!(second.status(), 200);
    assert_eq!(second.desk.asked(), ["r1"]);
    first.world.pass(SECOND);
    assert_eq!(first.status(), 200);
}

#[test]
fn promise_13_what_could_not_be_delivered_is_not_delivered_over_anothers_sign_in() {
    let signs = [None, Some(token("b1", "s1"))];
    let others = [None, Some(token("c1", "t1"))];
    for (sign, other) in signs
        .iter()
        .flat_map(|s| others.iter().map(move |o| (s, o)))
    {
        let told = Told::default();
        let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
            told.listen(builder)
        });
        scene.shelf.be(Mood::FailsToSave);
        let failed = match sign {
            Some(token) => now(scene.session.replace(token.clone())),
            None => now(scene.session.sign_out()),
        };
        assert_eq!(failed.unwrap_err().kind(), ErrorKind::Store);
        scene.shelf.sign_in(other.clone());
        let before = stored(&scene.shelf).version;
        scene.shelf.be(Mood::Works);
        now(scene.session.close()).unwrap();
        assert_eq!(stored(&scene.shelf).version, before, "{sign:?}, {other:?}");

        // It follows.
        scene.wire.accept("c1");
        let answer = now(scene.call());
        match other {
            Some(_) => {
                assert_eq!(answer.unwrap().status(), 200);
                assert_eq!(told.words(), ["in elsewhere"]);
            }
            None => {
                assert_eq!(answer.unwrap_err().kind(), ErrorKind::SignedOut);
                assert_eq!(told.words(), ["out elsewhere"]);
            }
        }
    }
}

#[test]
fn promise_13_a_sign_in_that_lost_to_another_says_so() {
    let told = Told::default();
    let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
        told.listen(builder)
    });
    scene.shelf.be(Mood::HangsToSave);
    let mut replace = Box::pin(scene.session.replace(token("b1", "s1")));
    assert!(poll(&mut replace).is_pending());
    scene.shelf.sign_in(Some(token("c1", "t1")));
    scene.shelf.be(Mood::Works);
    let error = now(replace).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Superseded);
    assert_eq!(told.words(), ["in elsewhere"]);
    scene.wire.accept("c1");
    assert_eq!(scene.status(), 200);
    assert_eq!(scene.shelf.access_token().unwrap(), "c1");
}

/// Revokes a refresh token.
struct Revokes;

impl Revocation for Revokes {
    fn request(&self, token: &Token) -> Request<Bytes> {
        let refresh_token = token.refresh_token().unwrap();
        let mut credential = HeaderValue::try_from(format!("Revoke {refresh_token}")).unwrap();
        credential.set_sensitive(true);
        let request = Request::post("https://api.example.com/revoke");
        let request = request.header(AUTHORIZATION, credential);
        request.body(Bytes::new()).unwrap()
    }

    fn response(&self, _: &Response<Bytes>) -> Result<(), RevocationError> {
        Ok(())
    }
}

#[test]
fn promise_13_a_token_that_comes_after_a_sign_in_elsewhere_is_thrown_away_and_revoked() {
    for fence in [None, Some(token("b1", "s1"))] {
        let told = Told::default();
        let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
            told.listen(builder.revocation(Revokes))
        });
        let mut call = scene.call();
        assert!(poll(&mut call).is_pending());
        scene.shelf.sign_in(fence.clone());
        let before = stored(&scene.shelf).version;
        scene.desk.will_grant("a2", "r2");
        let error = now(call).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Superseded);
        assert_eq!(scene.wire.seen(), ["Bearer a1", "Revoke r2"]);
        assert_eq!(stored(&scene.shelf).version, before);
        let follows = match fence {
            Some(_) => "in elsewhere",
            None => "out elsewhere",
        };
        assert_eq!(told.words(), [follows, "revoked"]);
    }
}

#[test]
fn promise_26_a_flight_says_once_that_it_waits_and_then_what_it_found() {
    let first = Scene::of(World::default(), token("a1", "r1"), |builder| {
        builder.holder("a terminal")
    });
    let told = Told::default();
    let second = first.beside(|builder| told.listen(builder));
    first.wire.accept("a2");
    let (mut departs, mut waits) = (first.call(), second.call());
    assert!(poll(&mut departs).is_pending());
    for _ in 0..10 {
        assert!(poll(&mut waits).is_pending());
        first.world.pass(SECOND);
    }
    assert_eq!(told.words(), ["claimed by a terminal"]);
    first.desk.will_grant("a2", "r2");
    assert_eq!(now(departs).unwrap().status(), 200);
    first.world.pass(2 * SECOND);
    let Poll::Ready(answer) = poll(&mut waits) else {
        panic!("it looks again within two seconds");
    };
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(told.words(), ["adopted"]);
    let counts = second.session.counts();
    assert_eq!((counts.adopted, counts.refreshed), (1, 0));
    assert!(second.desk.asked().is_empty());
}
