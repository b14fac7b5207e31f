//! When a request may start.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout_at};

use crate::options::LoadOptions;

/// Whether another request starts.
pub(crate) enum Turn {
    Go,
    Over,
}

/// Decides when the next request starts.
pub(crate) struct Turns {
    limit: Option<u64>,
    taken: AtomicU64,
    ends: Option<Instant>,
    pace: Option<Mutex<Interval>>,
}

impl Turns {
    pub(crate) fn of(load: &LoadOptions) -> Self {
        let one = load.duration.is_none().then_some(1);
        Self {
            limit: load.requests.or(one),
            taken: AtomicU64::new(0),
            ends: load
                .duration
                .map(|seconds| Instant::now() + Duration::from_secs(seconds)),
            pace: load.interval.map(|ms| {
                let mut pace = interval(Duration::from_millis(ms));
                pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
                Mutex::new(pace)
            }),
        }
    }

    /// The number of requests, if known.
    pub(crate) fn limit(&self) -> Option<u64> {
        self.limit
    }

    pub(crate) async fn next(&self) -> Turn {
        let taken = self.taken.fetch_add(1, Ordering::Relaxed);
        if self.limit.is_some_and(|limit| taken >= limit) {
            return Turn::Over;
        }
        if let Some(pace) = &self.pace {
            let tick = async { pace.lock().await.tick().await };
            match self.ends {
                None => _ = tick.await,
                Some(ends) => {
                    if timeout_at(ends, tick).await.is_err() {
                        return Turn::Over;
                    }
                }
            }
        }
        match self.ends {
            Some(ends) if Instant::now() >= ends => Turn::Over,
            Some(_) | None => Turn::Go,
        }
    }
}
