//! One connection: request, response, and again.

use std::io::Result;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::request::Reader;
use super::site::Site;

/// Serves until the client closes; a request that cannot be parsed ends the connection.
pub(crate) async fn serve<S: Site>(stream: TcpStream, site: Arc<S>) {
    // The client sees that it has ended.
    _ = answers(stream, &*site).await;
}

async fn answers(stream: TcpStream, site: &impl Site) -> Result<()> {
    stream.set_nodelay(true)?;
    let (read, mut write) = stream.into_split();
    let mut reader = Reader::new(read);
    while let Some(request) = reader.request().await? {
        let answer = site.answer(&request).await;
        write.write_all(&answer.bytes).await?;
    }
    Ok(())
}
