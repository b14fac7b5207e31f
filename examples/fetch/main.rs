//! Sends requests to your own server through a session: one or many, once or for hours.
//!
//! `cargo run --example fetch -- --help`. The options are in `options`; `usage`, `request`,
//! `access` and `grant` check them. Each `worker` of a `run` sends requests; `report` and `events`
//! print.

mod access;
mod events;
mod explain;
mod grant;
mod options;
mod report;
mod request;
mod run;
mod turns;
mod usage;
mod worker;

use std::process::ExitCode;

use reauth_reqwest::ReqwestTransport;

use access::Access;
use explain::explain;
use options::{Options, TransportName};
use request::Template;
use run::run;

/// What is wrong with the options, in one line.
pub(crate) type Wrong = String;

/// The exit code for wrong options, the same as clap's.
const USAGE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let options = match usage::parse() {
        Ok(options) => options,
        Err(code) => return code,
    };
    match fetch(&options).await {
        Ok(code) => code,
        Err(wrong) => {
            eprintln!("error: {wrong}");
            ExitCode::from(USAGE)
        }
    }
}

async fn fetch(options: &Options) -> Result<ExitCode, Wrong> {
    let uri = request::uri(&options.url)?;
    let access = Access::of(options, &uri)?;
    let template = Template::of(options, uri)?;
    match options.transport {
        TransportName::Reqwest => {
            let transport = ReqwestTransport::new(|client| match template.is_plain() {
                // A proxy could read the tokens.
                true => client.no_proxy(),
                false => client,
            });
            let transport = transport.map_err(|error| explain(&error))?;
            run(transport, access, template, options).await
        }
        TransportName::Isahc => over_isahc(access, template, options).await,
    }
}

#[cfg(feature = "isahc")]
async fn over_isahc(
    access: Access,
    template: Template,
    options: &Options,
) -> Result<ExitCode, Wrong> {
    use reauth_isahc::isahc::config::Configurable;

    let transport = reauth_isahc::IsahcTransport::new(|client| match template.is_plain() {
        true => client.proxy(None),
        false => client,
    });
    let transport = transport.map_err(|error| explain(&error))?;
    run(transport, access, template, options).await
}

#[cfg(not(feature = "isahc"))]
async fn over_isahc(_: Access, _: Template, _: &Options) -> Result<ExitCode, Wrong> {
    Err(
        "--transport isahc is not built in: cargo run --example fetch --features isahc -- …"
            .to_owned(),
    )
}
