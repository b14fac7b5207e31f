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
    /// Tokens whose save began and was never confirmed.
    unacknowledged: VecDeque<T>,
}

/// A write to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Write<T> {
    /// A refresh: it does not replace what another process wrote.
    Refreshed(T),
    /// A sign-in: it replaces anything.
    SignedIn(T),
    /// A sign-out: it erases anything.
    SignedOut,
}

/// The version of a stored token. Only the store gives the number a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

/// What the store has, compared with what the session holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Found<T> {
    /// The token that the session holds, or the store is still empty.
    NothingNew,
    /// A token that another process wrote.
    Newer(T),
    /// No token any more: another process signed out.
    Erased,
}

/// How many tokens without a confirmed save are remembered.
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

    /// The version that a save or an erasure expects.
    pub const fn seen(&self) -> Option<Version> {
        self.seen
    }

    /// Records the version of what the store has.
    pub const fn see(&mut self, version: Option<Version>) {
        self.seen = version;
    }

    /// Records that a save of this token begins. Its outcome may never be known.
    pub fn saving(&mut self, token: T) {
        if self.unacknowledged.len() == MEMORY {
            self.unacknowledged.pop_front();
        }
        if !self.unacknowledged.contains(&token) {
            self.unacknowledged.push_back(token);
        }
    }

    /// Records that a save succeeded.
    pub fn saved(&mut self, version: Version) {
        self.seen = Some(version);
        self.unacknowledged.clear();
    }

    /// Whether this write may replace what is there.
    pub fn may_replace(&self, write: &Write<T>, there: Option<&T>) -> bool {
        match write {
            // An unconfirmed save of this session put it there.
            Write::Refreshed(_) => there.is_some_and(|there| self.unacknowledged.contains(there)),
            Write::SignedIn(_) | Write::SignedOut => true,
        }
    }

    /// Compares what was read with the token that the session holds.
    pub fn find(&mut self, held: &T, there: Option<(T, Version)>) -> Found<T> {
        match there {
            Some((token, version)) => {
                self.seen = Some(version);
                if token == *held {
                    Found::NothingNew
                } else {
                    Found::Newer(token)
                }
            }
            None if self.seen.is_some() => Found::Erased,
            None => Found::NothingNew,
        }
    }
}

#[cfg(test)]
mod tests;
