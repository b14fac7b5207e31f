//! A large file is refused after all of it was sent, and sent again.
//!
//! `cargo run --example upload`

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

use futures_util::{TryStreamExt, stream};
use reauth_mock_api::{MockApi, Receipt};
use reauth_reqwest::reauth::{Body, JsonGrant, Token, http::Request};
use reauth_reqwest::{ReqwestTransport, Session};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

/// The file as a body, piece by piece; it is opened again for each attempt.
fn file(path: PathBuf) -> Body {
    Body::factory(move || {
        let opened = stream::once(File::open(path.clone()));
        Body::stream(opened.map_ok(ReaderStream::new).try_flatten())
    })
}

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let text: Vec<u8> = (0..20_000_000_u32).map(|n| (n % 251) as u8).collect();
    let mut saved = tempfile::NamedTempFile::new()?;
    saved.write_all(&text)?;

    let api = MockApi::start()?;
    let session = Session::builder(ReqwestTransport::new(|client| client.no_proxy())?)
        .origin(&api.url())
        .grant(JsonGrant::new(&format!("{}/auth/refresh", api.url()))?)
        .token(Token::new("an-expired-token")?.with_refresh_token(api.refresh_token()))
        .build()?;

    let request = Request::put(format!("{}/api/books/1/text", api.url()));
    let request = request.body(file(saved.path().to_owned()))?;
    let receipt: Receipt = session.execute(request).await?.json().await?;
    println!(
        "{} bytes arrived, with the digest {}",
        receipt.bytes, receipt.sha256
    );
    println!("{}", api.log().join("\n"));

    assert_eq!(receipt.bytes, 20_000_000);
    let digest = Sha256::digest(&text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    assert_eq!(receipt.sha256, digest, "byte-identical");
    assert_eq!(api.counts().texts_unauthorized, 1, "sent twice");
    Ok(())
}
