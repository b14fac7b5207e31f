//! Real threads and sockets, against a server that expires tokens at random.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reauth_mock_api::MockApi;
use support::*;
use tokio::task::{JoinSet, yield_now};

const WORKERS: usize = 8;
const REQUESTS: usize = 10_000;

/// How many requests each worker has started; `usize::MAX` once it is done.
type Begun = Arc<[AtomicUsize; WORKERS]>;

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn promise_2_eight_threads_and_ten_thousand_requests_reuse_no_token_and_fail_none() {
    let api = Arc::new(rotating());
    // More expiries in a second than a real server has.
    let builder = builder(&api).refresh_limit(u32::MAX, Duration::from_secs(1));
    let session = builder.build().unwrap();
    let begun = Begun::default();
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        let (session, api, begun) = (session.clone(), api.clone(), begun.clone());
        workers.spawn(async move {
            for _ in 0..REQUESTS / WORKERS {
                begun[worker].fetch_add(1, Ordering::SeqCst);
                let answer = books(&session, &api).await;
                assert_eq!(answer.unwrap().status(), 200);
            }
            begun[worker].store(usize::MAX, Ordering::SeqCst);
        });
    }
    let expirer = tokio::spawn(expire_at_random(api.clone(), begun));
    while let Some(done) = workers.join_next().await {
        done.unwrap();
    }
    let expiries = expirer.await.unwrap();

    let counts = api.counts();
    assert_eq!(counts.books_ok, REQUESTS, "each was served once");
    assert_eq!(counts.reuses, 0);
    assert_eq!(counts.refreshes, counts.refreshed, "none was refused");
    // Every refresh follows an expiry: of the first token, or one of the expiries above.
    assert!(counts.refreshes <= expiries + 1);
    assert!(counts.refreshes > 20, "{} refreshes", counts.refreshes);
    println!(
        "{} requests, {} refreshes",
        counts.books_ok, counts.refreshes
    );
}

/// Expires every token again and again, but never twice during one request, whose second 401
/// would go to its caller.
async fn expire_at_random(api: Arc<MockApi>, begun: Begun) -> usize {
    let random = RandomState::new();
    let mut expiries = 0;
    let mut refreshed = 0;
    loop {
        while api.counts().refreshed == refreshed {
            if begun.iter().all(is_through) {
                return expiries;
            }
            yield_now().await;
        }
        refreshed = api.counts().refreshed;
        // One more than is needed, and up to 64 beyond that.
        let more = 2 + (random.hash_one(expiries) % 64) as usize;
        let seen: Vec<_> = begun.iter().map(|n| n.load(Ordering::SeqCst)).collect();
        for (worker, seen) in begun.iter().zip(seen) {
            while !is_through(worker) && worker.load(Ordering::SeqCst) < seen.saturating_add(more) {
                yield_now().await;
            }
        }
        api.expire_access_tokens();
        expiries += 1;
    }
}

fn is_through(worker: &AtomicUsize) -> bool {
    worker.load(Ordering::SeqCst) == usize::MAX
}
