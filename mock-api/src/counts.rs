//! What a test can count.

/// What happened so far, from [`MockApi::counts`](crate::MockApi::counts).
///
/// Each is counted when the API decides, so before a [`Gate`](crate::Gate) that parks answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// `GET /api/books` requests whose token was accepted.
    pub books_ok: usize,
    /// `GET /api/books` requests that were refused with a 401.
    pub books_unauthorized: usize,
    /// Requests for `/api/books/{id}/text` whose token was accepted.
    pub texts_ok: usize,
    /// Requests for `/api/books/{id}/text` that were refused with a 401.
    pub texts_unauthorized: usize,
    /// `POST /oauth/revoke` requests for a token that was known.
    pub revocations: usize,
    /// Refresh requests that arrived at either token endpoint, whatever became of them; those by
    /// client credentials are such, too.
    pub refreshes: usize,
    /// Refresh requests granted with a 200, lost answers included.
    pub refreshed: usize,
    /// Refresh requests refused because of their refresh token, reuses included.
    pub refresh_refused: usize,
    /// Refresh requests with a refresh token that was spent before.
    pub reuses: usize,
    /// Connections accepted.
    pub connections: usize,
}
