//! The store that all sessions share.

use reauth::store::{ClaimId, Record, Stored, Version};

use crate::calls::{Answer, Asked, Call, Stage};
use crate::ledger::shown;
use crate::servers::Pair;
use crate::situations::Situation;
use crate::world::State;

#[derive(Debug, Default)]
pub(crate) struct Store {
    content: Option<Content>,
    /// What it had before, which a replica that lags still has.
    before: Option<Content>,
    last_version: u64,
    last_fence: u32,
    restored: bool,
}

/// What the store has, and the number of the sign-in or sign-out that wrote it.
#[derive(Clone, Debug)]
struct Content {
    stored: Stored,
    fence: u32,
}

/// What a holder reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Read {
    /// `None` after a sign-out.
    pub(crate) pair: Option<Pair>,
    /// Counts sign-ins and sign-outs in the order in which they were stored.
    pub(crate) fence: u32,
}

/// What can happen to a call of the store; 0 is the usual.
pub(crate) const STORE_FAULTS: usize = 7;

pub(crate) fn pair_of(record: &Record) -> Option<Pair> {
    record.token().map(Pair::of)
}

impl Store {
    pub(crate) fn pair(&self) -> Option<Pair> {
        pair_of(&self.content.as_ref()?.stored.record)
    }

    pub(crate) fn claim(&self) -> Option<ClaimId> {
        self.content.as_ref()?.stored.record.claim()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.content.is_none()
    }

    pub(crate) fn fence(&self) -> u32 {
        self.content.as_ref().map_or(0, |content| content.fence)
    }

    /// Writes a record, which may be that of another sign-in.
    pub(crate) fn put(&mut self, record: Record, fence: NewFence) -> Version {
        self.last_version += 1;
        let version = Version::from(self.last_version);
        let fence = match fence {
            NewFence::Yes => {
                self.last_fence += 1;
                self.last_fence
            }
            NewFence::No => self.fence(),
        };
        let stored = Stored {
            record,
            version: version.clone(),
        };
        self.before = self.content.replace(Content { stored, fence });
        version
    }

    /// Restores what was there before. Says whether there was something.
    pub(crate) fn restore(&mut self) -> bool {
        let Some(before) = self.before.take() else {
            return false;
        };
        self.last_version += 1;
        self.restored = true;
        self.content = Some(Content {
            stored: Stored {
                version: Version::from(self.last_version),
                ..before.stored
            },
            fence: before.fence,
        });
        true
    }

    /// Whether what was written has been lost: what only the store knew is not known any more.
    pub(crate) const fn is_restored(&self) -> bool {
        self.restored
    }

    fn version(&self) -> Option<&Version> {
        self.content.as_ref().map(|content| &content.stored.version)
    }
}

/// Whether a record is that of another sign-in than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewFence {
    Yes,
    No,
}

fn read(content: Option<&Content>) -> (Option<Stored>, Option<Read>) {
    let read = content.map(|content| Read {
        pair: pair_of(&content.stored.record),
        fence: content.fence,
    });
    (content.map(|content| content.stored.clone()), read)
}

impl State {
    /// A call arrives at the store.
    pub(crate) fn store_call(&mut self, call: &mut Call, fault: usize) -> Answer {
        let process = call.holder.process;
        let late = matches!(call.stage, Stage::GivenUp);
        if fault == 1 || (fault == 2 && matches!(call.asked, Asked::Load)) {
            self.tell(|| format!("  store: P{process}'s call fails"));
            self.met(Situation::StoreFailed);
            return Answer::StoreFailed;
        }
        if fault == 4 {
            self.tell(|| format!("  store: P{process}'s call hangs"));
            self.met(Situation::StoreSilent);
            return Answer::Silence;
        }
        let answer = match &call.asked {
            Asked::Load => {
                let stale = fault == 6 && self.store.before.is_some();
                let content = match stale {
                    true => self.store.before.as_ref(),
                    false => self.store.content.as_ref(),
                };
                let (stored, read) = read(content);
                let pair = read.map(|read| shown(read.pair));
                let pair = pair.unwrap_or_else(|| "an empty store".to_owned());
                if stale {
                    self.tell(|| {
                        format!("  store: P{process} reads {pair}, from a replica that lags")
                    });
                    self.met(Situation::StaleRead);
                } else {
                    self.tell(|| format!("  store: P{process} reads {pair}"));
                }
                Answer::Loaded(stored, read)
            }
            Asked::Save { expected, record } => {
                let pair = shown(pair_of(record));
                if self.store.version() == expected.as_ref() {
                    let record = (**record).clone();
                    let fence = self.lands(call, &record);
                    self.tell(|| format!("  store: P{process}'s {pair} kept{}", claim(&record)));
                    let version = self.store.put(record, fence);
                    if late {
                        self.met(Situation::SaveLandedLate);
                    }
                    Answer::Kept(version)
                } else {
                    self.tell(|| format!("  store: P{process}'s save of {pair} conflicts"));
                    self.met(Situation::SaveConflicted);
                    let (stored, read) = read(self.store.content.as_ref());
                    Answer::Conflict(stored, read)
                }
            }
            Asked::Attempt(_)
            | Asked::TokenCall { .. }
            | Asked::Revocation { .. }
            | Asked::Rest(_) => {
                unreachable!("it is a call of the store")
            }
        };
        match fault {
            2 => {
                self.tell(|| format!("  store: P{process} does not hear of it"));
                self.met(Situation::AcknowledgementLost);
                Answer::StoreFailed
            }
            3 => {
                self.tell(|| format!("  store: P{process}'s call panics"));
                self.met(Situation::StorePanicked);
                Answer::Panic
            }
            5 => {
                self.tell(|| format!("  store: no answer reaches P{process}"));
                self.met(Situation::StoreSilent);
                Answer::Silence
            }
            _ => answer,
        }
    }
}

fn claim(record: &Record) -> &'static str {
    match record.claim() {
        Some(_) => ", with a claim",
        None => "",
    }
}
