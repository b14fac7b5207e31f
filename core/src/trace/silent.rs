//! The functions of `trace` without the feature `tracing`.

use std::future::Future;

use http::{Method, Uri};

use crate::{Event, EventKind, Transport};

pub(crate) const fn logs(_kind: &EventKind) -> bool {
    false
}

pub(crate) const fn log(_event: &Event) {}

pub(crate) struct Call;

impl Call {
    pub(crate) fn of(_method: &Method, _uri: impl FnOnce() -> Uri, _resends: u32) -> Self {
        Self
    }

    pub(crate) fn begin<F>(&self, send: impl FnOnce() -> F) -> F {
        send()
    }

    pub(crate) fn around<T: Transport>(
        self,
        sent: impl Future<Output = Result<T::Response, T::Error>>,
    ) -> impl Future<Output = Result<T::Response, T::Error>> {
        sent
    }
}

#[derive(Clone)]
pub(crate) struct Refresh;

impl Refresh {
    pub(crate) const fn new() -> Self {
        Self
    }

    pub(crate) const fn departs(&self) {}

    pub(crate) fn around<F: Future>(
        self,
        flight: F,
        _error_type: fn(&F::Output) -> Option<&'static str>,
    ) -> F {
        flight
    }
}
