//! What each contender adds to its bare client on the happy path, and its bars.

use std::collections::BTreeMap;

use super::Plan;
use crate::ask::Case;
use crate::contender::{Contender, HeldTo, Role};
use crate::figure::{Bar, Value, Verdict};
use crate::statistics::Spread;

/// The counts of each contender in each case; no entry if it was not measured.
pub(super) type Counts = BTreeMap<(Case, &'static str), Spread>;

/// The counts, with their unit.
pub(super) struct Surcharges<'a> {
    pub(super) unit: &'static str,
    /// The limit for the difference to bare.
    pub(super) most: f64,
    pub(super) plan: &'a Plan,
    pub(super) counts: &'a Counts,
}

impl Surcharges<'_> {
    /// The values of the table: its own count, and the difference to bare.
    pub(super) fn values(&self, contender: &Contender, case: Case) -> Option<[Value; 2]> {
        let own = *self.counts.get(&(case, contender.name))?;
        let more = match self.beyond(contender, case)? {
            _ if contender.is_bare() => Value::Itself,
            more => Value::more(more),
        };
        Some([Value::counted(own), more])
    }

    fn beyond(&self, contender: &Contender, case: Case) -> Option<Spread> {
        let own = self.counts.get(&(case, contender.name))?;
        Some(own.beyond(*self.counts.get(&(case, contender.baseline))?))
    }

    fn more(&self, contender: &Contender, case: Case) -> Option<f64> {
        Some(self.beyond(contender, case)?.median)
    }

    pub(super) fn bars(&self) -> Vec<Bar> {
        let barred = self.plan.barred();
        let beside_bare = barred.map(|session| self.beside_bare(session));
        let compared = self.plan.barred();
        let compared = compared.filter(|session| session.held_to() == HeldTo::BareAndRivals);
        let beside_rivals = compared.filter_map(|session| self.beside_rivals(session));
        beside_bare.chain(beside_rivals).collect()
    }

    fn beside_bare(&self, session: &Contender) -> Bar {
        let Self { unit, most, .. } = self;
        let claim = format!(
            "{}: {unit} above {}, at most {most}",
            session.name, session.baseline
        );
        let worst = Case::ALL
            .into_iter()
            .filter_map(|case| Some((self.more(session, case)?, case)))
            .max_by(|(one, _), (other, _)| one.total_cmp(other));
        match worst {
            Some((more, case)) => Bar {
                claim,
                measured: format!("{} with {}", signed(more), case.title()),
                verdict: Verdict::of(rounded(more) <= *most),
            },
            None => Bar::not_measured(claim),
        }
    }

    /// `None` if no rival takes part.
    fn beside_rivals(&self, session: &Contender) -> Option<Bar> {
        let rivals = self.plan.contenders.iter();
        let rivals: Vec<_> = rivals
            .filter(|other| other.role == Role::Replaying)
            .collect();
        if rivals.is_empty() {
            return None;
        }
        let (name, unit) = (session.name, self.unit);
        let claim = format!("{name}: fewer {unit} than every contender that can replay");
        let closest = Case::ALL
            .into_iter()
            .flat_map(|case| rivals.iter().map(move |rival| (case, *rival)))
            .filter_map(|(case, rival)| {
                Some((
                    self.more(session, case)?,
                    self.more(rival, case)?,
                    case,
                    rival,
                ))
            })
            .min_by(|one, other| (one.1 - one.0).total_cmp(&(other.1 - other.0)));
        Some(match closest {
            Some((own, theirs, case, rival)) => Bar {
                claim,
                measured: format!(
                    "{} beside {} of {} with {}",
                    signed(own),
                    signed(theirs),
                    rival.name,
                    case.title()
                ),
                verdict: Verdict::of(own < theirs),
            },
            None => Bar::not_measured(claim),
        })
    }
}

fn signed(count: f64) -> String {
    format!("{:+}", rounded(count))
}

/// Compares the printed values, because counts vary by thousandths.
fn rounded(count: f64) -> f64 {
    (count * 100.0).round() / 100.0
}
