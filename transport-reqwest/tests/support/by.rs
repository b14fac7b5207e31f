//! The grants by which a session can get a token.

use reauth_mock_api::MockApi;
use reauth_reqwest::reauth::{
    Grant, GrantRefresher, JsonGrant, OAuth2Client, OAuth2Grant, SessionBuilder, TokenRefresher,
};
use reauth_reqwest::{ReqwestTransport, Session};

use super::{stale, transport};

/// Encoded differently in a header and in a form.
pub(crate) const ID: &str = "book reader";
pub(crate) const SECRET: &str = "s:e+c%r&e=t";

/// A grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Json,
    RefreshToken,
    ClientCredentials,
}

impl By {
    pub(crate) const ALL: [Self; 3] = [Self::Json, Self::RefreshToken, Self::ClientCredentials];
    /// The grants that spend a refresh token.
    pub(crate) const SPENDING: [Self; 2] = [Self::Json, Self::RefreshToken];

    /// The options of a session whose access token the API refuses.
    pub(crate) fn builder(self, api: &MockApi) -> SessionBuilder<ReqwestTransport> {
        self.builder_at(api, &api.url())
    }

    /// The same as [`builder`](Self::builder), with other token endpoints.
    pub(crate) fn builder_at(
        self,
        api: &MockApi,
        tokens: &str,
    ) -> SessionBuilder<ReqwestTransport> {
        Session::builder(transport())
            .origin(&api.url())
            .grant(self.grant(tokens))
            .token(stale(api))
    }

    pub(crate) fn session(self, api: &MockApi) -> Session {
        self.builder(api).build().unwrap()
    }

    /// The grant as a refresher, without a session.
    pub(crate) fn refresher(self, api: &MockApi) -> impl TokenRefresher {
        GrantRefresher::new(self.grant(&api.url()), transport())
    }

    fn grant(self, tokens: &str) -> Box<dyn Grant> {
        let json = || JsonGrant::new(&format!("{tokens}/auth/refresh")).unwrap();
        match self {
            Self::Json => Box::new(json()),
            Self::RefreshToken => Box::new(OAuth2Grant::refresh_token(client(tokens))),
            Self::ClientCredentials => Box::new(OAuth2Grant::client_credentials(client(tokens))),
        }
    }
}

pub(crate) fn client(tokens: &str) -> OAuth2Client {
    let endpoint = format!("{tokens}/oauth/token");
    OAuth2Client::new(&endpoint, ID).unwrap().secret(SECRET)
}
