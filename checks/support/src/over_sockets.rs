//! Sends the answers of token servers over sockets, and checks what a session over any client does.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use reauth::model::providers::providers;
use reauth::model::token_answers::{ANSWERED, Asked, Case, cases, rows};
use reauth::store::{MemoryStore, TokenStore};
use reauth::{
    Body, Error, ErrorKind, Grant, JsonGrant, OAuth2Client, OAuth2Grant, Session, Token, Transport,
};
use reauth_mock_api::{MockApi, Rotation, TokenAnswer};

/// The grants, by their credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Json,
    Public,
    Confidential,
    ClientCredentials,
}

const BY_REFRESH_TOKEN: [By; 3] = [By::Json, By::Public, By::Confidential];

impl By {
    fn of(asked: Asked) -> &'static [Self] {
        match asked {
            Asked::All => &[
                Self::Json,
                Self::Public,
                Self::Confidential,
                Self::ClientCredentials,
            ],
            Asked::WithoutSecret => &[Self::Json, Self::Public],
            Asked::WithSecret => &[Self::Confidential, Self::ClientCredentials],
            Asked::ByRefreshToken => &BY_REFRESH_TOKEN,
            Asked::ByClientCredentials => &[Self::ClientCredentials],
        }
    }

    fn grant(self, api: &MockApi) -> Box<dyn Grant> {
        let json = || JsonGrant::new(&format!("{}/auth/refresh", api.url())).unwrap();
        let client = || OAuth2Client::new(&format!("{}/oauth/token", api.url()), "id").unwrap();
        match self {
            Self::Json => Box::new(json()),
            Self::Public => Box::new(OAuth2Grant::refresh_token(client())),
            Self::Confidential => Box::new(OAuth2Grant::refresh_token(client().secret("s"))),
            Self::ClientCredentials => {
                Box::new(OAuth2Grant::client_credentials(client().secret("s")))
            }
        }
    }

    /// Maps a class to what a session reports: if nothing was spent, an unknown outcome is
    /// transient.
    fn sees(self, class: &'static str) -> &'static str {
        match (self, class) {
            (Self::ClientCredentials, "unknown") => "transient",
            (_, class) => class,
        }
    }
}

const CLASSES: [(ErrorKind, &str); 4] = [
    (ErrorKind::SessionExpired, "refused"),
    (ErrorKind::RefreshMisconfigured, "misconfigured"),
    (ErrorKind::RefreshUnavailable, "transient"),
    (ErrorKind::RefreshUnknown, "unknown"),
];

/// The class of an answer, by what a session reports.
///
/// # Panics
///
/// If the error is not one of a refresh.
pub fn class<R: fmt::Debug>(answered: &Result<R, Error>) -> &'static str {
    let Err(error) = answered else {
        return "committed";
    };
    let mut classes = CLASSES.into_iter();
    let class = classes.find(|(kind, _)| *kind == error.kind());
    class.unwrap_or_else(|| panic!("{error:?}")).1
}

/// Checks each row of `docs/answers.md`.
///
/// # Panics
///
/// If an answer falls in another class than that of its row.
pub async fn each_answer_falls_in_the_class_of_its_row<T>(transport: impl Fn() -> T)
where
    T: Transport<Response: fmt::Debug> + 'static,
{
    let rows = rows(ANSWERED);
    let cases = cases().into_iter().map(Arc::new);
    let asked = cases.flat_map(|case| By::of(case.asked).iter().map(move |by| (case.clone(), *by)));
    let answered = asked.map(|(case, by)| answered(transport(), case, by));
    let mut answered = stream::iter(answered).buffer_unordered(16);
    while let Some((case, by, class)) = answered.next().await {
        let said = (case.status, case.body("fresh"));
        let expected = by.sees(rows[case.row]);
        assert_eq!(class, expected, "{by:?} {} {said:.60?}", case.row);
    }
}

/// Checks each answer on `docs/providers.md`.
///
/// # Panics
///
/// If an answer falls in another class than the page says.
pub async fn each_answer_of_a_provider_falls_in_its_class<T>(transport: impl Fn() -> T)
where
    T: Transport<Response: fmt::Debug> + 'static,
{
    let samples = providers().into_iter().flat_map(|provider| {
        // One provider has its own names.
        let success = Some(provider.success()).filter(|it| it.body.contains("access_token"));
        success.into_iter().chain(provider.refusals())
    });
    let asked = samples.flat_map(|sample| BY_REFRESH_TOKEN.map(|by| (sample.clone(), by)));
    let answered = asked.map(|(sample, by)| {
        let transport = transport();
        async move {
            let (api, provider) = (api(), sample.provider);
            let body = sample.body.replace("ACCESS", &api.issue_access_token());
            api.answer_refreshes([TokenAnswer::new(sample.status, body)]);
            let session = builder(transport, &api, by)
                .refresh_retries(0)
                .build()
                .unwrap();
            let answered = books(&session, &api).await;
            assert_eq!(
                class(&answered),
                sample.class,
                "{provider} {by:?} {sample:?}"
            );
            if let Err(error) = answered {
                let refresh = error.refresh_error().unwrap();
                assert_eq!(refresh.answer().unwrap().status(), sample.status);
                assert!(refresh.endpoint().unwrap().starts_with(&api.url()));
            }
        }
    });
    stream::iter(answered)
        .buffer_unordered(16)
        .collect::<Vec<_>>()
        .await;
}

/// A book API where a refresh token can be used once.
fn api() -> MockApi {
    let api = MockApi::builder().rotate(Rotation::On);
    api.client("id", "s").start().unwrap()
}

fn builder<T: Transport + 'static>(
    transport: T,
    api: &MockApi,
    by: By,
) -> reauth::SessionBuilder<T> {
    let token = Token::new("stale").unwrap();
    Session::builder(transport)
        .origin(&api.url())
        .grant(by.grant(api))
        .token(token.with_refresh_token(api.refresh_token()))
}

async fn books<T: Transport>(session: &Session<T>, api: &MockApi) -> Result<T::Response, Error> {
    let request = http::Request::get(format!("{}/api/books", api.url()));
    session.execute(request.body(Body::empty()).unwrap()).await
}

async fn answered<T>(transport: T, case: Arc<Case>, by: By) -> (Arc<Case>, By, &'static str)
where
    T: Transport<Response: fmt::Debug> + 'static,
{
    let api = api();
    let body = case.body(&api.issue_access_token());
    let mut answer = TokenAnswer::new(case.status, body);
    for (name, value) in &case.headers {
        answer = answer.header(name, value);
    }
    api.answer_refreshes([answer]);
    let store = Arc::new(MemoryStore::new());
    let session = builder(transport, &api, by)
        .store(store.clone())
        .refresh_retries(0);
    let session = session.open().await.unwrap();
    let answered = books(&session, &api).await;
    let class = class(&answered);
    if let Ok(response) = &answered {
        assert_eq!(T::status(response), 200, "{}", case.row);
    }

    session.close().await.unwrap();
    let kept = store.load().await.unwrap().unwrap().record;
    let kept = kept.token().unwrap();
    let rotated = case.refresh_token().filter(|_| class == "committed");
    let expected = rotated.unwrap_or_else(|| api.refresh_token());
    assert_eq!(kept.refresh_token(), Some(expected), "{}", case.row);
    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.refreshed), (1, 0), "{}", case.row);
    assert_rest(&case, answered.as_ref().err());
    (case, by, class)
}

/// The pause that a server may ask for, 5 minutes at most.
fn assert_rest(case: &Case, error: Option<&Error>) {
    let bound = match case.row {
        "408, 425, 429 or 503, whatever its body, with `Retry-After` in seconds"
        | "any other of these with `Retry-After`: the class of its row; the session waits as \
           `Retry-After` says"
        | "… with `Retry-After` as a date, counted from the answer's own `Date`" => 7,
        "… with a `Retry-After` that is huge: the session bounds it" => 300,
        _ => return,
    };
    let rest = error.unwrap().retry_after().unwrap();
    let bound = Duration::from_secs(bound);
    assert!(rest <= bound && rest > bound / 2, "{}: {rest:?}", case.row);
}
