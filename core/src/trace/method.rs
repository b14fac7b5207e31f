//! Which methods are known, so that a span's name is one of few.

use std::sync::OnceLock;

use http::Method;

/// Those of RFC 9110 §9 and RFC 5789.
const STANDARD: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
];

/// The variable by which the conventions let whoever runs the program name others.
const OVERRIDE: &str = "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS";

/// The method, where it is a known one.
pub(super) fn known(method: &Method) -> Option<&str> {
    static LIST: OnceLock<Option<String>> = OnceLock::new();
    let list = LIST.get_or_init(|| std::env::var(OVERRIDE).ok());
    Some(method.as_str()).filter(|method| is_known(method, list.as_deref()))
}

/// The method, where it is none.
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
