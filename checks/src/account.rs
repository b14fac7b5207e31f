//! A user's account on the server, the session for it, and the request that an application sends.

use http::Request;
use reauth::machine::TokenUse;
use reauth::{Error, JsonGrant, Session, SessionBuilder, Token, Transport};

use crate::explain::explain;
use crate::server::{Server, tokens};

/// A session for this account. The server does not accept its access token.
pub(crate) fn builder<T: Transport + 'static>(
    transport: T,
    server: &Server,
    account: usize,
    token_use: TokenUse,
) -> Result<SessionBuilder<T>, String> {
    let grant = JsonGrant::new(&server.token_url(account)).map_err(|error| explain(&error))?;
    let (access_token, refresh_token) = tokens::first(account);
    let token = Token::new(access_token).map_err(|error| explain(&error))?;
    Ok(Session::builder(transport)
        .origin(&server.origin())
        .grant(grant)
        .token(token.with_refresh_token(refresh_token))
        .token_use(token_use))
}

/// Why a request has no 200.
#[derive(Debug)]
pub(crate) enum Failure {
    Session(Error),
    /// A status other than 200.
    Status(u16),
    /// The body of the 200 was cut off.
    Body(String),
    /// The request did not end within the time limit of the check.
    Stuck,
}

impl Failure {
    pub(crate) fn explain(&self) -> String {
        match self {
            Self::Session(error) => format!("{:?}: {}", error.kind(), explain(error)),
            Self::Status(status) => format!("status {status}"),
            Self::Body(error) => format!("the body was cut off: {error}"),
            Self::Stuck => "it did not end".to_owned(),
        }
    }
}

/// Requests the account's books and reads the whole response.
pub(crate) async fn fetch<T: Transport>(session: &Session<T>, url: &str) -> Result<(), Failure> {
    let request = Request::get(url).body(()).expect("the URL is the server's");
    let mut response = session.execute(request).await.map_err(Failure::Session)?;
    let status = T::status(&response).as_u16();
    if status != 200 {
        return Err(Failure::Status(status));
    }
    while let Some(_piece) = T::chunk(&mut response)
        .await
        .map_err(|error| Failure::Body(explain(&error)))?
    {}
    Ok(())
}
