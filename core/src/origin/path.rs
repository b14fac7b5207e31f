//! Whether a path is below another, whoever reads it.
//!
//! Clients, proxies and servers read one path in several ways: some resolve dot segments, some
//! decode them first, once or twice, some take a backslash for a slash, or cut a segment at a
//! semicolon. A path that could be another one after any of that is below nothing.

/// Whole segments that a path begins with, without a slash at the end; empty, it is below `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prefix(String);

impl Prefix {
    pub(super) fn of(path: &str) -> Option<Self> {
        let path = path.trim_end_matches('/');
        is_plain(path).then(|| Self(path.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) const fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn holds(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.as_str());
        let whole = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        // Where all is allowed, it does not matter how a path is read.
        self.is_all() || whole && is_plain(path)
    }
}

/// Whether there is one way to read it.
pub(super) fn is_plain(path: &str) -> bool {
    path.split('/').all(|segment| {
        let mut read = segment.as_bytes().to_vec();
        let mut plain = is_name(&read) && escapes(segment).all(|escape| escape.is_some());
        while plain && let Some(decoded) = decoded(&read) {
            plain = is_name(&decoded);
            read = decoded;
        }
        plain
    })
}

/// Whether it is a segment that leads down by one, or nowhere.
fn is_name(segment: &[u8]) -> bool {
    let Ok(segment) = str::from_utf8(segment) else {
        return false;
    };
    if segment.contains(['/', '\\']) || segment.chars().any(char::is_control) {
        return false;
    }
    let name = segment.split([';', '?', '#']).next().unwrap_or_default();
    // Dots alone, and the spaces beside them that some file systems pass over.
    !name.contains('.') || !name.chars().all(|char| matches!(char, '.' | ' '))
}

/// What each percent sign says; none where it says nothing.
fn escapes(segment: &str) -> impl Iterator<Item = Option<u8>> {
    segment
        .split('%')
        .skip(1)
        .map(|rest| escaped(rest.as_bytes()))
}

fn escaped(after: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// With its escapes decoded, once; none where it has none. It is shorter then.
fn decoded(segment: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(segment.len());
    let mut rest = segment;
    while let Some((first, after)) = rest.split_first() {
        let escape = (*first == b'%').then(|| escaped(after)).flatten();
        decoded.push(escape.unwrap_or(*first));
        rest = if escape.is_some() { &after[2..] } else { after };
    }
    (decoded.len() < segment.len()).then_some(decoded)
}
