//! A whole request on the happy path, without a transport: the cost of the session alone.

use super::WHOLE;
use crate::alone::{Done, Meter, ORIGIN, serve, serve_bare, session};
use crate::ask::{Ask, Case};
use crate::contenders::bearer;
use crate::target::Target;

const WARM_UP: usize = 100;
const TIMES: usize = 1_000;

const CASES: [(&str, Case); 2] = [
    ("happy path, 5 headers", Case::new(5, 0)),
    ("happy path, 15 headers, 1 KiB", Case::new(15, 1024)),
];

pub(super) fn work(meter: &mut dyn Meter) -> Done {
    let session = session()?;
    let bearer = bearer(&Target::new(ORIGIN))?;
    for (name, case) in CASES {
        let ask = Ask::new(format!("{ORIGIN}/ok"), case);
        let mut bare = |times| serve_bare(&ask, &bearer, times);
        bare(WARM_UP)?;
        meter.over(WHOLE, TIMES, &mut bare)?;
        let mut own = |times| serve(&session, &ask, times);
        own(WARM_UP)?;
        meter.over(name, TIMES, &mut own)?;
    }
    Ok(())
}
