//! Where the access token was refused: by which origins, and at which of their paths.
//!
//! A refusal counts for its whole origin, until that accepts the token elsewhere: then it is the
//! matter of one path, which may refuse every token.

use super::origins::{Destination, OriginSet, PathId};

/// How many paths are told apart: beyond that, an origin refuses the token everywhere.
pub(crate) const MOST_PATHS: usize = 8;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Refusals {
    /// OriginSet that refuse the token, as far as is known.
    origins: OriginSet,
    /// OriginSet that refuse it at every path.
    everywhere: OriginSet,
    /// OriginSet that have refused it at any path, and those that have accepted it at one since.
    ever: OriginSet,
    accepted: OriginSet,
    /// Paths that refuse it, and then none.
    paths: [PathId; MOST_PATHS],
}

impl Refusals {
    /// There is no token that anybody could accept.
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

    /// The origins that have refused it at any path, whatever they accept.
    pub(super) const fn at_any_path(&self) -> OriginSet {
        self.ever
    }

    /// Whether this path refuses it.
    pub(super) fn has(&self, there: Destination) -> bool {
        self.everywhere.intersects(there.origin) || self.index(there).is_some()
    }

    /// It is refused there. At a path that has refused it before, this says nothing new of the
    /// origin.
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
            // Its other paths are good: to forget the first costs it a 401.
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

    /// It is accepted there, so it is good at this origin.
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
