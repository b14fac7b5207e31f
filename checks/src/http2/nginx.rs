//! A real nginx, in front of an upstream that counts.

use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// The version of nginx in its own words, or `None` if it is not installed.
pub(super) fn version() -> Option<String> {
    let said = Command::new("nginx").arg("-v").output().ok()?;
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    said.lines().next().map(ToOwned::to_owned)
}

/// A running nginx and the folder with its files. Dropping it stops nginx and deletes the folder.
#[derive(Debug)]
pub(super) struct Nginx {
    process: Child,
    folder: PathBuf,
    origin: String,
}

/// How many times to check whether nginx listens, and the pause between two checks.
const TRIES: usize = 100;
const PAUSE: Duration = Duration::from_millis(50);

impl Nginx {
    /// Starts nginx with HTTP/2 without TLS. It sends a GOAWAY after this number of requests on a
    /// connection.
    pub(super) fn start(goaway_after: u32, upstream: SocketAddr) -> Result<Self, String> {
        let addr = free_port()?;
        let name = format!("reauth-nginx-{}-{}", std::process::id(), addr.port());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let config = folder.join("nginx.conf");
        let text = configuration(&folder.display().to_string(), addr, goaway_after, upstream);
        let written = fs::write(&config, text).map_err(|error| error.to_string());
        let started = written.and_then(|()| {
            Command::new("nginx")
                .arg("-p")
                .arg(&folder)
                .arg("-e")
                .arg(folder.join("error.log"))
                .arg("-c")
                .arg(&config)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .map_err(|error| format!("nginx: {error}"))
        });
        let process = match started {
            Ok(process) => process,
            Err(error) => {
                _ = fs::remove_dir_all(&folder);
                return Err(error);
            }
        };
        let nginx = Self {
            process,
            folder,
            origin: format!("http://{addr}"),
        };
        for _ in 0..TRIES {
            if TcpStream::connect(addr).is_ok() {
                return Ok(nginx);
            }
            thread::sleep(PAUSE);
        }
        let log = fs::read_to_string(nginx.folder.join("error.log")).unwrap_or_default();
        Err(format!("nginx does not listen: {log}"))
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// The number of connections with at least one request.
    pub(super) fn connections(&self) -> Result<usize, String> {
        let log = fs::read_to_string(self.folder.join("access.log"));
        let log = log.map_err(|error| format!("nginx's access log: {error}"))?;
        Ok(log.lines().collect::<BTreeSet<_>>().len())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // nginx has no child processes: `master_process off`.
        _ = self.process.kill();
        _ = self.process.wait();
        _ = fs::remove_dir_all(&self.folder);
    }
}

/// `listen … http2` works from nginx 1.9.5 on; since 1.25.1 `http2 on` is preferred.
fn configuration(
    folder: &str,
    addr: SocketAddr,
    goaway_after: u32,
    upstream: SocketAddr,
) -> String {
    format!(
        "daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    log_format connections '$connection';
    access_log {folder}/access.log connections;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream counts {{
        server {upstream};
        keepalive 64;
    }}
    server {{
        listen {addr} http2;
        keepalive_requests {goaway_after};
        location / {{
            proxy_pass http://counts;
            proxy_http_version 1.1;
            proxy_set_header Connection '';
            # A request that arrives twice must have been sent twice by the client.
            proxy_next_upstream off;
        }}
    }}
}}
"
    )
}

fn free_port() -> Result<SocketAddr, String> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
    listener.local_addr().map_err(|error| error.to_string())
}
