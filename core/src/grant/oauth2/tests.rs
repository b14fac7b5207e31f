//! Requests are those of the crate `oauth2`, and no secret is shown.

use std::cell::RefCell;

use http::HeaderValue;
use http::header::AUTHORIZATION;
use oauth2::basic::BasicClient;
use oauth2::{AuthType, ClientId, ClientSecret, HttpRequest, HttpResponse, Scope, TokenUrl};
use proptest::prelude::*;

use super::*;
use crate::RefreshErrorKind::Refused;

const ENDPOINT: &str = "https://auth.example.com/oauth/token?tenant=a%20b";

fn client(id: &str) -> OAuth2Client {
    OAuth2Client::new(ENDPOINT, id).expect("absolute")
}

fn stale(refresh_token: &str) -> Token {
    let token = Token::new("stale").expect("valid");
    token.with_refresh_token(refresh_token)
}

/// How a client authenticates.
#[derive(Clone, Copy, Debug)]
enum By {
    Name,
    Header,
    Body,
}

/// What differs between one request and another.
struct Question<'a> {
    by: By,
    id: &'a str,
    secret: &'a str,
    refresh_token: Option<&'a str>,
    scope: Option<&'a str>,
    parameters: &'a [(&'a str, &'a str)],
}

impl Question<'_> {
    fn ours(&self) -> Request<Bytes> {
        let client = match self.by {
            By::Name => client(self.id),
            By::Header => client(self.id).secret(self.secret),
            By::Body => client(self.id).secret_in_body(self.secret),
        };
        let mut grant = match self.refresh_token {
            Some(_) => OAuth2Grant::refresh_token(client),
            None => OAuth2Grant::client_credentials(client),
        };
        if let Some(scope) = self.scope {
            grant = grant.scope(scope);
        }
        for (name, value) in self.parameters {
            grant = grant.parameter(*name, *value);
        }
        let stale = self.refresh_token.map(stale);
        grant.request(stale.as_ref()).expect("a question")
    }

    /// The same, by the crate `oauth2`.
    fn theirs(&self) -> HttpRequest {
        let sent = RefCell::new(None);
        let send = |request: HttpRequest| {
            *sent.borrow_mut() = Some(request);
            Err::<HttpResponse, _>(std::io::Error::other("nobody is there"))
        };
        let client = BasicClient::new(ClientId::new(self.id.to_owned()))
            .set_token_uri(TokenUrl::new(ENDPOINT.to_owned()).expect("absolute"));
        let client = match self.by {
            By::Name => client,
            By::Header | By::Body => {
                client.set_client_secret(ClientSecret::new(self.secret.to_owned()))
            }
        };
        let client = client.set_auth_type(match self.by {
            By::Name | By::Header => AuthType::BasicAuth,
            By::Body => AuthType::RequestBody,
        });
        let scope = self.scope.map(|scope| Scope::new(scope.to_owned()));
        match self.refresh_token {
            Some(token) => {
                let token = oauth2::RefreshToken::new(token.to_owned());
                let mut request = client.exchange_refresh_token(&token).add_scopes(scope);
                for (name, value) in self.parameters {
                    request = request.add_extra_param(*name, *value);
                }
                request.request(&send).expect_err("nobody is there");
            }
            None => {
                let mut request = client.exchange_client_credentials().add_scopes(scope);
                for (name, value) in self.parameters {
                    request = request.add_extra_param(*name, *value);
                }
                request.request(&send).expect_err("nobody is there");
            }
        }
        sent.into_inner().expect("it was sent")
    }

    fn assert_the_same(&self) {
        let (ours, theirs) = (self.ours(), self.theirs());
        assert_eq!(ours.method(), theirs.method());
        assert_eq!(ours.uri(), theirs.uri());
        assert_eq!(ours.headers(), theirs.headers());
        let [ours, theirs] = [&ours.body()[..], theirs.body()].map(String::from_utf8_lossy);
        assert_eq!(ours, theirs);
    }
}

#[test]
fn a_question_is_byte_for_byte_that_of_the_crate_oauth2() {
    for by in [By::Name, By::Header, By::Body] {
        for refresh_token in [Some("r 1&=%+\u{e9}"), None] {
            for scope in [Some("books.read books.write"), None] {
                let question = Question {
                    by,
                    id: "book reader:1",
                    secret: "s\u{e9}cret: %+&=",
                    refresh_token,
                    scope,
                    parameters: &[
                        ("resource", "https://a.example.com/"),
                        ("resource", "https://b.example.com/"),
                        ("audience", "books"),
                    ],
                };
                question.assert_the_same();
            }
        }
    }
}

proptest! {
    #![proptest_config(crate::seed::seeded(256))]

    #[test]
    fn whatever_the_texts_a_question_is_that_of_the_crate_oauth2(
        by in prop::sample::select(vec![By::Name, By::Header, By::Body]),
        id in "(\\PC{0,12})".prop_map(trimmed),
        secret in "(\\PC{0,12})".prop_map(trimmed),
        token in prop::option::of("[!-~]\\PC{1,12}".prop_map(trimmed)),
        scope in prop::option::of("[!-~ ]{0,12}"),
        value in "\\PC{0,12}",
    ) {
        let question = Question {
            by,
            id: &id,
            secret: &secret,
            refresh_token: token.as_deref(),
            scope: scope.as_deref(),
            parameters: &[("a name", &value)],
        };
        question.assert_the_same();
    }
}

fn trimmed(text: String) -> String {
    text.trim_ascii().to_owned()
}

#[test]
fn promise_28_white_space_around_an_id_or_a_secret_is_left_out() {
    for signed in [OAuth2Client::secret, OAuth2Client::secret_in_body] {
        let request = |id: &str, secret: &str| {
            let grant = OAuth2Grant::client_credentials(signed(client(id), secret.to_owned()));
            grant.request(None).expect("a question")
        };
        let (read, meant) = (request(" id\n", "secret \r\n"), request("id", "secret"));
        assert_eq!(read.headers(), meant.headers());
        assert_eq!(read.body(), meant.body());
    }
}

#[test]
fn resource_and_audience_are_parameters_and_a_resource_may_be_one_of_several() {
    let grant = OAuth2Grant::client_credentials(client("id").secret_in_body("s"))
        .resource("https://a.example.com")
        .resource("https://b.example.com")
        .audience("books");
    let request = grant.request(None).expect("a question");
    assert_eq!(
        request.body(),
        "grant_type=client_credentials&client_id=id&client_secret=s\
         &resource=https%3A%2F%2Fa.example.com&resource=https%3A%2F%2Fb.example.com\
         &audience=books"
    );
}

#[test]
fn what_the_grant_sends_itself_is_sent_once() {
    let grant = OAuth2Grant::refresh_token(client("id"))
        .parameter("grant_type", "password")
        .parameter("refresh_token", "another")
        .parameter("client_id", "another")
        .parameter("scope", "books.read");
    let request = grant.request(Some(&stale("r1"))).expect("a question");
    assert_eq!(
        request.body(),
        "grant_type=refresh_token&refresh_token=r1&client_id=id&scope=books.read"
    );
}

#[test]
fn without_a_refresh_token_only_client_credentials_ask() {
    let token = Token::new("a").expect("valid");
    let by_refresh_token = OAuth2Grant::refresh_token(client("id"));
    for stale in [None, Some(&token)] {
        let error = by_refresh_token
            .request(stale)
            .expect_err("nothing to trade");
        assert_eq!(error.kind(), Refused);
    }
    let by_client_credentials = OAuth2Grant::client_credentials(client("id").secret("s"));
    let asked = [None, Some(&token), Some(&stale("r1"))]
        .map(|stale| by_client_credentials.request(stale).expect("a question"));
    for request in asked {
        assert_eq!(request.body(), "grant_type=client_credentials");
    }
}

#[test]
fn promise_19_secrets_are_sent_and_not_shown() {
    for client in [
        client("id").secret("CANARY"),
        client("id").secret_in_body("CANARY"),
    ] {
        for grant in [
            OAuth2Grant::refresh_token(client.clone()),
            OAuth2Grant::client_credentials(client.clone()),
        ] {
            let grant = grant.parameter("assertion", "CANARY");
            let shown = format!("{client:?} {grant:?} {grant:#?}");
            assert!(!shown.contains("CANARY"), "{shown}");
            let request = grant.request(Some(&stale("r1"))).expect("a question");
            assert!(request.body().windows(6).any(|part| part == b"CANARY"));
            let authorization = request.headers().get(AUTHORIZATION);
            assert!(authorization.is_none_or(HeaderValue::is_sensitive));
        }
    }
}
