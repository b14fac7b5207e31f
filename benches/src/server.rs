//! A loopback server with canned responses, in its own process, so that the figures measure the
//! client and nothing of the server.
//!
//! Besides fixed responses it has `scenes`, each at its own port: a resource and its token server,
//! which refuse, delay and rotate as a figure sets them up, and record what they get.

mod answer;
mod connection;
mod gate;
mod hold;
mod issuer;
mod process;
mod record;
mod request;
mod routes;
mod scene;
mod scene_control;
mod scenes;
mod setup;
mod site;

use std::io::Write;
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::runtime::Builder;

pub(crate) use process::ServerProcess;
pub(crate) use record::{Kind, Message, Record};
pub(crate) use scene_control::SceneControl;
pub(crate) use setup::{Accepts, Setup, TokenAnswers, TokenGate};

use crate::BoxError;
use crate::descriptors::raise_limit;
use routes::Routes;

/// Prints its port, and serves until its standard input ends, so that it never outlives its parent.
pub(crate) fn serve() -> Result<(), BoxError> {
    raise_limit()?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = site::bind()?;
        writeln!(std::io::stdout(), "{}", listener.local_addr()?.port())?;
        tokio::spawn(site::serve(listener, Arc::new(Routes::default())));
        tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
        Ok(())
    })
    // The runtime need not wait: the read of the standard input has ended.
}

#[cfg(test)]
mod tests;
