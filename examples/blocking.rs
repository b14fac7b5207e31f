//! No `async`: eight threads share a session, and one refresh serves all.
//!
//! `cargo run --example blocking`

use std::error::Error;
use std::thread;

use reauth_mock_api::{Book, MockApi};
use reauth_reqwest::reauth::{JsonGrant, Token, http::Request};
use reauth_reqwest::{ReqwestTransport, blocking::Session};

/// The application's call. It knows where the books are, and nothing of tokens.
fn list_books(session: &Session, api: &str) -> Result<Vec<Book>, Box<dyn Error + Send + Sync>> {
    let request = Request::get(format!("{api}/api/books")).body(())?;
    Ok(session.execute(request)?.error_for_status()?.json()?)
}

pub(crate) fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let api = MockApi::start()?;
    let options = Session::builder(ReqwestTransport::new(|client| client.no_proxy())?)
        .origin(&api.url())
        .grant(JsonGrant::new(&format!("{}/auth/refresh", api.url()))?)
        .token(Token::new("an-expired-token")?.with_refresh_token(api.refresh_token()));
    let session = Session::build(options)?;

    // All of them are refused before any gets its response.
    let gate = api.hold_books();
    let shelves = thread::scope(|scope| {
        let list = || list_books(&session, &api.url());
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(list)).collect();
        gate.wait_for(8);
        gate.open();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect::<Result<Vec<_>, _>>()
    })?;
    session.close()?;
    println!("{}\n{} lists of books", api.log().join("\n"), shelves.len());

    let counts = api.counts();
    assert_eq!((counts.books_unauthorized, counts.refreshes), (8, 1));
    assert!(shelves.iter().all(|books| books.len() == 3));
    Ok(())
}
