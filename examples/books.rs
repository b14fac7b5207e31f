//! One call gets the books. The token is refused and refreshed, and the application does not
//! notice.
//!
//! `cargo run --example books` starts the book API in the same process. With
//! `-- --api http://127.0.0.1:8000` it uses the one that `cargo run -p reauth-mock-api` started.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use reauth_mock_api::{Book, MockApi};
use reauth_reqwest::reauth::{self, BuildError, BuildErrorKind, JsonGrant, Token, TokenUse};
use reauth_reqwest::{ReqwestTransport, Session, reqwest};

/// The application's call. It knows where the books are, and nothing of tokens.
async fn list_books(session: &Session, api: &str) -> Result<Vec<Book>, Box<dyn Error>> {
    let request = http::Request::get(format!("{api}/api/books")).body(())?;
    let response = session.execute(request).await?.error_for_status()?;
    Ok(response.json().await?)
}

/// A session whose access token no server accepts.
fn session(api: &str, refresh_token: &str, token_use: TokenUse) -> Result<Session, Box<dyn Error>> {
    // The server is on this machine, so a proxy of the environment must not be used.
    let session = Session::builder(ReqwestTransport::new(|client| client.no_proxy())?)
        .origin(api)
        .grant(JsonGrant::new(&format!("{api}/auth/refresh"))?)
        .token(Token::new("an-expired-token")?.with_refresh_token(refresh_token))
        .token_use(token_use)
        .build()?;
    Ok(session)
}

/// Runs the example on its own server; returns the server's log and the books.
pub(crate) async fn lesson() -> Result<(Vec<String>, Vec<Book>), Box<dyn Error>> {
    let api = MockApi::start()?;
    // This server does not rotate refresh tokens, so the refresh may share a connection.
    let session = session(&api.url(), api.refresh_token(), TokenUse::Reusable)?;
    let books = list_books(&session, &api.url()).await?;
    session.close().await?;

    assert_eq!(api.counts().refreshes, 1, "one refresh");
    assert_eq!(api.counts().books_unauthorized, 1, "one refusal");
    assert!(!books.is_empty(), "books received");
    Ok((api.log(), books))
}

/// Gets the books from a book API, starting with an access token that it refuses.
#[derive(Parser)]
#[command(name = "books")]
struct Options {
    /// The server to use, such as http://127.0.0.1:8000 [default: one in this process]
    #[arg(long, value_name = "URL")]
    api: Option<String>,

    /// The refresh token that the server at --api accepts
    #[arg(long, value_name = "TOKEN", default_value = "demo-refresh-token")]
    refresh_token: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let told = match &options.api {
        None => show_lesson().await,
        Some(api) => show_books(api.trim_end_matches('/'), &options.refresh_token).await,
    };
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", explain(&*error, options.api.as_deref()));
            ExitCode::FAILURE
        }
    }
}

pub(crate) async fn show_lesson() -> Result<(), Box<dyn Error>> {
    let (log, books) = lesson().await?;
    println!("What the server saw:");
    for line in log {
        println!("{line}");
    }
    println!("\nWhat the application got:");
    print_books(&books);
    Ok(())
}

async fn show_books(api: &str, refresh_token: &str) -> Result<(), Box<dyn Error>> {
    // Nothing is known of this server yet, so the refresh has its own connection.
    let session = session(api, refresh_token, TokenUse::Learn)?;
    let books = list_books(&session, api).await?;
    session.close().await?;
    assert!(!books.is_empty(), "books received");
    println!("What the application got; the server's log shows what the server saw:");
    print_books(&books);
    Ok(())
}

fn print_books(books: &[Book]) {
    for book in books {
        println!("{:>3}. {}, by {}", book.id, book.title, book.author);
    }
}

/// The error, its causes, and what to do, in one line.
fn explain(error: &(dyn Error + 'static), api: Option<&str>) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line += &format!(": {error}");
        cause = error.source();
    }
    let Some(api) = api else {
        return line;
    };
    let build = error.downcast_ref().map(BuildError::kind);
    let client = error.downcast_ref().and_then(reqwest::Error::status);
    match error.downcast_ref::<reauth::Error>() {
        Some(error) if error.is_connect() => {
            format!("cannot reach {api}; start it with: cargo run -p reauth-mock-api ({line})")
        }
        Some(error) if error.is_session_expired() => {
            format!("{line}; give a refresh token that {api} accepts with --refresh-token")
        }
        _ if build == Some(BuildErrorKind::UnsupportedScheme) => {
            format!(
                "{api} needs TLS; run it with: cargo run --example books --features tls -- --api {api}"
            )
        }
        _ if client.is_some() => {
            format!("{api} has no book API; --api takes the URL before /api/books ({line})")
        }
        Some(_) | None => format!("--api {api}: {line}"),
    }
}
