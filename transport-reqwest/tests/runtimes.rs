//! One session in several runtimes, not all of which are driven.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use reauth_mock_api::TokenAnswer;
use reauth_reqwest::reauth::{BoxFuture, JsonGrant, Runtime, Spawner, TokenUse};
use reauth_reqwest::{ReqwestTransport, Session, TokioRuntime};
use support::*;
use tokio::runtime::Builder;
use tokio::sync::Notify;

const PAUSE: Duration = Duration::from_secs(1);

/// tokio's runtime, which notifies when a sleep of this length begins.
struct Watched(TokioRuntime, Arc<Notify>);

impl Runtime for Watched {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        if duration == PAUSE {
            self.1.notify_one();
        }
        self.0.sleep(duration)
    }

    fn spawner(&self) -> Option<&dyn Spawner> {
        self.0.spawner()
    }
}

fn runtime() -> tokio::runtime::Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A refresh pauses in a runtime that then stops being driven or ends, while a request in another
/// runtime waits for it.
#[test]
fn promise_9_a_runtime_that_is_left_during_a_pause_costs_nothing() {
    for ended in [false, true] {
        let api = rotating();
        let busy = TokenAnswer::new(429, "").header("retry-after", "1");
        api.answer_refreshes([busy]);
        let pauses = Arc::new(Notify::new());
        let watched = Watched(TokioRuntime::new(), Arc::clone(&pauses));
        // A request would wait for a connection that no runtime drives, as with the bare client.
        let client = ReqwestTransport::new(|client| client.no_proxy().pool_max_idle_per_host(0));
        let session = Session::builder(client.unwrap())
            .origin(&api.url())
            .grant(JsonGrant::new(&format!("{}/auth/refresh", api.url())).unwrap())
            .token(stale(&api))
            .runtime(watched);
        let session = session.token_use(TokenUse::SingleUse).build().unwrap();
        let left = runtime();
        left.block_on(async {
            let (request, paused) = (pin!(books(&session, &api)), pin!(pauses.notified()));
            match select(request, paused).await {
                Either::Left(_) => panic!("the request waits for the refresh"),
                Either::Right(_) => {}
            }
        });
        let left = (!ended).then_some(left);

        let answer = runtime().block_on(books(&session, &api)).unwrap();
        assert_eq!(answer.status(), 200, "ended: {ended}");
        let counts = api.counts();
        assert_eq!(
            (counts.refreshes, counts.refreshed, counts.reuses),
            (2, 1, 0)
        );
        drop(left);
    }
}

/// An idle connection of that runtime stays in the pool.
#[test]
fn promise_27_a_connection_of_a_runtime_that_is_not_driven_costs_no_refresh() {
    let api = rotating();
    let session = builder(&api).token_use(TokenUse::SingleUse);
    let session = session.build().unwrap();
    let left = runtime();
    let answer = left.block_on(books(&session, &api)).unwrap();
    assert_eq!(answer.status(), 200);
    let refreshed = runtime().block_on(session.refresh()).unwrap();
    assert!(!refreshed.access_token().is_empty());
    let counts = api.counts();
    assert_eq!((counts.refreshed, counts.reuses), (2, 0));
    drop(left);
}
