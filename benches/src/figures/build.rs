//! Figure 8: the build time that a session adds to its bare client.

mod package;

use crate::BoxError;
use crate::figure::{Figure, Row, Value};
use crate::progress::Progress;
use package::{Built, Package, name};

/// A bare client, with the features that the session's crate needs, and the two together.
struct Pair {
    bare: Package,
    session: Package,
}

const PAIRS: [Pair; 2] = [
    Pair {
        bare: Package {
            name: "reqwest",
            dependencies: r#"reqwest = { version = "0.13", default-features = false, features = ["json", "stream"] }"#,
        },
        session: Package {
            name: "reauth-reqwest",
            dependencies: r#"reauth-reqwest = { path = "WORKSPACE/transport-reqwest" }"#,
        },
    },
    Pair {
        bare: Package {
            name: "isahc",
            dependencies: r#"isahc = { version = "2.0", default-features = false, features = ["json", "static-curl", "text-decoding"] }"#,
        },
        session: Package {
            name: "reauth-isahc",
            dependencies: r#"reauth-isahc = { path = "WORKSPACE/transport-isahc" }"#,
        },
    },
];

const HOW: &str = "An empty package that depends on the crate and on nothing else, built from nothing \
    with `cargo build` (the dev profile), at the versions of this workspace; the client \
    with the features that the session's crate has by default, without TLS. Crates that \
    are compiled, build scripts' and macros' among them. User and system time of cargo, \
    rustc, and the C compiler for libcurl; built once.";

pub(super) fn measure() -> Result<Figure, BoxError> {
    let progress = Progress::new("build, some minutes", 2 * PAIRS.len());
    let mut rows = Vec::new();
    let mut notes = vec![HOW.to_owned()];
    for Pair { bare, session } in &PAIRS {
        progress.next(bare.name);
        let without = bare.build()?;
        progress.next(session.name);
        let with = session.build()?;
        rows.push(row(bare, &without, None));
        rows.push(row(session, &with, Some(&without)));
        let added = with.crates.difference(&without.crates);
        let mut added: Vec<_> = added.map(|id| name(id)).collect();
        added.sort_unstable();
        notes.push(format!("{} adds {}.", session.name, added.join(", ")));
    }
    Ok(Figure {
        timelines: Vec::new(),
        id: 8,
        title: "What a user builds",
        columns: vec!["crates", "more than bare", "CPU-seconds", "more than bare"],
        rows,
        bars: Vec::new(),
        notes,
    })
}

fn row(package: &Package, built: &Built, bare: Option<&Built>) -> Row {
    let more = |of: fn(&Built) -> f64| match bare {
        Some(bare) => Value::More(of(built) - of(bare)),
        None => Value::Itself,
    };
    let crates = |built: &Built| built.crates.len() as f64;
    let seconds = |built: &Built| (built.cpu.as_secs_f64() * 10.0).round() / 10.0;
    Row {
        case: bare.map_or("bare", |_| "with a session").to_owned(),
        subject: package.name.to_owned(),
        values: vec![
            Value::Count(crates(built)),
            more(crates),
            Value::Count(seconds(built)),
            more(seconds),
        ],
    }
}
