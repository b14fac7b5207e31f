//! A session over any client that sends a request once. This one opens a connection for each.
//!
//! `cargo run --example bring_your_own_client`

use std::error::Error;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use reauth_mock_api::{Book, MockApi};
use reauth_reqwest::TokioRuntime;
use reauth_reqwest::reauth::{Body, JsonGrant, Session, Token, from_fn};
use reauth_reqwest::reauth::{http::Request, http::Response, http::header::HOST};
use tokio::net::TcpStream;

/// The client: it connects, sends, and returns the response.
async fn send(
    mut request: Request<Body>,
) -> Result<Response<Incoming>, Box<dyn Error + Send + Sync>> {
    let authority = request.uri().authority().ok_or("no host")?.clone();
    let stream = TcpStream::connect(authority.as_str()).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    request
        .headers_mut()
        .insert(HOST, authority.as_str().try_into()?);
    *request.uri_mut() = request.uri().path().try_into()?;
    Ok(sender.send_request(request).await?)
}

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let api = MockApi::start()?;
    let session = Session::builder(from_fn(send, TokioRuntime::new()))
        .origin(&api.url())
        .grant(JsonGrant::new(&format!("{}/auth/refresh", api.url()))?)
        .token(Token::new("an-expired-token")?.with_refresh_token(api.refresh_token()))
        .build()?;

    let request = Request::get(format!("{}/api/books", api.url())).body(())?;
    let response = session.execute(request).await?;
    let body = response.into_body().collect().await?.to_bytes();
    let books: Vec<Book> = serde_json::from_slice(&body)?;
    println!("{}\n{} books", api.log().join("\n"), books.len());

    assert_eq!(api.counts().connections, 3, "one for each request");
    assert_eq!((api.counts().refreshes, books.len()), (1, 3));
    Ok(())
}
