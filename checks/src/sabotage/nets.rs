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
const SIMULATOR: &[&str] = &["reauth-simulator"];
const REQWEST: &[&str] = &["reauth-reqwest"];
/// Together, so that libcurl is built once. It has TLS then.
const TLS: &[&str] = &["reauth-isahc", "reauth-checks"];

/// In the order in which they are tried: the quick ones first.
pub(super) const NETS: [Net; 12] = [
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
        name: "holders",
        packages: CORE,
        tests: Tests::One("holders"),
    },
    Net {
        name: "driver",
        packages: CORE,
        tests: Tests::AllBut {
            folder: "core/tests",
            // `schedules` is empty unless it is built for shuttle.
            but: &["holders", "model", "schedules", "spans", "waiting"],
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
        name: "simulator",
        packages: SIMULATOR,
        tests: Tests::One("promises"),
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
    /// The arguments with which `cargo test` runs each test of this net, for the project in this
    /// folder.
    ///
    /// One test at a time, so that cargo links no test after the first that fails.
    pub(super) fn tests(&self, project: &Path) -> Result<Vec<Vec<String>>, String> {
        let targets = match &self.tests {
            Tests::Lib => vec![vec!["--lib".to_owned()]],
            Tests::One(name) => vec![test(name)],
            Tests::AllBut { folder, but } => {
                let mut names = names(&project.join(folder))?;
                names.retain(|name| !but.contains(&&**name));
                names.iter().map(|name| test(name)).collect()
            }
        };
        let packages = self.packages.iter().flat_map(|name| ["-p", name]);
        let packages: Vec<_> = packages.map(str::to_owned).collect();
        let tests = targets.into_iter();
        Ok(tests
            .map(|target| [packages.clone(), target].concat())
            .collect())
    }
}

fn test(name: &str) -> Vec<String> {
    ["--test", name].map(str::to_owned).into()
}

/// The names of the tests in a folder.
fn names(folder: &Path) -> Result<Vec<String>, String> {
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
    // The suite first: it covers the most.
    names.sort_by_key(|name| (name != "conformance", name.clone()));
    Ok(names)
}
