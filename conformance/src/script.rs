//! A fixed script of events in a session, and the trace that it leaves.
//!
//! For each step, the trace has the attempts from the server's log, without ports, and the outcome
//! that the caller gets. It is the same over every client: [`TRACE`]. The session of the script
//! runs no background task, so its attempts are in the order of the requests.

mod steps;

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Request};
use reauth::{
    Body, BoxFuture, Error, JsonGrant, Reason, Runtime, Session, Token, Transport,
    WithoutCredentials,
};
use reauth_mock_api::{MockApi, Rotation};

use crate::Outcome;
use crate::scene::{REFRESH, get, post, read};
use steps::{STEPS, Step};

/// The trace that every client leaves.
pub const TRACE: &str = include_str!("script/trace.txt");

/// Runs the script over a transport, and returns its trace, one line for each event.
///
/// Poll it in the runtime that the transport needs.
///
/// # Errors
///
/// A [`Violation`](crate::Violation) if the script could not be set up.
pub async fn trace<T: Transport + 'static>(transport: T) -> Outcome<String> {
    let api = MockApi::builder().rotate(Rotation::On).start()?;
    let runtime = WithoutTasks(transport.runtime());
    let token = Token::new("stale")?.with_refresh_token(api.refresh_token());
    let session = Session::builder(transport)
        .origin(&api.url())
        .grant(JsonGrant::new(&format!("{}{REFRESH}", api.url()))?)
        .token(token)
        .runtime(runtime)
        .build()?;
    let mut trace = String::new();
    let mut logged = 0;
    for step in STEPS {
        trace += &format!("> {step}\n");
        let outcome = act(step, &api, &session).await?;
        let log = api.log();
        for line in &log[logged..] {
            trace += &format!("  {}\n", attempt(line));
        }
        logged = log.len();
        if let Some(outcome) = outcome {
            trace += &format!("= {outcome}\n");
        }
    }
    Ok(trace)
}

/// Performs a step; returns the outcome if the step was the caller's.
async fn act<T: Transport>(
    step: &Step,
    api: &MockApi,
    session: &Session<T>,
) -> Outcome<Option<String>> {
    let books = format!("{}/api/books", api.url());
    let request = match *step {
        Step::Get => get(&books)?,
        Step::Post => post(&books)?,
        Step::GetMissing => get(&format!("{}/api/nothing", api.url()))?,
        Step::GetWithoutCredentials => {
            let mut request = get(&books)?;
            request.extensions_mut().insert(WithoutCredentials);
            request
        }
        Step::GetWithOwn => {
            let mut request = get(&books)?;
            let own = HeaderValue::from_static("Bearer own");
            request.headers_mut().insert("authorization", own);
            request
        }
        Step::GetOfStranger => get("http://127.0.0.1:9/api/books")?,
        Step::Expire => return Ok(server(|| api.expire_access_tokens())),
        Step::Revoke => return Ok(server(|| api.revoke())),
        Step::TokenEndpoint(mode) => return Ok(server(|| api.token_endpoint(mode))),
        Step::Resource(mode) => return Ok(server(|| api.resource(mode))),
        Step::BreakBooks(fault) => return Ok(server(|| api.break_next_books(fault))),
        Step::BreakRefresh(fault) => return Ok(server(|| api.break_next_refresh(fault))),
        Step::SignIn => {
            let token = Token::new(api.issue_access_token())?;
            let token = token.with_refresh_token(api.issue_refresh_token());
            return Ok(Some(done(session.replace(token).await)));
        }
        Step::SignOut => return Ok(Some(done(session.sign_out().await))),
        Step::Close => return Ok(Some(done(session.close().await))),
    };
    Ok(Some(fetched(session, request).await))
}

fn server(change: impl FnOnce()) -> Option<String> {
    change();
    None
}

fn done(outcome: Result<(), Error>) -> String {
    match outcome {
        Ok(()) => "done".to_owned(),
        Err(error) => failed(&error),
    }
}

async fn fetched<T: Transport>(session: &Session<T>, request: Request<Body>) -> String {
    let mut response = match session.execute(request).await {
        Ok(response) => response,
        Err(error) => return failed(&error),
    };
    let status = T::status(&response).as_u16();
    let reason = T::extensions_mut(&mut response).get::<Reason>().copied();
    let reason = reason
        .map(|reason| format!(", {reason:?}"))
        .unwrap_or_default();
    let body = match read::<T>(&mut response).await {
        Ok(_) => "",
        Err(_) => ", its body broke off",
    };
    format!("{status}{reason}{body}")
}

fn failed(error: &Error) -> String {
    let refused = error.refused().map(|refused| refused.status().as_u16());
    match refused {
        Some(status) => format!("{:?} after a {status}", error.kind()),
        None => format!("{:?}", error.kind()),
    }
}

/// Removes the client's address, which differs from run to run.
fn attempt(line: &str) -> String {
    let line = line.split_once(" - \"").map_or(line, |(_, line)| line);
    line.replace(" HTTP/1.1\"", "")
}

/// The transport's clock, without a spawner.
struct WithoutTasks(Arc<dyn Runtime>);

impl Runtime for WithoutTasks {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        self.0.sleep(duration)
    }
}
