//! The end of the help text, and the errors of wrong options.

use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::USAGE;
use crate::options::Options;

/// The end of `--help`.
pub(crate) const AFTER_HELP: &str = "\
Other users of the machine can see secrets on a command line: set the environment variables
instead. A request without a response within 60 seconds ends with the error `timeout`. Ctrl-C ends
the run, with the totals so far.

Exit status: 0 if every request got a response below 400; 1 if one did not, or none was sent;
2 for wrong options.

Examples, `fetch` being `cargo run --example fetch --`, against `cargo run -p reauth-mock-api`:

  fetch --refresh-url http://127.0.0.1:8000/auth/refresh \\
      --refresh-token demo-refresh-token http://127.0.0.1:8000/api/books

  32 requests at a time for a minute, with an OAuth 2.0 authorization server:

  fetch --refresh oauth2 --refresh-url http://127.0.0.1:8000/oauth/token \\
      --client-id book-reader --refresh-token demo-refresh-token \\
      --duration 60 --concurrency 32 http://127.0.0.1:8000/api/books

  A service that acts for no user, with its secret in FETCH_CLIENT_SECRET, one request a second:

  fetch --refresh oauth2 --refresh-url https://auth.example.com/token \\
      --client-id importer --client-auth basic --scope books.write --method POST \\
      --header 'Content-Type: application/json' --data @book.json \\
      --requests 100 --interval 1000 --verbose https://api.example.com/books";

/// Parses the options, or returns the exit code.
pub(crate) fn parse() -> Result<Options, ExitCode> {
    Options::try_parse().map_err(|error| {
        if error.use_stderr() {
            eprintln!("{}", line(&error));
            return ExitCode::from(USAGE);
        }
        // A closed pipe is no failure.
        _ = error.print();
        ExitCode::SUCCESS
    })
}

/// clap's message in one line, without values that could be secrets in the wrong place.
fn line(error: &clap::Error) -> String {
    let surplus = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => !argument.starts_with("--"),
        Some(_) | None => false,
    };
    if error.kind() == ErrorKind::UnknownArgument && surplus {
        return "error: an argument too many: give one URL, and every other value with an option \
                (not shown, it may be a secret)"
            .to_owned();
    }
    let text = error.to_string();
    let told = text.lines().map(str::trim);
    let told = told.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let told: Vec<_> = told.filter(|line| !line.is_empty()).collect();
    told.join("; ").replace(":; ", ": ")
}
