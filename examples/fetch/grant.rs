//! How to get a newer token.

use reauth_reqwest::reauth::{Grant, InvalidEndpoint, JsonGrant, OAuth2Client, OAuth2Grant};

use crate::options::{ClientAuth, RefreshOptions, RefreshWay, given};
use crate::{Wrong, access};

/// The grant; `None` without an endpoint.
pub(crate) fn grant(
    options: &RefreshOptions,
    insecure_origins: &[String],
) -> Result<Option<Box<dyn Grant>>, Wrong> {
    let Some(url) = &options.refresh_url else {
        return match first_given(options) {
            Some(option) => Err(format!("{option} needs --refresh-url, the token endpoint")),
            None => Ok(None),
        };
    };
    let endpoint = Endpoint {
        url,
        insecure: is_among(url, insecure_origins),
    };
    match options.refresh {
        RefreshWay::Json => json(options, &endpoint).map(Some),
        RefreshWay::Oauth2 => oauth2(options, &endpoint).map(Some),
    }
}

struct Endpoint<'a> {
    url: &'a str,
    insecure: bool,
}

impl Endpoint<'_> {
    fn parse<G>(
        &self,
        secure: impl FnOnce(&str) -> Result<G, InvalidEndpoint>,
        insecure: impl FnOnce(&str) -> Result<G, InvalidEndpoint>,
    ) -> Result<G, Wrong> {
        let parsed = if self.insecure {
            insecure(self.url)
        } else {
            secure(self.url)
        };
        parsed.map_err(|invalid| match invalid {
            InvalidEndpoint::Insecure => {
                "--refresh-url is http and not on this machine, so anyone on the network could read the \
                 tokens: use https, or name its origin with --allow-origin"
                    .to_owned()
            }
            InvalidEndpoint::Malformed => {
                "--refresh-url takes an absolute URL, such as https://auth.example.com/token".to_owned()
            }
            other => format!("--refresh-url: {other}"),
        })
    }
}

fn json(options: &RefreshOptions, endpoint: &Endpoint<'_>) -> Result<Box<dyn Grant>, Wrong> {
    if let Some(option) = first_of_oauth2(options) {
        return Err(format!("{option} needs --refresh oauth2"));
    }
    if given(&options.refresh_token).is_none() {
        return Err("--refresh json needs --refresh-token".to_owned());
    }
    Ok(Box::new(
        endpoint.parse(JsonGrant::new, JsonGrant::insecure)?,
    ))
}

fn oauth2(options: &RefreshOptions, endpoint: &Endpoint<'_>) -> Result<Box<dyn Grant>, Wrong> {
    let id = given(&options.client_id).ok_or("--refresh oauth2 needs --client-id")?;
    let client = endpoint.parse(
        |url| OAuth2Client::new(url, id),
        |url| OAuth2Client::insecure(url, id),
    )?;
    let secret = given(&options.client_secret);
    let client = match (options.client_auth, secret) {
        (None | Some(ClientAuth::None), None) => client,
        (Some(ClientAuth::Basic), Some(secret)) => client.secret(secret),
        (Some(ClientAuth::Body), Some(secret)) => client.secret_in_body(secret),
        (Some(ClientAuth::Basic | ClientAuth::Body), None) => {
            return Err("--client-auth basic or body needs --client-secret".to_owned());
        }
        (None, Some(_)) => {
            return Err(
                "--client-secret needs --client-auth: basic, which every server must take, or body"
                    .to_owned(),
            );
        }
        (Some(ClientAuth::None), Some(_)) => {
            return Err("--client-auth none sends no --client-secret: leave one out".to_owned());
        }
    };
    let grant = if given(&options.refresh_token).is_some() {
        OAuth2Grant::refresh_token(client)
    } else if secret.is_some() {
        OAuth2Grant::client_credentials(client)
    } else {
        return Err(
            "--refresh oauth2 needs --refresh-token, or --client-secret for client credentials"
                .to_owned(),
        );
    };
    Ok(Box::new(match &options.scope {
        Some(scope) => grant.scope(scope),
        None => grant,
    }))
}

fn first_of_oauth2(options: &RefreshOptions) -> Option<&'static str> {
    [
        ("--client-id", options.client_id.is_some()),
        ("--client-secret", given(&options.client_secret).is_some()),
        ("--client-auth", options.client_auth.is_some()),
        ("--scope", options.scope.is_some()),
    ]
    .into_iter()
    .find_map(|(option, is_given)| is_given.then_some(option))
}

fn first_given(options: &RefreshOptions) -> Option<&'static str> {
    if given(&options.refresh_token).is_some() {
        return Some("--refresh-token");
    }
    let way = (options.refresh == RefreshWay::Oauth2).then_some("--refresh oauth2");
    way.or_else(|| first_of_oauth2(options))
}

fn is_among(url: &str, origins: &[String]) -> bool {
    let url = url.parse().ok().as_ref().and_then(access::origin);
    url.is_some_and(|url| {
        let mut origins = origins.iter().map(|origin| origin.trim_end_matches('/'));
        origins.any(|origin| origin.eq_ignore_ascii_case(&url))
    })
}
