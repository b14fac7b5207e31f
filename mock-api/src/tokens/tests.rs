//! Tests of `tokens` without a server.

use super::*;

fn tokens(rotation: Rotation) -> Tokens {
    Tokens::new("first", rotation, None)
}

fn granted(tokens: &mut Tokens, token: &str) -> Grant {
    match tokens.refresh(token, Instant::now()) {
        Outcome::Granted(grant) => grant,
        outcome @ (Outcome::Refused | Outcome::Reused) => panic!("{token}: {outcome:?}"),
    }
}

fn rotated(tokens: &mut Tokens, token: &str) -> (String, String) {
    let grant = granted(tokens, token);
    let next = grant.refresh_token.expect("rotating");
    (grant.access_token, next)
}

#[test]
fn tokens_are_long_and_never_the_same() {
    let (a, b) = (random(), random());
    assert_ne!(a, b);
    assert!(a.len() == 32 && a.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn without_rotation_a_refresh_token_can_be_used_again() {
    let mut tokens = tokens(Rotation::Off);
    for _ in 0..3 {
        assert!(granted(&mut tokens, "first").refresh_token.is_none());
    }
}

#[test]
fn a_refreshed_access_token_replaces_the_one_before() {
    let (mut tokens, now) = (tokens(Rotation::Off), Instant::now());
    let minted = tokens.mint_access_token();
    let old = granted(&mut tokens, "first").access_token;
    let new = granted(&mut tokens, "first").access_token;
    assert!(!tokens.accepts(&old, now));
    assert!(tokens.accepts(&new, now));
    assert!(tokens.accepts(&minted, now));
}

#[test]
fn an_access_token_is_accepted_for_its_lifetime() {
    let (now, lifetime) = (Instant::now(), Duration::from_secs(5));
    let mut tokens = Tokens::new("first", Rotation::Off, Some(lifetime));
    let Outcome::Granted(grant) = tokens.refresh("first", now) else {
        panic!("refused");
    };
    let last = lifetime - Duration::from_nanos(1);
    assert!(tokens.accepts(&grant.access_token, now + last));
    assert!(!tokens.accepts(&grant.access_token, now + lifetime));
    assert_eq!(grant.lifetime, Some(lifetime));

    let mut silent = tokens.silent();
    let Outcome::Granted(grant) = silent.refresh("first", now) else {
        panic!("refused");
    };
    assert!(silent.accepts(&grant.access_token, now + last));
    assert!(!silent.accepts(&grant.access_token, now + lifetime));
    assert_eq!(grant.lifetime, None);
}

#[test]
fn a_lifetime_beyond_the_clock_never_ends() {
    let now = Instant::now();
    let mut tokens = Tokens::new("first", Rotation::Off, Some(Duration::MAX));
    let access = granted(&mut tokens, "first").access_token;
    assert!(tokens.accepts(&access, now));
}

#[test]
fn a_spent_refresh_token_revokes_its_family_and_no_other() {
    let (mut tokens, now) = (tokens(Rotation::On), Instant::now());
    let other = tokens.sign_in();
    let (access, next) = rotated(&mut tokens, "first");
    let minted = tokens.mint_access_token();

    assert!(matches!(tokens.refresh("first", now), Outcome::Reused));
    assert!(!tokens.accepts(&access, now));
    assert!(!tokens.accepts(&minted, now));
    assert!(matches!(tokens.refresh(&next, now), Outcome::Refused));
    granted(&mut tokens, &other);
}

#[test]
fn what_was_revoked_is_refused_and_a_new_sign_in_is_not() {
    let (mut tokens, now) = (tokens(Rotation::Off), Instant::now());
    let access = granted(&mut tokens, "first").access_token;
    tokens.revoke();
    assert!(!tokens.accepts(&access, now));
    assert!(matches!(tokens.refresh("first", now), Outcome::Refused));

    let token = tokens.sign_in();
    granted(&mut tokens, &token);
    let minted = tokens.mint_access_token();
    assert!(tokens.accepts(&minted, now));
}

#[test]
fn expired_access_tokens_can_be_refreshed() {
    let (mut tokens, now) = (tokens(Rotation::Off), Instant::now());
    let minted = tokens.mint_access_token();
    let access = granted(&mut tokens, "first").access_token;
    tokens.expire_access_tokens();
    assert!(!tokens.accepts(&minted, now));
    assert!(!tokens.accepts(&access, now));
    let access = granted(&mut tokens, "first").access_token;
    assert!(tokens.accepts(&access, now));
}

#[test]
fn an_unknown_refresh_token_is_refused() {
    let mut tokens = tokens(Rotation::On);
    let outcome = tokens.refresh("unknown", Instant::now());
    assert!(matches!(outcome, Outcome::Refused));
    granted(&mut tokens, "first");
}
