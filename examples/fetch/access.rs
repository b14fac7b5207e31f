//! The first token, and how to get a newer one.

use std::time::{Duration, SystemTime};

use http::Uri;
use reauth_reqwest::reauth::machine::TokenUse;
use reauth_reqwest::reauth::{
    BuildError, BuildErrorKind, Grant, RefreshError, SessionBuilder, Token, Transport, refresher_fn,
};

use crate::Wrong;
use crate::explain::explain;
use crate::grant::grant;
use crate::options::{Options, TokenUseName, given};

/// What a session needs besides a transport.
pub(crate) struct Access {
    token: Option<Token>,
    grant: Option<Box<dyn Grant>>,
    token_use: TokenUse,
    origin: Option<String>,
    insecure_origins: Vec<String>,
}

impl Access {
    pub(crate) fn of(options: &Options, uri: &Uri) -> Result<Self, Wrong> {
        let (token, refresh) = (&options.token, &options.refresh);
        let insecure_origins = token.allow_origins.clone();
        Ok(Self {
            grant: grant(refresh, &insecure_origins)?,
            token: start(options)?,
            token_use: match refresh.token_use {
                TokenUseName::Learn => TokenUse::Learn,
                TokenUseName::Single => TokenUse::SingleUse,
                TokenUseName::Reusable => TokenUse::Reusable,
            },
            origin: origin(uri),
            insecure_origins,
        })
    }

    /// Sets the options of the session.
    pub(crate) fn give<T: Transport + 'static>(
        self,
        mut builder: SessionBuilder<T>,
    ) -> SessionBuilder<T> {
        for origin in &self.insecure_origins {
            builder = builder.insecure_origin(origin);
        }
        if let (Some(origin), true) = (&self.origin, self.insecure_origins.is_empty()) {
            builder = builder.origin(origin);
        }
        builder = match self.token {
            Some(token) => builder.token(token),
            None => builder.without_token(),
        };
        match self.grant {
            Some(grant) => builder.grant(grant).token_use(self.token_use),
            // Without a refresh, a 401 is the response.
            None => builder
                .refresher(refresher_fn(async |_| {
                    Err(RefreshError::misconfigured("--refresh-url is missing"))
                }))
                .refused_when(|_| false),
        }
    }
}

/// Why no session could be built, in terms of the options.
pub(crate) fn wrong(error: &BuildError) -> Wrong {
    match error.kind() {
        BuildErrorKind::NoOrigin
        | BuildErrorKind::NoRefresher
        | BuildErrorKind::GrantAndRefresher
        | BuildErrorKind::NoToken
        | BuildErrorKind::InvalidTimeout
        | BuildErrorKind::Store => return explain(error),
        BuildErrorKind::NotRefreshable => {
            "--refresh-url needs something to trade: give --refresh-token, or --client-secret \
             without one"
        }
        BuildErrorKind::UnsupportedScheme => {
            "https needs TLS, which takes a while to build: add `--features tls` to the command, \
             before its `--`"
        }
        BuildErrorKind::InsecureOrigin => {
            "URL is http and not on this machine, so anyone on the network could read the token: \
             use https, or name its origin with --allow-origin"
        }
        BuildErrorKind::InvalidOrigin => {
            "--allow-origin takes scheme, host and port, such as https://api.example.com:8443"
        }
        BuildErrorKind::StoreNotRead | _ => return explain(error),
    }
    .to_owned()
}

/// The first token. `None` if the client's own credentials bring one.
fn start(options: &Options) -> Result<Option<Token>, Wrong> {
    let refresh = &options.refresh;
    let access_token = given(&options.token.access_token);
    let token = match (access_token, given(&refresh.refresh_token)) {
        (Some(access_token), _) => {
            let token = Token::new(access_token);
            token.map_err(|error| format!("--access-token: {error}"))?
        }
        (None, Some(refresh_token)) => {
            let token = Token::from_refresh_token(refresh_token);
            token.map_err(|error| format!("--refresh-token: {error}"))?
        }
        (None, None) if given(&refresh.client_secret).is_some() => return Ok(None),
        (None, None) => {
            return Err(
                "no credentials: give --access-token, or --refresh-token and \
                        --refresh-url"
                    .to_owned(),
            );
        }
    };
    let token = match (options.token.expires_in, access_token) {
        (None, _) => token,
        (Some(_), None) => {
            return Err("--expires-in is the lifetime of --access-token: give that too".to_owned());
        }
        (Some(_), Some(_)) if refresh.refresh_url.is_none() => {
            return Err("--expires-in needs --refresh-url".to_owned());
        }
        (Some(seconds), Some(_)) => {
            token.with_expires_at(SystemTime::now() + Duration::from_secs(seconds))
        }
    };
    Ok(Some(match given(&refresh.refresh_token) {
        Some(refresh_token) => token.with_refresh_token(refresh_token),
        None => token,
    }))
}

/// The origin of a URL, in the form that a session takes.
pub(crate) fn origin(uri: &Uri) -> Option<String> {
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}
