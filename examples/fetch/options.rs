//! The options, and what `--help` says of each.

use clap::{Args, Parser, ValueEnum, value_parser};

use crate::usage::AFTER_HELP;

/// Sends requests through a session of reauth, which attaches the access token, refreshes it
/// where it is refused or about to expire, and sends again what was refused.
///
/// Each request is a line of JSON on standard output, as it ends: `status`, `attempts`,
/// `generation` (0 for the token given, and one more for each newer one), `ms` to the end of the
/// answer, and `error`, a kind or null. What an error means is on standard error, once for each
/// kind. The last line has the totals: `requests`, `ok` (answers below 400), `unauthorized`
/// (answers with 401), `errors` (no answer), `refreshes` and `replays`.
#[derive(Parser)]
#[command(name = "fetch", after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Options {
    /// What to ask: https (build with `--features tls`), or http on this machine
    pub(crate) url: String,

    #[command(flatten)]
    pub(crate) request: RequestOptions,

    #[command(flatten)]
    pub(crate) token: TokenOptions,

    #[command(flatten)]
    pub(crate) refresh: RefreshOptions,

    #[command(flatten)]
    pub(crate) load: LoadOptions,

    /// The HTTP client; isahc is there when built with `--features isahc`
    #[arg(long, value_enum, value_name = "CLIENT", default_value = "reqwest")]
    pub(crate) transport: TransportName,

    /// Tell on standard error what happens to the session: refreshes, replays
    #[arg(long)]
    pub(crate) verbose: bool,
}

#[derive(Args)]
#[command(next_help_heading = "Request")]
pub(crate) struct RequestOptions {
    /// The method [default: GET, with --data POST]
    #[arg(long)]
    pub(crate) method: Option<String>,

    /// A header, as `Accept: application/json`; may be given several times
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,

    /// The body: a text, the content of a file as @FILE, or of standard input as @-
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) data: Option<String>,
}

#[derive(Args)]
#[command(next_help_heading = "Token")]
pub(crate) struct TokenOptions {
    /// The access token to start with; without it the first request gets one
    #[arg(
        long,
        value_name = "TOKEN",
        allow_hyphen_values = true,
        env = "FETCH_ACCESS_TOKEN",
        hide_env_values = true
    )]
    pub(crate) access_token: Option<String>,

    /// How long the access token given still lives [default: until it is refused]
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = value_parser!(u64).range(..=YEAR))]
    pub(crate) expires_in: Option<u64>,

    /// Where the access token may go; may be given several times [default: the origin of URL]
    ///
    /// An origin is scheme, host and port, as https://api.example.com:8443. One that is http and
    /// not on this machine, where all on the way can read the tokens, must be named here; that of
    /// --refresh-url, too.
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    pub(crate) allow_origins: Vec<String>,
}

#[derive(Args)]
#[command(next_help_heading = "Refresh")]
pub(crate) struct RefreshOptions {
    /// The token endpoint; without it there is no refresh, and a 401 is the answer
    #[arg(long, value_name = "URL")]
    pub(crate) refresh_url: Option<String>,

    /// The refresh token
    ///
    /// Where the server rotates it, the first refresh spends it, and its successors are gone when
    /// the run ends.
    #[arg(
        long,
        value_name = "TOKEN",
        allow_hyphen_values = true,
        env = "FETCH_REFRESH_TOKEN",
        hide_env_values = true
    )]
    pub(crate) refresh_token: Option<String>,

    /// How to ask: with a JSON object that has a `refresh_token`, or as OAuth 2.0 does
    #[arg(long, value_enum, value_name = "HOW", default_value = "json")]
    pub(crate) refresh: RefreshWay,

    /// Of OAuth 2.0: the client
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,

    /// Of OAuth 2.0: its secret
    ///
    /// Without a --refresh-token it asks by client credentials.
    #[arg(
        long,
        value_name = "SECRET",
        allow_hyphen_values = true,
        env = "FETCH_CLIENT_SECRET",
        hide_env_values = true
    )]
    pub(crate) client_secret: Option<String>,

    /// Of OAuth 2.0: where the secret goes [default: none]
    #[arg(long, value_enum, value_name = "WHERE")]
    pub(crate) client_auth: Option<ClientAuth>,

    /// Of OAuth 2.0: what to ask for, names with spaces between them
    #[arg(long)]
    pub(crate) scope: Option<String>,

    /// Whether a refresh token can be sent again once the server may have spent it
    #[arg(long, value_enum, value_name = "USE", default_value = "learn")]
    pub(crate) token_use: TokenUseName,
}

#[derive(Args)]
#[command(next_help_heading = "How much")]
pub(crate) struct LoadOptions {
    /// How many requests [default: 1, with --duration any number]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value_parser!(u64).range(1..))]
    pub(crate) requests: Option<u64>,

    /// How many of them at a time
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: u16,

    /// No request begins after so many seconds
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = value_parser!(u64).range(1..=YEAR))]
    pub(crate) duration: Option<u64>,

    /// Milliseconds from the start of one request to that of the next [default: none]
    #[arg(long, value_name = "MS", allow_negative_numbers = true, value_parser = value_parser!(u64).range(1..=86_400_000))]
    pub(crate) interval: Option<u64>,
}

const YEAR: u64 = 365 * 24 * 3600;

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum TransportName {
    Reqwest,
    Isahc,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RefreshWay {
    Json,
    Oauth2,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ClientAuth {
    /// Into the header Authorization
    Basic,
    /// Into the body
    Body,
    /// There is none
    None,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum TokenUseName {
    /// Once, when nothing is left to lose; as often as need be once an answer has proved it
    Learn,
    /// It cannot
    Single,
    /// It can
    Reusable,
}

/// A variable of the environment that is set to nothing is not set.
pub(crate) fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|value| !value.is_empty())
}
