//! The origins of a session as a small set, and the destinations of its requests.

use std::time::Duration;

use super::rules::Rules;

/// A set of a session's origins, by their index in its list.
///
/// All origins from the 63rd on share one element: what one of them refuses counts as refused by
/// all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginSet(u64);

impl OriginSet {
    pub(super) const NONE: Self = Self(0);

    /// All origins.
    pub(super) const ALL: Self = Self(u64::MAX);

    /// Where the application uses the token itself, outside the session's requests.
    pub const ELSEWHERE: Self = Self(1 << 63);

    /// The origin at this index of the list.
    #[must_use]
    #[inline]
    pub const fn at(index: usize) -> Self {
        Self(1 << if index < 62 { index } else { 62 })
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// Where a request goes: an origin and, if known, a path of that origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Destination {
    pub(super) origin: OriginSet,
    pub(super) path: PathId,
}

/// Identifies a path of one origin. It reveals nothing else about the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathId(u64);

impl PathId {
    /// No path: the whole origin.
    pub(super) const NONE: Self = Self(0);

    /// The path with this number, such as a hash of its origin and itself.
    #[must_use]
    pub const fn new(id: u64) -> Self {
        // Zero is `NONE`. The collision with 1 is harmless.
        Self(if id == 0 { 1 } else { id })
    }
}

impl Destination {
    /// The destination with this origin and path.
    #[must_use]
    pub const fn new(origin: OriginSet, path: PathId) -> Self {
        Self { origin, path }
    }
}

/// The whole origin.
impl From<OriginSet> for Destination {
    #[inline]
    fn from(origin: OriginSet) -> Self {
        let path = PathId::NONE;
        Self { origin, path }
    }
}

/// The origins that the access token was sent to in the current period or in the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct InUse {
    now: OriginSet,
    before: OriginSet,
    /// When the current period ends.
    ends: Duration,
}

impl InUse {
    #[inline]
    pub(super) fn send_to(&mut self, origin: OriginSet, now: Duration, rules: Rules) {
        if now >= self.ends {
            self.begin_period(now, rules);
        }
        self.now = self.now.with(origin);
    }

    /// Like [`send_to`](Self::send_to), but never begins a new period.
    pub(super) fn send_again(&mut self, origin: OriginSet) {
        self.now = self.now.with(origin);
    }

    pub(super) fn at(mut self, now: Duration, rules: Rules) -> OriginSet {
        if now >= self.ends {
            self.begin_period(now, rules);
        }
        self.now.with(self.before)
    }

    #[cold]
    fn begin_period(&mut self, now: Duration, rules: Rules) {
        let recent = now < self.ends.saturating_add(rules.longest_rest);
        self.before = if recent {
            self.now
        } else {
            OriginSet::default()
        };
        self.now = OriginSet::default();
        self.ends = now.saturating_add(rules.longest_rest);
    }
}

#[cfg(test)]
mod tests;
