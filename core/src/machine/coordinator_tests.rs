//! The table is compared with the code, and what one row cannot say is told as a story.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::machine::{Landed, Landing, RefreshToken, TokenUse};

const TABLE: &str = include_str!("../../docs/coordinator.md");
const NOW: Duration = Duration::from_secs(1_000);
const MINUTE: Duration = Duration::from_secs(60);

const TOKENS: [&str; 6] = ["absent", "valid", "ending", "early", "expired", "refused"];
const PHASES: [&str; 6] = ["idle", "in flight", "resting", "rested", "spent", "refused"];
const INPUTS: [&str; 19] = [
    "enter",
    "enter at the limit",
    "enter(once)",
    "enter(once) at the limit",
    "admit(before the fence)",
    "admit(older)",
    "admit(older) at the limit",
    "admit(current)",
    "admit(current) at the limit",
    "wait",
    "wait(as many as may)",
    "land(Refreshed)",
    "land(Transient)",
    "land(Refused)",
    "land(Unknown), may be sent again",
    "land(Unknown), may not",
    "land(overtaken)",
    "sign_in",
    "sign_out",
];

/// A coordinator two generations after its fence, whose flight, if one is up, is number 1.
fn situation(token: &str, phase: &str) -> Coordinator<u32> {
    let past = |ago| NOW - Duration::from_secs(ago);
    let (access, validity) = match token {
        "absent" => (Access::Absent, Validity::default()),
        "valid" => (Access::Usable, validity(NOW)),
        // The margins of a lifetime of 100 seconds are 20 and 10.
        "ending" => (Access::Usable, validity(past(85))),
        "early" => (Access::Usable, validity(past(95))),
        "expired" => (Access::Usable, validity(past(100))),
        "refused" => (Access::Refused, validity(NOW)),
        other => panic!("no token is {other}"),
    };
    let spent = phase == "spent";
    let phase = match phase {
        "idle" => Phase::Idle,
        "in flight" => Phase::InFlight(1),
        "resting" => Phase::Resting {
            until: NOW + MINUTE,
        },
        "rested" | "spent" => Phase::Resting { until: NOW },
        "refused" => Phase::Refused,
        other => panic!("no phase is {other}"),
    };
    let fence = Generation::FIRST.next();
    let mut rules = Rules::default();
    if spent {
        rules.token_use = TokenUse::Grace(MINUTE);
    }
    Coordinator {
        generation: fence.next().next(),
        fence,
        access,
        validity,
        phase,
        refresh_token: Known::Sent(past(60)),
        ..Coordinator::signed_out(rules)
    }
}

fn validity(since: Duration) -> Validity {
    let lifetime = Some(Duration::from_secs(100));
    Validity::new(term(since, lifetime), Rules::default())
}

fn term(since: Duration, lifetime: Option<Duration>) -> Term {
    Term {
        since,
        lifetime,
        jitter: 0,
    }
}

fn token_of(coordinator: &Coordinator<u32>) -> &'static str {
    match coordinator.access {
        Access::Absent => "absent",
        Access::Refused => "refused",
        Access::Usable if coordinator.validity.has_expired(NOW) => "expired",
        Access::Usable if coordinator.validity.is_early(NOW) => "early",
        Access::Usable if coordinator.validity.is_ending(NOW) => "ending",
        Access::Usable => "valid",
    }
}

fn phase_of(coordinator: &Coordinator<u32>) -> &'static str {
    match coordinator.phase {
        Phase::Idle => "idle",
        Phase::InFlight(_) => "in flight",
        Phase::Resting { until } if until > NOW => "resting",
        Phase::Resting { .. }
            if coordinator
                .refresh_token
                .is_spent(NOW, coordinator.rules.token_use) =>
        {
            "spent"
        }
        Phase::Resting { .. } => "rested",
        Phase::Refused => "refused",
    }
}

/// Feeds one input, and says what came of it in the words of the table.
fn answer(coordinator: &mut Coordinator<u32>, input: &str) -> String {
    let current = coordinator.generation;
    let older = coordinator.fence;
    let input = match input.strip_suffix(" at the limit") {
        Some(input) => {
            while coordinator.permit(NOW).is_ok() {}
            input
        }
        None => input,
    };
    match input {
        "enter" => enter(coordinator, Sendable::Again),
        "enter(once)" => enter(coordinator, Sendable::Once),
        "admit(before the fence)" => admit(coordinator, Generation::FIRST),
        "admit(older)" => admit(coordinator, older),
        "admit(current)" => admit(coordinator, current),
        "wait" => wait(coordinator, &[(None, u32::MAX), (Some(1), 0), (Some(2), 1)]),
        "wait(as many as may)" => wait(coordinator, &[(Some(1), 1), (Some(2), u32::MAX)]),
        "land(Refreshed)" => land(coordinator, current, refreshed(RefreshToken::Kept)),
        "land(Transient)" => {
            let retry_after = None;
            land(coordinator, current, Landing::Transient { retry_after })
        }
        "land(Refused)" => land(coordinator, current, Landing::Refused),
        "land(Unknown), may be sent again" => unknown(coordinator, true),
        "land(Unknown), may not" => unknown(coordinator, false),
        "land(overtaken)" => {
            let landing = refreshed(RefreshToken::Replaced);
            land(coordinator, Generation::FIRST, landing)
        }
        "sign_in" => {
            let generation = coordinator.sign_in(term(NOW, None));
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
    assert!(holds, "{answer}, with something else in it");
    answer.to_owned()
}

fn enter(coordinator: &mut Coordinator<u32>, sendable: Sendable) -> String {
    let current = coordinator.generation;
    match coordinator.enter(sendable, NOW, |_| 2) {
        Entry::Go(g) => says("Go", g == current),
        Entry::GoAndDepart(g, flight) => says("GoAndDepart", g == current && flight == 2),
        Entry::Renew(g, 1) => says("Renew", g == current),
        Entry::Renew(g, flight) => says("Renew by a new flight", g == current && flight == 2),
        Entry::Stale(g) => says("Stale", g == current),
    }
}

fn admit(coordinator: &mut Coordinator<u32>, stale: Generation) -> String {
    let current = coordinator.generation;
    match coordinator.admit(stale, NOW, |_| 2) {
        Admission::Current(g) => says("Current", g == current),
        Admission::Await(1) => "Await".to_owned(),
        Admission::Await(flight) => says("Await a new flight", flight == 2),
        Admission::Resting { until } => says("Resting", until > NOW),
        Admission::Limited { until } => says("Limited", until > NOW),
        Admission::Refused => "Refused".to_owned(),
        Admission::Superseded => "Superseded".to_owned(),
        Admission::SignedOut => "SignedOut".to_owned(),
    }
}

/// How many may wait, and how many do: all of these are answered alike.
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
        Landed::Counts(g) if g == before.next() => "Counts, the next generation".to_owned(),
        Landed::Counts(g) => says("Counts", g == before && coordinator.generation == before),
    }
}

/// Each use of a refresh token, with what is known of it; all that may be sent again land alike.
fn unknown(coordinator: &mut Coordinator<u32>, again: bool) -> String {
    let before = coordinator.clone();
    let since = NOW - Duration::from_secs(1);
    let (unproven, reusable) = (Known::Unproven, Known::Reusable);
    let (short, long) = (Known::Sent(since), Known::Sent(NOW - MINUTE * 2));
    let cases: [(TokenUse, &[Known], bool); 9] = [
        (TokenUse::Learn, &[unproven, short, long], false),
        (TokenUse::Learn, &[reusable], true),
        (
            TokenUse::SingleUse,
            &[unproven, reusable, short, long],
            false,
        ),
        (TokenUse::Reusable, &[unproven, reusable, short, long], true),
        (TokenUse::RetryOnce, &[unproven, reusable], true),
        (TokenUse::RetryOnce, &[short, long], false),
        (TokenUse::Grace(MINUTE), &[unproven, reusable, short], true),
        (TokenUse::Grace(MINUTE), &[long], false),
        (TokenUse::Grace(Duration::ZERO), &[unproven, short], false),
    ];
    let mut answers = BTreeSet::new();
    let cases = cases.iter().filter(|(.., may)| *may == again);
    for (token_use, known) in cases.flat_map(|(u, known, _)| known.iter().map(move |k| (*u, *k))) {
        *coordinator = before.clone();
        coordinator.rules.token_use = token_use;
        coordinator.refresh_token = known;
        let current = coordinator.generation;
        let answer = land(coordinator, current, Landing::Unknown { since });
        answers.insert((answer, phase_of(coordinator)));
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers.pop_first().expect("one").0
}

fn fenced(coordinator: &Coordinator<u32>, before: Generation, returned: Generation) -> bool {
    let now = coordinator.generation;
    now == before.next() && returned == now && coordinator.fence == now
}

fn refreshed(refresh_token: RefreshToken) -> Landing {
    Landing::Refreshed {
        term: term(NOW, None),
        refresh_token,
    }
}

/// `(input, tokens, phases, answer, token after, phase after)`.
fn rows() -> Vec<[String; 6]> {
    TABLE
        .lines()
        .filter(|line| line.starts_with("| `"))
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

/// Where a flight is up there was one to land, and a sign-out leaves no attempt of its own.
fn can_be(input: &str, token: &str, phase: &str) -> bool {
    match input {
        "admit(older)" | "admit(older) at the limit" => token != "absent",
        "land(overtaken)" => true,
        _ => !input.starts_with("land") || phase == "in flight",
    }
}

#[test]
fn the_table_describes_each_combination_exactly_once_and_the_code_agrees() {
    let rows = rows();
    let mut used = vec![false; rows.len()];
    for input in INPUTS {
        for token in TOKENS {
            for phase in PHASES {
                if !can_be(input, token, phase) {
                    continue;
                }
                let case = format!("{input}, {token}, {phase}");
                let mut matching = rows.iter().enumerate().filter(|(_, row)| {
                    row[0] == input && describes(&row[1], token) && describes(&row[2], phase)
                });
                let (index, row) = matching.next().unwrap_or_else(|| panic!("no row: {case}"));
                assert!(matching.next().is_none(), "two rows: {case}");
                used[index] = true;

                let mut coordinator = situation(token, phase);
                assert_eq!(answer(&mut coordinator, input), row[3], "{case}");
                let after = |cell: &'static str, before| if cell == "same" { before } else { cell };
                let [.., token_after, phase_after] = row.clone().map(leak);
                assert_eq!(token_of(&coordinator), after(token_after, token), "{case}");
                assert_eq!(phase_of(&coordinator), after(phase_after, phase), "{case}");
            }
        }
    }
    for (row, used) in rows.iter().zip(used) {
        assert!(used, "no combination: {row:?}");
    }
}

#[test]
fn the_diagram_has_the_changes_of_phase_and_no_other() {
    let node = |phase: &str| match phase {
        "in flight" => "flight".to_owned(),
        "rested" | "spent" => "resting".to_owned(),
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

fn leak(cell: String) -> &'static str {
    cell.leak()
}

#[test]
fn promise_2_a_generation_has_one_flight_however_many_were_refused() {
    let mut coordinator = situation("valid", "idle");
    let stale = coordinator.generation;
    let mut departures = 0;
    for _ in 0..64 {
        let admission = coordinator.admit(stale, NOW, |departing| {
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
    let landed = coordinator.land(stale, refreshed(RefreshToken::Kept), NOW);
    let newer = stale.next();
    assert_eq!(landed, Landed::Counts(newer));
    let admission = coordinator.admit(stale, NOW, |_| panic!("a second refresh"));
    assert_eq!(admission, Admission::Current(newer));
    assert_eq!(coordinator.resume(stale), Some(newer));
}

#[test]
fn promise_3_nothing_is_replayed_under_another_identity() {
    let mut coordinator = situation("valid", "in flight");
    let stale = coordinator.generation;
    let signed_in = coordinator.sign_in(term(NOW, None));
    let admission = coordinator.admit(stale, NOW, |_| panic!("a refresh"));
    assert_eq!(admission, Admission::Superseded);
    assert_eq!(coordinator.resume(stale), None);
    assert_eq!(coordinator.resume(signed_in), None, "nothing is newer");
}

#[test]
fn promise_13_a_flight_overtaken_by_a_fence_does_not_end_the_next() {
    let mut coordinator = situation("valid", "in flight");
    let stale = coordinator.generation;
    let signed_in = coordinator.sign_in(term(NOW, None));
    let admission = coordinator.admit(signed_in, NOW, |_| 2);
    assert_eq!(admission, Admission::Await(2));
    let late = coordinator.land(stale, refreshed(RefreshToken::Replaced), NOW);
    assert_eq!(late, Landed::Overtaken);
    assert_eq!(coordinator.flight(), Some(&2));
}

/// A landing that no flight of this generation owes: each changes nothing.
#[test]
fn answers_that_nobody_asked_for_change_nothing() {
    let landings = [
        refreshed(RefreshToken::Kept),
        Landing::Transient { retry_after: None },
        Landing::Refused,
        Landing::Unknown { since: NOW },
    ];
    let current = situation("valid", "idle").generation;
    let out_of_range = (0..1_000).fold(current, |generation, _| generation.next());
    for (story, phase, stale) in [
        ("none is up", "idle", current),
        ("it has failed before", "resting", current),
        ("it was refused before", "refused", current),
        (
            "it was for an older token",
            "in flight",
            situation("valid", "idle").fence,
        ),
        ("it was before the fence", "in flight", Generation::FIRST),
        ("it is for a token to come", "in flight", current.next()),
        ("it is out of range", "in flight", out_of_range),
    ] {
        for landing in landings {
            let mut coordinator = situation("valid", phase);
            let before = coordinator.clone();
            let landed = coordinator.land(stale, landing, NOW);
            assert_eq!(landed, Landed::Overtaken, "{story}");
            assert_eq!(coordinator, before, "{story}");
        }
    }
    // A duplicate, after the one that counts.
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
    assert_eq!(coordinator.resume(out_of_range), None);
}

#[test]
fn promise_12_a_valid_token_outlives_a_failed_early_refresh() {
    for landing in [
        Landing::Refused,
        Landing::Unknown { since: NOW },
        Landing::Transient { retry_after: None },
    ] {
        let mut coordinator = situation("early", "idle");
        let current = coordinator.generation;
        assert_eq!(
            coordinator.enter(Sendable::Again, NOW, |_| 1),
            Entry::GoAndDepart(current, 1)
        );
        assert_eq!(
            coordinator.land(current, landing, NOW),
            Landed::Counts(current)
        );
        let next = coordinator.enter(Sendable::Again, NOW, |_| panic!("a second early refresh"));
        assert_eq!(next, Entry::Go(current), "{landing:?}");
    }
}

#[test]
fn promise_11_a_rest_lasts_as_long_as_the_server_asks_and_no_longer_than_its_bound() {
    let rules = Rules::default();
    for (asked, rest) in [
        (None, rules.rest),
        (Some(MINUTE), MINUTE),
        (Some(Duration::MAX), rules.longest_rest),
    ] {
        let mut coordinator = situation("valid", "in flight");
        let current = coordinator.generation;
        let transient = Landing::Transient { retry_after: asked };
        assert_eq!(
            coordinator.land(current, transient, NOW),
            Landed::Counts(current)
        );
        let until = NOW + rest;
        assert_eq!(coordinator.rests_until(), Some(until));
        let moment_before = until - Duration::from_nanos(1);
        let admission = coordinator.admit(current, moment_before, |_| panic!("too soon"));
        assert_eq!(admission, Admission::Resting { until });
        assert_eq!(
            coordinator.admit(current, until, |_| 2),
            Admission::Await(2)
        );
    }
}

#[test]
fn promise_9_reuse_is_learned_from_an_answer_and_forgotten_with_the_token() {
    let mut coordinator = situation("valid", "idle");
    for (refresh_token, known) in [
        (RefreshToken::Kept, Known::Reusable),
        (RefreshToken::Replaced, Known::Unproven),
        (RefreshToken::Kept, Known::Reusable),
    ] {
        let stale = coordinator.generation;
        assert_eq!(coordinator.admit(stale, NOW, |_| 1), Admission::Await(1));
        let landed = coordinator.land(stale, refreshed(refresh_token), NOW);
        assert_eq!(landed, Landed::Counts(stale.next()));
        assert_eq!(coordinator.refresh_token, known);
    }
    _ = coordinator.sign_in(term(NOW, None));
    assert_eq!(coordinator.refresh_token, Known::Unproven);
}

#[test]
fn promise_9_a_session_that_began_without_a_token_has_none_to_lose_until_one_comes() {
    let mut coordinator = Coordinator::without_token(Rules::default());
    for (landing, phase) in [
        (Landing::Unknown { since: NOW }, "rested"),
        (refreshed(RefreshToken::Replaced), "idle"),
        (Landing::Unknown { since: NOW }, "refused"),
    ] {
        let stale = coordinator.generation();
        assert_eq!(admit(&mut coordinator, stale), "Await a new flight");
        _ = coordinator.land(stale, landing, NOW - MINUTE);
        assert_eq!(phase_of(&coordinator), phase);
    }
}

#[test]
fn promise_9_a_grace_is_counted_from_the_first_time_that_the_token_was_sent() {
    let mut coordinator = situation("valid", "idle");
    coordinator.rules.token_use = TokenUse::Grace(MINUTE);
    coordinator.refresh_token = Known::Unproven;
    let stale = coordinator.generation;
    let second = Duration::from_secs(1);
    let (mut sent, mut tries) = (NOW, 0);
    loop {
        let admission = coordinator.admit(stale, sent, |_| 1);
        if admission == Admission::Refused {
            break;
        }
        assert_eq!(admission, Admission::Await(1));
        tries += 1;
        let lost = Landing::Unknown { since: sent };
        let landed = coordinator.land(stale, lost, sent + 10 * second);
        assert_eq!(landed, Landed::Counts(stale));
        sent += 20 * second;
    }
    assert_eq!((tries, sent), (3, NOW + MINUTE), "at 0, 20 and 40 seconds");
    _ = coordinator.sign_in(term(NOW, None));
    let admission = coordinator.admit(coordinator.generation, NOW, |_| 2);
    assert_eq!(admission, Admission::Await(2));
}

#[test]
fn promise_20_jitter_puts_an_early_refresh_off_by_no_more_than_half_its_margin() {
    let lifetime = Some(MINUTE * 60);
    let margin = Rules::default().early_refresh.expect("30 seconds");
    let mut before = None;
    for jitter in [0, 1, 128, 255] {
        let term = Term {
            since: NOW,
            lifetime,
            jitter,
        };
        let validity = Validity::new(term, Rules::default());
        let first = NOW + MINUTE * 60 - margin;
        let begins = (0..=margin.as_millis()).map(|ms| first + Duration::from_millis(ms as u64));
        let begins = begins.filter(|at| validity.is_early(*at)).min();
        assert!(begins >= Some(first) && begins < Some(first + margin / 2));
        assert!(begins > before, "it differs by jitter");
        before = begins;
    }
}

#[test]
fn a_server_that_refuses_every_token_gets_a_bounded_number_of_refreshes() {
    let mut coordinator = situation("valid", "idle");
    let limit = coordinator.rules.refresh_limit;
    let mut departures = 0;
    for _ in 0..1_000 {
        let stale = coordinator.generation;
        let admission = coordinator.admit(stale, NOW, |_| 1);
        if admission == Admission::Await(1) {
            departures += 1;
            let landed = coordinator.land(stale, refreshed(RefreshToken::Kept), NOW);
            assert_eq!(landed, Landed::Counts(stale.next()));
        } else {
            let until = NOW + coordinator.rules.refresh_window;
            assert_eq!(admission, Admission::Limited { until });
            // The token goes on serving the resources that accept it.
            assert_eq!(
                coordinator.enter(Sendable::Again, NOW, |_| 1),
                Entry::Go(stale)
            );
        }
    }
    assert_eq!(departures, limit);
    let later = NOW + coordinator.rules.refresh_window;
    let stale = coordinator.generation;
    assert_eq!(coordinator.admit(stale, later, |_| 1), Admission::Await(1));
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
        let entry = coordinator.enter(Sendable::Again, NOW, |_| 1);
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
        let mut coordinator = Coordinator::signed_in(rules, Term { since, lifetime, jitter });
        let mut expired = false;
        let mut moments = moments;
        moments.sort_unstable();
        for now in moments {
            let stale = coordinator.enter(Sendable::Again, now, |_| 1) == Entry::Stale(coordinator.generation());
            prop_assert!(stale || !expired, "it was expired before");
            expired = stale;
            let current = coordinator.generation();
            _ = coordinator.land(current, Landing::Transient { retry_after }, now);
        }
    }
}
