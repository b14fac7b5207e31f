//! The target of a redirect ([RFC 9110 §10.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.2)).

use std::fmt::Write;

use http::header::LOCATION;
use http::{HeaderMap, Uri};
use iri_string::types::{UriAbsoluteStr, UriReferenceStr};

use crate::origin::Origin;

/// The target of the next hop, without a fragment. `None` if it cannot be requested.
///
/// A response with two `Location` headers has no target: one of them may have been injected.
pub(super) fn target(base: &Uri, headers: &HeaderMap) -> Option<Uri> {
    let mut locations = headers.get_all(LOCATION).iter();
    let (Some(location), None) = (locations.next(), locations.next()) else {
        return None;
    };
    if location.is_empty() {
        return None;
    }
    let reference = escaped(location.as_bytes())?;
    let reference = UriReferenceStr::new(&reference).ok()?;
    let base = escaped(base.to_string().as_bytes())?;
    let base = UriAbsoluteStr::new(&base).ok()?;
    let resolved = reference.resolve_against(base).to_string();
    let resolved = resolved.split('#').next().unwrap_or_default();
    let target: Uri = resolved.parse().ok()?;
    Origin::of(&target).is_some().then_some(target)
}

/// Percent-encodes what RFC 3986 forbids but servers send: spaces, and text that is not ASCII. A
/// backslash is not treated as a slash.
fn escaped(text: &[u8]) -> Option<String> {
    let mut escaped = String::with_capacity(text.len());
    for byte in text {
        match byte {
            0..0x20 | 0x7f => return None,
            b' ' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x80.. => {
                write!(escaped, "%{byte:02X}").ok()?;
            }
            _ => escaped.push(char::from(*byte)),
        }
    }
    Some(escaped)
}

#[cfg(test)]
mod tests;
