//! The options, and what `--help` says of each.

use clap::{Args, Parser, ValueEnum, value_parser};

use crate::usage::AFTER_HELP;

/// Sends requests through a reauth session, which attaches the access token, refreshes it
/// when it is refused or about to expire, and replays refused requests.
///
/// Each request is a line of JSON on standard output, in order of completion: `status`, `attempts`,
/// `generation` (0 for the given token, and one more for each newer one), `ms` to the end of the
/// response, and `error`, a kind or null. Standard error explains each kind of error once. The
/// last line has the totals: `requests`, `ok` (responses below 400), `unauthorized` (responses
/// with 401), `errors` (no response), `refreshes` and `replays`.
#[derive(Parser)]
#[command(name = "fetch", after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Options {
    /// The URL to request: https (build with `--features tls`), or http on this machine
    pub(crate) url: String,

    #[command(flatten)]
    pub(crate) request: RequestOptions,

    #[command(flatten)]
    pub(crate) token: TokenOptions,

    #[command(flatten)]
    pub(crate) refresh: RefreshOptions,

    #[command(flatten)]
    pub(crate) load: LoadOptions,

    /// The HTTP client; isahc needs a build with `--features isahc`
    #[arg(long, value_enum, value_name = "CLIENT", default_value = "reqwest")]
    pub(crate) transport: TransportName,

    /// Print the session's events, such as refreshes and replays, to standard error
    #[arg(long)]
    pub(crate) verbose: bool,
}

#[derive(Args)]
#[command(next_help_heading = "Request")]
pub(crate) struct RequestOptions {
    /// The method [default: GET, or POST with --data]
    #[arg(long)]
    pub(crate) method: Option<String>,

    /// A header, such as `Accept: application/json`; can be repeated
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,

    /// The body: a text, the content of a file as @FILE, or standard input as @-
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) data: Option<String>,
}

#[derive(Args)]
#[command(next_help_heading = "Token")]
pub(crate) struct TokenOptions {
    /// The first access token; without it, the first request gets one
    #[arg(
        long,
        value_name = "TOKEN",
        allow_hyphen_values = true,
        env = "FETCH_ACCESS_TOKEN",
        hide_env_values = true
    )]
    pub(crate) access_token: Option<String>,

    /// How long the given access token still lives [default: until it is refused]
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = value_parser!(u64).range(..=YEAR))]
    pub(crate) expires_in: Option<u64>,

    /// An origin to which the access token may go; can be repeated [default: the origin of URL]
    ///
    /// An origin is scheme, host and port, such as https://api.example.com:8443. An origin with
    /// http that is not on this machine must be named here, also that of --refresh-url: anyone on
    /// the network can read the tokens.
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    pub(crate) allow_origins: Vec<String>,
}

#[derive(Args)]
#[command(next_help_heading = "Refresh")]
pub(crate) struct RefreshOptions {
    /// The token endpoint; without it, a 401 is the response
    #[arg(long, value_name = "URL")]
    pub(crate) refresh_url: Option<String>,

    /// The refresh token
    ///
    /// If the server rotates it, the first refresh spends it, and its successors are lost when the
    /// run ends.
    #[arg(
        long,
        value_name = "TOKEN",
        allow_hyphen_values = true,
        env = "FETCH_REFRESH_TOKEN",
        hide_env_values = true
    )]
    pub(crate) refresh_token: Option<String>,

    /// How to refresh: a JSON object with a `refresh_token`, or OAuth 2.0
    #[arg(long, value_enum, value_name = "HOW", default_value = "json")]
    pub(crate) refresh: RefreshWay,

    /// OAuth 2.0: the client id
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,

    /// OAuth 2.0: the client secret
    ///
    /// Without --refresh-token, the grant is client credentials.
    #[arg(
        long,
        value_name = "SECRET",
        allow_hyphen_values = true,
        env = "FETCH_CLIENT_SECRET",
        hide_env_values = true
    )]
    pub(crate) client_secret: Option<String>,

    /// OAuth 2.0: where the secret goes [default: none]
    #[arg(long, value_enum, value_name = "WHERE")]
    pub(crate) client_auth: Option<ClientAuth>,

    /// OAuth 2.0: the scopes to request, separated by spaces
    #[arg(long)]
    pub(crate) scope: Option<String>,

    /// Whether a refresh token can be sent again after the server may have spent it
    #[arg(long, value_enum, value_name = "USE", default_value = "learn")]
    pub(crate) token_use: TokenUseName,
}

#[derive(Args)]
#[command(next_help_heading = "How much")]
pub(crate) struct LoadOptions {
    /// The number of requests [default: 1, or unlimited with --duration]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value_parser!(u64).range(1..))]
    pub(crate) requests: Option<u64>,

    /// How many requests are in flight at a time
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: u16,

    /// Start no request after this many seconds
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = value_parser!(u64).range(1..=YEAR))]
    pub(crate) duration: Option<u64>,

    /// Milliseconds from the start of one request to the start of the next [default: none]
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
    /// In the header Authorization
    Basic,
    /// In the body
    Body,
    /// No secret
    None,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum TokenUseName {
    /// Once, when nothing is left to lose; any number of times once the server has shown that it
    /// can
    Learn,
    /// It cannot
    Single,
    /// It can
    Reusable,
}

/// Treats an empty environment variable as not set.
pub(crate) fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|value| !value.is_empty())
}
