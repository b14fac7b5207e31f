//! The time that the processors gave to this process: all threads, in it and in the kernel for it.

use std::time::Duration;

use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::BoxError;

/// What this takes of it.
pub(crate) fn timed<E: Into<BoxError>>(
    work: impl FnOnce() -> Result<(), E>,
) -> Result<Duration, BoxError> {
    let start = now()?;
    work().map_err(Into::into)?;
    Ok(now()?.saturating_sub(start))
}

fn now() -> Result<Duration, BoxError> {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::ProcessCPUTime);
    Ok(Duration::new(tv_sec.try_into()?, tv_nsec.try_into()?))
}
