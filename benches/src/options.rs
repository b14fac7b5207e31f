//! The command line.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};

use crate::alone::Alone;
use crate::child::Series;
use crate::contender::Contender;
use crate::contenders;
use crate::figures::{Effort, FigureName, Plan};
use crate::target::Target;

const AFTER_HELP: &str = "\
Each figure is a table and the bars of it, met or not. Everything runs on this machine, over
loopback, against a server that this program starts; what is compared took turns in this run.

Examples, `benches` being `cargo run --release -p reauth-benches --`:

  benches                                      all figures, some minutes
  benches 1 2 --only session-reqwest           one contender, and its baseline: seconds
  benches 1 --json - | jq .figures[0].bars
  benches --guard                              has anything grown since it was last looked at?";

/// Measures what a session costs, compared with its bare client and with other crates.
#[derive(Debug, Parser)]
#[command(
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = AFTER_HELP
)]
pub(crate) struct Options {
    /// Figures to measure, by name, or by number with all its parts; all by default
    #[arg(value_name = "FIGURE", value_parser = Chosen::parser())]
    figures: Vec<Chosen>,

    /// Fewer rounds, and so wider spreads
    #[arg(long)]
    quick: bool,

    /// A contender to measure with its baseline, and no other; can be repeated
    #[arg(long, value_name = "CONTENDER", value_parser = contenders::named)]
    only: Vec<&'static Contender>,

    /// Write the figures as JSON too; `-` prints JSON instead of the tables
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Draw the pictures of the measured figures into this folder; by default docs
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, require_equals = true, default_missing_value = "docs")]
    pub(crate) plots: Option<PathBuf>,

    /// Compare the sessions' counts with benches/guard.json, and fail if one has grown
    #[arg(long, conflicts_with_all = ["figures", "only", "json", "plots", "quick"])]
    pub(crate) guard: bool,

    /// Write these counts into benches/guard.json instead
    #[arg(long, requires = "guard")]
    pub(crate) update: bool,

    #[command(subcommand)]
    pub(crate) hidden: Option<Hidden>,
}

/// What this program starts itself as.
#[derive(Debug, Subcommand)]
pub(crate) enum Hidden {
    /// The server: prints its port, and ends with its standard input
    #[command(hide = true)]
    Serve,
    /// What runs under valgrind
    #[command(hide = true)]
    Child(Series),
    /// What runs under valgrind without a server
    #[command(hide = true)]
    Alone { whose: Alone },
}

/// A figure by its name, or all parts of one by its number.
#[derive(Clone, Debug)]
struct Chosen(Vec<FigureName>);

impl Chosen {
    fn parser() -> impl TypedValueParser<Value = Self> {
        let all = FigureName::value_variants();
        let names = all.iter().filter_map(ValueEnum::to_possible_value);
        let numbers = all.iter().map(|one| PossibleValue::new(one.number()));
        let both = names.chain(numbers.map(|number| number.hide(true)));
        PossibleValuesParser::new(both).map(|chosen| Self::by(&chosen))
    }

    fn by(chosen: &str) -> Self {
        let is_named = |one: &FigureName| {
            let value = one.to_possible_value();
            value.is_some_and(|value| value.get_name() == chosen)
        };
        let all = FigureName::value_variants().iter().copied();
        let chosen = all.filter(|one| one.number() == chosen || is_named(one));
        Self(chosen.collect())
    }
}

impl Options {
    pub(crate) fn figures(&self) -> Vec<FigureName> {
        let all = FigureName::value_variants().iter().copied();
        match &*self.figures {
            [] if self.quick => all.filter(|figure| !figure.takes_minutes()).collect(),
            [] => all.collect(),
            some => some.iter().flat_map(|chosen| &chosen.0).copied().collect(),
        }
    }

    pub(crate) fn plan(&self, target: Target) -> Plan {
        let effort = if self.quick {
            Effort::Quick
        } else {
            Effort::Full
        };
        Plan {
            target,
            contenders: self.contenders(),
            effort,
        }
    }

    fn contenders(&self) -> Vec<&'static Contender> {
        let taken = |contender: &Contender| {
            let mut only = self.only.iter();
            self.only.is_empty()
                || only.any(|one| [one.name, one.baseline].contains(&contender.name))
        };
        let all = contenders::ALL.iter();
        all.filter(|contender| taken(contender)).collect()
    }
}
