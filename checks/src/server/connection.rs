//! One connection: requests and responses, until a fault or the client ends it.

use std::io::{Error, ErrorKind, Result};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::Settings;
use super::accounts::{Accounts, Reach, Traded};
use super::fault::{Cut, Fault, Processed};
use super::request::{self, Request};

/// Time limit for a read, longer than anything that a check waits for.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Time in which the client can read the part of a response that comes before a reset.
const BEFORE_RESET: Duration = Duration::from_millis(20);

const JSON: &str = "application/json";
const HTML: &str = "text/html";

/// What happens to the connection after a response.
enum Next {
    Keep,
    Close,
}

pub(super) async fn serve(
    mut stream: TcpStream,
    accounts: &Accounts,
    settings: Settings,
) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut read = Vec::with_capacity(1024);
    let mut reach = Reach::New;
    let patience = settings.idle.unwrap_or(TIMEOUT);
    while let Some(request) = timeout(patience, request::read(&mut stream, &mut read)).await?? {
        let (account, resource) = route(&request, accounts)?;
        let next = match resource {
            Resource::Books => {
                books(&mut stream, accounts, account, &request, reach).await?;
                Next::Keep
            }
            Resource::Token => {
                accounts.call(account);
                token(&mut stream, accounts, settings, account, &request, reach).await?
            }
        };
        match next {
            Next::Keep => reach = Reach::Kept,
            Next::Close => break,
        }
    }
    Ok(())
}

enum Resource {
    Books,
    Token,
}

fn route(request: &Request, accounts: &Accounts) -> Result<(usize, Resource)> {
    let mut parts = request.path.split('/').skip(1);
    let account = parts.next().and_then(|account| account.parse().ok());
    let account = account.filter(|account| accounts.contains(*account));
    match (account, &*request.method, parts.next()) {
        (Some(account), "GET", Some("books")) => Ok((account, Resource::Books)),
        (Some(account), "POST", Some("token")) => Ok((account, Resource::Token)),
        _ => Err(Error::new(ErrorKind::InvalidData, "no such resource")),
    }
}

async fn books(
    stream: &mut TcpStream,
    accounts: &Accounts,
    account: usize,
    request: &Request,
    reach: Reach,
) -> Result<()> {
    let answer = if accounts.request(account, request.bearer.as_deref(), reach) {
        answer("200 OK", JSON, "", "[]")
    } else {
        let challenge = "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n";
        answer("401 Unauthorized", JSON, challenge, "{}")
    };
    stream.write_all(&answer).await
}

async fn token(
    stream: &mut TcpStream,
    accounts: &Accounts,
    settings: Settings,
    account: usize,
    request: &Request,
    reach: Reach,
) -> Result<Next> {
    let carry_out = || {
        let body = serde_json::from_slice::<Value>(&request.body).unwrap_or_default();
        match accounts.trade(account, body["refresh_token"].as_str()) {
            Traded::Tokens(tokens) => answer("200 OK", JSON, "", &tokens),
            Traded::Invalid => answer("400 Bad Request", JSON, "", r#"{"error":"invalid_grant"}"#),
        }
    };
    let fault = settings
        .fault
        .filter(|(fault, _)| fault.is_met(reach) && accounts.meet_fault(account));
    let Some((fault, processed)) = fault else {
        stream.write_all(&carry_out()).await?;
        return Ok(Next::Keep);
    };
    let answer = match processed {
        Processed::No => None,
        Processed::AnswerLost | Processed::AnswerLate => Some(carry_out()),
    };
    put(stream, fault, answer).await
}

/// Carries out the fault. `kept` is the response, which may be lost.
async fn put(stream: &mut TcpStream, fault: Fault, kept: Option<Vec<u8>>) -> Result<Next> {
    match fault {
        Fault::Status {
            status,
            retry_after,
        } => {
            let retry_after = retry_after.map(|seconds| format!("Retry-After: {seconds}\r\n"));
            let retry_after = retry_after.unwrap_or_default();
            let status = format!("{status} Outage");
            let page = answer(&status, HTML, &retry_after, "<h1>Outage</h1>");
            stream.write_all(&page).await?;
            return Ok(Next::Keep);
        }
        Fault::Late(time) => {
            sleep(time).await;
            stream.write_all(&kept.unwrap_or_default()).await?;
            return Ok(Next::Keep);
        }
        Fault::Reset(cut) => {
            // If nothing was processed, the page of a proxy.
            let whole =
                kept.unwrap_or_else(|| answer("502 Bad Gateway", HTML, "", "<h1>Bad Gateway</h1>"));
            let sent = match cut {
                Cut::BeforeHead => 0,
                Cut::WithinHead => whole.iter().position(|byte| *byte == b'\n').unwrap_or(0) + 4,
                Cut::WithinBody => whole.len() - 4,
            };
            stream.write_all(&whole[..sent]).await?;
            if sent > 0 {
                sleep(BEFORE_RESET).await;
            }
            stream.set_zero_linger()?;
        }
        // Until the client closes the connection.
        Fault::Silent => _ = timeout(TIMEOUT, stream.read_u8()).await,
        Fault::DeadConnection | Fault::Refused => {}
    }
    Ok(Next::Close)
}

fn answer(status: &str, content_type: &str, more: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n{more}\r\n{body}"
    )
    .into_bytes()
}
