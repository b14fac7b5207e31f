//! The request that is sent, once or many times.

use std::fs;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::uri::Scheme;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use reauth_reqwest::reauth::Attempt;

use crate::Wrong;
use crate::options::{Options, RequestOptions};

/// The parts of each request. Its errors show no values, because any may be a secret.
pub(crate) struct Template {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    data: Bytes,
}

impl Template {
    pub(crate) fn of(options: &Options, uri: Uri) -> Result<Self, Wrong> {
        let headers = options.request.headers.iter();
        let headers = headers.map(|line| header(line)).collect::<Result<_, _>>()?;
        Ok(Self {
            method: method(&options.request)?,
            uri,
            headers,
            data: data(options.request.data.as_deref())?,
        })
    }

    /// Makes a request that records its attempts.
    pub(crate) fn request(&self, trail: Arc<Trail>) -> Request<Bytes> {
        let mut request = Request::new(self.data.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request.extensions_mut().insert(trail);
        request
    }

    /// Whether anyone on the network can read it.
    pub(crate) fn is_plain(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTP)
    }
}

/// How often a request was sent, and which token it carried last.
#[derive(Default)]
pub(crate) struct Trail {
    attempts: AtomicU32,
    generation: AtomicU64,
}

impl Trail {
    /// For `SessionBuilder::before_attempt`.
    pub(crate) fn mark(attempt: &mut Attempt<'_>) {
        if let Some(trail) = attempt.extensions().get::<Arc<Self>>() {
            let generation = attempt.generation().number();
            trail.generation.store(generation, Ordering::Relaxed);
            trail.attempts.store(attempt.number(), Ordering::Relaxed);
        }
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// `None` if nothing was sent.
    pub(crate) fn generation(&self) -> Option<u64> {
        (self.attempts() > 0).then(|| self.generation.load(Ordering::Relaxed))
    }
}

/// Parses the URL, if it can be requested.
pub(crate) fn uri(text: &str) -> Result<Uri, Wrong> {
    if !text.contains("://") {
        return Err("URL has no scheme: it must begin with https:// or http://".to_owned());
    }
    let uri: Uri = text.parse().map_err(|error| format!("URL: {error}"))?;
    let scheme = uri.scheme().ok_or("URL has no scheme")?;
    if *scheme != Scheme::HTTPS && *scheme != Scheme::HTTP {
        return Err("URL is neither https nor http".to_owned());
    }
    if uri
        .authority()
        .is_some_and(|host| host.as_str().contains('@'))
    {
        return Err(
            "URL has user information, which would be a second credential: \
                    leave it out, and give --access-token"
                .to_owned(),
        );
    }
    if *scheme == Scheme::HTTPS && cfg!(not(feature = "tls")) {
        return Err(
            "https is not built in: cargo run --example fetch --features tls -- …".to_owned(),
        );
    }
    Ok(uri)
}

fn method(options: &RequestOptions) -> Result<Method, Wrong> {
    match &options.method {
        Some(method) => method.parse().map_err(|error| format!("--method: {error}")),
        None if options.data.is_some() => Ok(Method::POST),
        None => Ok(Method::GET),
    }
}

fn header(line: &str) -> Result<(HeaderName, HeaderValue), Wrong> {
    let (name, value) = line
        .split_once(':')
        .ok_or("--header takes a name, a colon and a value, such as 'Accept: text/html'")?;
    let name: HeaderName = name
        .trim()
        .parse()
        .map_err(|_| "--header: invalid header name before the colon")?;
    if name == AUTHORIZATION {
        return Err("--header: Authorization is the session's; give --access-token".to_owned());
    }
    let value: Result<HeaderValue, _> = value.trim().parse();
    let mut value = value.map_err(|_| format!("--header: invalid value for {name}"))?;
    value.set_sensitive(true);
    Ok((name, value))
}

fn data(data: Option<&str>) -> Result<Bytes, Wrong> {
    let Some(data) = data else {
        return Ok(Bytes::new());
    };
    match data.strip_prefix('@') {
        None => Ok(Bytes::from(data.to_owned())),
        Some("-") => {
            let mut data = Vec::new();
            let read = io::stdin().read_to_end(&mut data);
            read.map_err(|error| format!("--data: standard input: {error}"))?;
            Ok(data.into())
        }
        Some(file) => match fs::read(file) {
            Ok(data) => Ok(data.into()),
            Err(error) => Err(format!("--data: cannot read the file after @: {error}")),
        },
    }
}
