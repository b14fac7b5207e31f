//! Token revocation at sign-out, on a best-effort basis.

use std::sync::Arc;
use std::time::Duration;

use http::Response;

use crate::runtime::{BoxFuture, within};
use crate::{
    Body, Connection, Revocation, RevocationError, Runtime, Token, Transport, collect, trace,
};

/// The time limit of a revocation.
pub(in crate::session) const TIMEOUT: Duration = Duration::from_secs(5);

/// Revokes a token; the transport's type is erased.
pub(in crate::session) type Revoker = Arc<dyn Fn(Arc<Token>) -> BoxFuture<Outcome> + Send + Sync>;

type Outcome = Result<(), RevocationError>;

pub(in crate::session) fn over<T: Transport + 'static>(
    transport: &Arc<T>,
    revocation: impl Revocation,
) -> Revoker {
    let (transport, revocation) = (Arc::clone(transport), Arc::new(revocation));
    Arc::new(move |token| {
        let (transport, revocation) = (Arc::clone(&transport), Arc::clone(&revocation));
        Box::pin(async move { revoke(&*transport, &*revocation, &token).await })
    })
}

/// Revokes a token. Over any connection, because a token may be revoked twice.
async fn revoke<T: Transport>(
    transport: &T,
    revocation: &impl Revocation,
    token: &Token,
) -> Outcome {
    let request = revocation.request(token).map(Body::from);
    let call = trace::Call::of(request.method(), || request.uri().clone(), 0);
    let sent = call.begin(|| transport.send_token_call(request, Connection::Any));
    let sent = call.around::<T>(sent).await;
    let mut answer = sent.map_err(RevocationError::new)?;
    // The head says whether it worked, even if the body is incomplete.
    let (body, _) = collect::answer::<T>(&mut answer).await;
    let mut response = Response::new(body);
    *response.status_mut() = T::status(&answer);
    *response.headers_mut() = T::headers(&answer).clone();
    revocation.response(&response)
}

pub(in crate::session) async fn in_time(
    revoker: &Revoker,
    token: Arc<Token>,
    runtime: &dyn Runtime,
) -> Outcome {
    let revoked = within(runtime, TIMEOUT, revoker(token)).await;
    revoked.unwrap_or_else(|| Err(RevocationError::new("the server took too long")))
}
