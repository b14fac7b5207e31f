//! Whether a request gets the session's token, and whether it may go at all.

use http::header::AUTHORIZATION;
use http::{Request, Uri};

use crate::origin::Origin;
use crate::{Error, ErrorKind};

/// An extension of a request that is to go without credentials, to any origin.
///
/// ```
/// let mut request = http::Request::get("https://status.example.org/").body(())?;
/// request.extensions_mut().insert(reauth::WithoutCredentials);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WithoutCredentials;

/// The origins to which the token may go.
#[derive(Debug)]
pub(super) struct Origins(pub(super) Vec<Origin>);

pub(super) enum Passage {
    /// It is signed with the session's token.
    Signed,
    /// It goes as its caller made it, and its 401 is data.
    AsItIs,
}

impl Origins {
    pub(super) fn passage<B>(&self, request: &Request<B>) -> Result<Passage, Error> {
        if request.extensions().get::<WithoutCredentials>().is_some() {
            return Ok(Passage::AsItIs);
        }
        let uri = request.uri();
        if !self.allows(uri) {
            return Err(Error::new(ErrorKind::OriginNotAllowed).because(explain(uri)));
        }
        if request.headers().contains_key(AUTHORIZATION) {
            return Ok(Passage::AsItIs);
        }
        Ok(Passage::Signed)
    }

    /// Whether the session's token may go there.
    pub(super) fn allows(&self, uri: &Uri) -> bool {
        Origin::of(uri).is_some_and(|origin| self.0.contains(&origin))
    }
}

fn explain(uri: &Uri) -> String {
    let Some(Some(host)) = uri.scheme().map(|_| uri.host()) else {
        return "the request's URL is not absolute".to_owned();
    };
    if Origin::of(uri).is_none() {
        return format!("the URL for {host} is neither http nor https, or has user information");
    }
    format!("{host} and its port are not among the session's origins: SessionBuilder::origin")
}
