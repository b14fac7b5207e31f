//! A span that records its outcome.

use tracing::Span;

/// A span that records `cancelled` if it is dropped before it ends.
pub(super) struct Open {
    pub(super) span: Span,
    stage: Stage,
}

enum Stage {
    UnderWay,
    Ended,
}

impl Open {
    pub(super) const fn new(span: Span) -> Self {
        let stage = Stage::UnderWay;
        Self { span, stage }
    }

    /// Ends the span, successfully if there is no error type.
    pub(super) fn end(mut self, error_type: Option<&str>) {
        self.stage = Stage::Ended;
        if let Some(error_type) = error_type {
            self.fail(error_type);
        }
    }

    fn fail(&self, error_type: &str) {
        self.span.record("error.type", error_type);
        self.span.record("otel.status_code", "ERROR");
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        match self.stage {
            Stage::UnderWay => self.fail("cancelled"),
            Stage::Ended => {}
        }
    }
}
