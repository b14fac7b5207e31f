//! The processor time of this process: all threads, in user mode and in the kernel.

use std::time::Duration;

use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::BoxError;

/// The processor time that this closure takes.
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
