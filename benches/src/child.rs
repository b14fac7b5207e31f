//! What runs under valgrind: one contender, all cases, some series of each.

use clap::Args;

use crate::ask::{Ask, Case};
use crate::callgrind::reauth_benches_mark as mark;
use crate::target::Target;
use crate::{BoxError, contenders};

/// What one run under valgrind measures.
#[derive(Args, Clone, Debug)]
pub(crate) struct Series {
    #[arg(long)]
    pub(crate) contender: String,
    #[arg(long)]
    pub(crate) origin: String,
    /// The resource, with a query that delays the response by a millisecond, so that the client
    /// always finds its first read pending.
    #[arg(long)]
    pub(crate) path: String,
    /// Series of each case.
    #[arg(long)]
    pub(crate) rounds: usize,
    /// Requests of each series.
    #[arg(long)]
    pub(crate) requests: usize,
}

/// Before the first series of a case: connections are opened and buffers grow.
const WARM_UP: usize = 20;

impl Series {
    pub(crate) fn arguments(&self) -> Vec<String> {
        [
            "child",
            "--contender",
            &self.contender,
            "--origin",
            &self.origin,
            "--path",
            &self.path,
            "--rounds",
            &self.rounds.to_string(),
            "--requests",
            &self.requests.to_string(),
        ]
        .map(str::to_owned)
        .to_vec()
    }

    /// The instructions of each series, by case, from those between the marks.
    pub(crate) fn by_case<'a>(
        &self,
        counts: &'a [u64],
    ) -> Result<Vec<(Case, &'a [u64])>, BoxError> {
        let marks = self.rounds + 1;
        if counts.len() != marks * Case::ALL.len() {
            return Err(format!("{} counts of callgrind", counts.len()).into());
        }
        // The first one of a case ends its warm-up.
        let series = counts.chunks(marks).map(|counts| &counts[1..]);
        Ok(Case::ALL.into_iter().zip(series).collect())
    }
}

pub(crate) fn run(series: &Series) -> Result<(), BoxError> {
    let contender = contenders::named(&series.contender)?;
    let load = (contender.load)(&Target::new(&series.origin))?;
    for case in Case::ALL {
        let ask = Ask::new(format!("{}{}", series.origin, series.path), case);
        load.series(&ask, WARM_UP)?;
        mark();
        for _ in 0..series.rounds {
            load.series(&ask, series.requests)?;
            mark();
        }
    }
    Ok(())
}
