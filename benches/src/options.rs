//! The command line.

use std::fs::File;
use std::io::{Write, stdout};
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::child::Series;
use crate::contender::Contender;
use crate::figure::Figure;
use crate::figures::{Effort, FigureName, Plan};
use crate::server::ServerProcess;
use crate::target::Target;
use crate::{BoxError, contenders, table};

/// What a session costs, beside its bare client and what else there is.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Options {
    /// Figures to measure; by default all
    #[arg(value_enum)]
    figures: Vec<FigureName>,

    /// Fewer rounds, wider spreads
    #[arg(long)]
    quick: bool,

    /// A contender to measure, and its baseline; by default all
    #[arg(long, value_name = "CONTENDER")]
    only: Vec<String>,

    /// The figures as JSON too, into a file; `-` in the place of the tables
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

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
}

impl Options {
    pub(crate) fn figures(&self) -> &[FigureName] {
        match &*self.figures {
            [] => FigureName::value_variants(),
            some => some,
        }
    }

    pub(crate) fn plan(&self, server: &ServerProcess) -> Result<Plan, BoxError> {
        let effort = if self.quick {
            Effort::Quick
        } else {
            Effort::Full
        };
        Ok(Plan {
            target: Target::new(server.origin()),
            contenders: self.contenders()?,
            effort,
        })
    }

    fn contenders(&self) -> Result<Vec<&'static Contender>, BoxError> {
        let mut wanted = Vec::new();
        for name in &self.only {
            let contender = contenders::named(name)?;
            wanted.extend([contender.name, contender.baseline]);
        }
        let all = contenders::ALL.iter();
        let taken = all.filter(|contender| wanted.is_empty() || wanted.contains(&contender.name));
        Ok(taken.collect())
    }

    pub(crate) fn print(&self, figures: &[Figure]) -> Result<(), BoxError> {
        let json = serde_json::to_string_pretty(figures)?;
        match &self.json {
            Some(path) if path.as_os_str() == "-" => {
                writeln!(stdout(), "{json}")?;
                return Ok(());
            }
            Some(path) => writeln!(File::create(path)?, "{json}")?,
            None => {}
        }
        figures.iter().for_each(table::print);
        Ok(())
    }
}
