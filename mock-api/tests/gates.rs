//! Requests can be stopped at a point, and released.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};

use reauth_mock_api::{MockApi, Rotation};
use support::Client;

#[test]
fn sixty_four_requests_are_judged_by_the_old_token_and_answered_together() {
    let api = MockApi::start().unwrap();
    let token = api.issue_access_token();
    api.expire_access_tokens();
    let gate = api.hold_books();
    let mut clients: Vec<_> = (0..64).map(|_| Client::of(&api)).collect();
    for client in &mut clients {
        client.send_books(&token);
    }
    gate.wait_for(64);
    assert_eq!(api.counts().books_unauthorized, 64);
    assert!(api.log().is_empty());
    gate.open();
    for client in &mut clients {
        assert_eq!(client.receive().unwrap().status, 401);
    }
}

#[test]
fn a_judgement_outlives_the_token() {
    let api = MockApi::start().unwrap();
    let gate = api.hold_books();
    let mut client = Client::of(&api);
    client.send_books(&api.issue_access_token());
    gate.wait_for(1);
    api.expire_access_tokens();
    gate.open();
    assert_eq!(client.receive().unwrap().status, 200);
}

#[test]
fn a_held_refresh_is_not_processed_yet() {
    let api = MockApi::builder().rotate(Rotation::On).start().unwrap();
    let gate = api.hold_refreshes();
    let mut client = Client::of(&api);
    client.send_refresh(api.refresh_token());
    gate.wait_for(1);
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.refreshed), (1, 0));
    drop(gate);
    assert_eq!(client.receive().unwrap().status, 200);
}

#[test]
fn a_held_refresh_answer_is_processed_already() {
    let api = MockApi::builder().rotate(Rotation::On).start().unwrap();
    let gate = api.hold_refresh_answers();
    let mut client = Client::of(&api);
    client.send_refresh(api.refresh_token());
    gate.wait_for(1);
    assert_eq!(api.counts().refreshed, 1);
    gate.open();
    assert_eq!(client.receive().unwrap().status, 200);
}

#[test]
fn exactly_as_many_go_as_are_released_first_come_first() {
    let api = MockApi::start().unwrap();
    let gate = api.hold_books();
    let mut clients: Vec<_> = (0..3).map(|_| Client::of(&api)).collect();
    for (client, n) in clients.iter_mut().zip(1..) {
        client.send_books("stale");
        gate.wait_for(n);
    }
    assert_eq!(gate.release(2), 2);
    assert_eq!(gate.parked(), 1);
    for client in &mut clients[..2] {
        assert_eq!(client.receive().unwrap().status, 401);
    }
    assert_eq!(api.log().len(), 2);
    assert_eq!(gate.release(9), 1);
    assert_eq!(clients[2].receive().unwrap().status, 401);
}

#[test]
fn a_client_that_leaves_does_not_take_the_turn_of_another() {
    let api = MockApi::start().unwrap();
    let gate = api.hold_refreshes();
    let (mut leaving, mut staying) = (Client::of(&api), Client::of(&api));
    leaving.send_refresh(api.refresh_token());
    gate.wait_for(1);
    staying.send_refresh(api.refresh_token());
    gate.wait_for(2);
    drop(leaving);
    gate.wait_for_disconnects(1);
    assert_eq!(gate.parked(), 1);
    assert_eq!(gate.release(1), 1);
    assert_eq!(staying.receive().unwrap().status, 200);
    assert_eq!(api.counts().refreshed, 1);
}

struct Woken(mpsc::Sender<()>);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.send(()).unwrap();
    }
}

#[test]
fn a_gate_can_be_awaited_without_a_runtime() {
    fn assert_send<T: Send>(future: T) -> T {
        future
    }
    let api = MockApi::start().unwrap();
    let gate = api.hold_books();
    let (woken, wakes) = mpsc::channel();
    let waker = Waker::from(Arc::new(Woken(woken)));
    let mut context = Context::from_waker(&waker);
    let mut arrived = pin!(assert_send(gate.arrived(1)));
    assert_eq!(arrived.as_mut().poll(&mut context), Poll::Pending);
    let mut client = Client::of(&api);
    client.send_books("stale");
    wakes.recv().unwrap();
    assert_eq!(arrived.as_mut().poll(&mut context), Poll::Ready(()));
}

#[test]
fn an_open_gate_holds_no_request() {
    let api = MockApi::start().unwrap();
    api.hold_books().open();
    assert_eq!(Client::of(&api).books("stale").status, 401);
}

#[test]
fn the_api_can_be_dropped_with_requests_parked() {
    let api = MockApi::start().unwrap();
    let gate = api.hold_books();
    let mut client = Client::of(&api);
    client.send_books("stale");
    gate.wait_for(1);
    drop(api);
    assert!(client.receive().is_none());
    assert_eq!(gate.parked(), 0);
}
