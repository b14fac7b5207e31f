//! Properties that hold for every response, for random tests.

use http::StatusCode;
use http::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};

use super::Meaning;
use super::lines::{MAX_LINES, MAX_VALUE};

/// Classifies a response made from these bytes: two for the status (often 401 or 403), the rest for
/// the `WWW-Authenticate` fields.
///
/// # Panics
///
/// If a property does not hold.
#[cfg(feature = "model")]
pub fn check_bytes(bytes: &[u8]) {
    let [high, low, lines @ ..] = bytes else {
        return;
    };
    let status = match high % 4 {
        0 | 1 => StatusCode::UNAUTHORIZED,
        2 => StatusCode::FORBIDDEN,
        _ => StatusCode::from_u16(100 + u16::from(*low)).unwrap_or_default(),
    };
    // Invalid field values are skipped.
    let lines = lines.split(|byte| *byte == b'\n').take(2 * MAX_LINES);
    let lines: Vec<_> = lines.flat_map(HeaderValue::from_bytes).collect();
    check(status, &lines);
}

pub(super) fn check(status: StatusCode, lines: &[HeaderValue]) {
    let of = |lines: &[HeaderValue]| Meaning::of(status, &headers(lines));
    let meaning = of(lines);
    well_formed(&meaning);
    match status {
        StatusCode::UNAUTHORIZED => {
            assert_ne!(meaning, Meaning::Other, "a 401 is about the token");
        }
        StatusCode::FORBIDDEN => {
            let scope = matches!(meaning, Meaning::InsufficientScope(_) | Meaning::Other);
            return assert!(scope, "a 403 refuses no token: {meaning:?}");
        }
        _ => return assert_eq!(meaning, Meaning::Other, "{status} is the application's"),
    }

    let and = |line| [lines, &[HeaderValue::from_static(line)]].concat();
    let foreign = of(&and("Basic realm=\"x\""));
    if meaning == Meaning::TokenRefused && !lines.is_empty() {
        assert_eq!(foreign, meaning, "another scheme takes no refusal back");
    }
    if lines.len() < MAX_LINES {
        if !lines.is_empty() {
            assert_eq!(foreign, meaning, "another scheme gives way");
        }
        let invalid = of(&and("Bearer error=\"invalid_token\""));
        assert_eq!(invalid, Meaning::TokenRefused, "an invalid token wins");
        let reversed: Vec<_> = lines.iter().rev().cloned().collect();
        let kind = std::mem::discriminant::<Meaning>;
        assert_eq!(kind(&of(&reversed)), kind(&meaning), "in any order");
    }
}

fn headers(lines: &[HeaderValue]) -> HeaderMap {
    let named = |line: &HeaderValue| (WWW_AUTHENTICATE, line.clone());
    lines.iter().map(named).collect()
}

fn well_formed(meaning: &Meaning) {
    let (scope, names): (_, Vec<_>) = match meaning {
        Meaning::InsufficientScope(wanted) => (wanted.scope(), wanted.scopes().collect()),
        Meaning::StepUp(wanted) => (wanted.scope(), wanted.scopes().collect()),
        Meaning::Other | Meaning::TokenRefused | Meaning::DpopNonce | Meaning::ForeignScheme => {
            return;
        }
    };
    assert_eq!(scope.is_some(), !names.is_empty(), "a scope has names");
    assert!(scope.unwrap_or_default().len() <= MAX_VALUE);
    let graphic = |name: &&str| name.bytes().all(|byte| byte.is_ascii_graphic());
    assert!(names.iter().all(graphic), "a scope is ASCII: {names:?}");
}
