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
            assert_ne!(meaning, Meaning::Other, "a 401 must not be Other");
        }
        StatusCode::FORBIDDEN => {
            let scope = matches!(meaning, Meaning::InsufficientScope(_) | Meaning::Other);
            return assert!(scope, "a 403 must not refuse the token: {meaning:?}");
        }
        _ => return assert_eq!(meaning, Meaning::Other, "{status} must be Other"),
    }

    let and = |line| [lines, &[HeaderValue::from_static(line)]].concat();
    let foreign = of(&and("Basic realm=\"x\""));
    if meaning == Meaning::TokenRefused && !lines.is_empty() {
        assert_eq!(foreign, meaning, "another scheme must not change a refusal");
    }
    if lines.len() < MAX_LINES {
        if !lines.is_empty() {
            assert_eq!(
                foreign, meaning,
                "another scheme must not change the meaning"
            );
        }
        let invalid = of(&and("Bearer error=\"invalid_token\""));
        assert_eq!(
            invalid,
            Meaning::TokenRefused,
            "invalid_token must take precedence"
        );
        let reversed: Vec<_> = lines.iter().rev().cloned().collect();
        let kind = std::mem::discriminant::<Meaning>;
        assert_eq!(
            kind(&of(&reversed)),
            kind(&meaning),
            "the order must not matter"
        );
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
    assert_eq!(
        scope.is_some(),
        !names.is_empty(),
        "a scope must have names"
    );
    assert!(scope.unwrap_or_default().len() <= MAX_VALUE);
    let graphic = |name: &&str| name.bytes().all(|byte| byte.is_ascii_graphic());
    assert!(
        names.iter().all(graphic),
        "a scope must be ASCII: {names:?}"
    );
}
