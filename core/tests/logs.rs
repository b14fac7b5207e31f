//! What an application finds in its log without any setup.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use reauth::{RefreshError, TokenUse};
use support::*;
use tracing::field::{Field, Visit};
use tracing::{Level, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, registry};

/// Every line of the log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<(Level, String)>>>);

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut line = Line(event.metadata().target().to_owned());
        event.record(&mut line);
        let level = *event.metadata().level();
        self.0.lock().unwrap().push((level, line.0));
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Lines {
    /// What was logged meanwhile.
    fn of(work: impl FnOnce()) -> Vec<(Level, String)> {
        let lines = Self::default();
        let subscriber = registry().with(lines.clone());
        tracing::subscriber::with_default(subscriber, work);
        let lines = std::mem::take(&mut *lines.0.lock().unwrap());
        lines
            .into_iter()
            .filter(|(_, line)| line.starts_with("reauth "))
            .collect()
    }
}

fn refresh_that_fails(error: RefreshError, token_use: TokenUse) -> (Level, String) {
    let mut lines = Lines::of(|| {
        let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
            builder.refresh_retries(0).token_use(token_use)
        });
        scene.desk.will(Reply::Error(error));
        for _ in 0..3 {
            now(scene.call()).unwrap_err();
        }
    });
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

#[test]
fn a_refresh_that_fails_is_one_line_that_says_what_to_do() {
    for (error, words) in [
        (RefreshError::transient("CANARY"), "asks again later"),
        (RefreshError::misconfigured("CANARY"), "check the grant"),
        (RefreshError::unknown("CANARY"), "asks once more"),
    ] {
        let (level, line) = refresh_that_fails(error, TokenUse::Learn);
        assert_eq!(level, Level::WARN, "{line}");
        assert!(
            line.contains(words) && line.contains("retry_after_s="),
            "{line}"
        );
        assert!(!line.contains("CANARY"), "{line}");
    }
}

#[test]
fn a_session_that_ends_is_one_line_that_says_what_to_do() {
    for (error, token_use) in [
        (RefreshError::refused("CANARY"), TokenUse::Learn),
        (RefreshError::unknown("CANARY"), TokenUse::SingleUse),
    ] {
        let (level, line) = refresh_that_fails(error, token_use);
        assert_eq!(level, Level::ERROR, "{line}");
        assert!(line.contains("sign in again"), "{line}");
        assert!(!line.contains("CANARY"), "{line}");
    }
}

#[test]
fn a_token_that_is_not_saved_is_one_line_and_what_goes_well_is_none() {
    let mut failed = 0;
    let lines = Lines::of(|| {
        let scene = Scene::new();
        scene.wire.accept("a2");
        let mut call = scene.call();
        assert!(poll(&mut call).is_pending());
        scene.shelf.be(Mood::FailsToSave);
        scene.desk.will_grant("a2", "r2");
        assert_eq!(now(call).unwrap().status(), 200);
        failed = scene.session.counts().saves_failed;
    });
    assert!(failed > 0);
    assert_eq!(lines.len() as u64, failed, "{lines:?}");
    for (level, line) in lines {
        assert!(
            level == Level::WARN && line.contains("check the store"),
            "{line}"
        );
    }
    let lines = Lines::of(|| {
        let scene = Scene::new();
        scene.wire.accept("a2");
        scene.desk.will_grant("a2", "r2");
        assert_eq!(scene.status(), 200);
        now(scene.session.sign_out()).unwrap();
    });
    assert_eq!(lines, []);
}

/// A `tracing` subscriber that panics at the first line.
struct Panics(std::sync::atomic::AtomicBool);

impl<S: Subscriber> Layer<S> for Panics {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let first = !self.0.swap(true, std::sync::atomic::Ordering::Relaxed);
        assert!(
            !first || event.metadata().target() != "reauth",
            "the disk is full"
        );
    }
}

#[test]
fn promise_8_a_subscriber_that_panics_poisons_nothing() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let subscriber = registry().with(Panics(false.into()));
    tracing::subscriber::with_default(subscriber, || {
        let hears = Arc::clone(&told);
        let scene = Scene::of(World::default(), token("a1", "r1"), |builder| {
            let builder = builder.refresh_retries(0);
            builder.on_event(move |event| hears.lock().unwrap().push(event.number))
        });
        scene
            .desk
            .will(Reply::Error(RefreshError::transient("down")));
        assert!(now(scene.call()).unwrap_err().is_transient());
        scene.world.pass(std::time::Duration::from_secs(5));
        scene.wire.accept("a2");
        scene.desk.will_grant("a2", "r2");
        assert_eq!(scene.status(), 200);
    });
    let told = told.lock().unwrap();
    assert!(
        told.len() > 2 && told.windows(2).all(|pair| pair[0] + 1 == pair[1]),
        "{told:?}"
    );
}
