//! Counts for assertions in tests.

/// What happened so far, from [`MockApi::counts`](crate::MockApi::counts).
///
/// Each count changes when the API decides, that is, before a [`Gate`](crate::Gate) for responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// `GET /api/books` requests whose token was accepted.
    pub books_ok: usize,
    /// `GET /api/books` requests refused with a 401.
    pub books_unauthorized: usize,
    /// Requests for `/api/books/{id}/text` whose token was accepted.
    pub texts_ok: usize,
    /// Requests for `/api/books/{id}/text` refused with a 401.
    pub texts_unauthorized: usize,
    /// `POST /oauth/revoke` requests for a known token.
    pub revocations: usize,
    /// Refresh requests at both token endpoints, whatever their outcome. Requests for client
    /// credentials count too.
    pub refreshes: usize,
    /// Refresh requests granted with a 200, lost responses included.
    pub refreshed: usize,
    /// Refresh requests refused because of their refresh token, reuses included.
    pub refresh_refused: usize,
    /// Refresh requests with a spent refresh token.
    pub reuses: usize,
    /// Connections accepted.
    pub connections: usize,
}
