//! The program `fetch`, run as its users run it.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{env, fs};

use serde_json::Value;

/// A safety net: no run takes this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// The output of a run.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) lines: Vec<Value>,
    pub(crate) totals: Value,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn total(&self, name: &str) -> u64 {
        self.totals[name].as_u64().unwrap()
    }

    /// The error of the only request.
    pub(crate) fn error(&self) -> &str {
        assert_eq!(self.lines.len(), 1, "{:?}", self.lines);
        self.lines[0]["error"].as_str().unwrap()
    }
}

/// A run that must print no secret: none of those it is given, and no text with `SECRET`.
pub(crate) struct Fetch {
    command: Command,
    secrets: Vec<String>,
}

impl Fetch {
    pub(crate) fn new(url: &str) -> Self {
        let mut command = Command::new(program());
        for name in ["ACCESS_TOKEN", "REFRESH_TOKEN", "CLIENT_SECRET"] {
            command.env_remove(format!("FETCH_{name}"));
        }
        command.arg(url).stdin(Stdio::null());
        let secrets = vec!["SECRET".to_owned()];
        Self { command, secrets }
    }

    pub(crate) fn with(mut self, arguments: &str) -> Self {
        self.command.args(arguments.split_whitespace());
        self
    }

    /// An option whose value must not be printed.
    pub(crate) fn secret(mut self, option: &str, value: &str) -> Self {
        self.command.args([option, value]);
        self.secrets.push(value.to_owned());
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self.secrets.push(value.to_owned());
        self
    }

    pub(crate) fn start(mut self) -> Running {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut err = child.stderr.take().unwrap();
        let err = thread::spawn(move || {
            let mut text = String::new();
            err.read_to_string(&mut text).unwrap();
            text
        });
        Running {
            child: Reaped(child),
            out: Some(out),
            err: Some(err),
            secrets: self.secrets,
        }
    }

    pub(crate) fn run(self) -> Said {
        self.start().finish()
    }
}

pub(crate) struct Running {
    child: Reaped,
    pub(crate) out: Option<BufReader<ChildStdout>>,
    err: Option<JoinHandle<String>>,
    secrets: Vec<String>,
}

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.child.0.id()
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.as_mut().unwrap().read_line(&mut line).unwrap();
        line
    }

    /// Waits for the end; lines that were read before are not in the result.
    pub(crate) fn finish(mut self) -> Said {
        let (sender, ended) = mpsc::channel();
        let (out, err) = (self.out.take(), self.err.take().unwrap());
        thread::spawn(move || {
            let mut text = String::new();
            if let Some(mut out) = out {
                out.read_to_string(&mut text).unwrap();
            }
            sender.send((text, err.join().unwrap())).unwrap();
        });
        // If it does not end, dropping this kills it.
        let (out, err) = ended.recv_timeout(PATIENCE).expect("it ends");
        for secret in &self.secrets {
            assert!(!out.contains(secret), "{secret} in {out}");
            assert!(!err.contains(secret), "{secret} in {err}");
        }
        let lines = out.lines().map(serde_json::from_str);
        let mut lines: Vec<Value> = lines.collect::<Result<_, _>>().unwrap();
        Said {
            code: self.child.wait().code(),
            totals: lines.pop().unwrap_or_default(),
            lines,
            err,
        }
    }
}

/// A process that is killed when dropped, if it has not ended.
struct Reaped(Child);

impl Reaped {
    fn wait(&mut self) -> ExitStatus {
        self.0.wait().unwrap()
    }
}

impl Drop for Reaped {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// Finds the program. `cargo test` builds the examples of a package before it runs the tests, but
/// does not tell their path. With `--test` it does not build them, and an old one would be tested.
fn program() -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(|deps| deps.parent()).unwrap();
    let name = format!("fetch{}", env::consts::EXE_SUFFIX);
    let program = profile.join("examples").join(name);
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified());
    let sources = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fetch")).unwrap();
    let newest = sources.map(|source| changed(&source.unwrap().path()).unwrap());
    let built = changed(&program).ok();
    assert!(
        built >= newest.max(),
        "build it first: cargo build --example fetch"
    );
    program
}
