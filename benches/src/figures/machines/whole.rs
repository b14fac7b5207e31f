//! A whole request on the happy path, without a transport: what a session costs where its client
//! costs nothing.

use futures_util::FutureExt;
use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use reauth_reqwest::reauth::{Session, Transport};

use super::WHOLE;
use crate::BoxError;
use crate::alone::{Done, Meter, ORIGIN, answer, session};
use crate::ask::{Ask, Case};
use crate::contenders::bearer;
use crate::target::Target;

const WARM_UP: usize = 100;
const TIMES: usize = 1_000;

pub(super) fn work(meter: &mut dyn Meter) -> Done {
    let session = session()?;
    let bearer = bearer(&Target::new(ORIGIN))?;
    for (name, case) in [
        ("happy path, 5 headers", Case::new(5, 0)),
        ("happy path, 15 headers, 1 KiB", Case::new(15, 1024)),
    ] {
        let ask = Ask::new(format!("{ORIGIN}/ok"), case);
        bare(&ask, &bearer, WARM_UP)?;
        meter.over(WHOLE, TIMES, &mut |times| bare(&ask, &bearer, times))?;
        served(&session, &ask, WARM_UP)?;
        meter.over(name, TIMES, &mut |times| served(&session, &ask, times))?;
    }
    Ok(())
}

fn bare(ask: &Ask, bearer: &HeaderValue, times: usize) -> Done {
    for _ in 0..times {
        let head = ask.head().header(AUTHORIZATION, bearer);
        let request = head.body(ask.body.clone().into())?;
        let answered = answer(request)
            .now_or_never()
            .ok_or("it was not answered")?;
        well(answered?.status())?;
    }
    Ok(())
}

fn served<T: Transport>(session: &Session<T>, ask: &Ask, times: usize) -> Done {
    for _ in 0..times {
        let answered = session.execute(ask.http()?).now_or_never();
        well(T::status(&answered.ok_or("it was not answered")??))?;
    }
    Ok(())
}

fn well(status: StatusCode) -> Result<(), BoxError> {
    match status {
        StatusCode::OK => Ok(()),
        status => Err(format!("answered with {status}").into()),
    }
}
