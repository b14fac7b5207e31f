//! The nets: groups of tests that look for a defect.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

/// A group of tests.
#[derive(Debug)]
pub(super) struct Net {
    pub(super) name: &'static str,
    /// The packages whose features are on. Nets with the same ones share what they build.
    packages: &'static [&'static str],
    tests: Tests,
}

#[derive(Debug)]
enum Tests {
    /// The unit tests.
    Lib,
    /// The test of this name.
    One(&'static str),
    /// All tests in a folder but these.
    AllBut {
        folder: &'static str,
        but: &'static [&'static str],
    },
}

const CORE: &[&str] = &["reauth"];
const REQWEST: &[&str] = &["reauth-reqwest"];
/// Together, so that libcurl is built once. It has TLS then.
const TLS: &[&str] = &["reauth-isahc", "reauth-checks"];

/// In the order in which they are tried: the quick ones first.
pub(super) const NETS: [Net; 10] = [
    Net {
        name: "tables",
        packages: CORE,
        tests: Tests::Lib,
    },
    Net {
        name: "model",
        packages: CORE,
        tests: Tests::One("model"),
    },
    Net {
        name: "driver",
        packages: CORE,
        tests: Tests::AllBut {
            folder: "core/tests",
            // `schedules` is empty unless it is built for shuttle.
            but: &["model", "schedules", "spans", "waiting"],
        },
    },
    Net {
        name: "waiting",
        packages: CORE,
        tests: Tests::One("waiting"),
    },
    Net {
        name: "spans",
        packages: CORE,
        tests: Tests::One("spans"),
    },
    Net {
        name: "sockets",
        packages: REQWEST,
        tests: Tests::AllBut {
            folder: "transport-reqwest/tests",
            but: &["blocking", "middleware"],
        },
    },
    Net {
        name: "middleware",
        packages: REQWEST,
        tests: Tests::One("middleware"),
    },
    Net {
        name: "blocking",
        packages: REQWEST,
        tests: Tests::One("blocking"),
    },
    Net {
        name: "isahc",
        packages: TLS,
        tests: Tests::AllBut {
            folder: "transport-isahc/tests",
            but: &["without_tls"],
        },
    },
    Net {
        name: "tls",
        packages: TLS,
        tests: Tests::One("tls"),
    },
];

impl Net {
    /// The arguments with which `cargo test` runs these tests of the project in this folder.
    pub(super) fn arguments(&self, project: &Path) -> Result<Vec<String>, String> {
        let packages = self.packages.iter().flat_map(|name| ["-p", name]);
        let mut arguments: Vec<_> = packages.map(str::to_owned).collect();
        match &self.tests {
            Tests::Lib => arguments.push("--lib".to_owned()),
            Tests::One(name) => arguments.extend(["--test".to_owned(), (*name).to_owned()]),
            Tests::AllBut { folder, but } => {
                let mut names = tests(&project.join(folder))?;
                names.retain(|name| !but.contains(&&**name));
                let names = names.into_iter();
                arguments.extend(names.flat_map(|name| ["--test".to_owned(), name]));
            }
        }
        Ok(arguments)
    }
}

/// The names of the tests in a folder.
fn tests(folder: &Path) -> Result<Vec<String>, String> {
    let wrong = |error| format!("{}: {error}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        if path.extension() == Some(OsStr::new("rs"))
            && let Some(name) = path.file_stem().and_then(OsStr::to_str)
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}
