//! The tables are compared with the code, in both directions.

use std::collections::BTreeSet;

use http::{Method, StatusCode};

use super::*;
use crate::Generation;

const PAGE: &str = include_str!("../../../docs/redirects.md");

const CHANNELS: [Channel; 2] = [Channel::Tls, Channel::Plain];
const CREDENTIALS: [Credentials; 2] = [Credentials::Session, Credentials::Callers];

/// All redirects.
fn redirects() -> Vec<Redirect> {
    let mut all = Vec::new();
    for target in [TargetOrigin::Allowed, TargetOrigin::Foreign] {
        for channel in CHANNELS {
            for headers in [Headers::Kept, Headers::Stripped] {
                for rewrite in [Rewrite::Kept, Rewrite::AsGet] {
                    for body in [BodyLeft::There, BodyLeft::Gone] {
                        all.push(Redirect {
                            target,
                            channel,
                            headers,
                            rewrite,
                            body,
                        });
                    }
                }
            }
        }
    }
    all
}

fn inputs() -> Vec<Input> {
    let mut all = vec![Input::Refreshing, Input::Answered, Input::Misdirected];
    for credentials in CREDENTIALS {
        all.extend(CHANNELS.map(|channel| Input::Start(credentials, channel)));
    }
    all.extend(redirects().into_iter().map(Input::Redirected));
    let token = Generation::FIRST;
    let statuses = [
        TokenStatus::Usable(token),
        TokenStatus::Expiring(token),
        TokenStatus::Stale(token),
    ];
    all.extend(statuses.map(Input::Token));
    all.push(Input::Superseded);
    all
}

fn all_progress() -> Vec<Progress> {
    let mut all = Vec::new();
    for redirects in [Redirects::Off, Redirects::follow(0), Redirects::follow(2)] {
        for refresh in [RefreshBudget::Left, RefreshBudget::Spent] {
            for credentials in CREDENTIALS {
                all.extend(CHANNELS.map(|channel| Progress {
                    redirects,
                    refresh,
                    credentials,
                    channel,
                }));
            }
        }
    }
    all
}

fn states() -> Vec<State> {
    let mut all = vec![State::Done];
    all.extend([Redirects::Off, Redirects::follow(2)].map(State::Ready));
    for progress in all_progress() {
        // A request with the caller's credentials is never signed, so it never asks for a token.
        if progress.credentials == Credentials::Session {
            all.push(State::Signed(progress));
            all.extend(
                redirects()
                    .into_iter()
                    .map(|to| State::Asking(progress, to)),
            );
        }
        all.push(State::Unsigned(progress));
    }
    all
}

fn progress_of(state: State) -> Option<Progress> {
    match state {
        State::Signed(progress) | State::Unsigned(progress) | State::Asking(progress, _) => {
            Some(progress)
        }
        State::Ready(_) | State::Done => None,
    }
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Ready(_) => "Ready",
        State::Signed(_) => "Signed",
        State::Unsigned(_) => "Unsigned",
        State::Asking(..) => "Asking",
        State::Done => "Done",
    }
}

fn refresh_name(state: State) -> &'static str {
    match progress_of(state).map(|progress| progress.refresh) {
        Some(RefreshBudget::Spent) => "spent",
        Some(RefreshBudget::Left) | None => "left",
    }
}

fn request_name(state: State, input: Input) -> &'static str {
    let credentials = match (progress_of(state), input) {
        (None, Input::Start(credentials, _)) => credentials,
        (progress, _) => progress.map_or(Credentials::Callers, |progress| progress.credentials),
    };
    match credentials {
        Credentials::Session => "the session's",
        Credentials::Callers => "the caller's",
    }
}

fn input_name(state: State, input: Input) -> String {
    let progress = progress_of(state);
    let off = progress.is_some_and(|progress| progress.redirects == Redirects::Off);
    let redirected = |to: Redirect| match progress {
        _ if off => "Off",
        _ if to.rewrite == Rewrite::Kept && to.body == BodyLeft::Gone => "consumed",
        Some(progress) if progress.redirects == Redirects::follow(0) => "at the limit",
        _ if to.target == TargetOrigin::Foreign => "foreign",
        Some(progress) if progress.channel == Channel::Tls && to.channel == Channel::Plain => {
            "allowed, after TLS"
        }
        _ => "allowed",
    };
    match input {
        Input::Start(..) => "`Start`".to_owned(),
        Input::Refreshing => "`Refreshing`".to_owned(),
        Input::Answered => "`Answered`".to_owned(),
        Input::Misdirected if off => "`Misdirected`, Off".to_owned(),
        Input::Misdirected => "`Misdirected`".to_owned(),
        Input::Redirected(to) => format!("`Redirected`, {}", redirected(to)),
        Input::Token(TokenStatus::Usable(_)) => "`Token(Usable)`".to_owned(),
        Input::Token(TokenStatus::Expiring(_)) => "`Token(Expiring)`".to_owned(),
        Input::Token(TokenStatus::Stale(_)) => "`Token(Stale)`".to_owned(),
        Input::Superseded => "`Superseded`".to_owned(),
    }
}

fn next_name(before: State, next: State) -> String {
    let name = format!("`{}`", state_name(next));
    match (refresh_name(before), refresh_name(next), next) {
        ("left", "spent", _) => format!("{name}, spent"),
        ("spent", "left", State::Signed(_) | State::Unsigned(_) | State::Asking(..)) => {
            format!("{name}, left")
        }
        _ => name,
    }
}

fn action_name(action: Action) -> String {
    match action {
        Action::Send(Credentials::Session) => "`Send` with a token".to_owned(),
        Action::Send(Credentials::Callers) => "`Send`".to_owned(),
        Action::Continue => "`Continue`".to_owned(),
        Action::Ask(..) => "`Ask`".to_owned(),
        Action::Follow(Credentials::Session, _) => "`Follow` with a token".to_owned(),
        Action::Follow(Credentials::Callers, _) => "`Follow`".to_owned(),
        Action::Return(None) => "`Return`".to_owned(),
        Action::Return(Some(reason)) => format!("`Return({reason:?})`"),
        Action::TooMany => "`TooMany`".to_owned(),
    }
}

/// The rows of the table that has this number of columns.
fn rows(columns: usize) -> Vec<Vec<&'static str>> {
    let cells = |line: &'static str| -> Vec<_> {
        let line = line.trim_matches(['|', ' ']);
        line.split(" | ").collect()
    };
    let rows = PAGE.lines().filter(|line| line.starts_with("| "));
    let rows = rows.map(cells).filter(|row| row.len() == columns);
    rows.filter(|row| !["state", "status"].contains(&row[0]))
        .collect()
}

fn covers(cell: &str, value: &str) -> bool {
    cell == "any" || cell.split(", ").any(|each| each.trim_matches('`') == value)
}

#[test]
fn each_combination_has_one_row_of_the_table_and_each_row_a_combination() {
    let rows = rows(6);
    let mut used = BTreeSet::new();
    for state in states() {
        for input in inputs() {
            let expected = input_name(state, input);
            let described: Vec<_> = (0..)
                .zip(&rows)
                .filter(|(_, row)| {
                    covers(row[0], state_name(state))
                        && covers(row[1], refresh_name(state))
                        && covers(row[2], request_name(state, input))
                        && row[3] == expected
                })
                .collect();
            let seen = state.next(input).ok();
            let seen = seen.map(|(next, action)| (next_name(state, next), action_name(action)));
            match (&described[..], &seen) {
                ([], None) => {}
                ([(number, row)], Some((next, action))) => {
                    assert_eq!(
                        (row[4], row[5]),
                        (&**next, &**action),
                        "{state:?} {input:?}"
                    );
                    used.insert(*number);
                }
                _ => panic!("{state:?} {input:?}: the code has {seen:?}, the table {described:?}"),
            }
        }
    }
    assert_eq!(used.len(), rows.len(), "only these rows are used: {used:?}");
}

#[test]
fn the_rules_of_methods_are_those_of_the_table() {
    let rows = rows(3);
    let mut used = BTreeSet::new();
    let others = [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS];
    for status in 200..600 {
        let status = StatusCode::from_u16(status).expect("a valid status");
        for method in [Method::POST, Method::HEAD].iter().chain(&others) {
            let mut of = |listed: &str, named: &str| {
                let names = |row: &&Vec<&str>| covers(row[0], listed) && covers(row[1], named);
                let row = rows.iter().find(names)?;
                used.insert(row.clone());
                let next = row[2].replace("the same", method.as_str());
                Some(next)
            };
            let number = status.as_str();
            let expected = of(number, method.as_str())
                .or_else(|| of(number, "any other"))
                .or_else(|| of("any other", "any"))
                .expect("a row");
            let seen = match Rewrite::of(status, method) {
                None => "it is returned".to_owned(),
                Some(Rewrite::Kept) => format!("{method}, with its body"),
                Some(Rewrite::AsGet) if *method == Method::HEAD => {
                    "HEAD, without a body".to_owned()
                }
                Some(Rewrite::AsGet) => "GET, without a body".to_owned(),
            };
            assert_eq!(seen, expected, "{status} to a {method}");
        }
    }
    assert_eq!(used.len(), rows.len());
}

#[test]
fn promise_1_no_hop_gives_the_refresh_back_and_each_costs_a_redirect() {
    let left = |progress: Progress| match progress.redirects {
        Redirects::Off => 0,
        Redirects::Follow(Hops(left)) => left,
    };
    for state in states() {
        for input in inputs() {
            let Ok((next, action)) = state.next(input) else {
                continue;
            };
            let (Some(before), Some(after)) = (progress_of(state), progress_of(next)) else {
                continue;
            };
            assert!(after.refresh >= before.refresh, "{state:?} {input:?}");
            assert_eq!(after.credentials, before.credentials);
            assert!(
                after.channel <= before.channel,
                "a request never returns to plain http"
            );
            let cost = match (action, state) {
                (Action::Ask(..), _) | (Action::Follow(..), State::Unsigned(_)) => 1,
                (Action::Follow(..), State::Signed(_)) => 1,
                _ => 0,
            };
            assert_eq!(left(after) + cost, left(before), "{state:?} {input:?}");
        }
    }
}

#[test]
fn promise_17_a_token_goes_only_to_a_listed_place_for_a_request_of_the_session() {
    for progress in all_progress() {
        for state in [State::Signed(progress), State::Unsigned(progress)] {
            for to in redirects() {
                let action = state.next(Input::Redirected(to)).map(|(_, action)| action);
                if let Ok(Action::Ask(..) | Action::Follow(Credentials::Session, _)) = action {
                    assert_eq!(progress.credentials, Credentials::Session);
                    assert_eq!(to.target, TargetOrigin::Allowed);
                    assert!(
                        progress.channel == Channel::Plain || to.channel == Channel::Tls,
                        "a hop from https to http carries no token"
                    );
                }
            }
        }
    }
}

#[test]
fn a_hop_is_made_of_the_redirect_as_it_came() {
    for state in states() {
        for input in inputs() {
            if let Ok((_, Action::Follow(_, followed) | Action::Ask(_, followed))) =
                state.next(input)
            {
                let expected = match (state, input) {
                    (State::Asking(_, to), _) => to,
                    (_, Input::Redirected(to)) => to,
                    _ => panic!("{state:?} {input:?} is not a redirect"),
                };
                assert_eq!(followed, expected);
            }
        }
    }
}

#[test]
fn an_input_that_is_not_legal_changes_nothing() {
    for state in states() {
        for input in inputs() {
            let mut machine = RedirectMachine { state };
            if state.next(input).is_err() {
                let refused = machine.handle(input).expect_err("it was refused before");
                assert_eq!(machine.state(), state);
                let expected = format!("input {input:?} is not legal in state {state:?}");
                assert_eq!(refused.to_string(), expected);
            }
        }
    }
}

#[test]
fn promise_22_twenty_redirects_are_the_most() {
    assert_eq!(Redirects::follow(u8::MAX), Redirects::follow(20));
    assert_ne!(Redirects::follow(19), Redirects::follow(20));
    assert_eq!(Redirects::default(), Redirects::Off);
}

#[test]
fn promise_1_no_token_is_renewed_for_a_hop_after_the_refresh() {
    use crate::machine::Sendable::{Again, Once};
    assert_eq!(RefreshBudget::Left.enters(Once), Once);
    assert_eq!(RefreshBudget::Left.enters(Again), Again);
    assert_eq!(RefreshBudget::Spent.enters(Once), Again);
    assert_eq!(RefreshBudget::Spent.enters(Again), Again);
}
