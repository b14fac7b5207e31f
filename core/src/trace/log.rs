//! A log line for each event that needs attention: a failed refresh, a session that ended, a token
//! that was not saved.
//!
//! The lines have the endpoint and the status, but no text of a server or an error.

use std::time::Duration;

use http::StatusCode;
use tracing::{error, warn};

use crate::{Event, EventKind, RefreshError, RefreshErrorKind};

/// Whether there is a line for this event.
pub(crate) const fn logs(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::RefreshFailed { .. }
            | EventKind::SaveFailed { .. }
            | EventKind::RevocationFailed { .. }
    )
}

pub(crate) fn log(event: &Event) {
    match &event.kind {
        EventKind::RefreshFailed {
            error, retry_after, ..
        } => match retry_after {
            Some(retry_after) => warn_of(error, *retry_after),
            None => error_of(error),
        },
        EventKind::SaveFailed { .. } => warn!(
            target: "reauth",
            "the store did not save the token, and the session uses it nevertheless; it tries \
             again soon and in Session::close: check the store",
        ),
        EventKind::RevocationFailed { .. } => warn!(
            target: "reauth",
            "the session signed out, but the token server did not revoke the token: it is valid \
             until it expires",
        ),
        EventKind::Refreshed { .. }
        | EventKind::Saved
        | EventKind::SignedIn { .. }
        | EventKind::SignedOut { .. }
        | EventKind::SignedInElsewhere { .. }
        | EventKind::SignedOutElsewhere { .. }
        | EventKind::Adopted { .. }
        | EventKind::ClaimedElsewhere { .. }
        | EventKind::Revoked
        | EventKind::Replayed { .. }
        | EventKind::ReplayRefused { .. } => {}
    }
}

fn warn_of(error: &RefreshError, retry_after: Duration) {
    let what_to_do = match error.kind() {
        RefreshErrorKind::Misconfigured => {
            "check the grant: its endpoint, client id and secret; the session asks again later"
        }
        RefreshErrorKind::Unknown => {
            "the response was lost; the session asks once more later, if token_use allows it"
        }
        RefreshErrorKind::Transient | RefreshErrorKind::Refused => {
            "nothing is lost; the session asks again later"
        }
    };
    let said = Said::of(error);
    warn!(
        target: "reauth",
        endpoint = said.endpoint,
        status = said.status,
        retry_after_s = retry_after.as_secs_f64(),
        "a refresh failed: {what_to_do}",
    );
}

fn error_of(error: &RefreshError) {
    let why = match error.kind() {
        RefreshErrorKind::Refused => "the refresh token was refused",
        RefreshErrorKind::Unknown | RefreshErrorKind::Transient => {
            "the response was lost, and the refresh token may be spent"
        }
        RefreshErrorKind::Misconfigured => "the client was refused",
    };
    let said = Said::of(error);
    error!(
        target: "reauth",
        endpoint = said.endpoint,
        status = said.status,
        "the session has ended: {why}; sign in again, and pass the new token to \
         Session::replace",
    );
}

struct Said<'a> {
    endpoint: Option<&'a str>,
    status: Option<u16>,
}

impl<'a> Said<'a> {
    fn of(error: &'a RefreshError) -> Self {
        let status = error.answer().map(|answer| answer.status());
        Self {
            endpoint: error.endpoint(),
            status: status.as_ref().map(StatusCode::as_u16),
        }
    }
}
