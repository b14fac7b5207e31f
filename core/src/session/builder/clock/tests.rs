use super::*;
use crate::sync::{Mutex, lock};

/// Both clocks, in seconds.
struct Clocks(Mutex<(u64, u64)>);

impl Runtime for Clocks {
    fn now(&self) -> Duration {
        Duration::from_secs(lock(&self.0).0)
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(lock(&self.0).1)
    }

    fn sleep(&self, _: Duration) -> BoxFuture<()> {
        Box::pin(std::future::pending())
    }
}

#[test]
fn promise_20_a_clock_that_stood_still_is_noticed_whatever_the_wall_clock_did_before() {
    let clocks = Arc::new(Clocks(Mutex::new((0, 100_000))));
    let both = BothClocks::new(clocks.clone());
    // Both pass; it sleeps; the wall clock is set back; it sleeps; a far future and back.
    for (now, wall, expected) in [
        (10, 100_010, 10),
        (20, 100_024, 20),
        (20, 103_624, 3_624),
        (30, 96_000, 3_634),
        (30, 99_600, 7_234),
        (31, 99_601, 7_235),
        (32, u64::MAX / 4, 4_611_686_018_427_294_990),
        (33, 99_603, 4_611_686_018_427_294_991),
    ] {
        *lock(&clocks.0) = (now, wall);
        let counted = both.now().as_secs();
        if expected < 1 << 40 {
            assert_eq!(counted, expected, "{now} {wall}");
        } else {
            assert!(counted > 7_235, "{now} {wall}: {counted}");
        }
    }
    let before = both.now();
    *lock(&clocks.0) = (40, 99_610);
    assert_eq!(both.now() - before, Duration::from_secs(7));
}
