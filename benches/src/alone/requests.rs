//! Whole requests that are answered at once.

use futures_util::FutureExt;
use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use reauth_reqwest::reauth::{Session, Transport};

use super::Done;
use super::still::answer;
use crate::ask::Ask;

/// Requests of a session, one after the other.
pub(crate) fn serve<T: Transport>(session: &Session<T>, ask: &Ask, times: usize) -> Done {
    for _ in 0..times {
        let answered = session.execute(ask.http()?).now_or_never();
        well(T::status(&answered.ok_or(LATE)??))?;
    }
    Ok(())
}

/// Requests sent directly, without a session.
pub(crate) fn serve_bare(ask: &Ask, bearer: &HeaderValue, times: usize) -> Done {
    for _ in 0..times {
        let head = ask.head().header(AUTHORIZATION, bearer);
        let answered = answer(head.body(ask.body.clone().into())?).now_or_never();
        well(answered.ok_or(LATE)??.status())?;
    }
    Ok(())
}

const LATE: &str = "a request was not answered at once";

fn well(status: StatusCode) -> Done {
    match status {
        StatusCode::OK => Ok(()),
        status => Err(format!("a request was answered with {status}").into()),
    }
}
