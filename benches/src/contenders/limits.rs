//! How many callers some clients can take at once.

use crate::contender::Limit;

/// libcurl, as isahc's `static-curl` builds it, waits with `select`, which takes about 1,000
/// descriptors.
pub(super) const SELECT: Limit = Limit {
    callers: 256,
    why: "libcurl waits with select",
};

/// Each caller of a blocking client is a thread.
pub(super) const THREADS: Limit = Limit {
    callers: 256,
    why: "a thread for each",
};
