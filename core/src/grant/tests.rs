//! Compares `docs/providers.md` with what the grants make of each response.

use bytes::Bytes;
use http::Response;

use super::RefreshErrorKind::{Misconfigured, Refused, Transient, Unknown};
use super::*;
use crate::model::providers::{Sample, providers};

fn grants() -> [Box<dyn Grant>; 3] {
    let json = JsonGrant::new("https://example.com/token").expect("absolute");
    let client = OAuth2Client::new("https://example.com/token", "id").expect("absolute");
    [
        Box::new(json),
        Box::new(OAuth2Grant::refresh_token(client.clone())),
        Box::new(OAuth2Grant::refresh_token(client.secret("secret"))),
    ]
}

fn answer(sample: &Sample) -> Response<Bytes> {
    let answer = Response::builder().status(sample.status);
    answer
        .body(Bytes::from_static(sample.body.as_bytes()))
        .expect("an answer")
}

#[test]
fn promise_11_each_refusal_on_the_page_of_providers_falls_in_its_class() {
    let samples = providers().into_iter().flat_map(|provider| {
        let refusals = provider.refusals();
        assert!(!refusals.is_empty(), "{} says nothing", provider.name);
        refusals
    });
    for sample in samples {
        for grant in grants() {
            let error = grant.response(&answer(&sample)).expect_err("no token");
            let class = match error.kind() {
                Refused => "refused",
                Misconfigured => "misconfigured",
                Transient => "transient",
                Unknown => "unknown",
            };
            assert_eq!(class, sample.class, "{}: {sample:?}", sample.provider);
        }
    }
}

#[test]
fn promise_10_each_success_on_the_page_of_providers_is_committed() {
    for provider in providers() {
        let sample = provider.success();
        let camel_case = sample.body.contains("\"accessToken\"");
        let grants = match camel_case {
            true => {
                let json = JsonGrant::new("https://example.com/token").expect("absolute");
                vec![Box::new(json.names(JsonNames::camel_case())) as Box<dyn Grant>]
            }
            false => grants().into(),
        };
        for grant in grants {
            let read = grant.response(&answer(&sample)).expect(provider.name);
            assert_eq!(read.access_token(), "ACCESS", "{sample:?}");
            let rotates = provider.line("Rotation").split('.').next();
            match (rotates, read.refresh_token()) {
                (Some("yes"), Some("r2")) | (Some("no"), None | Some("r1")) => {}
                (Some("optional" | "not known"), _) => {}
                (rotates, brought) => panic!("{}: {rotates:?} and {brought:?}", provider.name),
            }
        }
    }
}

#[test]
fn the_page_of_providers_says_all_of_each_and_where_it_comes_from() {
    const PAGE: &str = include_str!("../../docs/providers.md");
    let providers = providers();
    assert!(providers.len() >= 30, "{}", providers.len());
    for provider in &providers {
        for line in ["Endpoint", "Lifetimes", "Rotation", "Setting", "Mind"] {
            assert!(!provider.line(line).is_empty());
        }
        assert!(
            provider.line("Sources").starts_with("<https://"),
            "{}",
            provider.name
        );
        let rotation = provider.line("Rotation");
        assert!(rotation.contains("Second use: ") && rotation.contains("Grace: "));
        // The table at the top says the same.
        let rotates = rotation.split('.').next().expect("it rotates or not");
        let row = format!("\n| {} | {rotates} | ", provider.name);
        let setting = format!(" | {} |\n", provider.line("Setting"));
        let (_, row) = PAGE.split_once(&row).expect(provider.name);
        let (life, _) = row.split_once(&setting).expect(provider.name);
        assert!(
            provider.line("Lifetimes").contains(life),
            "{}",
            provider.name
        );
    }
}
