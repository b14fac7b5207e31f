//! The live bytes at a moment when nothing happens.

use std::thread;
use std::time::Duration;

use super::control::Control;
use crate::BoxError;
use crate::allocator::live;
use crate::ask::Ask;
use crate::load::Load;

/// The time between two looks.
const LOOK: Duration = Duration::from_millis(10);
/// How many looks must see the same value.
const ALIKE: usize = 6;
const LOOKS: usize = 400;

/// Live bytes, once they are stable.
pub(super) fn settled() -> Result<usize, BoxError> {
    let (mut last, mut alike) = (live(), 0);
    for _ in 0..LOOKS {
        thread::sleep(LOOK);
        let now = live();
        alike = if now == last { alike + 1 } else { 0 };
        last = now;
        if alike == ALIKE {
            return Ok(now);
        }
    }
    Err("the live bytes do not become stable".into())
}

/// The bytes that this many requests hold while none is answered.
pub(super) fn held(
    load: &dyn Load,
    control: &mut Control,
    ask: &Ask,
    callers: usize,
) -> Result<f64, BoxError> {
    control.shut()?;
    let before = settled()?;
    let meanwhile = thread::scope(|scope| {
        let observer = scope.spawn(|| {
            let arrived = control.arrived(callers);
            let meanwhile = arrived.and_then(|()| settled());
            control.open().and(meanwhile)
        });
        load.crowd(ask, callers, 1)?;
        observer.join().map_err(|_| "the observer panicked")?
    })?;
    Ok(meanwhile.wrapping_sub(before).cast_signed() as f64)
}

/// The bytes that this many requests leave, one after the other.
pub(super) fn left(load: &dyn Load, ask: &Ask, requests: usize) -> Result<f64, BoxError> {
    load.series(ask, requests / 10)?;
    let before = settled()?;
    load.series(ask, requests)?;
    Ok(settled()?.wrapping_sub(before).cast_signed() as f64)
}
