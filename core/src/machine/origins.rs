//! Which of a session's origins a request goes to, as a small set.

/// Origins of a session, by their places in its list.
///
/// From the 64th on they share one place: what one of those refuses counts as refused by all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origins(u64);

impl Origins {
    /// Every origin: for what is no request to one of them.
    pub const ALL: Self = Self(u64::MAX);

    /// The origin at this place of the list.
    #[must_use]
    #[inline]
    pub const fn at(index: usize) -> Self {
        Self(1 << if index < 63 { index } else { 63 })
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_first_origins_has_a_place_and_the_others_share_one() {
        let mut all = Origins::default();
        assert!(all.is_empty());
        for index in 0..64 {
            assert!(!all.intersects(Origins::at(index)), "{index}");
            all = all.with(Origins::at(index));
            assert!(all.contains(Origins::at(index)), "{index}");
        }
        assert_eq!(all, Origins::ALL);
        assert_eq!(Origins::at(63), Origins::at(1_000));
    }
}
