//! The tables are compared with the code. Tests with several steps check what a row cannot say.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::Spends;
use crate::machine::holder::Sent;
use crate::machine::phase::{Knowledge, Known};
use crate::machine::{
    AccessTokenChange, Again, CallFailure, Connection, Landed, Landing, PathId, RefreshTokenChange,
    RefreshTokenId, Rest, Sending, TokenUse,
};

const TABLE: &str = include_str!("../../../docs/coordinator.md");
const NOW: Duration = Duration::from_secs(1_000);
const MINUTE: Duration = Duration::from_secs(60);

const TOKENS: [&str; 8] = [
    "absent", "valid", "ending", "early", "expired", "refused", "doubted", "last",
];
const PHASES: [&str; 7] = [
    "idle",
    "in flight",
    "resting",
    "rested",
    "in doubt",
    "spent",
    "refused",
];
const INPUTS: [&str; 28] = [
    "enter",
    "enter at the limit",
    "enter(once)",
    "enter(once) at the limit",
    "admit(before the fence)",
    "admit(older)",
    "admit(older) at the limit",
    "admit(current)",
    "admit(current) at the limit",
    "admit(current), fresh",
    "admit(unsigned)",
    "admit(unsigned) at the limit",
    "admit(forced)",
    "resume(before the fence)",
    "resume(older)",
    "resume(current)",
    "renewed(older)",
    "renewed(current)",
    "wait",
    "wait(too many)",
    "land(Refreshed)",
    "land(Refreshed) with the same access token",
    "land(Failed), the refresh token can be sent again",
    "land(Failed), the refresh token cannot be sent again",
    "land(Refused)",
    "land(overtaken)",
    "sign_in",
    "sign_out",
];

/// The destination of requests, and another origin in use.
const HERE: Destination = at(0, 0);
const THERE: Destination = at(1, 0);
/// Another path of the first origin.
const BESIDE: Destination = at(0, 1);

const fn at(origin: usize, path: u64) -> Destination {
    Destination::new(
        OriginSet::at(origin),
        PathId::new(10 * (1 + origin as u64) + path),
    )
}

/// A coordinator two generations after its fence. Its flight, if any, is number 1.
fn situation(token: &str, phase: &str) -> Coordinator<u32> {
    let past = |ago| NOW - Duration::from_secs(ago);
    let (access, validity) = match token {
        "absent" => (Access::Absent, Validity::default()),
        "valid" => (Access::Held, validity(NOW)),
        // The margins of a lifetime of 100 seconds are 20 and 10.
        "ending" => (Access::Held, validity(past(85))),
        "early" => (Access::Held, validity(past(95))),
        "expired" => (Access::Held, validity(past(100))),
        "refused" | "doubted" => (Access::Held, validity(NOW)),
        "last" => (Access::Held, validity(past(100))),
        other => panic!("no token is {other}"),
    };
    let lost = Known::Sent {
        first: Some(past(60)),
        times: 1,
    };
    let (token_use, refresh_token, used) = match phase {
        "spent" => (TokenUse::Grace(MINUTE), lost, HERE.origin),
        "in doubt" => (TokenUse::Learn, lost, HERE.origin.with(THERE.origin)),
        _ => (TokenUse::Learn, Known::Unproven, HERE.origin),
    };
    let mut knowledge = Knowledge::default();
    knowledge.known = refresh_token;
    let mut refused = Refusals::default();
    match token {
        "refused" => refused.add(HERE),
        "doubted" => refused.add(BESIDE),
        _ => {}
    }
    let renewable = match token {
        "last" => Renewable::No,
        _ => Renewable::Yes,
    };
    let phase = match phase {
        "idle" => Phase::Idle,
        "in flight" => Phase::InFlight(1),
        "resting" => Phase::Resting {
            until: NOW + MINUTE,
        },
        "rested" | "in doubt" | "spent" => Phase::Resting { until: NOW },
        "refused" => Phase::Refused,
        other => panic!("no phase is {other}"),
    };
    let fence = Generation::FIRST.next();
    let rules = Rules {
        token_use,
        ..Rules::default()
    };
    Coordinator {
        generation: fence.next().next(),
        fence,
        access,
        validity,
        renewable,
        used: in_use(used),
        refused,
        phase,
        refresh_token: knowledge,
        ..Coordinator::signed_out(rules)
    }
}

fn in_use(origins: OriginSet) -> InUse {
    let mut used = InUse::default();
    used.send_to(origins, NOW, Rules::default());
    used
}

fn validity(since: Duration) -> Validity {
    let lifetime = Some(Duration::from_secs(100));
    Validity::new(term(since, lifetime), Rules::default())
}

fn term(since: Duration, lifetime: Option<Duration>) -> Term {
    Term::new(since, lifetime, 0)
}

fn token_of(coordinator: &Coordinator<u32>) -> &'static str {
    match coordinator.access {
        Access::Absent => "absent",
        Access::Held if coordinator.renewable == Renewable::No => "last",
        Access::Held if coordinator.refused.has(HERE) => "refused",
        Access::Held if !coordinator.refused.is_empty() => "doubted",
        Access::Held if coordinator.validity.has_expired(NOW) => "expired",
        Access::Held if coordinator.validity.is_early(NOW) => "early",
        Access::Held if coordinator.validity.is_ending(NOW) => "ending",
        Access::Held => "valid",
    }
}

fn phase_of(coordinator: &Coordinator<u32>) -> &'static str {
    match coordinator.phase {
        Phase::Idle => "idle",
        Phase::InFlight(_) => "in flight",
        Phase::Resting { until } if until > NOW => "resting",
        Phase::Resting { .. } if !coordinator.has_another_use(NOW) => "spent",
        Phase::Resting { .. } if !coordinator.may_be_sent(NOW) => "in doubt",
        Phase::Resting { .. } => "rested",
        Phase::Refused => "refused",
    }
}

/// Feeds one input, and returns the answer in the words of the table.
fn answer(coordinator: &mut Coordinator<u32>, input: &str) -> String {
    let current = coordinator.generation;
    let older = coordinator.fence;
    if let Some(input) = input.strip_suffix(", looked") {
        coordinator.looks.begin(NOW);
        return answer(coordinator, input);
    }
    if let Some(input) = input.strip_suffix(", signed in elsewhere") {
        coordinator.looks.begin(NOW);
        let generation = coordinator.sign_in_elsewhere(term(NOW, None), OTHER_ID);
        let refusal = match input {
            "resume(unsigned)" => Refusal::Unsigned(HERE),
            _ => Refusal::By(HERE),
        };
        return resumed(coordinator.resume(current, refusal, HERE, NOW), generation);
    }
    let input = match input.strip_suffix(" at the limit") {
        Some(input) => {
            while coordinator.permits.take(NOW, coordinator.rules).is_ok() {}
            input
        }
        None => input,
    };
    match input {
        "enter" => enter(coordinator, Sendable::Again),
        "enter(once)" => enter(coordinator, Sendable::Once),
        "admit(before the fence)" => admit(coordinator, Generation::FIRST, Refusal::By(HERE)),
        "admit(older)" => admit(coordinator, older, Refusal::By(HERE)),
        "admit(current)" => admit(coordinator, current, Refusal::By(HERE)),
        "admit(current), fresh" => {
            let just = NOW - Duration::from_millis(999);
            coordinator.fresh_token.begin(just, coordinator.rules);
            admit(coordinator, current, Refusal::By(HERE))
        }
        "admit(unsigned)" => admit(coordinator, current, Refusal::Unsigned(HERE)),
        "admit(forced)" => admit(coordinator, current, Refusal::Forced),
        "resume(before the fence)" => resumed(
            coordinator.resume(Generation::FIRST, Refusal::By(HERE), HERE, NOW),
            current,
        ),
        "resume(older)" => resumed(
            coordinator.resume(older, Refusal::By(HERE), HERE, NOW),
            current,
        ),
        "resume(current)" => resumed(
            coordinator.resume(current, Refusal::By(HERE), HERE, NOW),
            current,
        ),
        "renewed(older)" => resumed(coordinator.renewed(older, HERE, NOW), current),
        "renewed(current)" => resumed(coordinator.renewed(current, HERE, NOW), current),
        "wait" => wait(coordinator, &[(None, u32::MAX), (Some(1), 0), (Some(2), 1)]),
        "wait(too many)" => wait(coordinator, &[(Some(1), 1), (Some(2), u32::MAX)]),
        "land(Refreshed)" => land(coordinator, current, refreshed(RefreshTokenChange::Kept)),
        "land(Refreshed) with the same access token" => {
            let mut landing = refreshed(RefreshTokenChange::Replaced);
            if let Landing::Refreshed { access_token, .. } = &mut landing {
                *access_token = AccessTokenChange::Same;
            }
            land(coordinator, current, landing)
        }
        "land(Failed), the refresh token can be sent again" => failed(coordinator, true),
        "land(Failed), the refresh token cannot be sent again" => failed(coordinator, false),
        "land(Refused)" => land(coordinator, current, Landing::Refused),
        "land(overtaken)" => {
            let landing = refreshed(RefreshTokenChange::Replaced);
            land(coordinator, Generation::FIRST, landing)
        }
        "sign_in" => {
            let generation = coordinator.sign_in(term(NOW, None), OTHER_ID);
            says(
                "the next generation, a fence",
                fenced(coordinator, current, generation),
            )
        }
        "sign_out" => {
            let generation = coordinator.sign_out();
            says(
                "the next generation, a fence",
                fenced(coordinator, current, generation),
            )
        }
        other => panic!("no input is {other}"),
    }
}

fn says(answer: &str, holds: bool) -> String {
    assert!(holds, "{answer}, with an unexpected content");
    answer.to_owned()
}

fn resumed(resume: Resume, current: Generation) -> String {
    match resume {
        Resume::With(g) => says("With", g == current),
        Resume::Expired => "Expired".to_owned(),
        Resume::Superseded => "Superseded".to_owned(),
    }
}

fn enter(coordinator: &mut Coordinator<u32>, sendable: Sendable) -> String {
    let current = coordinator.generation;
    match coordinator.enter(HERE, sendable, NOW, |_| 2) {
        Entry::Go(g) => says("Go", g == current),
        Entry::GoAndDepart(g, flight) => says("GoAndDepart", g == current && flight == 2),
        Entry::Renew(g, 1) => says("Renew", g == current),
        Entry::Renew(g, flight) => says("Renew by a new flight", g == current && flight == 2),
        Entry::Stale(g) => says("Stale", g == current),
    }
}

fn admit(coordinator: &mut Coordinator<u32>, stale: Generation, refusal: Refusal) -> String {
    let current = coordinator.generation;
    match coordinator.admit(stale, refusal, NOW, |_| 2) {
        Admission::Current(g) => says("Current", g == current),
        Admission::Await(1) => "Await".to_owned(),
        Admission::Await(flight) => says("Await a new flight", flight == 2),
        Admission::Resting { until } => says("Resting", until > NOW),
        Admission::Limited { until } => says("Limited", until > NOW),
        Admission::TooFresh { until } => says("TooFresh", until > NOW),
        Admission::Refused => "Refused".to_owned(),
        Admission::NoWay => "NoWay".to_owned(),
        Admission::Superseded => "Superseded".to_owned(),
        Admission::SignedOut => "SignedOut".to_owned(),
    }
}

/// The cases are pairs of a limit and the number of waiting requests. All have the same answer.
fn wait(coordinator: &mut Coordinator<u32>, cases: &[(Option<u32>, u32)]) -> String {
    let answers = cases.iter().map(|(most, waiting)| {
        coordinator.rules.max_waiting = *most;
        format!("{:?}", coordinator.wait(*waiting))
    });
    let mut answers: BTreeSet<_> = answers.collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers.pop_first().expect("one")
}

fn land(coordinator: &mut Coordinator<u32>, stale: Generation, landing: Landing) -> String {
    let before = coordinator.generation;
    match coordinator.land(stale, landing, NOW) {
        Landed::Overtaken => says("Overtaken", coordinator.generation == before),
        Landed::SameToken => says("SameToken", coordinator.generation == before),
        Landed::Counts(g) if g == before.next() => "Counts, the next generation".to_owned(),
        Landed::Counts(g) => says("Counts", g == before && coordinator.generation == before),
    }
}

const KNOWN: [(&str, Known); 4] = [
    ("not sent, or not processed", Known::Unproven),
    ("kept by a refresh", Known::Reusable),
    (
        "sent once",
        Known::Sent {
            first: Some(RECENT),
            times: 1,
        },
    ),
    (
        "sent twice",
        Known::Sent {
            first: Some(RECENT),
            times: 2,
        },
    ),
];
const ID: RefreshTokenId = RefreshTokenId(1);
const OTHER_ID: RefreshTokenId = RefreshTokenId(2);
const RECENT: Duration = Duration::from_secs(999);
const USES: [(&str, TokenUse); 4] = [
    ("Learn", TokenUse::Learn),
    ("SingleUse", TokenUse::SingleUse),
    ("Grace", TokenUse::Grace(MINUTE)),
    ("Reusable", TokenUse::Reusable),
];

/// Lands a failure for each [`TokenUse`] and [`Known`] with or without another use: all have the
/// same answer.
fn failed(coordinator: &mut Coordinator<u32>, another: bool) -> String {
    let before = coordinator.clone();
    let mut answers = BTreeSet::new();
    for (_, token_use) in USES {
        for (_, known) in KNOWN {
            if known.has_another_use(NOW, token_use) == another {
                *coordinator = before.clone();
                coordinator.rules.token_use = token_use;
                coordinator.refresh_token.known = known;
                let current = coordinator.generation;
                let answer = land(coordinator, current, Landing::Failed(Rest::default()));
                answers.insert((answer, phase_of(coordinator)));
            }
        }
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers.pop_first().expect("one").0
}

fn fenced(coordinator: &Coordinator<u32>, before: Generation, returned: Generation) -> bool {
    let now = coordinator.generation;
    now == before.next() && returned == now && coordinator.fence == now
}

fn refreshed(refresh_token: RefreshTokenChange) -> Landing {
    Landing::Refreshed {
        term: term(NOW, None),
        access_token: AccessTokenChange::New,
        refresh_token,
    }
}

type Row = [String; 6];

/// The rows of a session that is alone, and those that take their place over a store.
fn tables() -> (Vec<Row>, Vec<Row>) {
    let (alone, shared) = TABLE.split_once("## Over a store").expect("two tables");
    (rows(alone), rows(shared))
}

/// `(input, tokens, phases, answer, token after, phase after)`.
fn rows(table: &str) -> Vec<Row> {
    table
        .lines()
        .filter(|line| line.starts_with("| `") && line.matches('|').count() == 7)
        .map(|line| {
            let cells: Vec<_> = line.trim_matches(['|', ' ']).split(" | ").collect();
            let cells: [&str; 6] = cells.try_into().expect("six cells");
            cells.map(|cell| cell.replace('`', ""))
        })
        .collect()
}

fn describes(cell: &str, value: &str) -> bool {
    cell == "any" || cell.split(", ").any(|listed| listed == value)
}

/// Whether this combination is possible: a landing needs a flight, and an attempt needs a token.
fn can_be(input: &str, token: &str, phase: &str) -> bool {
    // Without a valid access token there is nothing to lose, so nothing is in doubt.
    if phase == "in doubt" && ["absent", "expired"].contains(&token) {
        return false;
    }
    // A token that cannot be replaced has no flights, and without a token there is none.
    if token == "last" && phase != "idle" || token == "absent" && phase == "in flight" {
        return false;
    }
    match input {
        "admit(older)" | "admit(older) at the limit" | "resume(older)" | "renewed(older)" => {
            token != "absent"
        }
        "admit(unsigned)" | "admit(unsigned) at the limit" => {
            ["absent", "expired", "refused"].contains(&token)
        }
        "land(overtaken)" => true,
        _ => !input.starts_with("land") || phase == "in flight",
    }
}

#[test]
fn the_table_describes_each_combination_exactly_once_and_the_code_agrees() {
    let (rows, _) = tables();
    let mut used = vec![false; rows.len()];
    for input in INPUTS {
        for (token, phase) in combinations() {
            if !can_be(input, token, phase) {
                continue;
            }
            let case = format!("{input}, {token}, {phase}");
            let index = matching(&rows, input, token, phase);
            let index = index.unwrap_or_else(|| panic!("no row: {case}"));
            used[index] = true;
            let outcome = outcome(situation(token, phase), input);
            assert_eq!(outcome, expected(&rows[index], token, phase), "{case}");
        }
    }
    for (row, used) in rows.iter().zip(used) {
        assert!(used, "no combination: {row:?}");
    }
}

#[test]
fn over_a_store_the_second_table_has_what_differs_and_nothing_else() {
    let (alone, shared) = tables();
    let mut used = vec![false; shared.len()];
    let looked = INPUTS.map(|input| format!("{input}, looked"));
    let elsewhere = ["resume(unsigned)", "resume(before the fence)"];
    let elsewhere = elsewhere.map(|input| format!("{input}, signed in elsewhere"));
    let inputs = INPUTS
        .map(str::to_owned)
        .into_iter()
        .chain(looked)
        .chain(elsewhere);
    for input in inputs {
        for (token, phase) in combinations() {
            if !can_be_over_a_store(&input, token, phase) {
                continue;
            }
            let case = format!("{input}, {token}, {phase}");
            let mut coordinator = situation(token, phase);
            coordinator.rules.sharing = Sharing::Shared;
            let base = input.strip_suffix(", looked").unwrap_or(&input);
            let base = matching(&alone, base, token, phase);
            let base = base.map(|index| expected(&alone[index], token, phase));
            let differs = matching(&shared, &input, token, phase);
            let outcome = outcome(coordinator, &input);
            match differs {
                Some(index) => {
                    let expected = expected(&shared[index], token, phase);
                    assert_eq!(outcome, expected, "{case}");
                    assert_ne!(base, Some(expected), "{case}: it does not differ");
                    used[index] = true;
                }
                None => assert_eq!(Some(outcome), base, "{case}"),
            }
        }
    }
    for (row, used) in shared.iter().zip(used) {
        assert!(used, "no combination: {row:?}");
    }
}

fn combinations() -> impl Iterator<Item = (&'static str, &'static str)> {
    TOKENS
        .into_iter()
        .flat_map(|token| PHASES.map(|phase| (token, phase)))
}

/// As [`can_be`], for a session that shares a store.
fn can_be_over_a_store(input: &str, token: &str, phase: &str) -> bool {
    if input.ends_with(", signed in elsewhere") {
        return can_be("sign_in", token, phase);
    }
    let (base, looked) = match input.strip_suffix(", looked") {
        Some(base) => (base, true),
        None => (input, false),
    };
    let looks = match token {
        // A sign-in is followed: it is no landing.
        "absent" if base.starts_with("land(Refreshed)") => return false,
        "absent" if base.contains("(older)") => return false,
        "absent" if phase == "in flight" => return looked && can_be(base, "expired", phase),
        "absent" => true,
        _ => ["in flight", "refused"].contains(&phase),
    };
    (looks || !looked) && can_be(base, token, phase)
}

/// The row that describes this combination, if there is one.
fn matching(rows: &[Row], input: &str, token: &str, phase: &str) -> Option<usize> {
    let mut matching = rows.iter().enumerate().filter(|(_, row)| {
        row[0] == input && describes(&row[1], token) && describes(&row[2], phase)
    });
    let (index, _) = matching.next()?;
    assert!(
        matching.next().is_none(),
        "two rows: {input}, {token}, {phase}"
    );
    Some(index)
}

/// The answer, and the token and the phase after it.
fn outcome(mut coordinator: Coordinator<u32>, input: &str) -> [String; 3] {
    let answer = answer(&mut coordinator, input);
    let (token, phase) = (token_of(&coordinator), phase_of(&coordinator));
    [answer, token.to_owned(), phase.to_owned()]
}

fn expected(row: &Row, token: &str, phase: &str) -> [String; 3] {
    let after = |cell: &String, before: &str| match cell == "same" {
        true => before.to_owned(),
        false => cell.clone(),
    };
    let [.., answer, token_after, phase_after] = row;
    [
        answer.clone(),
        after(token_after, token),
        after(phase_after, phase),
    ]
}

#[test]
fn the_diagram_has_the_changes_of_phase_and_no_other() {
    let node = |phase: &str| match phase {
        "in flight" => "flight".to_owned(),
        "rested" | "in doubt" | "spent" => "resting".to_owned(),
        other => other.to_owned(),
    };
    let mut changes = BTreeSet::new();
    for input in INPUTS {
        for (token, phase) in TOKENS.iter().flat_map(|t| PHASES.map(|p| (*t, p))) {
            let mut coordinator = situation(token, phase);
            if can_be(input, token, phase) {
                _ = answer(&mut coordinator, input);
                let (from, to) = (node(phase), node(phase_of(&coordinator)));
                if from != to {
                    changes.insert((from, to, input.to_owned()));
                }
            }
        }
    }
    let drawn: BTreeSet<_> = TABLE
        .lines()
        .filter_map(|line| {
            let (from, rest) = line.trim().split_once(" --> ")?;
            let (to, label) = rest.split_once(": ")?;
            let edge = |input: &str| (from.to_owned(), to.to_owned(), input.to_owned());
            Some(label.split(" / ").map(edge).collect::<Vec<_>>())
        })
        .flatten()
        .collect();
    assert_eq!(drawn, changes);
}

#[test]
fn promise_2_a_generation_has_one_flight_however_many_were_refused() {
    let mut coordinator = situation("valid", "idle");
    let stale = coordinator.generation;
    let mut departures = 0;
    for _ in 0..64 {
        let admission = coordinator.admit(stale, Refusal::By(HERE), NOW, |departing| {
            assert_eq!(departing, stale);
            departures += 1;
            departures
        });
        assert_eq!(admission, Admission::Await(1));
    }
    assert_eq!(departures, 1);
}

#[test]
fn promise_3_a_late_refusal_replays_with_the_newest_and_never_refreshes() {
    let mut coordinator = situation("valid", "in flight");
    let stale = coordinator.generation;
    let landed = coordinator.land(stale, refreshed(RefreshTokenChange::Kept), NOW);
    let newer = stale.next();
    assert_eq!(landed, Landed::Counts(newer));
    let admission = coordinator.admit(stale, Refusal::By(HERE), NOW, |_| {
        panic!("a second refresh")
    });
    assert_eq!(admission, Admission::Current(newer));
    assert_eq!(
        coordinator.resume(stale, Refusal::By(HERE), HERE, NOW),
        Resume::With(newer)
    );
}

#[test]
fn promise_5_no_request_goes_on_with_a_token_that_expired_while_it_was_saved() {
    let mut coordinator = situation("valid", "in flight");
    let stale = coordinator.generation;
    let short = Landing::Refreshed {
        term: term(NOW, Some(MINUTE)),
        access_token: AccessTokenChange::New,
        refresh_token: RefreshTokenChange::Replaced,
    };
    let landed = coordinator.land(stale, short, NOW + MINUTE);
    assert_eq!(landed, Landed::Counts(stale.next()));
    let resume = coordinator.resume(stale, Refusal::By(HERE), HERE, NOW + MINUTE);
    assert_eq!(resume, Resume::Expired);
}

#[test]
fn promise_9_what_is_known_of_a_sent_token_outlives_its_adoption() {
    let mut coordinator = situation("expired", "in flight");
    let stale = coordinator.generation;
    let spends = Spends::RefreshToken;
    assert_eq!(
        coordinator.begin_call(stale, spends, ID, None, NOW),
        Sending::Over(Connection::Own)
    );
    let adopted = refreshed(RefreshTokenChange::Adopted(ID));
    let landed = coordinator.land(stale, adopted, NOW);
    assert_eq!(landed, Landed::Counts(stale.next()));
    let known = coordinator.refresh_token.known;
    assert_eq!(
        known,
        Known::Sent {
            first: Some(NOW),
            times: 1
        }
    );
    _ = coordinator.admit(stale.next(), Refusal::Forced, NOW, |_| 2);
    let again = coordinator.begin_call(stale.next(), spends, ID, None, NOW);
    assert_eq!(again, Sending::Spent, "the access token may be accepted");
    let other = coordinator.begin_call(stale.next(), spends, OTHER_ID, None, NOW);
    assert_eq!(other, Sending::Over(Connection::Own));
}

#[test]
fn promise_9_what_an_adoption_shows_is_of_that_refresh_token_alone() {
    for known in [Known::Reusable, Known::Unproven] {
        let mut coordinator = situation("expired", "in flight");
        let stale = coordinator.generation;
        let same = refreshed(RefreshTokenChange::AdoptedWithSame(ID));
        _ = coordinator.land(stale, same, NOW);
        assert_eq!(coordinator.refresh_token.known, Known::Reusable);
        let signed_in = match known {
            Known::Reusable => ID,
            Known::Unproven | Known::Sent { .. } => OTHER_ID,
        };
        _ = coordinator.sign_in(term(NOW, None), signed_in);
        assert_eq!(coordinator.refresh_token.known, known);
    }
}

#[test]
fn promise_9_what_is_known_of_a_sent_token_outlives_a_sign_in_with_it() {
    for (signed_in, sending) in [
        (ID, Sending::Spent),
        (OTHER_ID, Sending::Over(Connection::Own)),
    ] {
        let mut coordinator = situation("expired", "in flight");
        coordinator.rules.token_use = TokenUse::SingleUse;
        let stale = coordinator.generation;
        _ = coordinator.begin_call(stale, Spends::RefreshToken, ID, None, NOW);
        let current = coordinator.sign_in(term(NOW, None), signed_in);
        _ = coordinator.admit(current, Refusal::Forced, NOW, |_| 2);
        let again = coordinator.begin_call(current, Spends::RefreshToken, signed_in, None, NOW);
        assert_eq!(again, sending);
    }
}

#[test]
fn promise_9_a_call_within_a_grace_period_says_how_long_that_is() {
    let mut coordinator = situation("expired", "in flight");
    coordinator.rules.token_use = TokenUse::Grace(MINUTE);
    let stale = coordinator.generation;
    let mut begin = |now| {
        let sending = coordinator.begin_call(stale, Spends::RefreshToken, ID, None, now);
        (sending, coordinator.send_before())
    };
    let over = Sending::Over(Connection::Own);
    assert_eq!(begin(NOW), (over, None));
    assert_eq!(begin(NOW + MINUTE / 2), (over, Some(NOW + MINUTE)));
}

#[test]
fn promise_3_nothing_is_replayed_under_another_identity() {
    let mut coordinator = situation("valid", "in flight");
    let stale = coordinator.generation;
    let signed_in = coordinator.sign_in(term(NOW, None), OTHER_ID);
    let admission = coordinator.admit(stale, Refusal::By(HERE), NOW, |_| panic!("a refresh"));
    assert_eq!(admission, Admission::Superseded);
    assert_eq!(
        coordinator.resume(stale, Refusal::By(HERE), HERE, NOW),
        Resume::Superseded
    );
    assert_eq!(
        coordinator.resume(signed_in, Refusal::By(HERE), HERE, NOW),
        Resume::Superseded,
        "nothing is newer"
    );
}

#[test]
fn promise_13_a_flight_overtaken_by_a_fence_does_not_end_the_next() {
    let mut coordinator = situation("valid", "in flight");
    let stale = coordinator.generation;
    let signed_in = coordinator.sign_in(term(NOW, None), OTHER_ID);
    let admission = coordinator.admit(signed_in, Refusal::By(HERE), NOW, |_| 2);
    assert_eq!(admission, Admission::Await(2));
    let late = coordinator.land(stale, refreshed(RefreshTokenChange::Replaced), NOW);
    assert_eq!(late, Landed::Overtaken);
    assert_eq!(coordinator.flight(), Some(&2));
}

/// A landing that does not belong to the flight in progress changes nothing.
#[test]
fn answers_that_nobody_asked_for_change_nothing() {
    let landings = [
        refreshed(RefreshTokenChange::Kept),
        Landing::Failed(Rest::default()),
        Landing::Refused,
    ];
    let current = situation("valid", "idle").generation;
    let out_of_range = (0..1_000).fold(current, |generation, _| generation.next());
    for (story, phase, stale) in [
        ("no flight is in progress", "idle", current),
        ("the flight has failed before", "resting", current),
        ("the flight was refused before", "refused", current),
        (
            "the flight was for an older token",
            "in flight",
            situation("valid", "idle").fence,
        ),
        (
            "the flight was before the fence",
            "in flight",
            Generation::FIRST,
        ),
        (
            "the flight is for a future token",
            "in flight",
            current.next(),
        ),
        ("the generation is out of range", "in flight", out_of_range),
    ] {
        for landing in landings {
            let mut coordinator = situation("valid", phase);
            let before = coordinator.clone();
            let landed = coordinator.land(stale, landing, NOW);
            assert_eq!(landed, Landed::Overtaken, "{story}");
            assert_eq!(coordinator, before, "{story}");
        }
    }
    // A second landing, after the one that counts.
    let mut coordinator = situation("valid", "in flight");
    assert_eq!(
        coordinator.land(current, landings[0], NOW),
        Landed::Counts(current.next())
    );
    let before = coordinator.clone();
    for landing in landings {
        assert_eq!(coordinator.land(current, landing, NOW), Landed::Overtaken);
    }
    assert_eq!(coordinator, before);
    assert_eq!(
        coordinator.resume(out_of_range, Refusal::By(HERE), HERE, NOW),
        Resume::Superseded
    );
}

#[test]
fn promise_12_a_valid_token_outlives_a_failed_early_refresh() {
    for landing in [Landing::Refused, Landing::Failed(Rest::default())] {
        let mut coordinator = situation("early", "idle");
        let current = coordinator.generation;
        assert_eq!(
            coordinator.enter(HERE, Sendable::Again, NOW, |_| 1),
            Entry::GoAndDepart(current, 1)
        );
        assert_eq!(
            coordinator.land(current, landing, NOW),
            Landed::Counts(current)
        );
        let next = coordinator.enter(HERE, Sendable::Again, NOW, |_| {
            panic!("a second early refresh")
        });
        assert_eq!(next, Entry::Go(current), "{landing:?}");
    }
}

#[test]
fn promise_11_a_rest_lasts_as_long_as_the_server_asks_and_no_longer_than_its_bound() {
    let rules = Rules::default();
    for (asked, rest) in [
        (Some(MINUTE), MINUTE),
        (Some(Duration::MAX), rules.longest_rest),
    ] {
        let mut coordinator = situation("valid", "in flight");
        let current = coordinator.generation;
        let transient = Landing::Failed(Rest {
            retry_after: asked,
            jitter: 255,
        });
        assert_eq!(
            coordinator.land(current, transient, NOW),
            Landed::Counts(current)
        );
        let until = NOW + rest;
        assert_eq!(coordinator.rests_until(NOW), Some(until));
        let moment_before = until - Duration::from_nanos(1);
        let admission = coordinator.admit(current, Refusal::By(HERE), moment_before, |_| {
            panic!("too soon")
        });
        assert_eq!(admission, Admission::Resting { until });
        assert_eq!(
            coordinator.admit(current, Refusal::By(HERE), until, |_| 2),
            Admission::Await(2)
        );
    }
}

#[test]
fn promise_9_reuse_is_learned_from_an_answer_and_forgotten_with_the_token() {
    let mut coordinator = situation("valid", "idle");
    for (refresh_token, known) in [
        (RefreshTokenChange::Kept, Known::Reusable),
        (RefreshTokenChange::Replaced, Known::Unproven),
        (RefreshTokenChange::Kept, Known::Reusable),
    ] {
        let stale = coordinator.generation;
        assert_eq!(
            coordinator.admit(stale, Refusal::By(HERE), NOW, |_| 1),
            Admission::Await(1)
        );
        _ = coordinator.begin_call(stale, Spends::RefreshToken, ID, None, NOW);
        let landed = coordinator.land(stale, refreshed(refresh_token), NOW);
        assert_eq!(landed, Landed::Counts(stale.next()));
        coordinator.served(stale.next(), StatusCode::OK, HERE);
        assert_eq!(coordinator.refresh_token.known, known);
    }
    _ = coordinator.sign_in(term(NOW, None), OTHER_ID);
    assert_eq!(coordinator.refresh_token.known, Known::Unproven);
}

/// The second table, about refresh tokens.
#[test]
fn the_table_says_when_a_refresh_token_is_sent_and_the_code_agrees() {
    let mut used = BTreeSet::new();
    for ((known_as, known), (use_name, token_use)) in KNOWN
        .iter()
        .flat_map(|known| USES.map(|token_use| (*known, token_use)))
    {
        let mut matching = TABLE.lines().enumerate().filter_map(|(number, line)| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [known, named, sent, over, after] = cells[..] else {
                return None;
            };
            let listed = known.replace(", or twice", ", or sent twice");
            let known = known == "any"
                || known == known_as
                || listed.split(", or ").any(|one| {
                    one == known_as || one == "not sent" && known_as.starts_with("not sent")
                });
            (known && named.trim_matches('`') == use_name).then_some((number, sent, over, after))
        });
        let (number, sent, over, after) = matching.next().expect("a row");
        assert_eq!(matching.next(), None, "{known_as}, {use_name}: two rows");
        used.insert(number);

        let (here, there) = (HERE.origin, THERE.origin);
        let may = |token: &str, used: OriginSet| {
            let mut coordinator = situation(token, "in flight");
            (coordinator.refresh_token.known, coordinator.used) = (known, in_use(used));
            coordinator.rules.token_use = token_use;
            let current = coordinator.generation;
            (
                coordinator.begin_call(current, Spends::RefreshToken, ID, None, NOW),
                coordinator,
            )
        };
        let at_stake = here.with(there);
        let seen: Vec<_> = [
            ("refused", here),
            ("expired", at_stake),
            ("refused", at_stake),
        ]
        .map(|(token, used)| may(token, used).0 != Sending::Spent)
        .into();
        let promised = match sent {
            "yes" | "while the grace lasts" => [true; 3],
            "with nothing left to lose" => [true, true, false],
            "no" => [false; 3],
            other => panic!("{other}"),
        };
        assert_eq!(seen, promised, "{known_as}, {use_name}");
        let (sending, mut coordinator) = may("refused", here);
        match over {
            "" => continue,
            "its own" => assert_eq!(sending, Sending::Over(Connection::Own), "{known_as}"),
            "any" => assert_eq!(sending, Sending::Over(Connection::Any), "{known_as}"),
            other => panic!("{other}"),
        }
        let current = coordinator.generation;
        let before = coordinator.refresh_token.known;
        let again = coordinator.call_failed(current, CallFailure::Lost, 1, NOW);
        match after {
            "never" => assert_eq!(again, Again::No),
            "once more" => {
                assert_eq!(again, Again::AfterAPause);
                let second = coordinator.begin_call(current, Spends::RefreshToken, ID, None, NOW);
                assert_eq!(second, Sending::Over(Connection::Own));
                let third = coordinator.call_failed(current, CallFailure::Lost, 1, NOW);
                assert_eq!(third, Again::No);
            }
            "as before" => assert_eq!((again, known), (Again::AfterAPause, before)),
            "while the grace lasts" => {
                assert_eq!(again, Again::AfterAPause);
                let over = NOW + MINUTE;
                assert_eq!(
                    coordinator.begin_call(current, Spends::RefreshToken, ID, None, over),
                    Sending::Spent
                );
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(used.len(), 9, "a row without a combination");
}

#[test]
fn promise_9_with_nobody_waiting_a_lost_answer_is_asked_for_later() {
    let mut coordinator = situation("refused", "in flight");
    let current = coordinator.generation;
    let sent = coordinator.begin_call(current, Spends::RefreshToken, ID, None, NOW);
    assert_eq!(sent, Sending::Over(Connection::Own));
    let again = coordinator.call_failed(current, CallFailure::Lost, 0, NOW);
    assert_eq!(again, Again::No);
    _ = coordinator.land(current, Landing::Failed(Rest::default()), NOW - MINUTE);
    assert_eq!(phase_of(&coordinator), "rested");
    assert_eq!(
        admit(&mut coordinator, current, Refusal::By(HERE)),
        "Await a new flight"
    );
}

#[test]
fn promise_9_a_token_that_is_good_elsewhere_is_not_put_at_risk() {
    let mut coordinator = situation("valid", "in doubt");
    let current = coordinator.generation;
    let early = coordinator.enter(HERE, Sendable::Once, NOW, |_| panic!("a refresh"));
    assert_eq!(early, Entry::Go(current));
    let admission = coordinator.admit(current, Refusal::By(HERE), NOW, |_| panic!("a refresh"));
    let Admission::Resting { until } = admission else {
        panic!("{admission:?}");
    };
    assert!(until > NOW, "the end of the rest is in the future");
    // The other origin refuses the token, too.
    let admission = coordinator.admit(current, Refusal::By(THERE), NOW, |_| 2);
    assert_eq!(admission, Admission::Await(2));
}

#[test]
fn promise_9_what_was_not_processed_is_as_if_it_had_not_been_sent() {
    let mut coordinator = situation("refused", "in flight");
    coordinator.rules.token_use = TokenUse::SingleUse;
    let current = coordinator.generation;
    for answered in [CallFailure::NotProcessed, CallFailure::Misconfigured] {
        let sent = coordinator.begin_call(current, Spends::RefreshToken, ID, None, NOW);
        assert_eq!(sent, Sending::Over(Connection::Own));
        _ = coordinator.call_failed(current, answered, 1, NOW);
        assert_eq!(
            coordinator.refresh_token.known,
            Known::Unproven,
            "{answered:?}"
        );
    }
    let sent = coordinator.begin_call(current, Spends::Nothing, ID, None, NOW);
    assert_eq!(sent, Sending::Over(Connection::Any));
    let again = coordinator.call_failed(current, CallFailure::SpentNothing, 0, NOW);
    assert_eq!(
        (again, coordinator.refresh_token.known),
        (Again::AfterAPause, Known::Unproven)
    );
}

#[test]
fn promise_5_what_one_origin_refuses_costs_no_other_its_requests() {
    let mut coordinator = situation("valid", "idle");
    let current = coordinator.generation;
    let admission = coordinator.admit(current, Refusal::By(HERE), NOW, |_| 1);
    assert_eq!(admission, Admission::Await(1));
    for down in [false, true] {
        if down {
            _ = coordinator.land(current, Landing::Failed(Rest::default()), NOW);
        }
        let enter = |coordinator: &mut Coordinator<u32>, origin| {
            coordinator.enter(origin, Sendable::Again, NOW, |_| panic!("a refresh"))
        };
        assert_eq!(enter(&mut coordinator, HERE), Entry::Stale(current));
        assert_eq!(enter(&mut coordinator, THERE), Entry::Go(current));
    }
}

#[test]
fn promise_11_rests_double_up_to_five_minutes_with_jitter_until_one_succeeds() {
    let mut rests = Vec::new();
    let mut coordinator = situation("refused", "in flight");
    let current = coordinator.generation;
    let mut now = NOW;
    for jitter in [0, 0, 0, 255, 0, 0, 0, 0, 0, 0] {
        let failed = Landing::Failed(Rest {
            retry_after: None,
            jitter,
        });
        _ = coordinator.land(current, failed, now);
        let until = coordinator.rests_until(now).expect("it rests");
        rests.push((until - now).as_millis());
        now = until;
        let admission = coordinator.admit(current, Refusal::By(HERE), now, |_| 2);
        assert_eq!(admission, Admission::Await(2));
    }
    let seconds = [
        1_000, 2_000, 4_000, 4_015, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000,
    ];
    assert_eq!(rests, seconds);
    _ = coordinator.land(current, refreshed(RefreshTokenChange::Kept), now);
    assert_eq!(coordinator.failures, 0);
}

#[test]
fn promise_2_a_fresh_token_is_not_traded_at_once_twice_as_long_each_time() {
    let mut coordinator = situation("refused", "in flight");
    let mut now = NOW;
    for seconds in [1, 2, 4, 8] {
        let stale = coordinator.generation;
        _ = coordinator.land(stale, refreshed(RefreshTokenChange::Replaced), now);
        let token = coordinator.generation;
        let until = now + Duration::from_secs(seconds);
        let moment_before = until - Duration::from_nanos(1);
        for at in [now, moment_before] {
            let refused = coordinator.admit(token, Refusal::By(HERE), at, |_| panic!("a refresh"));
            assert_eq!(refused, Admission::TooFresh { until });
            let goes = coordinator.enter(HERE, Sendable::Again, at, |_| panic!("a refresh"));
            assert_eq!(goes, Entry::Go(token), "the token may be accepted by now");
        }
        now = until;
        let refused = coordinator.admit(token, Refusal::By(HERE), now, |_| 1);
        assert_eq!(refused, Admission::Await(1));
    }
    // Only an answer that accepts the token ends the delays.
    let stale = coordinator.generation;
    _ = coordinator.land(stale, refreshed(RefreshTokenChange::Replaced), now);
    let token = coordinator.generation;
    for (served, status, on_trial) in [
        (stale, StatusCode::OK, true),
        (token, StatusCode::BAD_GATEWAY, true),
        (token, StatusCode::UNAUTHORIZED, true),
        (token, StatusCode::NOT_FOUND, false),
    ] {
        coordinator.served(served, status, HERE);
        assert_eq!(coordinator.needs_outcomes(), on_trial, "{status}");
    }
    let refused = coordinator.admit(token, Refusal::By(HERE), now, |_| 1);
    assert_eq!(refused, Admission::Await(1));
}

#[test]
fn promise_2_a_refresh_that_brings_the_refused_token_is_none() {
    let mut coordinator = situation("refused", "in flight");
    let current = coordinator.generation;
    let lifetime = Some(MINUTE);
    let same = Landing::Refreshed {
        term: term(NOW, lifetime),
        access_token: AccessTokenChange::Same,
        refresh_token: RefreshTokenChange::Replaced,
    };
    assert_eq!(coordinator.land(current, same, NOW), Landed::SameToken);
    assert_eq!(
        coordinator.resume(current, Refusal::By(HERE), HERE, NOW),
        Resume::Superseded,
        "nothing to replay with"
    );
    let rests = coordinator.admit(current, Refusal::By(HERE), NOW, |_| panic!("a refresh"));
    assert_eq!(
        rests,
        Admission::Resting {
            until: NOW + Duration::from_secs(1)
        }
    );
    assert_eq!(
        coordinator.validity,
        Validity::new(term(NOW, lifetime), coordinator.rules)
    );
}

#[test]
fn promise_9_a_grace_is_counted_from_the_first_time_that_the_token_was_sent() {
    let mut coordinator = situation("refused", "idle");
    coordinator.rules.token_use = TokenUse::Grace(MINUTE);
    let stale = coordinator.generation;
    let second = Duration::from_secs(1);
    let (mut now, mut tries) = (NOW, 0);
    loop {
        let admission = coordinator.admit(stale, Refusal::By(HERE), now, |_| 1);
        if admission == Admission::Refused {
            break;
        }
        assert_eq!(admission, Admission::Await(1));
        tries += 1;
        let sent = coordinator.begin_call(stale, Spends::RefreshToken, ID, None, now);
        assert_eq!(sent, Sending::Over(Connection::Own));
        let asked = Some(10 * second);
        let failed = Landing::Failed(Rest {
            retry_after: asked,
            jitter: 0,
        });
        _ = coordinator.call_failed(stale, CallFailure::Lost, 0, now + 10 * second);
        assert_eq!(
            coordinator.land(stale, failed, now + 10 * second),
            Landed::Counts(stale)
        );
        now += 20 * second;
    }
    assert_eq!((tries, now), (3, NOW + MINUTE), "at 0, 20 and 40 seconds");
    _ = coordinator.sign_in(term(NOW, None), OTHER_ID);
    let current = coordinator.generation;
    let admission = coordinator.admit(current, Refusal::By(HERE), NOW, |_| 2);
    assert_eq!(admission, Admission::Await(2));
}

#[test]
fn promise_20_jitter_puts_an_early_refresh_off_by_no_more_than_half_its_margin() {
    let lifetime = Some(MINUTE * 60);
    let margin = Rules::default().early_refresh.expect("30 seconds");
    let mut before = None;
    for jitter in [0, 1, 128, 255] {
        let term = Term::new(NOW, lifetime, jitter);
        let validity = Validity::new(term, Rules::default());
        let first = NOW + MINUTE * 60 - margin;
        let begins = (0..=margin.as_millis()).map(|ms| first + Duration::from_millis(ms as u64));
        let begins = begins.filter(|at| validity.is_early(*at)).min();
        assert!(begins >= Some(first) && begins < Some(first + margin / 2));
        assert!(begins > before, "the time differs by jitter");
        before = begins;
    }
}

/// Each token is accepted elsewhere; otherwise the delays for refused fresh tokens would grow.
#[test]
fn a_server_that_refuses_every_token_gets_a_bounded_number_of_refreshes() {
    let mut coordinator = situation("valid", "idle");
    let limit = coordinator.rules.refresh_limit;
    let mut departures = 0;
    for _ in 0..1_000 {
        let stale = coordinator.generation;
        let admission = coordinator.admit(stale, Refusal::By(HERE), NOW, |_| 1);
        if admission == Admission::Await(1) {
            departures += 1;
            let landed = coordinator.land(stale, refreshed(RefreshTokenChange::Kept), NOW);
            assert_eq!(landed, Landed::Counts(stale.next()));
            coordinator.served(stale.next(), StatusCode::OK, HERE);
        } else {
            let until = NOW + coordinator.rules.refresh_window;
            assert_eq!(admission, Admission::Limited { until });
            // Requests go on with the token, which other resources may accept.
            assert_eq!(
                coordinator.enter(HERE, Sendable::Again, NOW, |_| 1),
                Entry::Go(stale)
            );
        }
    }
    assert_eq!(departures, limit);
    let later = NOW + coordinator.rules.refresh_window;
    let stale = coordinator.generation;
    let admission = coordinator.admit(stale, Refusal::By(HERE), later, |_| 1);
    assert_eq!(admission, Admission::Await(1));
}

#[test]
fn promise_20_odd_lifetimes_neither_panic_nor_loop() {
    for lifetime in [
        None,
        Some(Duration::ZERO),
        Some(Duration::from_nanos(1)),
        Some(Duration::MAX),
    ] {
        let mut coordinator = Coordinator::<u32>::signed_in(Rules::default(), term(NOW, lifetime));
        let entry = coordinator.enter(HERE, Sendable::Again, NOW, |_| 1);
        let expired = lifetime == Some(Duration::ZERO);
        assert_eq!(
            entry == Entry::Stale(Generation::FIRST),
            expired,
            "{lifetime:?}"
        );
    }
}

#[test]
fn promise_20_the_margin_is_bounded_by_the_lifetime() {
    let second = Duration::from_secs(1);
    let rules = |early_refresh, renewal| Rules {
        early_refresh,
        renewal,
        ..Rules::default()
    };
    let short = Validity::new(term(NOW, Some(second)), rules(Some(MINUTE), MINUTE));
    assert!(!short.is_ending(NOW + second * 7 / 10));
    assert!(short.is_ending(NOW + second * 8 / 10));
    assert!(!short.is_early(NOW + second * 8 / 10));
    assert!(short.is_early(NOW + second * 9 / 10));
    let long = Validity::new(
        term(NOW, Some(MINUTE * 60)),
        rules(Some(second), second * 3),
    );
    assert!(!long.is_ending(NOW + MINUTE * 60 - second * 4));
    assert!(long.is_ending(NOW + MINUTE * 60 - second * 3));
    assert!(!long.is_early(NOW + MINUTE * 60 - second * 2));
    assert!(long.is_early(NOW + MINUTE * 60 - second));
    let never = Validity::new(term(NOW, Some(second)), rules(None, Duration::ZERO));
    assert!(!never.is_early(NOW + second) && !never.is_ending(NOW + second * 9 / 10));
}

proptest! {
    #![proptest_config(crate::seed::seeded(512))]

    #[test]
    fn promise_20_no_moment_panics_and_an_expired_token_stays_expired(
        since: Duration,
        lifetime: Option<Duration>,
        margin: Option<Duration>,
        renewal: Duration,
        jitter: u8,
        retry_after: Option<Duration>,
        moments: Vec<Duration>,
    ) {
        let rules = Rules { early_refresh: margin, renewal, ..Rules::default() };
        let mut coordinator = Coordinator::signed_in(rules, Term::new(since, lifetime, jitter));
        let mut expired = false;
        let mut moments = moments;
        moments.sort_unstable();
        for now in moments {
            let stale = coordinator.enter(HERE, Sendable::Again, now, |_| 1) == Entry::Stale(coordinator.generation());
            prop_assert!(stale || !expired, "an expired token stays expired");
            expired = stale;
            let current = coordinator.generation();
            _ = coordinator.land(current, Landing::Failed(Rest { retry_after, jitter }), now);
        }
    }
}

#[test]
fn promise_9_what_is_known_is_about_the_refresh_token_that_was_sent() {
    let other = RefreshTokenId(2);
    let mut coordinator = situation("refused", "in flight");
    coordinator.rules.token_use = TokenUse::SingleUse;
    let current = coordinator.generation;
    let send = |coordinator: &mut Coordinator<u32>, id| {
        coordinator.begin_call(current, Spends::RefreshToken, id, None, NOW)
    };
    // Another process put the second refresh token in the store.
    for (id, sending) in [
        (ID, Sending::Over(Connection::Own)),
        (other, Sending::Over(Connection::Own)),
        (ID, Sending::Spent),
        (other, Sending::Spent),
    ] {
        assert_eq!(send(&mut coordinator, id), sending, "{id:?}");
    }
}

#[test]
fn promise_9_an_origin_that_is_not_in_use_any_more_puts_nothing_at_risk() {
    let mut coordinator = situation("refused", "in doubt");
    let current = coordinator.generation;
    let mut now = NOW;
    for _ in 0..3 {
        let admission = coordinator.admit(current, Refusal::Unsigned(HERE), now, |_| 2);
        let Admission::Resting { until } = admission else {
            return assert_eq!(admission, Admission::Await(2));
        };
        now = until;
    }
    panic!("the session rests for ever");
}

#[test]
fn promise_9_a_refusal_elsewhere_puts_no_origin_at_risk() {
    let mut coordinator = situation("valid", "in doubt");
    coordinator.used = in_use(HERE.origin);
    let current = coordinator.generation;
    for refusal in [Refusal::By(OriginSet::ELSEWHERE.into()), Refusal::Forced] {
        let admission = coordinator.admit(current, refusal, NOW, |_| panic!("a refresh"));
        assert!(
            matches!(admission, Admission::Resting { .. }),
            "{refusal:?}"
        );
        let goes = coordinator.enter(HERE, Sendable::Again, NOW, |_| panic!("a refresh"));
        assert_eq!(goes, Entry::Go(current), "{refusal:?}");
    }
}

#[test]
fn promise_16_what_can_be_sent_once_waits_where_another_origin_has_refused_its_token() {
    let mut coordinator = situation("refused", "in flight");
    let current = coordinator.generation;
    let enter = |coordinator: &mut Coordinator<u32>, sendable| {
        coordinator.enter(THERE, sendable, NOW, |_| panic!("a refresh"))
    };
    assert_eq!(
        enter(&mut coordinator, Sendable::Once),
        Entry::Renew(current, 1)
    );
    assert_eq!(enter(&mut coordinator, Sendable::Again), Entry::Go(current));
}

#[test]
fn promise_2_a_token_that_nobody_refuses_is_not_waited_for_longer_each_time() {
    let mut coordinator = situation("refused", "in flight");
    let mut now = NOW;
    for _ in 0..9 {
        let stale = coordinator.generation;
        _ = coordinator.land(stale, refreshed(RefreshTokenChange::Replaced), now);
        now += MINUTE;
        let token = coordinator.generation;
        let forced = coordinator.admit(token, Refusal::Forced, now, |_| 1);
        assert_eq!(forced, Admission::Await(1));
    }
    let stale = coordinator.generation;
    _ = coordinator.land(stale, refreshed(RefreshTokenChange::Replaced), now);
    let token = coordinator.generation;
    let until = now + Duration::from_secs(1);
    let refused = coordinator.admit(token, Refusal::By(HERE), now, |_| panic!("a refresh"));
    assert_eq!(refused, Admission::TooFresh { until });
}

#[test]
fn promise_5_a_path_that_refuses_every_token_costs_no_other_path_its_requests() {
    let mut coordinator = situation("valid", "idle");
    let current = coordinator.generation;
    let refused = coordinator.admit(current, Refusal::By(HERE), NOW, |_| 1);
    assert_eq!(refused, Admission::Await(1));
    let enter = |coordinator: &mut Coordinator<u32>, there, now| {
        coordinator.enter(there, Sendable::Again, now, |_| 2)
    };
    // Requests wait while a newer token can be obtained; otherwise they use the current one.
    assert_eq!(
        enter(&mut coordinator, BESIDE, NOW),
        Entry::Renew(current, 1)
    );
    assert_eq!(enter(&mut coordinator, HERE, NOW), Entry::Stale(current));
    _ = coordinator.land(current, Landing::Failed(Rest::default()), NOW);
    assert_eq!(
        coordinator.renewed(current, BESIDE, NOW),
        Resume::With(current)
    );
    assert_eq!(coordinator.renewed(current, HERE, NOW), Resume::Superseded);
    assert_eq!(enter(&mut coordinator, BESIDE, NOW), Entry::Go(current));
    assert_eq!(enter(&mut coordinator, HERE, NOW), Entry::Stale(current));
    // Requests to a path that has accepted the token no longer wait.
    coordinator.served(current, StatusCode::OK, BESIDE);
    let later = NOW + MINUTE / 4;
    assert_eq!(enter(&mut coordinator, BESIDE, later), Entry::Go(current));
    assert_eq!(enter(&mut coordinator, HERE, later), Entry::Stale(current));
    let again = coordinator.admit(current, Refusal::Unsigned(HERE), later, |_| 2);
    assert_eq!(again, Admission::Await(2));
    assert_eq!(enter(&mut coordinator, BESIDE, later), Entry::Go(current));
    _ = coordinator.land(current, Landing::Refused, later);
    assert_eq!(enter(&mut coordinator, BESIDE, later), Entry::Go(current));
    let dead = coordinator.admit(current, Refusal::Unsigned(HERE), later, |_| {
        panic!("a refresh")
    });
    assert_eq!(dead, Admission::Refused);
}

#[test]
fn promise_5_an_answer_that_may_be_older_than_a_refusal_takes_nothing_of_it_back() {
    let mut coordinator = situation("refused", "in flight");
    let current = coordinator.generation;
    coordinator.served(current, StatusCode::OK, BESIDE);
    let enters = coordinator.enter(BESIDE, Sendable::Again, NOW, |_| panic!("a refresh"));
    assert_eq!(enters, Entry::Renew(current, 1));
}

#[test]
fn promise_5_a_late_refusal_goes_on_with_the_token_in_hand_while_no_newer_one_is_to_be_had() {
    for (phase, expected) in [("resting", true), ("refused", true), ("in flight", false)] {
        let mut coordinator = situation("doubted", phase);
        let (older, current) = (coordinator.fence, coordinator.generation);
        let admitted = coordinator.admit(older, Refusal::By(HERE), NOW, |_| panic!("a refresh"));
        assert_eq!(admitted == Admission::Current(current), expected, "{phase}");
    }
}

#[test]
fn promise_28_margins_count_by_the_whole_lifetime_where_it_is_known() {
    let hour = MINUTE * 60;
    let left = Some(Duration::from_secs(100));
    let ends = |whole| {
        let term = Term {
            whole,
            ..Term::new(NOW, left, 0)
        };
        let validity = Validity::new(term, Rules::default());
        (
            validity.is_ending(NOW),
            validity.is_early(NOW + MINUTE / 2 * 2),
        )
    };
    // 100 seconds are less than the margin of two minutes, for an hour or an unknown lifetime.
    assert_eq!(ends(Some(hour)), (true, false));
    assert_eq!(ends(None), (true, false));
    // The margin is a fifth of the lifetime.
    assert_eq!(ends(left), (false, false));
    let all = Term {
        whole: Some(hour),
        ..Term::new(Duration::ZERO, Some(MINUTE / 60), 0)
    };
    assert!(Validity::new(all, Rules::default()).is_ending(Duration::ZERO));
}

#[test]
fn promise_9_while_another_path_accepts_the_token_a_lost_answer_is_not_asked_for_at_once() {
    // The refresh token was never in doubt before.
    let mut coordinator = situation("valid", "idle");
    coordinator.validity = Validity::default();
    let current = coordinator.generation;
    _ = coordinator.admit(current, Refusal::By(HERE), NOW, |_| 1);
    _ = coordinator.land(current, Landing::Failed(Rest::default()), NOW);
    coordinator.served(current, StatusCode::OK, BESIDE);
    let later = NOW + MINUTE / 4;
    let admitted = coordinator.admit(current, Refusal::Unsigned(HERE), later, |_| 2);
    assert_eq!(admitted, Admission::Await(2));
    let sending = coordinator.begin_call(current, Spends::RefreshToken, ID, None, later);
    assert_eq!(sending, Sending::Over(Connection::Own));
    let again = coordinator.call_failed(current, CallFailure::Lost, 1, later);
    assert_eq!(again, Again::No, "another path accepts the token");
    _ = coordinator.land(current, Landing::Failed(Rest::default()), later);
    // After a while the acceptance at another path no longer counts.
    let admitted = coordinator.admit(current, Refusal::Unsigned(HERE), later + MINUTE, |_| 3);
    let until = later + Rules::default().longest_rest;
    assert_eq!(admitted, Admission::Resting { until });
    let admitted = coordinator.admit(current, Refusal::Unsigned(HERE), until, |_| 3);
    assert_eq!(admitted, Admission::Await(3));
    let sending = coordinator.begin_call(current, Spends::RefreshToken, ID, None, until);
    assert_eq!(sending, Sending::Over(Connection::Own));
}

#[test]
fn promise_12_a_look_that_sends_nothing_does_not_lengthen_the_next_pause() {
    let mut coordinator = situation("refused", "in doubt");
    coordinator.rules.sharing = Sharing::Shared;
    let current = coordinator.generation;
    let sent = Sent {
        sends: 1,
        reusable: false,
        not_before: Some(NOW),
        token_use: TokenUse::Learn,
    };
    let (mut now, mut pauses) = (NOW, Vec::new());
    for _ in 0..4 {
        let admitted = coordinator.admit(current, Refusal::Unsigned(HERE), now, |_| 2);
        assert_eq!(admitted, Admission::Await(2));
        let sending = coordinator.begin_call(current, Spends::RefreshToken, ID, Some(sent), now);
        assert_eq!(sending, Sending::Spent, "another origin accepts the token");
        _ = coordinator.land(current, Landing::Failed(Rest::default()), now);
        let until = coordinator.rests_until(now).expect("it rests");
        pauses.push((until - now).as_secs());
        now = until;
    }
    assert_eq!(pauses, [1; 4]);
}

#[test]
fn promise_11_a_session_that_finds_a_living_refresh_token_has_not_ended() {
    let mut coordinator = situation("refused", "refused");
    coordinator.rules.sharing = Sharing::Shared;
    let current = coordinator.generation;
    let admitted = coordinator.admit(current, Refusal::Unsigned(HERE), NOW, |_| 2);
    assert_eq!(
        (admitted, coordinator.is_looking()),
        (Admission::Await(2), true)
    );
    let mut landing = refreshed(RefreshTokenChange::Replaced);
    if let Landing::Refreshed { access_token, .. } = &mut landing {
        *access_token = AccessTokenChange::Same;
    }
    assert_eq!(coordinator.land(current, landing, NOW), Landed::SameToken);
    assert!(!coordinator.is_looking());
}
