//! A loopback server with canned answers, in a process of its own, so that the client dominates
//! what is measured here, and the server none of it.

mod answer;
mod connection;
mod hold;
mod process;
mod request;
mod routes;

use std::io::Write;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::net::TcpSocket;
use tokio::runtime::Builder;

pub(crate) use process::ServerProcess;

use crate::BoxError;
use crate::descriptors::raise_limit;
use routes::Routes;

/// Of connections that nobody has accepted yet: more than any figure opens at once.
const BACKLOG: u32 = 4096;

/// Prints its port, and serves until its standard input ends: it never outlives its parent.
pub(crate) fn serve() -> Result<(), BoxError> {
    raise_limit()?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let listener = socket.listen(BACKLOG)?;
        writeln!(std::io::stdout(), "{}", listener.local_addr()?.port())?;
        tokio::spawn(async move {
            let routes = Arc::new(Routes::default());
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection::serve(stream, Arc::clone(&routes)));
            }
        });
        tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
        Ok(())
    })
    // Its runtime waits for nobody: the read of the standard input has ended.
}
