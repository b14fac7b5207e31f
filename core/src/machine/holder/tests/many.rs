//! Random sequences: several holders over one store, and everything that goes wrong.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::store::{Fault, Store};
use super::*;

const HOLDERS: usize = 3;
/// An operation saves at most [`MOST_CONFLICTS`] times without success, and loads before and after
/// what it delivers.
const MOST_CALLS: u32 = 24;

#[derive(Clone, Copy, Debug)]
enum Step {
    Begin(Operation),
    Call(Fault),
    /// The whole operation, without a fault.
    Run(Operation),
    Send,
    /// Looks, claims and sends, without a fault.
    Trade,
    Settle(Outcome),
    SignIn,
    SignOut,
    /// Uses what was found.
    Adopt,
    /// The process ends, and another one begins.
    Restart,
    /// Another one begins, with a token and what it has read.
    RestartWith,
    /// The claim that is there has a holder that is gone.
    Gone,
    /// Time passes, by the wall clock or by both.
    Pass(u8),
    Suspend(u8),
    /// What is late arrives.
    Land,
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Granted,
    NotProcessed,
    Refused,
    Lost,
}

struct Member {
    holder: Us,
    next: Option<Next<u32, u32>>,
    calls: u32,
    /// The token that was found last, if it may be sent once more.
    may_claim: Option<u32>,
    claimed: Option<(u32, Id)>,
    sent: Option<(u32, Id)>,
    found: Option<Found<u32>>,
    highest: Position,
}

impl Member {
    fn new(holder: Us) -> Self {
        Self {
            holder,
            next: None,
            calls: 0,
            may_claim: None,
            claimed: None,
            sent: None,
            found: None,
            highest: Position::default(),
        }
    }
}

struct World {
    store: Store,
    members: Vec<Member>,
    settings: HolderSettings,
    clocks: Clocks,
    tokens: u32,
    /// How often each refresh token was sent.
    sends: BTreeMap<u32, u32>,
}

impl World {
    fn new(token_use: TokenUse) -> Self {
        let store = Store::with(record(BASE));
        let settings = HolderSettings {
            token_use,
            ..settings()
        };
        let member = || Member::new(Holder::new(settings.clone(), store.there()));
        Self {
            members: (0..HOLDERS).map(|_| member()).collect(),
            store,
            settings,
            clocks: NOW,
            tokens: 100,
            sends: BTreeMap::new(),
        }
    }

    fn new_token(&mut self) -> u32 {
        self.tokens += 1;
        self.tokens
    }

    fn step(&mut self, who: usize, step: Step) {
        match step {
            Step::Begin(operation) => self.begin(who, operation),
            Step::Call(fault) => self.call(who, fault),
            Step::Run(operation) => {
                self.begin(who, operation);
                while self.members[who].next.is_some() {
                    self.call(who, Fault::None);
                }
            }
            Step::Send => self.send(who),
            Step::Trade => {
                self.step(who, Step::Run(Operation::Look));
                self.adopt(who);
                self.step(
                    who,
                    Step::Run(Operation::Claim(Spends::RefreshToken, Position::default())),
                );
                self.send(who);
            }
            Step::Settle(outcome) => self.settle(who, outcome),
            Step::SignIn => {
                let token = self.new_token();
                self.fence(who, Some(token));
            }
            Step::SignOut => self.fence(who, None),
            Step::Adopt => self.adopt(who),
            Step::Restart => {
                let holder = Holder::new(self.settings.clone(), self.store.there());
                self.members[who] = Member::new(holder);
            }
            Step::RestartWith => {
                let token = self.new_token();
                let mut holder = Holder::new(self.settings.clone(), self.store.there());
                holder.begin_with(token, self.store.ids().write);
                self.members[who] = Member::new(holder);
            }
            Step::Gone => {
                if let Some((
                    Record {
                        claim: Some(it), ..
                    },
                    _,
                )) = self.store.there()
                {
                    self.members[who].holder.gone(it.id);
                }
            }
            Step::Pass(seconds) => {
                let passed = Duration::from_secs(seconds.into());
                self.clocks.now += passed;
                self.clocks.monotonic += passed;
            }
            Step::Suspend(seconds) => self.clocks.now += Duration::from_secs(seconds.into()),
            Step::Land => self.store.land(),
        }
    }

    fn fence(&mut self, who: usize, token: Option<u32>) {
        let sign_in = self.store.ids().write;
        let member = &mut self.members[who];
        member.holder.fence(token, sign_in, self.clocks.now);
        (member.may_claim, member.claimed, member.found) = (None, None, None);
    }

    fn begin(&mut self, who: usize, operation: Operation) {
        let ids = self.store.ids();
        let member = &mut self.members[who];
        let is_claim = matches!(operation, Operation::Claim(..));
        if member.next.is_some() || is_claim && member.may_claim.is_none() {
            return;
        }
        member.claimed = None;
        member.calls = 0;
        let operation = match operation {
            Operation::Claim(spends, _) => claims(&member.holder, spends),
            Operation::Deliver | Operation::Look => operation,
        };
        let next = member.holder.start(operation, self.clocks, ids);
        self.goes_on(who, next);
    }

    fn call(&mut self, who: usize, fault: Fault) {
        let member = &mut self.members[who];
        let Some(next) = member.next.take() else {
            return;
        };
        member.calls += 1;
        assert!(member.calls <= MOST_CALLS, "an operation has no end");
        let answer = self.store.call(next, fault);
        let ids = self.store.ids();
        let next = member.holder.answered(answer, self.clocks, ids);
        self.goes_on(who, next);
    }

    fn goes_on(&mut self, who: usize, next: Next<u32, u32>) {
        let member = &mut self.members[who];
        let may_claim = member.may_claim.take();
        let done = match next {
            Next::Done(done) => done,
            next @ (Next::Load | Next::Save { .. }) => {
                (member.next, member.may_claim) = (Some(next), may_claim);
                return;
            }
        };
        match done {
            Done::Claimed(_, id) => member.claimed = may_claim.map(|token| (token, id)),
            Done::Found(found) => self.found(who, found),
            Done::Failed | Done::Delivered | Done::GivenUp => {}
        }
    }

    fn found(&mut self, who: usize, found: Found<u32>) {
        let member = &mut self.members[who];
        let held = member.holder.held;
        match &found {
            Found::Token {
                token,
                position,
                age,
                standing,
                sent,
            } => {
                assert!(position.is_same_sign_in(held), "another sign-in is a fence");
                assert!(position.order() >= member.highest.order(), "an older token");
                assert_eq!(*age == Age::Newer, position.seq > held.seq);
                member.highest = *position;
                let is_free = match standing {
                    Standing::Free | Standing::Lost | Standing::Unsent | Standing::Ours(_) => true,
                    Standing::Claimed { .. } | Standing::Dead => false,
                };
                let once_more = is_free && sent.sends < most(sent.token_use);
                member.may_claim = once_more.then_some(*token);
            }
            Found::Fence(record) => {
                assert!(record.position.is_fence_for(held));
                assert!(record.position.order() >= member.highest.order());
                member.highest = record.position;
            }
            Found::Nothing => panic!("nothing was erased"),
            Found::SignedOut => {}
        }
        member.found = Some(found);
    }

    fn adopt(&mut self, who: usize) {
        let member = &mut self.members[who];
        match member.found.take() {
            Some(Found::Token { position, .. }) => member.holder.hold(position),
            Some(Found::Fence(record)) => {
                assert!(member.holder.follow(&record));
                (member.may_claim, member.claimed) = (None, None);
            }
            Some(Found::Nothing | Found::SignedOut) | None => {}
        }
    }

    fn send(&mut self, who: usize) {
        let member = &mut self.members[who];
        let (Some((token, claim)), None) = (member.claimed, &member.next) else {
            return;
        };
        if member.holder.begin_send(claim, self.clocks.now).is_none() {
            return;
        }
        let is_durable = self.store.states().any(|record| record.claimed_by(claim));
        assert!(is_durable, "a call without a durable claim");
        member.claimed = None;
        member.sent = Some((token, claim));
        let sends = self.sends.entry(token).or_default();
        *sends += 1;
        assert!(*sends <= most(self.settings.token_use), "sent too often");
    }

    fn settle(&mut self, who: usize, outcome: Outcome) {
        let new = self.new_token();
        let member = &mut self.members[who];
        let Some((token, claim)) = member.sent.take() else {
            return;
        };
        let settled = match outcome {
            Outcome::Granted => Settled::Granted(new, RefreshTokenKept::No),
            Outcome::NotProcessed => {
                if let Some(sends) = self.sends.get_mut(&token) {
                    *sends -= 1;
                }
                Settled::NotProcessed
            }
            Outcome::Refused => Settled::Refused,
            Outcome::Lost => Settled::Lost,
        };
        if let Some(position) = member.holder.settle(claim, settled) {
            member.holder.hold(position);
        }
    }

    /// Nothing goes wrong any more: all holders end with the same record.
    fn ends(mut self) {
        self.store.land();
        for who in 0..HOLDERS {
            while self.members[who].next.is_some() {
                self.call(who, Fault::None);
            }
            self.settle(who, Outcome::Lost);
            self.run_alone(who);
        }
        for who in 0..HOLDERS {
            self.run_alone(who);
            self.adopt(who);
        }
        for who in 0..HOLDERS {
            self.run_alone(who);
            let there = self.store.record();
            match self.members[who].found.take() {
                Some(Found::Token { position, age, .. }) => {
                    assert_eq!((position, age), (there.position, Age::Same));
                }
                Some(Found::SignedOut) => assert_eq!(there.token, None),
                found => panic!("{found:?}"),
            }
        }
        let states: Vec<_> = self.store.states().collect();
        for pair in states.windows(2) {
            let [before, after] = pair else {
                return;
            };
            let (was, is) = (before.position, after.position);
            assert!(
                is.order() >= was.order(),
                "{is:?} took the place of {was:?}"
            );
            if is.order() == was.order() {
                assert_eq!((is, &after.token), (was, &before.token));
            }
            assert_ne!(before.write, after.write);
        }
    }

    fn run_alone(&mut self, who: usize) {
        self.step(who, Step::Run(Operation::Look));
        let member = &self.members[who];
        assert!(member.found.is_some(), "the store does not fail");
        assert!(member.calls <= 5, "{} calls", member.calls);
        assert!(!member.holder.is_pending());
    }
}

/// How often a refresh token may be sent.
fn most(token_use: TokenUse) -> u32 {
    match token_use {
        TokenUse::SingleUse => 1,
        TokenUse::Learn => 2,
        TokenUse::Grace(_) | TokenUse::Reusable => u32::MAX,
    }
}

fn operations() -> impl Strategy<Value = Operation> {
    prop_oneof![
        3 => Just(Operation::Look),
        3 => Just(Operation::Claim(Spends::RefreshToken, Position::default())),
        1 => Just(Operation::Deliver),
    ]
}

fn faults() -> impl Strategy<Value = Fault> {
    prop_oneof![
        6 => Just(Fault::None),
        1 => Just(Fault::Down),
        1 => Just(Fault::Unacknowledged),
        1 => Just(Fault::Late),
        1 => Just(Fault::SentTwice),
        1 => Just(Fault::Stale),
    ]
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Granted),
        Just(Outcome::NotProcessed),
        Just(Outcome::Refused),
        Just(Outcome::Lost),
    ]
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let step = prop_oneof![
        6 => operations().prop_map(Step::Begin),
        18 => faults().prop_map(Step::Call),
        8 => operations().prop_map(Step::Run),
        6 => Just(Step::Send),
        6 => Just(Step::Trade),
        5 => outcomes().prop_map(Step::Settle),
        1 => Just(Step::SignIn),
        1 => Just(Step::SignOut),
        3 => Just(Step::Adopt),
        1 => Just(Step::Restart),
        1 => Just(Step::RestartWith),
        1 => Just(Step::Gone),
        2 => (0..15_u8).prop_map(Step::Pass),
        1 => (0..15_u8).prop_map(Step::Suspend),
        2 => Just(Step::Land),
    ];
    proptest::collection::vec((0..HOLDERS, step), 0..120)
}

proptest! {
    #![proptest_config(crate::seed::seeded(512))]

    #[test]
    fn promises_10_13_23_24_25_hold_for_many_holders_whatever_goes_wrong(
        token_use in prop_oneof![Just(TokenUse::SingleUse), Just(TokenUse::Learn)],
        steps in steps(),
    ) {
        let mut world = World::new(token_use);
        for (who, step) in steps {
            world.step(who, step);
        }
        world.ends();
    }
}
