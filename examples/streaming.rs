//! A long text is read piece by piece: the session delays and buffers nothing.
//!
//! `cargo run --example streaming`

use std::error::Error;

use reauth_mock_api::MockApi;
use reauth_reqwest::reauth::{JsonGrant, Token, http::Request};
use reauth_reqwest::{ReqwestTransport, Session};

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let api = MockApi::start()?;
    let session = Session::builder(ReqwestTransport::new(|client| client.no_proxy())?)
        .origin(&api.url())
        .grant(JsonGrant::new(&format!("{}/auth/refresh", api.url()))?)
        .token(Token::new("an-expired-token")?.with_refresh_token(api.refresh_token()))
        .build()?;

    let request = Request::get(format!("{}/api/books/1/text", api.url())).body(())?;
    // The response is reqwest's own, and is read as such.
    let mut response = session.execute(request).await?.error_for_status()?;
    let (mut pieces, mut bytes, mut largest) = (0, 0, 0);
    while let Some(piece) = response.chunk().await? {
        pieces += 1;
        bytes += piece.len();
        largest = largest.max(piece.len());
    }
    println!("{bytes} bytes in {pieces} pieces, the largest of {largest} bytes");

    assert_eq!(api.counts().refreshes, 1, "one refresh");
    assert!(pieces > 10 && largest < bytes / 10, "piece by piece");
    Ok(())
}
