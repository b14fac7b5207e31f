//! Which statuses redirect, and how the next hop's method and body change.

use http::{Method, StatusCode};

/// How a request changes at its next hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rewrite {
    /// Its method and its body stay.
    Kept,
    /// It becomes a GET, or stays a HEAD, without a body and without the headers of one.
    AsGet,
}

impl Rewrite {
    /// How a response with this status changes a request with this method; `None` if it does not
    /// redirect ([RFC 9110 §15.4]).
    ///
    /// 300 leaves the choice to the user, 304 is not a redirect, 305 is deprecated and 306 is
    /// unused: none of them is followed.
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
