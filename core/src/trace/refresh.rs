//! The span of one refresh.
//!
//! It is the root of a trace, linked to the request that started it. As a child it would keep that
//! request's span open after its caller has left.

use std::future::Future;
use std::sync::{Arc, OnceLock};

use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use super::open::Open;
use crate::sync::{Mutex, lock};

/// The span of a refresh, shared by its clones, and created when the refresh starts.
#[derive(Clone)]
pub(crate) struct Refresh(Arc<OnceLock<Mutex<Option<Span>>>>);

impl Refresh {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    /// Creates the span, linked to the current one. A spawned task would not have the request's.
    pub(crate) fn departs(&self) {
        self.span();
    }

    /// Runs the flight inside the span. The future owns the span, since handles outlive the flight.
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
