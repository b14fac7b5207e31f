//! The lock, and what belongs to a thread, which the schedules of `tests/schedules.rs` replace with some
//! that they can interrupt.

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

/// Locks, a panic elsewhere notwithstanding. Never held across an await.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
