//! Many requests over HTTP/2, through servers that end their connections with a GOAWAY.
//!
//! `load` sends the requests of one row and counts; `nginx` runs a real nginx.

mod load;
mod nginx;

use std::process::ExitCode;

use clap::{Args, ValueEnum, value_parser};
use indicatif::{ProgressBar, ProgressStyle};
use reauth_conformance::Http2Server;
use tokio::runtime::Runtime;

use load::{Counts, Load, Method, Row};
use nginx::Nginx;

/// Each request over HTTP/2 must succeed and arrive once, whatever GOAWAYs come.
///
/// A server sends a GOAWAY after every so many requests on a connection: one of this program's,
/// and nginx where it is installed, in front of an upstream that counts. The requests that were on
/// their way then are not processed, and the client sends them again.
///
/// `failed` are requests without an answer, of which `lost` had not even arrived when their time
/// was out; `twice` arrived more than once, and `missing` were answered without having arrived. All
/// must be 0, but for two: hyper 1.12 loses about one request in 1,000 GOAWAYs, also without a
/// session, and the application's timeout ends it, so one `lost` in 100 connections is no defect of
/// ours. Over isahc a POST fails that meets a GOAWAY, which its documentation says: those are
/// `allowed`, as long as the error says so. The row `POST over 1.1` is what it recommends in their
/// place.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// How many requests for each row
    #[arg(long, value_name = "N", default_value_t = 9600, value_parser = value_parser!(u32).range(1..=1_000_000))]
    requests: u32,

    /// How many requests at once
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = value_parser!(u16).range(1..=1000))]
    at_once: u16,

    /// After how many requests a connection ends; may be repeated. Below `--at-once` a client may
    /// give a request up that meets a GOAWAY at each try
    #[arg(long, value_name = "N", default_values_t = [1000, 100], value_parser = value_parser!(u32).range(1..=1_000_000))]
    goaway_after: Vec<u32>,

    /// The HTTP clients; isahc is there when built with `--features isahc`
    #[arg(long, value_enum, value_name = "CLIENT", default_value = "all")]
    client: Clients,

    /// Whether to use nginx
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
    /// Where it is installed
    Auto,
    Skip,
    /// It is an error where it is not installed
    Require,
}

/// The clients, each with what can be asked of it.
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
    match all(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(wrong) => {
            eprintln!("error: {wrong}");
            ExitCode::from(2)
        }
    }
}

/// Whether each row is as it must be.
fn all(options: &Options) -> Result<bool, String> {
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    let nginx = with_nginx(options.nginx)?;
    println!("{}", Row::HEAD);
    let mut kept = true;
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
                kept &= row.is_kept();
                if !nginx || method == Method::PostOverHttp11 {
                    // Before 1.25.1 it speaks HTTP/2 alone where it speaks that without TLS.
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
                kept &= row.is_kept();
            }
        }
    }
    Ok(kept)
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
        (UseNginx::Require, None) => Err("--nginx require: there is no nginx here".to_owned()),
        (UseNginx::Auto, None) => {
            println!("no nginx here: its rows are left out");
            Ok(false)
        }
    }
}

fn counted(runtime: &Runtime, load: &Load, origin: &str) -> Result<Counts, String> {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}, {elapsed}")
        .expect("the template is well-formed");
    // Nothing is drawn where standard error is no terminal.
    let bar = ProgressBar::new(load.requests as u64).with_style(style);
    bar.set_message(format!("{} {}", load.client.name(), load.method));
    let counts = runtime.block_on(load.send(origin, &bar));
    bar.finish_and_clear();
    counts
}
