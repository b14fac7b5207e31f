//! Responses that wait until they are released: paths below `/hold/`.

use http::StatusCode;
use tokio::sync::watch::Sender;

use super::answer::Answer;
use super::request::Request;

/// The held responses of all connections.
#[derive(Debug)]
pub(super) struct Hold(Sender<State>);

#[derive(Clone, Copy, Debug)]
struct State {
    gate: Gate,
    /// How many have arrived since it was shut.
    arrived: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Gate {
    Open,
    Shut,
}

impl Default for Hold {
    fn default() -> Self {
        Self(Sender::new(State {
            gate: Gate::Open,
            arrived: 0,
        }))
    }
}

impl Hold {
    /// `wait` and `refresh` wait while the gate is shut. `refuse?N` is refused meanwhile, once N
    /// have arrived; `arrived?N` is answered then. `shut` and `open` move the gate.
    pub(super) async fn answer(&self, what: &str, request: &Request) -> Answer {
        match what {
            "shut" => self.turn(Gate::Shut),
            "open" => self.turn(Gate::Open),
            "arrived" => self.all_of(request).await,
            "wait" => {
                self.arrive();
                self.until(|state| state.gate == Gate::Open).await;
            }
            "refuse" if self.arrive() == Gate::Shut => {
                self.all_of(request).await;
                return Answer::unauthorized();
            }
            "refuse" => {}
            "refresh" => {
                self.until(|state| state.gate == Gate::Open).await;
                return Answer::json(StatusCode::OK, TOKENS);
            }
            _ => return Answer::not_found(),
        }
        Answer::json(StatusCode::OK, "{}")
    }

    fn turn(&self, gate: Gate) {
        self.0.send_replace(State { gate, arrived: 0 });
    }

    fn arrive(&self) -> Gate {
        let mut gate = Gate::Open;
        self.0.send_modify(|state| {
            state.arrived += 1;
            gate = state.gate;
        });
        gate
    }

    /// Waits until as many have arrived as its query says.
    async fn all_of(&self, request: &Request) {
        let requests = request.query.parse().unwrap_or(0);
        self.until(|state| state.arrived >= requests).await;
    }

    async fn until(&self, holds: impl Fn(&State) -> bool) {
        // It ends with the server.
        _ = self.0.subscribe().wait_for(holds).await;
    }
}

/// As long as the tokens that a session starts with.
const TOKENS: &str = concat!(
    r#"{"access_token":"a2xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","#,
    r#""refresh_token":"r2yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"}"#
);
