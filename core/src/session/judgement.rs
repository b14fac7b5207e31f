//! What an answer says about the session's token: as [`Meaning`] reads it, or as the application
//! does.

use std::fmt;
use std::sync::Arc;

use http::{Extensions, HeaderMap, StatusCode};

use crate::machine::Verdict;
use crate::{Meaning, Reason};

/// The head of an answer, for [`SessionBuilder::refused_when`](crate::SessionBuilder::refused_when).
pub struct Answered<'a> {
    status: StatusCode,
    headers: &'a HeaderMap,
    meaning: Meaning,
}

impl Answered<'_> {
    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        self.headers
    }

    /// What the session reads in it.
    #[must_use]
    pub const fn meaning(&self) -> &Meaning {
        &self.meaning
    }

    /// Whether the session takes it for a refusal of its token.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.meaning == Meaning::TokenRefused
    }
}

impl fmt::Debug for Answered<'_> {
    /// Without the headers, which are the server's: it may send a credential back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answered")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

type Predicate = Arc<dyn Fn(&Answered<'_>) -> bool + Send + Sync>;

/// Who judges; by default the session alone.
#[derive(Clone, Default)]
pub(super) struct Judge(pub(super) Option<Predicate>);

/// A verdict, and what there is to tell about an answer that the caller gets.
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    meaning: Meaning,
}

impl Judge {
    #[inline]
    pub(super) fn judge(&self, status: StatusCode, headers: &HeaderMap) -> Judgement {
        let meaning = Meaning::of(status, headers);
        let answered = Answered {
            status,
            headers,
            meaning,
        };
        let refused = match &self.0 {
            Some(predicate) => predicate(&answered),
            None => answered.is_refused(),
        };
        Judgement {
            verdict: if refused {
                Verdict::Challenge
            } else {
                Verdict::Answer
            },
            meaning: answered.meaning,
        }
    }
}

impl Judgement {
    /// Puts what the server asks for where the caller finds it.
    #[inline]
    pub(super) fn note(self, extensions: &mut Extensions) {
        let reason = match (self.verdict, self.meaning) {
            // What becomes of a refusal is the machine's to say.
            (Verdict::Challenge, _) => return,
            (Verdict::Answer, Meaning::Other | Meaning::TokenRefused) => return,
            (Verdict::Answer, Meaning::InsufficientScope(wanted)) => {
                extensions.insert(wanted);
                Reason::InsufficientScope
            }
            (Verdict::Answer, Meaning::StepUp(wanted)) => {
                extensions.insert(wanted);
                Reason::StepUp
            }
            (Verdict::Answer, Meaning::DpopNonce) => Reason::DpopNonce,
            (Verdict::Answer, Meaning::ForeignScheme) => Reason::ForeignScheme,
        };
        extensions.insert(reason);
    }
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Some(..)" } else { "None" })
    }
}
