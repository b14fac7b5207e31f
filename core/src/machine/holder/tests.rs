//! The tables are compared with the code. Tests with several steps check what a row cannot say.

mod claims;
mod deliveries;
mod looks;
mod many;
mod store;
mod stories;
mod table;
mod what_counts;

use super::*;
use crate::Spends;
use crate::machine::TokenUse;

/// Tokens and versions are numbers. Equal numbers are the same token.
type Stored = Record<u32>;
type Us = Holder<u32, u32>;
type There = Option<(Stored, u32)>;

impl SharedToken for u32 {
    fn has_same_refresh_token(&self, other: &Self) -> bool {
        self == other
    }
}

const SECOND: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(60);
const NOW: Clocks = clocks(1_000);

const THIS: Id = Id(1);
const OTHER: Id = Id(2);
const THEIR_CLAIM: Id = Id(3);
const OWN_CLAIM: Id = Id(4);
const IDS: Ids = ids(100);
/// The session's position in the tables.
const BASE: Position = at(2, 3);

const fn clocks(seconds: u64) -> Clocks {
    let now = Duration::from_secs(seconds);
    Clocks {
        now,
        monotonic: now,
    }
}

const fn ids(n: u128) -> Ids {
    Ids {
        write: Id(n),
        claim: Id(n + 1),
    }
}

const fn at(epoch: u64, seq: u64) -> Position {
    Position {
        epoch,
        seq,
        sign_in: THIS,
    }
}

const fn other_at(epoch: u64, seq: u64) -> Position {
    Position {
        sign_in: OTHER,
        ..at(epoch, seq)
    }
}

fn settings() -> HolderSettings {
    HolderSettings {
        name: "us".into(),
        limit: LIMIT,
        patience: PATIENCE,
        token_use: TokenUse::Learn,
    }
}

/// A record that somebody else has written: its token says where.
fn record(position: Position) -> Stored {
    let token = position.epoch * 10 + position.seq;
    let token = u32::try_from(token).expect("a small number");
    let mut record = Record::new(position, Some(token), TokenUse::Learn);
    record.write = Id(1_000 + u128::from(token));
    record
}

fn tombstone(position: Position) -> Stored {
    Record {
        token: None,
        ..record(position)
    }
}

fn claimed(record: Stored, claim: Claim) -> Stored {
    Record {
        claim: Some(claim),
        sends: record.sends + 1,
        write: Id(record.write.0 + 500),
        ..record
    }
}

fn claim_of(holder: &str, id: Id) -> Claim {
    Claim {
        id,
        holder: holder.into(),
        in_doubt: false,
        limit: LIMIT,
    }
}

fn theirs() -> Claim {
    claim_of("them", THEIR_CLAIM)
}

/// A holder that has read the base.
fn us() -> Us {
    Holder::new(settings(), Some((record(BASE), 1)))
}

/// To claim what the holder has found last.
fn claims(holder: &Us, spends: Spends) -> Operation {
    let there = holder.there.as_ref();
    let base = there.map_or_else(Position::default, |(there, _)| there.position);
    Operation::Claim(spends, base)
}

/// Claims, with the claim [`OWN_CLAIM`].
fn claim(holder: &mut Us, clocks: Clocks) -> Next<u32, u32> {
    let ids = Ids {
        write: Id(50),
        claim: OWN_CLAIM,
    };
    holder.start(claims(holder, Spends::RefreshToken), clocks, ids)
}

/// Claims, and the store saves it.
fn claim_durably(holder: &mut Us, clocks: Clocks) {
    assert!(matches!(claim(holder, clocks), Next::Save { .. }));
    let next = holder.answered(Answer::Kept(2), clocks, IDS);
    assert!(
        matches!(next, Next::Done(Done::Claimed(_, OWN_CLAIM))),
        "{next:?}"
    );
}

fn look(holder: &mut Us, clocks: Clocks, there: There) -> Next<u32, u32> {
    assert_eq!(holder.start(Operation::Look, clocks, IDS), Next::Load);
    holder.answered(Answer::Loaded(there), clocks, IDS)
}

const CLAIMS: [&str; 9] = [
    "none",
    "own",
    "own and late",
    "own and unacknowledged",
    "own and sent",
    "another's",
    "another's for too long",
    "another's who is gone",
    "another's in doubt",
];

/// Brings a holder to where a record has this claim.
fn claim_there(holder: &mut Us, claim_is: &str) -> Option<Claim> {
    let own = Some(claim_of("us", OWN_CLAIM));
    match claim_is {
        "none" => None,
        "own" => {
            claim_durably(holder, clocks(991));
            own
        }
        "own and late" => {
            claim_durably(holder, clocks(990));
            own
        }
        "own and unacknowledged" => {
            let there = holder.there.clone();
            assert!(matches!(claim(holder, NOW), Next::Save { .. }));
            let next = holder.answered(Answer::Failed, NOW, IDS);
            assert_eq!(next, Next::Done(Done::Failed));
            // It is not there yet.
            assert_eq!(holder.start(Operation::Deliver, NOW, IDS), Next::Load);
            let next = holder.answered(Answer::Loaded(there), NOW, IDS);
            assert_eq!(next, Next::Done(Done::GivenUp));
            own
        }
        "own and sent" => {
            claim_durably(holder, clocks(991));
            assert_eq!(
                holder.begin_send(OWN_CLAIM, NOW.now),
                Some(clocks(1_001).now)
            );
            own
        }
        "another's" => Some(theirs()),
        "another's for too long" => {
            let known = holder.known.clone();
            let there = known.map(|record| (claimed(record, theirs()), 1));
            _ = look(holder, clocks(1_000 - 11), there);
            Some(theirs())
        }
        "another's who is gone" => {
            holder.gone(THEIR_CLAIM);
            Some(theirs())
        }
        "another's in doubt" => Some(Claim {
            in_doubt: true,
            ..theirs()
        }),
        other => panic!("no claim is {other}"),
    }
}
