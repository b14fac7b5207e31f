//! The scenes refuse what they should.

#![allow(
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "tests may panic"
)]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::gate::Gate;
use super::issuer::Issuer;
use super::setup::{Accepts, Setup};
use crate::target::Target;

fn issuer(accepts: Accepts) -> (Issuer, Target) {
    let setup = Setup {
        accepts,
        ..Setup::default()
    };
    (Issuer::new(&setup), Target::new("http://127.0.0.1:1"))
}

fn member(traded: &str, name: &str) -> String {
    let traded: serde_json::Value = serde_json::from_str(traded).unwrap();
    traded[name].as_str().unwrap().to_owned()
}

#[test]
fn a_spent_refresh_token_ends_the_sign_in() {
    let (mut issuer, client) = issuer(Accepts::Issued);
    assert!(!issuer.accepts(Some(&client.access_token)));
    let traded = issuer.trade(&client.refresh_token).unwrap();
    let access = member(&traded, "access_token");
    assert_eq!(access.len(), client.access_token.len());
    assert!(issuer.accepts(Some(&access)));
    assert_eq!(issuer.trade(&client.refresh_token), None);
    assert_eq!(issuer.reused(), 1);
    assert!(!issuer.accepts(Some(&access)));
    assert_eq!(issuer.trade(&member(&traded, "refresh_token")), None);
}

#[test]
fn a_token_that_is_good_once_is_refused_then() {
    let (mut issuer, client) = issuer(Accepts::Once);
    assert!(!issuer.accepts(Some(&client.access_token)));
    let mut refresh = client.refresh_token;
    for _ in 0..3 {
        let traded = issuer.trade(&refresh).unwrap();
        let access = member(&traded, "access_token");
        assert!(issuer.accepts(Some(&access)));
        assert!(!issuer.accepts(Some(&access)));
        refresh = member(&traded, "refresh_token");
    }
}

#[test]
fn a_gate_opens_with_the_last() {
    let gate = Gate::new(2);
    let mut cx = Context::from_waker(Waker::noop());
    let mut first = pin!(gate.pass());
    assert_eq!(first.as_mut().poll(&mut cx), Poll::Pending);
    assert_eq!(pin!(gate.pass()).poll(&mut cx), Poll::Ready(Some(1)));
    assert_eq!(first.poll(&mut cx), Poll::Ready(Some(0)));
    assert_eq!(pin!(gate.pass()).poll(&mut cx), Poll::Ready(None));
}
