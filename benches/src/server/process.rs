//! The server's process, as its parent sees it.

use std::env::current_exe;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::BoxError;

/// The server's process, which ends with this handle.
pub(crate) struct ServerProcess {
    child: Child,
    origin: String,
}

impl ServerProcess {
    pub(crate) fn start() -> Result<Self, BoxError> {
        let mut child = Command::new(current_exe()?)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("the server has no output")?;
        let mut port = String::new();
        BufReader::new(stdout).read_line(&mut port)?;
        let port: u16 = port.trim().parse()?;
        Ok(Self {
            child,
            origin: format!("http://127.0.0.1:{port}"),
        })
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It may have ended by itself.
        _ = self.child.wait();
    }
}
