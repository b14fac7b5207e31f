//! The known methods: a span's name must be one of few.

use std::sync::OnceLock;

use http::Method;

/// The methods of RFC 9110 §9 and RFC 5789.
const STANDARD: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
];

/// The environment variable that sets other known methods, by OpenTelemetry's conventions.
const OVERRIDE: &str = "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS";

/// The method, if it is known.
pub(super) fn known(method: &Method) -> Option<&str> {
    static LIST: OnceLock<Option<String>> = OnceLock::new();
    let list = LIST.get_or_init(|| std::env::var(OVERRIDE).ok());
    Some(method.as_str()).filter(|method| is_known(method, list.as_deref()))
}

/// The method, if it is not known.
pub(super) fn original(method: &Method) -> Option<&str> {
    match known(method) {
        Some(_) => None,
        None => Some(method.as_str()),
    }
}

fn is_known(method: &str, list: Option<&str>) -> bool {
    match list {
        Some(list) => list.split(',').any(|known| known.trim() == method),
        None => STANDARD.contains(&method),
    }
}

#[cfg(test)]
mod tests;
