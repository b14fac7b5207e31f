//! The book API as a program, which runs until it is interrupted.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Parser;
use clap::builder::NonEmptyStringValueParser;
use reauth_mock_api::{AccessLog, MockApi, Rotation};

/// A book API with an access token that expires, to try reauth against.
///
/// GET /api/books lists the books for `Authorization: Bearer ACCESS_TOKEN`, and answers 401
/// to any other token. POST /auth/refresh takes `{"refresh_token": "..."}` and answers with a
/// new access token, which replaces the previous one. POST /oauth/token does the same by OAuth 2.0,
/// for the grants refresh_token and client_credentials. Each response is logged to standard
/// output.
#[derive(Parser)]
#[command(name = "mock-api")]
struct Options {
    /// The IP address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,

    /// The port to listen on; 0 picks a free one
    #[arg(long, default_value_t = 8000)]
    port: u16,

    /// Access tokens expire after this many seconds [default: when they are replaced]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    token_ttl: Option<Duration>,

    /// Leave expires_in out of the answers, so that only a 401 shows that a token has expired
    #[arg(long, requires = "token_ttl")]
    silent: bool,

    /// Replace the refresh token at each refresh
    ///
    /// Each refresh token can then be used once, and using it again revokes its successors too.
    /// Once the first token is spent, restart the program to use it again. Without this option a
    /// refresh token can be used many times.
    #[arg(long)]
    rotate: bool,

    /// The first refresh token
    #[arg(
        long,
        value_name = "TOKEN",
        default_value = "demo-refresh-token",
        value_parser = NonEmptyStringValueParser::new()
    )]
    refresh_token: String,

    /// The only client that may call POST /oauth/token [default: no authentication]
    #[arg(long, value_name = "ID", requires = "client_secret")]
    client_id: Option<String>,

    /// The secret of that client
    #[arg(long, value_name = "SECRET", requires = "client_id")]
    client_secret: Option<String>,
}

fn seconds(value: &str) -> Result<Duration, String> {
    match value.parse() {
        Ok(0) => Err("a token must live for at least 1 second".to_owned()),
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => Err("not a whole number of seconds".to_owned()),
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let address = SocketAddr::new(options.host, options.port);
    match start(options, address) {
        Ok(api) => {
            // Standard output may be closed; the API runs anyway.
            _ = announce(&api);
            loop {
                thread::park();
            }
        }
        Err(error) => {
            _ = writeln!(io::stderr(), "{}", explain(address, &error));
            ExitCode::FAILURE
        }
    }
}

fn start(options: Options, address: SocketAddr) -> io::Result<MockApi> {
    let mut builder = MockApi::builder()
        .address(address)
        .refresh_token(options.refresh_token)
        .access_log(AccessLog::Print);
    if options.rotate {
        builder = builder.rotate(Rotation::On);
    }
    if let (Some(id), Some(secret)) = (options.client_id, options.client_secret) {
        builder = builder.client(id, secret);
    }
    match options.token_ttl {
        None => {}
        Some(ttl) if options.silent => builder = builder.silent_token_ttl(ttl),
        Some(ttl) => builder = builder.token_ttl(ttl),
    }
    builder.start()
}

fn announce(api: &MockApi) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "Listening on {} (press CTRL+C to quit)", api.url())?;
    let token = api.refresh_token();
    writeln!(out, "Start with the refresh token: {token}")?;
    out.flush()
}

fn explain(address: SocketAddr, error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::AddrInUse {
        format!(
            "error: cannot listen on {address}: the port is taken; \
             pick another with --port, or a free one with --port 0"
        )
    } else {
        format!("error: cannot listen on {address}: {error}")
    }
}
