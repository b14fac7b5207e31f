//! One connection: request, answer, and again.

use std::io::Result;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::request::Reader;
use super::routes::Routes;

/// Until the client goes; what cannot be understood ends the connection.
pub(crate) async fn serve(stream: TcpStream, routes: Arc<Routes>) {
    // The client sees that it has ended.
    _ = answers(stream, &routes).await;
}

async fn answers(stream: TcpStream, routes: &Routes) -> Result<()> {
    stream.set_nodelay(true)?;
    let (read, mut write) = stream.into_split();
    let mut reader = Reader::new(read);
    while let Some(request) = reader.request().await? {
        let answer = routes.answer(&request).await;
        write.write_all(&answer.0).await?;
    }
    Ok(())
}
