//! An adapter whose client was built without TLS: the error, and when it comes.

use std::error::Error as _;

use http::uri::Scheme;
use reauth::{
    BuildErrorKind, Connection, Error, ErrorKind, Failure, GrantRefresher, JsonGrant,
    RefreshErrorKind, Session, Token, TokenCall, TokenRefresher, Transport, WithoutCredentials,
};

/// No server listens there, so no attempt can succeed or cause a real failure.
const ENDPOINT: &str = "https://127.0.0.1:9/token";

/// Checks that the error names this feature. False if some crate of this build brought TLS; then
/// there is nothing to check.
///
/// # Panics
///
/// If the error is another one, or comes at another time.
pub async fn is_said<T: Transport + 'static>(transport: impl Fn() -> T, feature: &str) -> bool {
    let Err(what_to_do) = transport().supports(&Scheme::HTTPS) else {
        return false;
    };
    assert!(what_to_do.contains(feature), "{what_to_do}");
    assert!(transport().supports(&Scheme::HTTP).is_ok());
    let token = || Token::new("a1").unwrap().with_refresh_token("r1");
    let grant = |endpoint| JsonGrant::new(endpoint).unwrap();
    let local = "http://127.0.0.1:9";
    for (origin, endpoint) in [(ENDPOINT, local), (local, ENDPOINT)] {
        let session = Session::builder(transport()).token(token());
        let error = session
            .origin(origin)
            .grant(grant(endpoint))
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), BuildErrorKind::UnsupportedScheme);
        let source = error.source().unwrap().to_string();
        assert_eq!(source, what_to_do);
    }

    // One of another origin, which no builder knows.
    let session = Session::builder(transport()).token(token()).origin(local);
    let session = session.grant(grant(local)).build().unwrap();
    let mut request = http::Request::get(ENDPOINT).body(()).unwrap();
    request.extensions_mut().insert(WithoutCredentials);
    let Err(error) = session.execute(request).await else {
        panic!("no server is there");
    };
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(!error.is_transient() && !error.is_session_expired() && says(&error, what_to_do));

    // One of a refresher, which no builder checks.
    let refresher = GrantRefresher::new(grant(ENDPOINT), transport());
    assert_eq!(refresher.supported(), Err(what_to_do));
    let stale = token();
    let refused = refresher.refresh(&TokenCall::new(Some(&stale))).await;
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), RefreshErrorKind::Misconfigured);
    let request = http::Request::post(ENDPOINT).body("a".into()).unwrap();
    let transport = transport();
    let sent = transport.send_token_call(request, Connection::Own);
    let Err(error) = sent.await else {
        panic!("no server is there");
    };
    assert_eq!(T::failure(&error), Failure::Invalid);
    true
}

fn says(error: &Error, what_to_do: &str) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.to_string().contains(what_to_do) {
            return true;
        }
        source = cause.source();
    }
    false
}
