//! Searches all runs of a plan that depart from the usual order a few times.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::choices::{Choices, Kind};
use crate::simulation::{Run, Scope, run};

/// How far the runs of a search depart from the usual.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How often something happens that is not next in the usual order.
    pub departures: u8,
    /// How often something goes wrong.
    pub faults: u8,
}

/// A run to come: its first choices, and how far it may depart after them.
type Prefix = (Vec<u8>, Limits);

/// Runs all orders of a plan within the limits, on so many threads, and calls `watch` before and
/// after each run. Returns a run that breaks a promise, if there is one.
///
/// It runs those with fewer departures first.
pub fn search(
    scope: &Scope,
    limits: Limits,
    threads: NonZero<usize>,
    watch: &(impl Fn(Watched<'_>) + Sync),
) -> Option<Run> {
    let mut level = vec![(Vec::new(), limits)];
    while !level.is_empty() {
        let (taken, next) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let broken = Mutex::new(None);
        thread::scope(|threads_of| {
            for _ in 0..threads.get() {
                threads_of.spawn(|| {
                    let mut found = Vec::new();
                    while let Some(prefix) = level.get(taken.fetch_add(1, Ordering::Relaxed)) {
                        if let Some(run) = one(scope, prefix, watch, &mut found) {
                            taken.store(level.len(), Ordering::Relaxed);
                            locked(&broken).get_or_insert(run);
                        }
                    }
                    locked(&next).append(&mut found);
                });
            }
        });
        let broken = broken.into_inner().unwrap_or_else(PoisonError::into_inner);
        if broken.is_some() {
            return broken;
        }
        level = next.into_inner().unwrap_or_else(PoisonError::into_inner);
    }
    None
}

/// A run of a search.
#[derive(Clone, Copy, Debug)]
pub enum Watched<'a> {
    /// One begins, with these choices.
    Begins(&'a [u8]),
    /// One has ended.
    Ended(&'a Run),
}

/// Runs this, and collects those that depart once more. The last of them are run at once.
fn one(
    scope: &Scope,
    (prefix, left): &Prefix,
    watch: &impl Fn(Watched<'_>),
    next: &mut Vec<Prefix>,
) -> Option<Run> {
    watch(Watched::Begins(prefix));
    let this = run(scope, Choices::given(prefix.clone()));
    watch(Watched::Ended(&this));
    if this.violation.is_some() {
        return Some(this);
    }
    let bytes = this.bytes();
    for (place, made) in this.choices.iter().enumerate().skip(prefix.len()) {
        let left = match made.kind {
            Kind::Fault if left.faults > 0 => Limits {
                faults: left.faults - 1,
                ..*left
            },
            Kind::Order | Kind::Idle | Kind::Detail if left.departures > 0 => Limits {
                departures: left.departures - 1,
                ..*left
            },
            Kind::Fault | Kind::Order | Kind::Idle | Kind::Detail | Kind::Setup => continue,
        };
        for option in 1..made.options {
            let mut prefix = bytes[..place].to_vec();
            prefix.push(option);
            let one_more = (prefix, left);
            if left.departures > 0 || left.faults > 0 {
                next.push(one_more);
            } else if let Some(broken) = one(scope, &one_more, watch, next) {
                return Some(broken);
            }
        }
    }
    None
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
