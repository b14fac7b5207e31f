//! Twenty sessions over one store, in many orders.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use http::Request;
use reauth::{
    RefreshError, Session, Token, TokenCall, TokenRefresher, TokenResponse, TokenUse, async_trait,
};
use support::*;

const SESSIONS: usize = 20;
const SEEDS: u64 = 1_000;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound = bound as u64;
        usize::try_from((mixed ^ (mixed >> 31)) % bound).unwrap()
    }
}

/// A token server that rotates, and revokes everything when a refresh token is used twice.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<Rotation>>);

#[derive(Default)]
struct Rotation {
    /// How often it has rotated: `r1` is the first refresh token.
    rotated: usize,
    reused: bool,
    wires: Vec<Wire>,
}

#[async_trait]
impl TokenRefresher for Server {
    async fn refresh(&self, call: &TokenCall<'_>) -> Result<TokenResponse, RefreshError> {
        let sent = call
            .stale()
            .and_then(Token::refresh_token)
            .unwrap()
            .to_owned();
        // The call takes a while, and so does the answer.
        dawdle(true).await;
        let number = {
            let mut server = self.0.lock().unwrap();
            if sent != format!("r{}", server.rotated + 1) {
                server.reused = true;
                return Err(RefreshError::refused("the token was used before"));
            }
            server.rotated += 1;
            let number = server.rotated + 1;
            for wire in &server.wires {
                wire.accept(&format!("a{number}"));
            }
            number
        };
        dawdle(true).await;
        let response = TokenResponse::new(format!("a{number}")).unwrap();
        Ok(response.with_refresh_token(format!("r{number}")))
    }
}

struct Fleet {
    world: World,
    server: Server,
    sessions: Vec<Session<Wire>>,
}

impl Fleet {
    /// Sessions that were opened over one store, and whose access token is refused.
    fn new(token_use: TokenUse) -> Self {
        let (world, server) = (World::default(), Server::default());
        let shelf = Shelf::default();
        let open = |_| {
            let wire = Wire::default();
            wire.dawdle();
            server.0.lock().unwrap().wires.push(wire.clone());
            let builder = Session::builder(wire)
                .origin("https://api.example.com")
                .runtime(world.clone())
                .refresher(server.clone())
                .token_use(token_use)
                .store(shelf.clone())
                .token(token("a1", "r1"));
            now(builder.open()).unwrap()
        };
        let sessions = (0..SESSIONS).map(open).collect();
        shelf.dawdle();
        Self {
            world,
            server,
            sessions,
        }
    }

    fn call(&self, session: usize) -> Call {
        let session = self.sessions[session].clone();
        let request = Request::get("https://api.example.com/books");
        let request = request.body(()).unwrap();
        Box::pin(async move { session.execute(request).await })
    }

    /// Polls the calls in a random order, while the clock runs, until all have their answer.
    fn run(&self, mut calls: Vec<Call>, random: &mut Random) {
        for _ in 0..100_000 {
            if calls.is_empty() {
                return;
            }
            let next = random.below(calls.len());
            if let Poll::Ready(answer) = poll(&mut calls[next]) {
                assert_eq!(answer.unwrap().status(), 200);
                drop(calls.swap_remove(next));
            }
            if random.below(8) == 0 {
                self.world.pass(Duration::from_millis(10));
            }
        }
        panic!("{} calls have no answer", calls.len());
    }

    fn has_refreshed_once(&self) {
        let server = self.server.0.lock().unwrap();
        assert_eq!((server.rotated, server.reused), (1, false));
    }
}

fn in_each_seed(story: impl Fn(&Fleet, &mut Random)) {
    for token_use in [TokenUse::Learn, TokenUse::SingleUse] {
        for seed in 0..SEEDS {
            let fleet = Fleet::new(token_use);
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                story(&fleet, &mut Random(seed));
                fleet.has_refreshed_once();
            }));
            assert!(outcome.is_ok(), "{token_use:?}, seed {seed}");
        }
    }
}

#[test]
fn promise_23_twenty_sessions_that_are_refused_at_once_make_one_call() {
    in_each_seed(|fleet, random| {
        let calls = (0..SESSIONS).map(|session| fleet.call(session)).collect();
        fleet.run(calls, random);
    });
}

#[test]
fn promise_23_twenty_sessions_that_are_refused_one_after_another_make_one_call() {
    in_each_seed(|fleet, random| {
        let mut left: Vec<_> = (0..SESSIONS).collect();
        while !left.is_empty() {
            let session = left.swap_remove(random.below(left.len()));
            fleet.run(vec![fleet.call(session)], random);
        }
    });
}
