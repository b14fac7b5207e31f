use std::time::{Duration, SystemTime};

use super::*;
use crate::machine::holder::Claim;

fn token(access_token: &str) -> Token {
    let token = Token::new(access_token).expect("valid");
    token.with_refresh_token("SECRET")
}

/// The record, claimed and sent.
fn claimed(record: &Record) -> Record {
    let claim = Claim {
        id: random(),
        holder: "editor on laptop".into(),
        in_doubt: true,
        limit: Duration::from_secs(30),
    };
    let inner = StoredRecord {
        claim: Some(claim),
        sends: 1,
        dead: true,
        ..record.inner.clone()
    };
    Record::next(inner, Some(record))
}

#[test]
fn promise_25_a_sign_in_and_a_sign_out_have_a_higher_epoch() {
    let first = Record::signed_in(token("a"), None);
    let out = Record::signed_in(None, Some(&first));
    let second = Record::signed_in(token("b"), Some(&out));
    let epochs = [&first, &out, &second].map(|record| record.inner.position.epoch);
    assert_eq!(epochs, [1, 2, 3]);
    assert!(out.token().is_none() && second.token().is_some());
    let sign_ins = [&first, &out, &second].map(|record| record.inner.position.sign_in);
    assert!(sign_ins[0] != sign_ins[1] && sign_ins[1] != sign_ins[2]);
}

#[test]
fn promise_25_a_refresh_begins_unclaimed_and_unsent() {
    let old = claimed(&Record::signed_in(token("a"), None));
    let new = old.refreshed(token("b"));
    let position = Position {
        seq: 1,
        ..old.inner.position
    };
    assert_eq!(new.inner.position, position);
    assert_eq!(
        (new.claim(), new.inner.sends, new.inner.dead),
        (None, 0, false)
    );
    assert_ne!(new.inner.write, old.inner.write);
    assert_eq!(new.token().expect("a token").access_token(), "b");
}

#[test]
fn promise_13_a_refresh_after_a_sign_out_brings_no_token() {
    let first = Record::signed_in(token("a"), None);
    let out = Record::signed_in(None, Some(&first));
    assert!(out.refreshed(token("b")).token().is_none());
}

#[test]
fn promise_19_debug_of_a_record_shows_no_token() {
    let record = claimed(&Record::signed_in(token("SECRET"), None));
    let shown = format!("{record:?}");
    assert!(
        !shown.contains("SECRET") && shown.contains("in_doubt"),
        "{shown}"
    );
}

#[test]
fn a_claim_is_shown_as_digits() {
    let claim = ClaimId(Id(0xc1a1));
    assert_eq!(claim.to_string(), format!("{}c1a1", "0".repeat(28)));
    assert_eq!(format!("{claim:?}"), format!("ClaimId({claim})"));
}

#[cfg(feature = "json")]
mod form;
