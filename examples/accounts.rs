//! Two accounts side by side: a session for each, over one client. Ending one does not affect the
//! other.
//!
//! `cargo run --example accounts`

use std::error::Error;

use reauth_mock_api::{MockApi, Rotation};
use reauth_reqwest::reauth::{Error as SessionError, JsonGrant, Token, http::Request};
use reauth_reqwest::{ReqwestTransport, Session};

/// A session for the user with this refresh token.
fn account(
    transport: &ReqwestTransport,
    api: &MockApi,
    refresh_token: &str,
) -> Result<Session, Box<dyn Error>> {
    let session = Session::builder(transport.clone())
        .origin(&api.url())
        .grant(JsonGrant::new(&format!("{}/auth/refresh", api.url()))?)
        .token(Token::new("an-expired-token")?.with_refresh_token(refresh_token));
    Ok(session.build()?)
}

/// The status of a request for the books.
async fn books(session: &Session, api: &MockApi) -> Result<u16, SessionError> {
    let request = Request::get(format!("{}/api/books", api.url()));
    let request = request.body(()).map_err(SessionError::invalid_request)?;
    Ok(session.execute(request).await?.status().as_u16())
}

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let api = MockApi::builder().rotate(Rotation::On).start()?;
    // Clones share their connections, but no token.
    let client = ReqwestTransport::new(|client| client.no_proxy())?;
    let ada = account(&client, &api, api.refresh_token())?;
    let bob = account(&client, &api, &api.issue_refresh_token())?;
    println!(
        "ada: {}, bob: {}",
        books(&ada, &api).await?,
        books(&bob, &api).await?
    );

    ada.sign_out().await?;
    let signed_out = books(&ada, &api).await.expect_err("no token is left");
    println!("ada: {signed_out}; bob: {}", books(&bob, &api).await?);

    let (token_of_bob, counts) = (bob.token().await?, api.counts());
    assert_eq!(books(&bob, &api).await?, 200);
    assert!(signed_out.is_session_expired() && ada.token().await.is_err());
    assert!(!token_of_bob.access_token().is_empty());
    assert_eq!((counts.refreshes, counts.reuses), (2, 0), "one each");
    Ok(())
}
