//! The origins and paths that refused the access token.
//!
//! A refusal counts for the whole origin, until that origin accepts the token at another path. From
//! then on it counts only for its own path, which may refuse every token.

use super::origins::{Destination, OriginSet, PathId};

/// How many paths are remembered. An origin that refuses the token at more refuses it everywhere.
pub(crate) const MOST_PATHS: usize = 8;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Refusals {
    /// The origins that refuse the token, as far as is known.
    origins: OriginSet,
    /// The origins that refuse it at every path.
    everywhere: OriginSet,
    /// The origins that have refused it at any path.
    ever: OriginSet,
    /// The origins that have accepted it at a path since they refused it.
    accepted: OriginSet,
    /// The paths that refuse it, padded with [`PathId::NONE`].
    paths: [PathId; MOST_PATHS],
}

impl Refusals {
    /// The state without a token that could be accepted.
    pub(super) const EVERYWHERE: Self = Self {
        origins: OriginSet::ALL,
        everywhere: OriginSet::ALL,
        ever: OriginSet::ALL,
        accepted: OriginSet::NONE,
        paths: [PathId::NONE; MOST_PATHS],
    };

    pub(super) fn is_empty(self) -> bool {
        self.origins.is_empty() && self.everywhere.is_empty() && self.paths[0] == PathId::NONE
    }

    /// The origins that refuse the token.
    pub(super) const fn origins(&self) -> OriginSet {
        self.origins
    }

    /// The origins that have refused the token at any path, even if they accept it at another.
    pub(super) const fn at_any_path(&self) -> OriginSet {
        self.ever
    }

    /// Whether this path refuses the token.
    pub(super) fn has(&self, there: Destination) -> bool {
        self.everywhere.intersects(there.origin) || self.index(there).is_some()
    }

    /// Records a refusal.
    ///
    /// A second refusal at the same path changes nothing: it is no news about the origin.
    pub(super) fn add(&mut self, there: Destination) {
        if self.has(there) {
            return;
        }
        self.origins = self.origins.with(there.origin);
        self.ever = self.ever.with(there.origin);
        let free = self.paths.iter().position(|path| *path == PathId::NONE);
        match free {
            _ if there.path == PathId::NONE => self.refuse_everywhere(there.origin),
            Some(free) => self.paths[free] = there.path,
            // The origin accepts it at other paths. Forgetting the oldest path costs one 401.
            None if self.accepted.contains(there.origin) => {
                self.paths.rotate_left(1);
                self.paths[MOST_PATHS - 1] = there.path;
            }
            None => self.refuse_everywhere(there.origin),
        }
    }

    fn refuse_everywhere(&mut self, origin: OriginSet) {
        self.everywhere = self.everywhere.with(origin);
    }

    /// Records an acceptance: the token is good at this origin.
    pub(super) fn accept(&mut self, there: Destination) {
        self.origins = self.origins.without(there.origin);
        self.accepted = self.accepted.with(there.origin);
        self.everywhere = self.everywhere.without(there.origin);
        if let Some(index) = self.index(there) {
            self.paths[index..].rotate_left(1);
            self.paths[MOST_PATHS - 1] = PathId::NONE;
        }
    }

    fn index(&self, there: Destination) -> Option<usize> {
        let told_apart = there.path != PathId::NONE;
        let index = self.paths.iter().position(|path| *path == there.path);
        index.filter(|_| told_apart)
    }
}

#[cfg(test)]
mod tests;
