//! `Mutex` and `thread_local`, which `tests/schedules.rs` replaces to explore thread schedules.

use std::sync::PoisonError;

#[cfg(not(reauth_shuttle))]
pub(crate) use std::{
    sync::{Mutex, MutexGuard},
    thread_local,
};

#[cfg(reauth_shuttle)]
pub(crate) use shuttle::{
    sync::{Mutex, MutexGuard},
    thread_local,
};

/// Locks the mutex, and ignores poisoning. The guard is never held across an await.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
