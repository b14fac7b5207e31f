//! Why a stored record cannot be read.

use std::error::Error;
use std::fmt;

use super::form::FORM;

/// A stored record cannot be read. The message does not show what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError(pub(super) Flaw);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    Empty,
    CutOff,
    NotAnObject,
    /// A newer version of this crate wrote it.
    Newer(u64),
    Invalid(&'static str),
}

impl RecordError {
    /// Whether a newer version of this crate wrote the record, in a form that this version does not
    /// know. The record is good, so it must not be replaced: the program must be updated.
    #[must_use]
    pub const fn is_newer_form(&self) -> bool {
        matches!(self.0, Flaw::Newer(_))
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Flaw::Empty => f.write_str("the stored record is empty"),
            Flaw::CutOff => f.write_str("the stored record is incomplete: its end is missing"),
            Flaw::NotAnObject => f.write_str("the stored record is not a valid JSON object"),
            Flaw::Newer(form) => write!(
                f,
                "the stored record has form {form}, and this program only knows form {FORM}: update \
                 this program"
            ),
            Flaw::Invalid(member) => {
                write!(
                    f,
                    "the stored record is invalid: {member} is missing or has an invalid value"
                )
            }
        }
    }
}

impl Error for RecordError {}
