//! Servers that answer by the path of a request, and a session that follows redirects.

use crate::received::Received;
use crate::received::Scheme::{Http, Https};
use crate::server::{Answer, Server};
use http::{HeaderValue, Request};
use reauth::{Error, FinalUri, JsonGrant, Reason, Redirects, Session, Token, Transport};

use crate::clients::Client;

/// Headers that a client adds to any request.
const CLIENTS: [&str; 7] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "host",
    "user-agent",
];

/// `/go?URL` redirects to the URL, `/refuses` refuses every token, `/asks` refuses the first token,
/// and `/auth/refresh` grants a new one.
pub(crate) fn answering() -> Server {
    let refusal = || Answer::new(401).header("www-authenticate", r#"Bearer error="invalid_token""#);
    let answer = move |request: &Received| match request.target.split_once('?') {
        Some(("/go", target)) => Answer::new(307).header("location", target),
        _ => match &*request.target {
            "/auth/refresh" => Answer::new(200).body(r#"{"access_token":"fresh"}"#),
            "/refuses" => refusal(),
            "/asks" if request.header("authorization") != Some("Bearer fresh") => refusal(),
            _ => Answer::new(200),
        },
    };
    Server::start(answer).unwrap()
}

/// What a server received: scheme, path, credentials, and the names of all other headers.
pub(crate) fn shown(server: &Server) -> Vec<String> {
    let received = server.received();
    let show = |request: &Received| {
        let path = request.target.split('?').next().unwrap();
        let mut shown = vec![format!("{} {path}", request.scheme)];
        let mut headers = request.headers.clone();
        headers.retain(|(name, _)| !CLIENTS.contains(&name.as_str()));
        headers.sort();
        let text = |(name, value)| match name == "authorization" {
            true => value,
            false => name,
        };
        shown.extend(headers.into_iter().map(text));
        shown.join(" ")
    };
    received.iter().map(show).collect()
}

pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) reason: Option<Reason>,
    /// The URL of the answer, if the request was redirected.
    pub(crate) from: Option<String>,
}

pub(crate) struct Stage<C: Client> {
    client: C,
    session: Session<C::Transport>,
}

impl<C: Client> Stage<C> {
    /// A session for both schemes of these servers. The first one is the token server.
    pub(crate) fn new<'a>(
        client: C,
        origins: impl IntoIterator<Item = &'a Server>,
        trusted: impl IntoIterator<Item = &'a Server>,
    ) -> Self {
        let origins: Vec<_> = origins.into_iter().collect();
        let endpoint = origins[0].url(Https, "/auth/refresh");
        Self::with_endpoint(client, &endpoint, origins, trusted)
    }

    pub(crate) fn with_endpoint<'a>(
        client: C,
        endpoint: &str,
        origins: impl IntoIterator<Item = &'a Server>,
        trusted: impl IntoIterator<Item = &'a Server>,
    ) -> Self {
        let either = |server: &Server| [server.url(Https, ""), server.url(Http, "")];
        let origins: Vec<_> = origins.into_iter().flat_map(either).collect();
        Self::on(client, endpoint, &origins, trusted)
    }

    /// A session for this server over `https` only.
    pub(crate) fn over_tls_alone<'a>(
        client: C,
        home: &Server,
        trusted: impl IntoIterator<Item = &'a Server>,
    ) -> Self {
        let endpoint = home.url(Https, "/auth/refresh");
        Self::on(client, &endpoint, &[home.url(Https, "")], trusted)
    }

    fn on<'a>(
        client: C,
        endpoint: &str,
        origins: &[String],
        trusted: impl IntoIterator<Item = &'a Server>,
    ) -> Self {
        let trusted: Vec<_> = trusted.into_iter().collect();
        let session = client.run(async {
            let mut builder = Session::builder(client.transport(&trusted))
                .grant(JsonGrant::new(endpoint).unwrap())
                .token(
                    Token::new("stale")
                        .unwrap()
                        .with_refresh_token("the-refresh"),
                )
                .refresh_retries(0)
                .redirects(Redirects::follow(5))
                .before_attempt(|attempt| {
                    let ours = HeaderValue::from_static("ours");
                    attempt.headers_mut().insert("x-session", ours);
                });
            for origin in origins {
                builder = builder.origin(origin);
            }
            builder.build().unwrap()
        });
        Self { client, session }
    }

    /// Sends a request with headers of the caller, some of which are meant for one origin.
    fn execute(&self, request: http::request::Builder) -> Result<Seen, Error> {
        let request = request
            .header("cookie", "mine")
            .header("proxy-authorization", "mine")
            .header("x-mine", "mine");
        let sent = self.session.execute(request.body(()).unwrap());
        let mut answer = self.client.run(sent)?;
        let status = C::Transport::status(&answer).as_u16();
        let extensions = C::Transport::extensions_mut(&mut answer);
        Ok(Seen {
            status,
            reason: extensions.get().copied(),
            from: extensions.get::<FinalUri>().map(|uri| uri.0.to_string()),
        })
    }

    pub(crate) fn get(&self, url: &str) -> Seen {
        self.execute(Request::get(url)).unwrap()
    }

    /// With the caller's credentials.
    pub(crate) fn get_as(&self, credentials: &str, url: &str) -> Seen {
        let request = Request::get(url).header("authorization", credentials);
        self.execute(request).unwrap()
    }

    pub(crate) fn fail(&self, url: &str) -> Error {
        let sent = self.execute(Request::get(url));
        sent.err().expect("an error is promised")
    }
}
