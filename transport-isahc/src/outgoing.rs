//! Prepares a request for isahc: what isahc must not add, and what libcurl must not decide.

use std::sync::OnceLock;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::uri::Scheme;
use http::{Extensions, HeaderMap, HeaderValue, Method, Request};
use http_body::Body as _;
use isahc::AsyncBody;
use isahc::auth::Authentication;
use isahc::config::{Configurable, RedirectPolicy, VersionNegotiation};
use reauth::Body;

use crate::SendError;
use crate::upload::{Watch, upload};

/// Which connection a request may use.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Connection {
    /// One that was used before.
    Shared,
    /// A new one, for this request only.
    Own,
    /// The same as [`Own`](Self::Own), and no timeout of the application applies.
    TokenCall,
}

/// Stands for no timeout, because a request cannot unset one.
const NEVER: Duration = Duration::from_secs(24 * 3600);

impl Connection {
    /// libcurl may resend a request on a shared connection, except if it has a body.
    pub(crate) fn of(request: &Request<Body>) -> Self {
        match request.body().size_hint().exact() {
            Some(0) if !request.method().is_idempotent() => Self::Own,
            Some(_) | None => Self::Shared,
        }
    }
}

/// The isahc settings of every request: no redirects, and no added credentials.
#[derive(Debug)]
pub(crate) struct Settings {
    shared: Extensions,
    own: Extensions,
    token_call: Extensions,
}

impl Settings {
    pub(crate) fn new() -> Result<Self, http::Error> {
        Ok(Self {
            shared: with_settings(Extensions::new(), Connection::Shared)?,
            own: with_settings(Extensions::new(), Connection::Own)?,
            token_call: with_settings(Extensions::new(), Connection::TokenCall)?,
        })
    }
}

/// Whether the linked libcurl was built with TLS.
pub(crate) fn speaks_https() -> bool {
    static SPEAKS: OnceLock<bool> = OnceLock::new();
    let asked = || {
        curl::Version::get()
            .protocols()
            .any(|protocol| protocol == "https")
    };
    *SPEAKS.get_or_init(asked)
}

pub(crate) fn outgoing(
    request: Request<Body>,
    connection: Connection,
    settings: &Settings,
) -> Result<(Request<AsyncBody>, Watch), SendError> {
    if request.uri().scheme() == Some(&Scheme::HTTPS) && !speaks_https() {
        return Err(SendError::WithoutTls);
    }
    let (mut parts, body) = request.into_parts();
    let (body, watch) = upload(body);
    announce(&mut parts.headers, &parts.method, &body);
    // isahc panics at these values.
    let mut headers = parts.headers.iter();
    if let Some((name, _)) = headers.find(|(_, value)| !value.as_bytes().is_ascii()) {
        return Err(SendError::Header(name.clone()));
    }
    parts.extensions = match (parts.extensions.is_empty(), connection) {
        (true, Connection::Shared) => settings.shared.clone(),
        (true, Connection::Own) => settings.own.clone(),
        (true, Connection::TokenCall) => settings.token_call.clone(),
        (false, _) => {
            let settings = with_settings(parts.extensions, connection);
            settings.map_err(|error| SendError::Client(error.into()))?
        }
    };
    Ok((Request::from_parts(parts, body), watch))
}

/// Adds the settings to extensions that may already hold isahc settings, which only a builder of
/// its requests can do.
fn with_settings(
    extensions: Extensions,
    connection: Connection,
) -> Result<Extensions, http::Error> {
    let mut request = Request::builder();
    if let Some(empty) = request.extensions_mut() {
        *empty = extensions;
    }
    let request = request
        .redirect_policy(RedirectPolicy::None)
        .authentication(Authentication::none());
    // HTTP/2 would share the connection.
    let http11 = VersionNegotiation::http11();
    let request = match connection {
        Connection::Shared => request,
        Connection::Own => request.version_negotiation(http11),
        Connection::TokenCall => request
            .version_negotiation(http11)
            .timeout(NEVER)
            .low_speed_timeout(1, NEVER),
    };
    Ok(request.body(())?.into_parts().0.extensions)
}

fn announce(headers: &mut HeaderMap, method: &Method, body: &AsyncBody) {
    if body.is_empty() {
        // A server may ask for the length of these (RFC 9110 section 8.6).
        if [Method::POST, Method::PUT, Method::PATCH].contains(method) {
            let none = headers.entry(CONTENT_LENGTH);
            none.or_insert(HeaderValue::from_static("0"));
        }
    } else if method == Method::POST {
        // Otherwise libcurl calls it a form. This type means the same as none (RFC 9110 section
        // 8.3).
        let bytes = HeaderValue::from_static("application/octet-stream");
        headers.entry(CONTENT_TYPE).or_insert(bytes);
    }
}
