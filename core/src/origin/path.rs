//! Decides whether a path is below another one, for every way to interpret it.
//!
//! Clients, proxies and servers interpret paths differently: some resolve dot segments, some decode
//! them first, once or twice, some treat a backslash as a slash, or cut a segment at a semicolon. A
//! path that any of these changes is not below another one.

/// The leading segments of a path, without a trailing slash. Empty means all paths.
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
        // If all paths are allowed, ambiguous ones are too.
        self.is_all() || whole && is_plain(path)
    }
}

/// Whether the path is unambiguous.
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

/// Whether the segment is an ordinary name, neither dots nor separators.
fn is_name(segment: &[u8]) -> bool {
    let Ok(segment) = str::from_utf8(segment) else {
        return false;
    };
    if segment.contains(['/', '\\']) || segment.chars().any(char::is_control) {
        return false;
    }
    let name = segment.split([';', '?', '#']).next().unwrap_or_default();
    // Some file systems ignore spaces beside dots.
    !name.contains('.') || !name.chars().all(|char| matches!(char, '.' | ' '))
}

/// The byte of each percent sign; `None` for an invalid escape.
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

/// The segment with its escapes decoded once; `None` if it has none.
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
