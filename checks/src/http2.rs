//! Requests over HTTP/2, through servers that end their connections with a GOAWAY.
//!
//! [`load`] sends the requests of a row and counts them, and [`nginx`] runs a real nginx.

mod load;
mod nginx;

use std::process::ExitCode;

use clap::{Args, ValueEnum, value_parser};
use reauth_conformance::Http2Server;
use tokio::runtime::Runtime;

use crate::{Verdict, exit_code, progress};
use load::{Counts, Load, Method, Row};
use nginx::Nginx;

/// Look for requests over HTTP/2 that a GOAWAY loses or that are sent twice.
///
/// A server ends each connection with a GOAWAY after a number of requests. The requests that were
/// in flight then are not processed, and the client sends them again. One server belongs to this
/// program; the other is nginx, if it is installed, in front of an upstream that counts.
///
/// `failed` counts requests without a response. Of these, `lost` counts those that never arrived
/// and ran into the application's timeout. `twice` counts requests that arrived more than once, and
/// `missing` those that have a response but never arrived. All must be 0, with two exceptions.
/// First, hyper 1.12 loses about one request in 1,000 GOAWAYs, with and without a session, so one
/// `lost` request in 100 connections is no defect. Second, isahc documents that a POST fails if it
/// meets a GOAWAY; such requests count as `allowed` if their error says so. The row `POST over 1.1`
/// does what isahc recommends instead.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Number of requests in each row
    #[arg(long, value_name = "N", default_value_t = 9600, value_parser = value_parser!(u32).range(1..=1_000_000))]
    requests: u32,

    /// Number of requests at the same time
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = value_parser!(u16).range(1..=1000))]
    at_once: u16,

    /// Number of requests after which a connection ends; can be repeated
    ///
    /// If it is smaller than `--at-once`, a client may give up a request that meets a GOAWAY in
    /// each attempt.
    #[arg(long, value_name = "N", default_values_t = [1000, 100], value_parser = value_parser!(u32).range(1..=1_000_000))]
    goaway_after: Vec<u32>,

    /// The HTTP clients; isahc needs a build with `--features isahc`
    #[arg(long, value_enum, value_name = "CLIENT", default_value = "all")]
    client: Clients,

    /// When to use nginx
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    nginx: UseNginx,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Clients {
    Reqwest,
    #[cfg(feature = "isahc")]
    Isahc,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum UseNginx {
    /// If it is installed
    Auto,
    /// Never
    Skip,
    /// Always; it is an error if it is not installed
    Require,
}

/// A client, with the methods that it is tested with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    Reqwest,
    #[cfg(feature = "isahc")]
    Isahc,
}

impl Client {
    fn name(self) -> &'static str {
        match self {
            Self::Reqwest => "reqwest",
            #[cfg(feature = "isahc")]
            Self::Isahc => "isahc",
        }
    }

    fn methods(self) -> &'static [Method] {
        match self {
            Self::Reqwest => &[Method::Get, Method::Post],
            #[cfg(feature = "isahc")]
            Self::Isahc => &[Method::Get, Method::Post, Method::PostOverHttp11],
        }
    }
}

pub(crate) fn run(options: &Options) -> ExitCode {
    exit_code(all(options))
}

fn all(options: &Options) -> Result<Verdict, String> {
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    let nginx = with_nginx(options.nginx)?;
    println!("{}", Row::HEAD);
    let mut verdict = Verdict::Kept;
    for &client in clients(options.client) {
        for &goaway_after in &options.goaway_after {
            for &method in client.methods() {
                let load = Load {
                    client,
                    method,
                    requests: options.requests as usize,
                    at_once: usize::from(options.at_once),
                };
                let server = Http2Server::counting(Some(goaway_after as usize))
                    .map_err(|error| format!("no server: {error}"))?;
                let origin = format!("http://{}", server.addr());
                let counts = counted(&runtime, &load, &origin)?;
                let row = Row {
                    load,
                    server: "own",
                    goaway_after,
                    connections: server.connections(),
                    arrived: server.arrived(),
                    counts,
                };
                println!("{row}");
                verdict = verdict.and(row.verdict());
                if !nginx || method == Method::PostOverHttp11 {
                    // Without TLS, nginx before 1.25.1 speaks HTTP/2 or HTTP/1.1, not both.
                    continue;
                }
                let upstream =
                    Http2Server::counting(None).map_err(|error| format!("no server: {error}"))?;
                let nginx = Nginx::start(goaway_after, upstream.addr())?;
                let counts = counted(&runtime, &load, nginx.origin())?;
                let row = Row {
                    load,
                    server: "nginx",
                    goaway_after,
                    connections: nginx.connections()?,
                    arrived: upstream.arrived(),
                    counts,
                };
                println!("{row}");
                verdict = verdict.and(row.verdict());
            }
        }
    }
    Ok(verdict)
}

fn clients(chosen: Clients) -> &'static [Client] {
    match chosen {
        Clients::Reqwest => &[Client::Reqwest],
        #[cfg(feature = "isahc")]
        Clients::Isahc => &[Client::Isahc],
        #[cfg(feature = "isahc")]
        Clients::All => &[Client::Reqwest, Client::Isahc],
        #[cfg(not(feature = "isahc"))]
        Clients::All => &[Client::Reqwest],
    }
}

fn with_nginx(chosen: UseNginx) -> Result<bool, String> {
    match (chosen, nginx::version()) {
        (UseNginx::Skip, _) => Ok(false),
        (_, Some(version)) => {
            println!("{version}");
            Ok(true)
        }
        (UseNginx::Require, None) => Err("--nginx require: nginx is not installed".to_owned()),
        (UseNginx::Auto, None) => {
            println!("nginx is not installed: its rows are left out");
            Ok(false)
        }
    }
}

fn counted(runtime: &Runtime, load: &Load, origin: &str) -> Result<Counts, String> {
    let bar = progress::bar(load.requests, "requests");
    bar.set_message(format!("{} {}", load.client.name(), load.method));
    let counts = runtime.block_on(load.send(origin, &bar));
    bar.finish_and_clear();
    counts
}
