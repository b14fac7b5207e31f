//! Where the figures go.

use std::fs::File;
use std::io::{Write, stdout};
use std::path::Path;

use serde::Serialize;

use crate::figure::Figure;
use crate::{BoxError, table};

#[derive(Serialize)]
struct Report<'a> {
    figures: &'a [Figure],
}

/// As JSON into a file, where there is one, and as tables to standard output; `-` is JSON there.
pub(crate) fn write(figures: &[Figure], json: Option<&Path>) -> Result<(), BoxError> {
    let tables = || {
        figures
            .iter()
            .try_for_each(|figure| write!(stdout(), "{}", table::of(figure)))
    };
    match json {
        None => tables()?,
        Some(path) if path.as_os_str() == "-" => json_to(stdout(), figures)?,
        Some(path) => {
            json_to(File::create(path)?, figures)?;
            tables()?;
        }
    }
    Ok(())
}

fn json_to(mut file: impl Write, figures: &[Figure]) -> Result<(), BoxError> {
    serde_json::to_writer_pretty(&mut file, &Report { figures })?;
    Ok(writeln!(file)?)
}
