//! The example `books` over isahc, which needs no executor. The refresh has its own connection,
//! because libcurl may resend a request on a reused one.
//!
//! `cargo run --example books_isahc --features isahc`

use std::error::Error;

use futures_lite::future::block_on;
use reauth_isahc::isahc::AsyncReadResponseExt;
use reauth_isahc::isahc::config::Configurable;
use reauth_isahc::reauth::{JsonGrant, Token, http::Request};
use reauth_isahc::{IsahcTransport, Session};
use reauth_mock_api::{Book, MockApi};

/// The application's call. It knows where the books are, and nothing of tokens.
async fn list_books(session: &Session, api: &str) -> Result<Vec<Book>, Box<dyn Error>> {
    let request = Request::get(format!("{api}/api/books")).body(())?;
    Ok(session.execute(request).await?.json().await?)
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let api = MockApi::start()?;
    // The server is on this machine, so a proxy of the environment must not be used.
    let session = Session::builder(IsahcTransport::new(|client| client.proxy(None))?)
        .origin(&api.url())
        .grant(JsonGrant::new(&format!("{}/auth/refresh", api.url()))?)
        .token(Token::new("an-expired-token")?.with_refresh_token(api.refresh_token()))
        .build()?;

    let books = block_on(list_books(&session, &api.url()))?;
    println!("What the server saw:\n{}", api.log().join("\n"));
    println!("\nWhat the application got:");
    for book in &books {
        println!("{:>3}. {}, by {}", book.id, book.title, book.author);
    }

    let counts = api.counts();
    assert_eq!((counts.refreshes, counts.books_unauthorized), (1, 1));
    assert_eq!(counts.connections, 2, "the refresh has its own");
    assert_eq!(books.len(), 3);
    Ok(())
}
