//! What the store is owed, and what is known of what it has.
//!
//! It decides which word the store hears, and whether what is there may be written over. It
//! never calls a store.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use crate::store::{Stored, Version};
use crate::{Generation, Token};

/// What a store is to hear.
#[derive(Clone, Debug)]
pub(super) enum Word {
    /// A refresh: it does not take the place of what somebody else wrote.
    Refreshed(Arc<Token>),
    /// A sign-in: it takes the place of anything.
    SignedIn(Arc<Token>),
    /// A sign-out: it takes the place of anything.
    SignedOut,
}

pub(super) struct Books {
    owed: Option<Word>,
    /// How often that changed.
    changes: u64,
    /// The generation of the last sign-in or sign-out that the store is told of.
    fence: Generation,
    seen: Option<Version>,
    /// Tokens of ours, hashed, of which nobody knows whether the store took them.
    unacknowledged: VecDeque<u64>,
    hasher: RandomState,
}

/// How many tokens whose save was lost are remembered.
const MEMORY: usize = 64;

impl Books {
    pub(super) fn new(seen: Option<Version>, owed: Option<Word>) -> Self {
        Self {
            owed,
            changes: 0,
            fence: Generation::FIRST,
            seen,
            unacknowledged: VecDeque::new(),
            hasher: RandomState::new(),
        }
    }

    /// What the store is owed, and a number to [settle](Self::settled) it by.
    pub(super) fn owed(&self) -> Option<(Word, u64)> {
        self.owed.clone().map(|word| (word, self.changes))
    }

    /// A sign-in or sign-out of this generation.
    pub(super) fn fence(&mut self, generation: Generation, word: Word) {
        self.fence = generation;
        self.owe(word);
    }

    /// A refresh of the token of this generation; `false` where a fence has come since.
    pub(super) fn refreshed(&mut self, stale: Generation, token: Arc<Token>) -> bool {
        if stale < self.fence {
            return false;
        }
        self.owe(match self.owed {
            // What the store has is still that of somebody else.
            Some(Word::SignedIn(_)) => Word::SignedIn(token),
            Some(Word::Refreshed(_) | Word::SignedOut) | None => Word::Refreshed(token),
        });
        true
    }

    fn owe(&mut self, word: Word) {
        self.owed = Some(word);
        self.changes += 1;
    }

    /// The store has heard a word, and is owed nothing where that was the last.
    pub(super) fn settled(&mut self, changes: u64) {
        if self.changes == changes {
            self.owed = None;
        }
    }

    pub(super) const fn seen(&self) -> Option<Version> {
        self.seen
    }

    pub(super) fn see(&mut self, version: Option<Version>) {
        self.seen = version;
    }

    /// A save begins; whether it succeeds may never be known.
    pub(super) fn saving(&mut self, token: &Token) {
        if self.unacknowledged.len() == MEMORY {
            self.unacknowledged.pop_front();
        }
        let hash = self.hash(token);
        self.unacknowledged.push_back(hash);
    }

    /// A save succeeded.
    pub(super) fn saved(&mut self, version: Version) {
        self.seen = Some(version);
        self.unacknowledged.clear();
    }

    /// Whether a token in the store may be written over by a refresh: a save of ours that was
    /// given up has put it there.
    pub(super) fn is_ours(&self, there: Option<&Stored>) -> bool {
        there.is_some_and(|there| self.unacknowledged.contains(&self.hash(&there.token)))
    }

    fn hash(&self, token: &Token) -> u64 {
        self.hasher.hash_one(token.access_token())
    }
}
