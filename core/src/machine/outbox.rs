//! What still has to be written to the store, and what is known about its content.
//!
//! It decides what is written, whether that may replace the stored token, and whether the stored
//! token is newer. It never calls a store.

use std::collections::VecDeque;

use crate::Generation;

/// The pending write of one session to its store.
///
/// `T` is a token, and its `PartialEq` says when two tokens are the same. Only the last write is
/// pending: it supersedes those before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Outbox<T> {
    pending: Option<Write<T>>,
    /// The generation of the last sign-in or sign-out.
    fence: Generation,
    seen: Option<Version>,
    /// What saves wrote that began and were never confirmed; `None` is a sign-out. Each may be in
    /// the store, or get there later.
    unacknowledged: VecDeque<Option<T>>,
}

/// A write to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Write<T> {
    /// A refresh: it does not replace what another process wrote.
    Refreshed(T),
    /// A sign-in: it replaces anything.
    SignedIn(T),
    /// A sign-out: it replaces anything.
    SignedOut,
}

impl<T> Write<T> {
    /// The token that is written; `None` for a sign-out.
    pub const fn token(&self) -> Option<&T> {
        match self {
            Self::Refreshed(token) | Self::SignedIn(token) => Some(token),
            Self::SignedOut => None,
        }
    }
}

/// The version of a stored token. Only the store gives the number a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

/// What the store has, compared with what the session holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Found<T> {
    /// The token that the session holds, or nothing was ever saved.
    NothingNew,
    /// A token that another process wrote.
    Newer(T),
    /// No token any more: another process signed out.
    Erased,
}

/// What follows when the store had another version than a write expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Conflict {
    /// An earlier save of the same has landed: the write is done.
    Landed,
    /// The write may replace what is there: it is tried again.
    Again,
    /// Another process wrote what is there, and it stays.
    Theirs,
}

/// How many saves that were not confirmed are remembered.
const MEMORY: usize = 64;

impl<T: Clone + PartialEq> Outbox<T> {
    /// The outbox of a session that has seen this version, and has this write pending.
    pub const fn new(seen: Option<Version>, pending: Option<Write<T>>) -> Self {
        Self {
            pending,
            fence: Generation::FIRST,
            seen,
            unacknowledged: VecDeque::new(),
        }
    }

    /// The pending write.
    pub const fn pending(&self) -> Option<&Write<T>> {
        self.pending.as_ref()
    }

    /// Makes the write of a sign-in or sign-out of this generation pending.
    pub fn fence(&mut self, generation: Generation, write: Write<T>) {
        self.fence = generation;
        self.pending = Some(write);
    }

    /// Makes the write of a refresh of this generation pending; `false` if a fence came since.
    #[must_use]
    pub fn refreshed(&mut self, stale: Generation, token: T) -> bool {
        if stale < self.fence {
            return false;
        }
        self.pending = Some(match self.pending {
            // The token before the sign-in is still in the store.
            Some(Write::SignedIn(_)) => Write::SignedIn(token),
            Some(Write::Refreshed(_) | Write::SignedOut) | None => Write::Refreshed(token),
        });
        true
    }

    /// Records that this write is done; a newer one stays pending.
    pub fn flushed(&mut self, write: &Write<T>) {
        if self.pending.as_ref() == Some(write) {
            self.pending = None;
        }
    }

    /// Records that a save begins, whose outcome may never be known. Returns the version that it
    /// expects.
    pub fn saving(&mut self, write: &Write<T>) -> Option<Version> {
        if self.unacknowledged.len() == MEMORY {
            self.unacknowledged.pop_front();
        }
        let content = write.token().cloned();
        if !self.unacknowledged.contains(&content) {
            self.unacknowledged.push_back(content);
        }
        self.seen
    }

    /// Records that a save succeeded.
    pub fn saved(&mut self, version: Version) {
        self.seen = Some(version);
        self.unacknowledged.clear();
    }

    /// Decides whether this write replaces what is there.
    pub fn conflict(&mut self, write: &Write<T>, there: Option<(Option<T>, Version)>) -> Conflict {
        let version = there.as_ref().map(|(_, version)| *version);
        let content = there.map(|(content, _)| content);
        if let (Some(content), Some(version)) = (&content, version)
            && content.as_ref() == write.token()
        {
            // Writing it again would only take the version from another process.
            self.saved(version);
            return Conflict::Landed;
        }
        let ours = || content.is_some_and(|content| self.unacknowledged.contains(&content));
        match write {
            Write::Refreshed(_) if !ours() => Conflict::Theirs,
            Write::Refreshed(_) | Write::SignedIn(_) | Write::SignedOut => {
                self.seen = version;
                Conflict::Again
            }
        }
    }

    /// Compares what was read with the token that the session holds. Call it before anything else
    /// is written: it sets the version that the next save expects.
    pub fn find(&mut self, held: &T, there: Option<(Option<T>, Version)>) -> Found<T> {
        match there {
            Some((content, version)) => {
                self.seen = Some(version);
                match content {
                    Some(token) if token == *held => Found::NothingNew,
                    Some(token) => Found::Newer(token),
                    None => Found::Erased,
                }
            }
            None if self.seen.is_some() => Found::Erased,
            None => Found::NothingNew,
        }
    }
}

#[cfg(test)]
mod tests;
