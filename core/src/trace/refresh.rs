//! One refresh: a span of its own, which belongs to the session.
//!
//! It is the root of a trace. As a child of a request it would keep that request's span open
//! after its caller has left, and only one of all that wait for it could be its parent. The
//! request that has it depart is linked from it.

use std::future::Future;
use std::sync::{Arc, OnceLock};

use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use super::open::Open;
use crate::sync::{Mutex, lock};

/// A refresh that may depart; clones are one. Its span begins once, at the first of them.
#[derive(Clone)]
pub(crate) struct Refresh(Arc<OnceLock<Mutex<Option<Span>>>>);

impl Refresh {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    /// It departs, because of what the caller is doing. A task has no span of the request's.
    pub(crate) fn departs(&self) {
        self.span();
    }

    /// The flight, inside of its span. It keeps the span for itself: handles on a flight outlive
    /// it.
    pub(crate) async fn around<F: Future>(
        self,
        flight: F,
        error_type: fn(&F::Output) -> Option<&'static str>,
    ) -> F::Output {
        let span = lock(self.span()).take();
        let open = Open::new(span.unwrap_or_else(Span::none));
        let outcome = flight.instrument(open.span.clone()).await;
        open.end(error_type(&outcome));
        outcome
    }

    fn span(&self) -> &Mutex<Option<Span>> {
        self.0.get_or_init(|| {
            let span = info_span!(
                target: "reauth",
                parent: None,
                "reauth.refresh",
                otel.kind = "internal",
                otel.status_code = Empty,
                error.type = Empty,
            );
            span.follows_from(Span::current());
            Mutex::new(Some(span))
        })
    }
}
