//! The page of settings is compared with the code.

use std::future::ready;
use std::io;
use std::time::Duration;

use http::{Extensions, Request, Response};

use super::super::execute::{DRAIN_LIMIT, DRAIN_TIMEOUT, LONGEST_TIMEOUT};
use super::super::store_queue::{FIRST_RETRY, LONGEST_RETRY};
use super::*;
use crate::machine::holder::MARGIN;
use crate::machine::{
    BEYOND_THE_LIMIT, Coordinator, Entry, LONGEST_LOOK, LONGEST_WAIT, MOST_PATHS, OriginSet,
    SHORTEST_LOOK, SHORTEST_TRY, SHORTEST_WAIT, Sendable, TAKEOVER_PAUSE, Term,
};
use crate::{Body, BoxFuture, Redirects, ReplayMethods, challenge, collect, from_fn, origin};

const PAGE: &str = include_str!("../../../docs/settings.md");

/// What is no setting: it has no default, or nothing to bound.
const OTHERS: [&str; 14] = [
    "origin",
    "insecure_origin",
    "base_url",
    "grant",
    "grant_over",
    "refresher",
    "revocation",
    "token",
    "without_token",
    "store",
    "runtime",
    "on_event",
    "refused_when",
    "before_attempt",
];

struct Standstill;

impl Runtime for Standstill {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> BoxFuture<()> {
        Box::pin(std::future::pending())
    }
}

fn builder() -> SessionBuilder<impl Transport> {
    let send = |_: Request<Body>| ready(io::Result::Ok(Response::new(String::new())));
    SessionBuilder::new(from_fn(send, Standstill))
}

/// The first cells of each row of a table that has so many columns.
fn rows(columns: usize) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        let line = line
            .strip_prefix("| ")
            .expect("a row")
            .trim_end_matches('|');
        line.split(" |")
            .map(|state| state.trim().to_owned())
            .collect()
    };
    let rows = PAGE
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(cells);
    let rows = rows.filter(|row| row.len() == columns && row[0] != "setting" && row[0] != "what");
    rows.map(|row| row[..columns - 1].to_vec()).collect()
}

/// What a request carries where the token is `…`.
fn shown_as(scheme: &dyn Scheme) -> String {
    let value = scheme.value("token");
    let value = value.to_str().expect("ASCII").replace("token", "…");
    format!("`{}: {value}`", scheme.header())
}

fn seconds(duration: Duration) -> String {
    assert_eq!(duration.subsec_nanos(), 0);
    format!("{} s", duration.as_secs())
}

/// In which part of its lifetime a token is renewed by a request, at the most.
fn largest_part(sendable: Sendable) -> String {
    let rules = Rules {
        early_refresh: Some(Duration::MAX),
        renewal: Duration::MAX,
        ..Rules::default()
    };
    let term = Term::new(Duration::ZERO, Some(Duration::from_secs(1_000)), 0);
    let renews = |second: &u64| {
        let mut coordinator = Coordinator::<()>::signed_in(rules, term);
        let now = Duration::from_secs(*second);
        !matches!(
            coordinator.enter(OriginSet::ELSEWHERE, sendable, now, |_| ()),
            Entry::Go(_)
        )
    };
    let first = (0..1_000).find(renews).expect("before it expires");
    format!(
        "at most 1/{} of the token's lifetime",
        1_000 / (1_000 - first)
    )
}

fn most_redirects() -> String {
    let builder = builder().redirects(Redirects::follow(u8::MAX));
    let bound = builder.request_options.redirects;
    let most = (0..=u8::MAX).find(|most| Redirects::follow(*most) == bound);
    format!("at most {}", most.expect("one of them"))
}

#[test]
fn promise_22_every_setting_stands_on_the_page_with_its_default_and_its_bound() {
    let new = builder();
    let rules = new.rules;
    let bounded = builder()
        .refresh_timeout(Duration::ZERO)
        .refresh_limit(0, Duration::ZERO)
        .refresh_retries(u8::MAX)
        .max_waiting(0);
    let longest = builder().timeout(Duration::MAX).request_options;
    let longest = longest.timeout(&Extensions::new()).expect("one");
    assert_eq!(longest, LONGEST_TIMEOUT);
    let early = rules.early_refresh.expect("there is one");
    assert_eq!(new.request_options.timeout(&Extensions::new()), None);
    assert_eq!(builder().no_early_refresh().rules.early_refresh, None);
    let limit = |rules: Rules| {
        format!(
            "{} in {}",
            rules.refresh_limit,
            seconds(rules.refresh_window)
        )
    };
    let expected = [
        (
            "refresh_timeout",
            seconds(new.refresh_timeout),
            format!("at least {}", seconds(bounded.refresh_timeout)),
        ),
        (
            "refresh_retries",
            rules.retries.to_string(),
            format!("at most {}", bounded.rules.retries),
        ),
        (
            "refresh_limit",
            limit(rules),
            format!("at least {}", limit(bounded.rules)),
        ),
        (
            "max_waiting",
            rules
                .max_waiting
                .map_or_else(|| "none".to_owned(), |most| most.to_string()),
            format!("at least {}", bounded.rules.max_waiting.expect("a bound")),
        ),
        (
            "early_refresh",
            seconds(early),
            largest_part(Sendable::Again),
        ),
        ("no_early_refresh", "off".to_owned(), String::new()),
        (
            "renewal",
            seconds(rules.renewal),
            largest_part(Sendable::Once),
        ),
        ("token_use", format!("{:?}", rules.token_use), String::new()),
        (
            "holder",
            process().replace(&std::process::id().to_string(), "N"),
            String::new(),
        ),
        (
            "timeout",
            "none".to_owned(),
            format!("at most {}", seconds(longest)),
        ),
        (
            "redirects",
            format!("{:?}", new.request_options.redirects),
            most_redirects(),
        ),
        (
            "replay_methods",
            format!("{:?}", ReplayMethods::default()),
            String::new(),
        ),
        ("scheme", shown_as(&*new.scheme), String::new()),
    ];
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(name, default, bound)| vec![format!("`{name}`"), default, bound])
        .collect();
    assert_eq!(rows(4), expected);
}

#[test]
fn promise_22_what_is_fixed_stands_on_the_page() {
    let rules = Rules::default();
    let longest = format!("up to {}", seconds(rules.longest_rest));
    assert!(PAGE.contains(&longest), "{longest}");
    assert!(PAGE.contains(&format!("a {} is for the save", ordinal(SAVE_SHARE))));
    let drained = format!("{} bytes, {} ms", DRAIN_LIMIT, DRAIN_TIMEOUT.as_millis());
    let read = format!("{} bytes", collect::ANSWER_LIMIT);
    let challenges = format!(
        "{} lines of {} bytes, values of {}",
        challenge::MAX_LINES,
        challenge::MAX_LINE,
        challenge::MAX_VALUE
    );
    let values: Vec<_> = rows(3).into_iter().map(|row| row[1].clone()).collect();
    let expected = [
        seconds(rules.rest),
        seconds(rules.fresh_token_patience),
        seconds(SHORTEST_TRY),
        pauses(SHORTEST_LOOK, LONGEST_LOOK),
        pauses(FIRST_RETRY, LONGEST_RETRY),
        format!(
            "{} ms up to {}",
            SHORTEST_WAIT.as_millis(),
            seconds(LONGEST_WAIT)
        ),
        seconds(BEYOND_THE_LIMIT),
        seconds(MARGIN),
        format!("{} ms", TAKEOVER_PAUSE.as_millis()),
        drained,
        read,
        seconds(clock::TOLERANCE),
        MOST_PATHS.to_string(),
        format!("{} ms", collect::END_PATIENCE.as_millis()),
        seconds(revoke::TIMEOUT),
        format!("{} characters", origin::LONGEST_PATH),
        challenges,
    ];
    assert_eq!(values, expected);
}

fn pauses(first: Duration, longest: Duration) -> String {
    format!("{} up to {}", seconds(first), seconds(longest))
}

fn ordinal(share: u32) -> &'static str {
    match share {
        5 => "fifth",
        _ => "part that this page does not name",
    }
}

#[test]
fn promise_22_no_setting_is_missing_on_the_page() {
    let sources = [
        include_str!("../builder.rs"),
        include_str!("origins.rs"),
        include_str!("requests.rs"),
    ];
    let setters = sources
        .iter()
        .flat_map(|source| source.split("    pub fn ").skip(1));
    let setters = setters.filter_map(|rest| {
        let (name, rest) = rest.split_once('(')?;
        let takes_itself = rest
            .trim_start()
            .trim_start_matches("mut ")
            .starts_with("self,")
            || rest
                .trim_start()
                .trim_start_matches("mut ")
                .starts_with("self)");
        (takes_itself && name != "build").then_some(name)
    });
    let page = rows(4);
    for setter in setters {
        let stands = page.iter().any(|row| row[0] == format!("`{setter}`"));
        assert_ne!(stands, OTHERS.contains(&setter), "{setter}");
    }
}
