//! Where the figures are written.

use std::fs::{self, OpenOptions};
use std::io::{self, Write, stdout};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::figure::Figure;
use crate::{BoxError, plot, table};

/// The output of one run. It is opened before anything is measured, so that a file that cannot be
/// written is reported at once. If a run is interrupted, tables and file have what was measured.
#[derive(Serialize)]
pub(crate) struct Report {
    figures: Vec<Figure>,
    #[serde(skip)]
    json: Json,
    #[serde(skip)]
    plots: Option<PathBuf>,
}

enum Json {
    None,
    /// JSON instead of the tables.
    Stdout,
    File(PathBuf),
}

impl Report {
    /// Writes JSON into a file, if there is one, and tables to standard output; `-` is JSON there.
    /// The plots go into a folder.
    pub(crate) fn open(json: Option<&Path>, plots: Option<&Path>) -> Result<Self, BoxError> {
        let json = match json {
            None => Json::None,
            Some(path) if path.as_os_str() == "-" => Json::Stdout,
            Some(path) => {
                let file = OpenOptions::new().append(true).create(true).open(path);
                at(path, file)?;
                Json::File(path.to_owned())
            }
        };
        if let Some(folder) = plots {
            at(folder, fs::create_dir_all(folder))?;
        }
        Ok(Self {
            figures: Vec::new(),
            json,
            plots: plots.map(Path::to_owned),
        })
    }

    pub(crate) fn add(&mut self, figure: Figure) -> Result<(), BoxError> {
        self.figures.push(figure);
        let table = || self.figures.last().map(table::of).unwrap_or_default();
        match &self.json {
            Json::None => write!(stdout(), "{}", table())?,
            Json::Stdout => {}
            Json::File(path) => {
                at(path, fs::write(path, self.json()?))?;
                write!(stdout(), "{}", table())?;
            }
        }
        Ok(())
    }

    /// Writes what needs all figures.
    pub(crate) fn close(self) -> Result<(), BoxError> {
        match self.json {
            Json::None | Json::File(_) => {}
            Json::Stdout => write!(stdout(), "{}", self.json()?)?,
        }
        match &self.plots {
            Some(folder) => plot::draw(&self.figures, folder),
            None => Ok(()),
        }
    }

    fn json(&self) -> Result<String, BoxError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// Adds the path to an error.
fn at<T>(path: &Path, done: io::Result<T>) -> Result<T, BoxError> {
    done.map_err(|error| format!("{}: {error}", path.display()).into())
}
