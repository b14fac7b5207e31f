//! The token call of the hand-written contenders, the same as our JSON grant's.

use http::header::CONTENT_TYPE;
use reqwest_middleware::{Error, Result};
use serde::Deserialize;

use crate::target::Target;

/// The tokens of a contender.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Tokens {
    #[serde(rename = "access_token")]
    pub(crate) access: String,
    #[serde(rename = "refresh_token")]
    pub(crate) refresh: String,
}

impl Tokens {
    pub(crate) fn of(target: &Target) -> Self {
        Self {
            access: target.access_token.clone(),
            refresh: target.refresh_token.clone(),
        }
    }
}

/// The token endpoint.
#[derive(Clone, Debug)]
pub(crate) struct TokenServer {
    client: reqwest::Client,
    url: String,
}

impl TokenServer {
    pub(crate) fn new(client: &reqwest::Client, target: &Target) -> Self {
        Self {
            client: client.clone(),
            url: target.token_endpoint(),
        }
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Result<Tokens> {
        let question = serde_json::json!({ "refresh_token": refresh_token }).to_string();
        let call = self.client.post(&self.url).body(question);
        let answer = call.header(CONTENT_TYPE, "application/json").send().await?;
        let answer = answer.error_for_status()?.bytes().await?;
        serde_json::from_slice(&answer).map_err(Error::middleware)
    }
}
