use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::FutureExt;
use futures_util::task::noop_waker;

use super::*;
use crate::Token;

fn now<T>(future: impl Future<Output = Result<T, StoreError>>) -> T {
    future.now_or_never().expect("no wait").expect("no failure")
}

fn signed_in(access_token: &str) -> Record {
    Record::signed_in(Token::new(access_token).expect("valid"), None)
}

fn save(store: &MemoryStore, expected: Option<&Version>) -> Version {
    match now(store.save_if(expected, &signed_in("a"))) {
        Saved::Kept(version) => version,
        Saved::Conflict(_) => panic!("as expected"),
    }
}

fn access_token(stored: Option<Stored>) -> Option<String> {
    let record = stored.expect("something was saved").record;
    record.token().map(|token| token.access_token().to_owned())
}

#[test]
fn what_is_not_as_expected_stays() {
    let store = MemoryStore::new();
    assert!(now(store.load()).is_none());
    let saved = now(store.save_if(Some(&7.into()), &signed_in("a")));
    assert!(matches!(saved, Saved::Conflict(None)));

    let first = save(&store, None);
    let Saved::Conflict(Some(there)) = now(store.save_if(None, &signed_in("b"))) else {
        panic!("something was there");
    };
    assert_eq!(there.version, first);

    let record = there.record.refreshed(Token::new("b").expect("valid"));
    let Saved::Kept(second) = now(store.save_if(Some(&first), &record)) else {
        panic!("as expected");
    };
    assert_ne!(first, second);
    let out = Record::signed_in(None, Some(&record));
    let late = now(store.save_if(Some(&first), &out));
    assert!(matches!(late, Saved::Conflict(Some(_))));
    assert_eq!(access_token(now(store.load())).as_deref(), Some("b"));

    let Saved::Kept(third) = now(store.save_if(Some(&second), &out)) else {
        panic!("as expected");
    };
    let stored = now(store.load());
    assert_eq!(stored.as_ref().map(|stored| &stored.version), Some(&third));
    assert_eq!(access_token(stored), None);
    let late = now(store.save_if(None, &signed_in("a")));
    assert!(
        matches!(late, Saved::Conflict(Some(_))),
        "expected before the sign-out"
    );
}

/// Counts how often it was woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Woken {
    fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn poll(future: &mut (impl Future<Output = ()> + Unpin), waker: &Waker) -> Poll<()> {
    future.poll_unpin(&mut Context::from_waker(waker))
}

#[test]
fn a_change_wakes_all_who_wait_for_it() {
    let store = MemoryStore::new();
    let woken = [(); 3].map(|()| Arc::new(Woken::default()));
    let mut waiting = [(); 3].map(|()| store.changed(None));
    for (changed, woken) in waiting.iter_mut().zip(&woken) {
        let waker = Waker::from(Arc::clone(woken));
        assert!(poll(changed, &waker).is_pending());
        assert!(poll(changed, &waker).is_pending());
    }
    _ = now(store.save_if(Some(&7.into()), &signed_in("a")));
    assert!(
        woken.iter().all(|woken| woken.times() == 0),
        "nothing has changed"
    );
    save(&store, None);
    for (changed, woken) in waiting.iter_mut().zip(&woken) {
        assert_eq!(woken.times(), 1);
        assert!(poll(changed, &noop_waker()).is_ready());
    }
}

#[test]
fn a_change_that_is_already_there_is_not_waited_for() {
    let store = MemoryStore::new();
    let first = save(&store, None);
    assert!(store.changed(None).now_or_never().is_some());
    assert!(store.changed(Some(&first)).now_or_never().is_none());
    // After the future was made, before it registers.
    let mut late = store.changed(Some(&first));
    save(&store, Some(&first));
    assert!(poll(&mut late, &noop_waker()).is_ready());
}

#[test]
fn who_moves_to_another_task_is_woken_there() {
    let store = MemoryStore::new();
    let [old, new] = [(); 2].map(|()| Arc::new(Woken::default()));
    let mut changed = store.changed(None);
    assert!(poll(&mut changed, &Waker::from(Arc::clone(&old))).is_pending());
    assert!(poll(&mut changed, &Waker::from(Arc::clone(&new))).is_pending());
    save(&store, None);
    assert_eq!((old.times(), new.times()), (0, 1));
}

#[test]
fn promise_7_who_leaves_is_forgotten() {
    let store = MemoryStore::new();
    let woken = Arc::new(Woken::default());
    for _ in 0..3 {
        let mut changed = store.changed(None);
        assert!(poll(&mut changed, &Waker::from(Arc::clone(&woken))).is_pending());
        assert_eq!(Arc::strong_count(&woken), 2);
    }
    assert_eq!(Arc::strong_count(&woken), 1, "no waker is left");
    save(&store, None);
    assert_eq!(woken.times(), 0);
}

/// Calls the store when it is woken, and when it is dropped, as a task may that owns a future.
struct Calls(Arc<MemoryStore>);

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        assert!(now(self.0.load()).is_some());
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        _ = now(self.0.load());
    }
}

#[test]
fn who_is_woken_may_call_the_store() {
    let store = Arc::new(MemoryStore::new());
    let waker = || Waker::from(Arc::new(Calls(Arc::clone(&store))));
    let mut changed = store.changed(None);
    assert!(poll(&mut changed, &waker()).is_pending());
    assert!(poll(&mut changed, &waker()).is_pending());
    save(&store, None);
    let version = now(store.load()).map(|stored| stored.version);
    let mut left = store.changed(version.as_ref());
    assert!(poll(&mut left, &waker()).is_pending());
    drop(left);
}

#[test]
fn no_change_between_the_check_and_the_registration_is_missed() {
    for _ in 0..200 {
        let store = Arc::new(MemoryStore::new());
        std::thread::scope(|scope| {
            scope.spawn(|| save(&store, None));
            // Ends only if the change is seen.
            let waiting = Arc::clone(&store);
            scope.spawn(move || block_on(waiting.changed(None)));
        });
    }
}

/// Unparks a thread.
struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on(future: impl Future<Output = ()>) {
    let mut future = std::pin::pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    while future
        .as_mut()
        .poll(&mut Context::from_waker(&waker))
        .is_pending()
    {
        std::thread::park();
    }
}
