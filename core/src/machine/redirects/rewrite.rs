//! Which answers redirect, and what becomes of method and body.

use http::{Method, StatusCode};

/// What becomes of a request at its next hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rewrite {
    /// Its method and its body stay.
    Kept,
    /// It becomes a GET, or stays a HEAD, without a body and what describes one.
    AsGet,
}

impl Rewrite {
    /// What an answer of this status makes of a request of this method; none where it does not
    /// redirect ([RFC 9110 §15.4]).
    ///
    /// 300 leaves the choice to a user, 304 answers, 305 is not to be followed, and 306 is none.
    ///
    /// [RFC 9110 §15.4]: https://www.rfc-editor.org/rfc/rfc9110#section-15.4
    #[must_use]
    pub fn of(status: StatusCode, method: &Method) -> Option<Self> {
        match status {
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND if *method == Method::POST => {
                Some(Self::AsGet)
            }
            StatusCode::SEE_OTHER => Some(Self::AsGet),
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => Some(Self::Kept),
            _ => None,
        }
    }
}
