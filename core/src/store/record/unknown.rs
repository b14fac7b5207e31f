//! The members of a stored record that this version does not know.

use std::sync::Arc;

use crate::Token;
use crate::machine::holder;

#[cfg(feature = "json")]
use super::object::Members;

/// The members of a stored record that this version does not know. They may be secrets.
#[derive(Clone, Default)]
pub(super) struct Unknown {
    /// Without the feature `json` nothing is read that could have them.
    #[cfg(feature = "json")]
    pub(super) members: Option<Arc<UnknownMembers>>,
}

#[cfg(feature = "json")]
#[derive(Clone, Default)]
pub(super) struct UnknownMembers {
    pub(super) record: Members,
    pub(super) token: Members,
    pub(super) claim: Members,
}

impl Unknown {
    /// What stays of them when `old` is replaced by `new`: nothing outlives a sign-in, and what a
    /// claim has does not outlive the claim.
    #[cfg(feature = "json")]
    pub(super) fn kept(
        &self,
        old: &holder::Record<Arc<Token>>,
        new: &holder::Record<Arc<Token>>,
    ) -> Self {
        let sign_in = |record: &holder::Record<_>| (record.position.epoch, record.position.sign_in);
        let claim = |record: &holder::Record<_>| record.claim.as_ref().map(|claim| claim.id);
        let members = self.members.as_ref();
        let members = members.filter(|_| sign_in(old) == sign_in(new));
        let members = members.map(|members| {
            if members.claim.is_empty() || claim(old) == claim(new) {
                return Arc::clone(members);
            }
            Arc::new(UnknownMembers {
                claim: Members::default(),
                ..UnknownMembers::clone(members)
            })
        });
        Self { members }
    }

    #[cfg(not(feature = "json"))]
    pub(super) fn kept(
        &self,
        _: &holder::Record<Arc<Token>>,
        _: &holder::Record<Arc<Token>>,
    ) -> Self {
        self.clone()
    }
}
