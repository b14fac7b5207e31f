//! The seed of the random tests.

use std::hash::{BuildHasher, RandomState};

use proptest::test_runner::{Config, RngSeed};

/// Runs this many cases (or `PROPTEST_CASES`) from the seed in `PROPTEST_RNG_SEED`, or from a new
/// one, and prints it, so that a failure can be repeated.
pub(crate) fn seeded(cases: u32) -> Config {
    let mut config = Config::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(RandomState::new().hash_one(cases));
    }
    eprintln!("PROPTEST_RNG_SEED={}", config.rng_seed);
    config
}
