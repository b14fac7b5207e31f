//! A server that echoes requests, and accepts only the token that it issued.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use reauth_reqwest::reauth::{JsonGrant, SessionBuilder, Token};
use reauth_reqwest::{ReqwestTransport, Session};
use tokio::net::TcpListener;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Serves until its runtime ends.
#[derive(Clone)]
pub(crate) struct Echo {
    addr: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Echo {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let echo = Self {
            addr: listener.local_addr().unwrap(),
            received: Arc::default(),
        };
        let router = Router::new()
            .route(
                "/auth/refresh",
                post(|| async { r#"{"access_token":"fresh"}"# }),
            )
            .fallback(answer)
            .with_state(echo.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        echo
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// A session whose first token is refused.
    pub(crate) fn builder(&self, transport: ReqwestTransport) -> SessionBuilder<ReqwestTransport> {
        Session::builder(transport)
            .origin(&self.url(""))
            .grant(JsonGrant::new(&self.url("/auth/refresh")).unwrap())
            .token(Token::new("stale").unwrap().with_refresh_token("r"))
    }

    pub(crate) fn session(&self) -> Session {
        self.builder(super::transport()).build().unwrap()
    }

    /// What has arrived so far, without token calls.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn answer(State(echo): State<Echo>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let received = Received {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        body,
    };
    echo.received.lock().unwrap().push(received.clone());
    if received.uri.path() == "/redirect" {
        return (StatusCode::FOUND, [(LOCATION, "/elsewhere")]).into_response();
    }
    match received.headers.get(AUTHORIZATION) {
        Some(bearer) if bearer == "Bearer fresh" => received.body.into_response(),
        Some(_) | None => StatusCode::UNAUTHORIZED.into_response(),
    }
}
