//! How the program is used: the end of its help, and what it says to a wrong use.

use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::USAGE;
use crate::options::Options;

/// The end of `--help`.
pub(crate) const AFTER_HELP: &str = "\
Secrets on a command line can be seen by other users of the machine: the environment is better.
A request that has no answer within 60 seconds is the error `timeout`. Ctrl-C ends the run, with
the totals of what was done.

Exit status: 0 where every request got an answer below 400; 1 where one did not, or none was
sent; 2 for wrong options.

Examples, `fetch` being `cargo run --example fetch --`, against `cargo run -p reauth-mock-api`:

  fetch --refresh-url http://127.0.0.1:8000/auth/refresh \\
      --refresh-token demo-refresh-token http://127.0.0.1:8000/api/books

  A minute of 32 requests at a time, with an authorization server as OAuth 2.0 has it:

  fetch --refresh oauth2 --refresh-url http://127.0.0.1:8000/oauth/token \\
      --client-id book-reader --refresh-token demo-refresh-token \\
      --duration 60 --concurrency 32 http://127.0.0.1:8000/api/books

  A service that acts for no user, its secret in FETCH_CLIENT_SECRET, one request a second:

  fetch --refresh oauth2 --refresh-url https://auth.example.com/token \\
      --client-id importer --client-auth basic --scope books.write --method POST \\
      --header 'Content-Type: application/json' --data @book.json \\
      --requests 100 --interval 1000 --verbose https://api.example.com/books";

/// The options, or what the program ends with.
pub(crate) fn parse() -> Result<Options, ExitCode> {
    Options::try_parse().map_err(|error| {
        if error.use_stderr() {
            eprintln!("{}", line(&error));
            return ExitCode::from(USAGE);
        }
        // A reader that has gone is no failure.
        _ = error.print();
        ExitCode::SUCCESS
    })
}

/// What clap says, in one line, without a text that could be a secret in the wrong place.
fn line(error: &clap::Error) -> String {
    let surplus = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => !argument.starts_with("--"),
        Some(_) | None => false,
    };
    if error.kind() == ErrorKind::UnknownArgument && surplus {
        return "error: there is one URL, and a value beside it that belongs to no option \
                (not shown, it may be a secret)"
            .to_owned();
    }
    let text = error.to_string();
    let told = text.lines().map(str::trim);
    let told = told.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let told: Vec<_> = told.filter(|line| !line.is_empty()).collect();
    told.join("; ").replace(":; ", ": ")
}
