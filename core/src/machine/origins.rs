//! Which of a session's origins a request goes to, as a small set.

use std::time::Duration;

use super::rules::Rules;

/// OriginSet of a session, by their places in its list.
///
/// From the 63rd on they share one place: what one of those refuses counts as refused by all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginSet(u64);

impl OriginSet {
    pub(super) const NONE: Self = Self(0);

    /// Every place there is.
    pub(super) const ALL: Self = Self(u64::MAX);

    /// Where the application takes the token itself, outside of the session's requests.
    pub const ELSEWHERE: Self = Self(1 << 63);

    /// The origin at this place of the list.
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

/// Where a request goes: an origin, and a path of it where that is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Destination {
    pub(super) origin: OriginSet,
    pub(super) path: PathId,
}

/// Tells a path of one origin from all others, and says nothing else of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathId(u64);

impl PathId {
    /// Of no path: all are one.
    pub(super) const NONE: Self = Self(0);

    /// By a number for its origin and itself, such as a hash of both.
    #[must_use]
    pub const fn new(id: u64) -> Self {
        // One that collides with another is no worse.
        Self(if id == 0 { 1 } else { id })
    }
}

impl Destination {
    /// This path of this origin.
    #[must_use]
    pub const fn new(origin: OriginSet, path: PathId) -> Self {
        Self { origin, path }
    }
}

/// All paths of the origin as one.
impl From<OriginSet> for Destination {
    #[inline]
    fn from(origin: OriginSet) -> Self {
        let path = PathId::NONE;
        Self { origin, path }
    }
}

/// Which origins the access token was sent to lately: in this period, or in the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct InUse {
    now: OriginSet,
    before: OriginSet,
    /// When this period ends.
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

    /// As [`send_to`](Self::send_to), in the period that was last.
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
