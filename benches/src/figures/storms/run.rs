//! One storm over one contender, with its own scene and client.

use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};

use super::scenario::{PAUSE, Scenario};
use super::tally::Tally;
use crate::ask::{Ask, Case};
use crate::contender::Contender;
use crate::load::{Late, Load, Storm};
use crate::server::{Record, SceneControl, Setup};
use crate::target::Target;
use crate::{BoxError, contenders};

/// One storm.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) took: Duration,
    pub(super) tally: Tally,
    pub(super) record: Record,
}

pub(super) fn storm(
    server: &Target,
    contender: &Contender,
    scenario: Scenario,
    size: usize,
) -> Result<Run, BoxError> {
    let scene = Arc::new(SceneControl::open(server, &scenario.setup(size))?);
    let target = scene.target();
    let late = scenario.late(size);
    let late = (late > 0).then(|| Late {
        asks: asks(&target, size, late),
        scene: Arc::clone(&scene),
    });
    let load = (contender.load)(&target)?;
    let stormed = load.storm(Storm {
        asks: asks(&target, 0, size),
        late,
    })?;
    let record = scene.record()?;
    Ok(Run {
        took: stormed.took,
        tally: Tally::new(&record, &stormed),
        record,
    })
}

/// The bound: as many requests, then a token call, then the requests again, by the bare client and
/// with the delays of the same server.
pub(super) fn bound(
    server: &Target,
    contender: &Contender,
    size: usize,
) -> Result<Duration, BoxError> {
    let setup = Setup {
        pause_ms: PAUSE,
        token_pause_ms: PAUSE,
        gate: size,
        ..Setup::default()
    };
    let scene = SceneControl::open(server, &setup)?;
    let target = scene.target();
    let load = (contenders::named(contender.baseline)?.load)(&target)?;
    let first = well(&*load, asks(&target, 0, size))?;
    let token = well(&*load, vec![token_call(&target)])?;
    let again = well(&*load, asks(&target, 0, size))?;
    Ok(first + token + again)
}

fn well(load: &dyn Load, asks: Vec<Ask>) -> Result<Duration, BoxError> {
    let stormed = load.storm(Storm { asks, late: None })?;
    for end in stormed.ends {
        match end? {
            StatusCode::OK => {}
            status => return Err(format!("a bare request was answered {status}").into()),
        }
    }
    Ok(stormed.took)
}

fn asks(target: &Target, first: usize, size: usize) -> Vec<Ask> {
    let ask = |number| {
        let url = format!("{}/books?number={number}", target.origin);
        Ask::new(url, Case::new(5, 0))
    };
    (first..first + size).map(ask).collect()
}

fn token_call(target: &Target) -> Ask {
    let body = serde_json::json!({ "refresh_token": target.refresh_token });
    Ask {
        method: Method::POST,
        url: target.token_endpoint(),
        headers: vec![(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        body: body.to_string().into(),
    }
}
