//! Whether a request gets the session's token, and whether it may go at all.

use http::{HeaderName, Request};

use crate::machine::OriginSet;
use crate::origin::{Address, Base, Origin, Place};
use crate::{Error, ErrorKind, RequestHead, Target, Transport};

/// An extension of a request that is to go without credentials, to any origin.
///
/// ```
/// let mut request = http::Request::get("https://status.example.org/").body(())?;
/// request.extensions_mut().insert(reauth::WithoutCredentials);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WithoutCredentials;

/// Where the token may go, and in which header.
#[derive(Debug)]
pub(in crate::session) struct AllowedOrigins {
    pub(in crate::session) places: Vec<Place>,
    pub(in crate::session) base: Option<Base>,
    pub(in crate::session) header: HeaderName,
}

impl AllowedOrigins {
    /// Makes a target that is a path an absolute one, where there is a base for it.
    pub(in crate::session) fn resolve<B>(&self, request: &mut Request<B>) -> Result<(), Error> {
        if let (Some(base), None) = (&self.base, request.uri().scheme()) {
            let joined = base.join(request.uri());
            *request.uri_mut() =
                joined.map_err(|why| Error::new(ErrorKind::OriginNotAllowed).because(why))?;
        }
        Ok(())
    }

    /// The origin that the session's token goes to, or `None` if the request is sent as its caller
    /// made it, and its 401 is data. An error if the request may not be sent.
    pub(in crate::session) fn check<T: Transport>(
        &self,
        head: &impl RequestHead<T>,
        target: Target<'_>,
        address: Option<Address<'_>>,
    ) -> Result<Option<OriginSet>, Error> {
        if head.extensions().get::<WithoutCredentials>().is_some() {
            return Ok(None);
        }
        let Some(origin) = self.allowed(address) else {
            return Err(Error::new(ErrorKind::OriginNotAllowed).because(self.explain(target)));
        };
        let has_credentials = head.headers().contains_key(&self.header);
        Ok((!has_credentials).then_some(origin))
    }

    /// The origin of the list that this address is at, where the token may go there.
    #[inline]
    pub(in crate::session) fn allowed(&self, address: Option<Address<'_>>) -> Option<OriginSet> {
        let address = address?;
        let spells = |place: &Place| place.spells(&address);
        let holds = |origin: &Origin, place: &Place| place.holds(origin, address.path());
        // What is spelled as the list is need not be read.
        let index = self.places.iter().position(spells).or_else(|| {
            let origin = address.origin()?;
            self.places.iter().position(|place| holds(&origin, place))
        });
        index.map(OriginSet::at)
    }

    /// It shows the host alone: a path may hold a secret, and user information is one.
    fn explain(&self, target: Target<'_>) -> String {
        let uri = &target.to_uri();
        let Some(Some(host)) = uri.scheme().map(|_| uri.host()) else {
            return "the request's URL is not absolute, and there is no \
                    SessionBuilder::base_url to begin it"
                .to_owned();
        };
        let Some(origin) = Origin::of(uri) else {
            return format!(
                "the URL for {host} is neither http nor https, has user information, or a port \
                 that is none"
            );
        };
        if self.places.iter().any(|place| place.is_at(&origin)) {
            return format!(
                "the path on {host} is not below that of SessionBuilder::origin, or it has dot \
                 segments, a backslash, or such in disguise, and could lead out of it"
            );
        }
        if !origin.is_secure() {
            return format!(
                "{host} and its port are not among the session's origins, and http is readable \
                 on the way: SessionBuilder::insecure_origin allows it all the same"
            );
        }
        format!("{host} and its port are not among the session's origins: SessionBuilder::origin")
    }
}
