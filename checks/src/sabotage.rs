//! Plants one defect after another, and names the check that catches each.
//!
//! `cargo run -p reauth --features model --example sabotage -- --help`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use clap::Parser;

#[path = "sabotage/defects.rs"]
mod defects;

use defects::{DEFECTS, Defect};

/// Plants one defect after another, and names the check that catches each.
///
/// A green test says nothing until it has been seen red. Each defect is one line in a copy of
/// this project, under target/sabotage; the tests run there until one fails. Exits with 1 where a
/// defect survives.
#[derive(Parser)]
#[command(name = "sabotage")]
struct Options {
    /// Only the defects whose name contains this
    #[arg(default_value = "")]
    name: String,

    /// Only one defect for each net
    #[arg(long)]
    canary: bool,

    /// List the defects, and plant none
    #[arg(long)]
    list: bool,
}

/// All tests of the core but the two before.
const DRIVER: &[&str] = &[
    "-p",
    "reauth",
    "--test",
    "any_client",
    "--test",
    "bodies",
    "--test",
    "canary",
    "--test",
    "cancellation",
    "--test",
    "challenges",
    "--test",
    "control",
    "--test",
    "deadline",
    "--test",
    "driver",
    "--test",
    "logs",
    "--test",
    "memory",
    "--test",
    "misconfigured",
    "--test",
    "origins",
    "--test",
    "redirects",
    "--test",
    "refresh",
    "--test",
    "schemes",
    "--test",
    "several_origins",
    "--test",
    "several_paths",
    "--test",
    "store",
    "--test",
    "token_calls",
];

/// What builds quickly of the tests over sockets.
const SOCKETS: &[&str] = &[
    "-p",
    "reauth-reqwest",
    "--test",
    "conformance",
    "--test",
    "connect",
    "--test",
    "herd",
    "--test",
    "identity",
    "--test",
    "oauth2",
    "--test",
    "requests",
    "--test",
    "runtimes",
    "--test",
    "token_answers",
    "--test",
    "wire",
    "--test",
    "without_tls",
];

/// The nets, in the order in which they are cast: the cheap ones first.
const NETS: [(&str, &[&str]); 4] = [
    ("tables", &["-p", "reauth", "--lib"]),
    ("model", &["-p", "reauth", "--test", "model"]),
    ("driver", DRIVER),
    ("sockets", SOCKETS),
];

fn main() -> ExitCode {
    let options = Options::parse();
    let chosen: Vec<_> = DEFECTS
        .iter()
        .filter(|defect| defect.name.contains(&options.name))
        .filter(|defect| !options.canary || defect.canary.is_some())
        .collect();
    if options.list {
        chosen.iter().for_each(|defect| println!("{}", defect.name));
        return ExitCode::SUCCESS;
    }
    let copy = Copy::new();
    println!("building a copy of the project, and its tests ...");
    for (net, tests) in NETS {
        if let Some(failed) = copy.failure(tests, &["--no-run"]) {
            println!("the copy does not build for the {net}: {failed}");
            return ExitCode::FAILURE;
        }
    }
    let mut survivors = 0;
    for (number, defect) in (1..).zip(&chosen) {
        print!("{number:>2}/{} {:<44} ", chosen.len(), defect.name);
        _ = std::io::Write::flush(&mut std::io::stdout());
        let started = Instant::now();
        copy.plant(defect);
        let nets = NETS.iter().filter(|(net, _)| match defect.canary {
            Some(only) if options.canary => *net == only,
            Some(_) | None => true,
        });
        let caught = nets
            .filter_map(|(net, tests)| Some((net, copy.failure(tests, &[])?)))
            .next();
        copy.mend(defect);
        let seconds = started.elapsed().as_secs_f32();
        match caught {
            Some((net, test)) => println!("{net:<8} {seconds:>5.1} s  {test}"),
            None => {
                survivors += 1;
                println!("SURVIVED {seconds:>5.1} s");
            }
        }
    }
    println!("{} defects, {survivors} survivors", chosen.len());
    if survivors == 0 && !chosen.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A copy of the project, to break.
struct Copy {
    from: PathBuf,
    tree: PathBuf,
    target: PathBuf,
}

impl Copy {
    fn new() -> Self {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let from = from.canonicalize().expect("the project is there");
        let tree = from.join("target/sabotage/tree");
        _ = fs::remove_dir_all(&tree);
        for part in [
            "Cargo.toml",
            "Cargo.lock",
            "README.md",
            "core",
            "transport-reqwest",
            "transport-isahc",
            "conformance",
            "mock-api",
            "examples",
            "checks",
            "benches",
            "docs",
            "fuzz/corpus",
        ] {
            copy(&from.join(part), &tree.join(part));
        }
        // Of its own: cargo would take the copy's crates for those of the project.
        let target = from.join("target/sabotage/build");
        Self { from, tree, target }
    }

    fn plant(&self, defect: &Defect) {
        let whole = fs::read_to_string(self.from.join(defect.file)).expect("a file of ours");
        let places = whole.matches(defect.sound).count();
        assert_eq!(places, 1, "{}: not one place but {places}", defect.name);
        let broken = whole.replace(defect.sound, defect.broken);
        fs::write(self.tree.join(defect.file), broken).expect("a copy to break");
    }

    fn mend(&self, defect: &Defect) {
        let whole = fs::read_to_string(self.from.join(defect.file)).expect("a file of ours");
        fs::write(self.tree.join(defect.file), whole).expect("a copy to mend");
    }

    /// The first test that fails, in the words of the harness.
    fn failure(&self, tests: &[&str], more: &[&str]) -> Option<String> {
        let mut run = Command::new(env!("CARGO"));
        run.current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("RUST_BACKTRACE", "0")
            .args(["test", "--color", "never", "--offline"])
            .args(tests)
            .args(more);
        let patience = match more {
            [] => PATIENCE,
            _ => BUILD_PATIENCE,
        };
        let output = in_time(run, patience);
        if output.success {
            return None;
        }
        let failed = output.text.lines().find(|line| line.ends_with("FAILED"));
        let failed = failed.and_then(|line| line.strip_prefix("test ")?.split(" ... ").next());
        let error = || output.text.lines().find(|line| line.starts_with("error"));
        Some(
            failed
                .or_else(error)
                .unwrap_or("it does not end")
                .to_owned(),
        )
    }
}

struct Output {
    success: bool,
    text: String,
}

/// How long the tests of a net may take: a defect may make one wait for ever.
const PATIENCE: Duration = Duration::from_secs(120);

/// From nothing, with the clients.
const BUILD_PATIENCE: Duration = Duration::from_secs(900);

fn in_time(mut run: Command, patience: Duration) -> Output {
    let log = std::env::temp_dir().join(format!("sabotage-{}.log", std::process::id()));
    let file = fs::File::create(&log).expect("a place for a log");
    let both = file.try_clone().expect("a second handle");
    let mut child = run.stdout(file).stderr(both).spawn().expect("cargo");
    let started = Instant::now();
    let success = loop {
        match child.try_wait().expect("a child of ours") {
            Some(status) => break status.success(),
            None if started.elapsed() > patience => {
                _ = child.kill();
                _ = child.wait();
                break false;
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    let text = fs::read_to_string(&log).unwrap_or_default();
    _ = fs::remove_file(log);
    Output { success, text }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder of ours") {
            let entry = entry.expect("an entry");
            if entry.file_name() != "target" {
                copy(&entry.path(), &to.join(entry.file_name()));
            }
        }
    } else {
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(from, to).expect("a file");
    }
}
