//! Whether a request gets the session's token, and whether it may be sent at all.

use http::{HeaderName, Request};

use crate::machine::OriginSet;
use crate::origin::{Address, AllowedOrigin, Base, Origin};
use crate::{Error, ErrorKind, RequestHead, Target, Transport};

/// An extension of a request: it is sent without the session's token, to any origin.
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
    pub(in crate::session) entries: Vec<AllowedOrigin>,
    pub(in crate::session) base: Option<Base>,
    pub(in crate::session) header: HeaderName,
}

impl AllowedOrigins {
    /// Makes a URL that is only a path absolute, if there is a base URL.
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

    /// The origin of the list that this address belongs to, if the token may go there.
    #[inline]
    pub(in crate::session) fn allowed(&self, address: Option<Address<'_>>) -> Option<OriginSet> {
        let address = address?;
        let spells = |entry: &AllowedOrigin| entry.spells(&address);
        let holds = |origin: &Origin, entry: &AllowedOrigin| entry.holds(origin, address.path());
        // An address that is spelled as in the list need not be parsed.
        let index = self.entries.iter().position(spells).or_else(|| {
            let origin = address.origin()?;
            self.entries.iter().position(|entry| holds(&origin, entry))
        });
        index.map(OriginSet::at)
    }

    /// Shows only the host: the path and the user information may be secret.
    fn explain(&self, target: Target<'_>) -> String {
        let uri = &target.to_uri();
        let Some(Some(host)) = uri.scheme().map(|_| uri.host()) else {
            return "the request's URL is not absolute: use an absolute URL, or set \
                    SessionBuilder::base_url"
                .to_owned();
        };
        let Some(origin) = Origin::of(uri) else {
            return format!(
                "the URL for {host} is invalid: it needs http or https, a valid port, and no user \
                 information"
            );
        };
        if self.entries.iter().any(|entry| entry.is_at(&origin)) {
            return format!(
                "the path on {host} is not below that of SessionBuilder::origin, or it has dot \
                 segments or backslashes, perhaps percent-encoded"
            );
        }
        if !origin.is_secure() {
            return format!(
                "{host} with this port is not one of the session's origins, and http sends the \
                 token in clear: add it with SessionBuilder::insecure_origin"
            );
        }
        format!(
            "{host} with this port is not one of the session's origins: add it with \
             SessionBuilder::origin"
        )
    }
}
