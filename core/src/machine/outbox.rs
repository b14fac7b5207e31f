//! What the store is pending, and what is known of what it has.
//!
//! It decides which word the store hears, whether what is there may be written over, and whether
//! it is newer. It never calls a store.

use std::collections::VecDeque;

use crate::Generation;

/// One session's outbox about its store.
///
/// `T` is a token; two are the same where their access tokens are. The store is pending one word at
/// a time, the last: what came before it is of no use any more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Outbox<T> {
    pending: Option<Write<T>>,
    /// The generation of the last sign-in or sign-out.
    fence: Generation,
    seen: Option<Version>,
    /// Tokens of ours of which nobody knows whether the store took them.
    unacknowledged: VecDeque<T>,
}

/// What a store is to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Write<T> {
    /// A refresh: it does not take the place of what somebody else wrote.
    Refreshed(T),
    /// A sign-in: it takes the place of anything.
    SignedIn(T),
    /// A sign-out: it takes the place of anything.
    SignedOut,
}

/// Tells a kept token from another; what the number means is the store's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

/// What a store has, next to what the session holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Found<T> {
    /// What the session holds, or nothing that was ever there.
    NothingNew,
    /// A token that somebody else left there.
    Newer(T),
    /// Nothing any more: somebody else signed out.
    Erased,
}

/// How many tokens whose save was lost are remembered.
const MEMORY: usize = 64;

impl<T: Clone + PartialEq> Outbox<T> {
    /// Those of a session that has seen this version, and owes this word.
    pub const fn new(seen: Option<Version>, pending: Option<Write<T>>) -> Self {
        Self {
            pending,
            fence: Generation::FIRST,
            seen,
            unacknowledged: VecDeque::new(),
        }
    }

    /// What the store is pending.
    pub const fn pending(&self) -> Option<&Write<T>> {
        self.pending.as_ref()
    }

    /// A sign-in or sign-out of this generation.
    pub fn fence(&mut self, generation: Generation, word: Write<T>) {
        self.fence = generation;
        self.pending = Some(word);
    }

    /// A refresh of the token of this generation; `false` where a fence has come since.
    #[must_use]
    pub fn refreshed(&mut self, stale: Generation, token: T) -> bool {
        if stale < self.fence {
            return false;
        }
        self.pending = Some(match self.pending {
            // What the store has is still that of somebody else.
            Some(Write::SignedIn(_)) => Write::SignedIn(token),
            Some(Write::Refreshed(_) | Write::SignedOut) | None => Write::Refreshed(token),
        });
        true
    }

    /// The store has heard this word, and is pending nothing where it is the last.
    pub fn flushed(&mut self, word: &Write<T>) {
        if self.pending.as_ref() == Some(word) {
            self.pending = None;
        }
    }

    /// The version that a save or an erasure expects.
    pub const fn seen(&self) -> Option<Version> {
        self.seen
    }

    /// What the store has is of this version.
    pub const fn see(&mut self, version: Option<Version>) {
        self.seen = version;
    }

    /// A save of this token begins; whether it succeeds may never be known.
    pub fn saving(&mut self, token: T) {
        if self.unacknowledged.len() == MEMORY {
            self.unacknowledged.pop_front();
        }
        if !self.unacknowledged.contains(&token) {
            self.unacknowledged.push_back(token);
        }
    }

    /// A save succeeded.
    pub fn saved(&mut self, version: Version) {
        self.seen = Some(version);
        self.unacknowledged.clear();
    }

    /// Whether a word takes the place of what is there.
    pub fn may_replace(&self, word: &Write<T>, there: Option<&T>) -> bool {
        match word {
            // A save of ours that was given up has put it there.
            Write::Refreshed(_) => there.is_some_and(|there| self.unacknowledged.contains(there)),
            Write::SignedIn(_) | Write::SignedOut => true,
        }
    }

    /// What was read, next to the token that the session holds.
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
