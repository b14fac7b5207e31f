//! The store that all sessions share.

use reauth::Token;
use reauth::store::{Stored, Version};

use crate::calls::{Answer, Asked, Call, Stage};
use crate::ledger::shown;
use crate::servers::Pair;
use crate::situations::Situation;
use crate::world::State;

#[derive(Debug, Default)]
pub(crate) struct Store {
    content: Option<Stored>,
    last_version: u64,
}

/// What can happen to a call of the store; 0 is the usual.
pub(crate) const STORE_FAULTS: usize = 6;

impl Store {
    pub(crate) fn pair(&self) -> Option<Pair> {
        self.content.as_ref()?.token.as_ref().map(Pair::of)
    }

    pub(crate) fn put(&mut self, token: Option<Token>) -> Version {
        self.last_version += 1;
        let version = Version(self.last_version);
        self.content = Some(Stored { token, version });
        version
    }

    fn version(&self) -> Option<Version> {
        self.content.as_ref().map(|content| content.version)
    }
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
                let pair = self.store.pair();
                self.tell(|| match pair {
                    Some(pair) => format!("  store: P{process} reads {pair}"),
                    None => format!("  store: P{process} reads nothing"),
                });
                Answer::Loaded(self.store.content.clone())
            }
            Asked::Save { expected, token } => {
                let pair = shown(token.as_ref().map(Pair::of));
                if self.store.version() == *expected {
                    let version = self.store.put(token.clone());
                    let number = version.0;
                    self.tell(|| format!("  store: P{process}'s {pair} kept as v{number}"));
                    if late {
                        self.met(Situation::SaveLandedLate);
                    }
                    Answer::Kept(version)
                } else {
                    self.tell(|| format!("  store: P{process}'s save of {pair} conflicts"));
                    self.met(Situation::SaveConflicted);
                    Answer::Conflict(self.store.content.clone())
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
