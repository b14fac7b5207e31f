use zeroize::{Zeroize, ZeroizeOnDrop};

use super::*;

fn is_overwritten(_: &impl ZeroizeOnDrop) {}

#[test]
fn promise_19_a_secret_is_overwritten_when_it_is_dropped() {
    let mut secret = Secret::new("CANARY".to_owned());
    is_overwritten(&secret.0);
    secret.0.zeroize();
    assert_eq!(secret.expose(), "\0".repeat(6));
}

#[test]
fn promise_19_a_clone_outlives_what_it_was_made_of() {
    let secret = Secret::new("CANARY".to_owned());
    let clone = secret.clone();
    drop(secret);
    assert_eq!(clone.expose(), "CANARY");
    assert_eq!(format!("{clone:?} {clone:#?}"), "[redacted] [redacted]");
}
