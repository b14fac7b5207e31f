//! A copy of the project in which defects are planted.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, io};

use rustix::process::{Pid, Signal, kill_process_group};

use super::defects::Defect;
use super::nets::Net;

/// Time limit for a test program: a defect may make one wait forever.
const TEST_TIMEOUT: Duration = Duration::from_secs(300);
/// Time limit for a build from scratch, with the clients.
const BUILD_TIMEOUT: Duration = Duration::from_secs(1800);

/// What the tests of a net said.
pub(super) enum Tested {
    Passed,
    /// The first test that failed, or another reason.
    Failed(String),
    /// The first error of the compiler.
    NotBuilt(String),
}

/// A copy of the project.
pub(super) struct Copy {
    project: PathBuf,
    tree: PathBuf,
    /// A target directory of its own: cargo would mistake the crates of the copy for those of the
    /// project.
    target: PathBuf,
    log: PathBuf,
}

impl Copy {
    /// Brings the copy up to date. A file that has not changed keeps its time stamp, so that cargo
    /// does not build it again.
    pub(super) fn new() -> Result<Self, String> {
        let project = project()?;
        let place = project.join("target/sabotage");
        let tree = place.join("tree");
        update(&project, &tree).map_err(|error| format!("{}: {error}", tree.display()))?;
        Ok(Self {
            project,
            tree,
            target: place.join("build"),
            log: place.join("log"),
        })
    }

    /// The sound text of the defect's file, and the broken one.
    pub(super) fn place(&self, defect: &Defect) -> Result<(String, String), String> {
        place(&self.project, defect)
    }

    pub(super) fn plant(&self, defect: &Defect) -> Result<(), String> {
        let (_, broken) = self.place(defect)?;
        self.write(defect, &broken)
    }

    pub(super) fn mend(&self, defect: &Defect) -> Result<(), String> {
        let (sound, _) = self.place(defect)?;
        self.write(defect, &sound)
    }

    fn write(&self, defect: &Defect, text: &str) -> Result<(), String> {
        let written = fs::write(self.tree.join(defect.file), text);
        written.map_err(|error| format!("{}: {error}", defect.file))
    }

    /// Builds and runs the tests of a net, as far as the first that fails.
    pub(super) fn test(&self, net: &Net) -> Result<Tested, String> {
        for test in net.tests(&self.tree)? {
            match self.test_one(&test)? {
                Tested::Passed => {}
                other @ (Tested::Failed(_) | Tested::NotBuilt(_)) => return Ok(other),
            }
        }
        Ok(Tested::Passed)
    }

    fn test_one(&self, arguments: &[String]) -> Result<Tested, String> {
        let built = self.cargo(arguments, &["--no-run"], BUILD_TIMEOUT)?;
        if !built.success() {
            return Ok(Tested::NotBuilt(match built.status {
                None => "it takes too long".to_owned(),
                Some(status) => built.line("error").unwrap_or_else(|| status.to_string()),
            }));
        }
        let tested = self.cargo(arguments, &[], TEST_TIMEOUT)?;
        if tested.success() {
            return Ok(Tested::Passed);
        }
        Ok(Tested::Failed(tested.failed_test().unwrap_or_else(
            || match tested.status {
                None => format!("no end within {} s", TEST_TIMEOUT.as_secs()),
                Some(status) => tested.line("error").unwrap_or_else(|| status.to_string()),
            },
        )))
    }

    fn cargo(
        &self,
        arguments: &[String],
        more: &[&str],
        timeout: Duration,
    ) -> Result<Output, String> {
        // `cargo run` sets the variable. Without it, rustup's own `cargo` sets the toolchain, which a
        // crate's `rust-toolchain.toml` could change otherwise.
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut cargo = Command::new(cargo);
        cargo
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target)
            // Each build differs from the one before in one place.
            .env("CARGO_INCREMENTAL", "1")
            .env("RUST_BACKTRACE", "0")
            .args(["test", "--color", "never", "--offline"])
            .args(arguments)
            .args(more);
        run(cargo, &self.log, timeout).map_err(|error| format!("cargo: {error}"))
    }
}

fn project() -> Result<PathBuf, String> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let found = project.canonicalize();
    found.map_err(|error| format!("{}: {error}", project.display()))
}

fn place(project: &Path, defect: &Defect) -> Result<(String, String), String> {
    let Defect { name, file, .. } = defect;
    let sound = fs::read_to_string(project.join(file));
    let sound = sound.map_err(|error| format!("{name}: {file}: {error}"))?;
    match sound.matches(defect.sound).count() {
        1 => {
            let mut broken = sound.replace(defect.sound, defect.broken);
            for (sound, instead) in defect.more {
                if !broken.contains(sound) {
                    return Err(format!("{name}: {file} has no text {sound:?}"));
                }
                broken = broken.replace(sound, instead);
            }
            Ok((sound, broken))
        }
        many => Err(format!(
            "{name}: {file} has the text {many} times, and not once: {:?}",
            defect.sound
        )),
    }
}

struct Output {
    /// `None` if it was stopped because it took too long.
    status: Option<ExitStatus>,
    text: String,
}

impl Output {
    fn success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    fn line(&self, start: &str) -> Option<String> {
        let found = self.text.lines().find(|line| line.starts_with(start));
        found.map(str::to_owned)
    }

    fn failed_test(&self) -> Option<String> {
        // The simulator says more than the name of a test.
        if let Some(found) = self.line("found ") {
            return Some(found);
        }
        let failed = self.text.lines().find(|line| line.ends_with("FAILED"))?;
        let name = failed.strip_prefix("test ")?.split(" ... ").next();
        name.map(str::to_owned)
    }
}

/// Runs a command in a process group of its own, which is stopped as a whole when its time is up.
fn run(mut command: Command, log: &Path, timeout: Duration) -> io::Result<Output> {
    let file = File::create(log)?;
    let both = file.try_clone()?;
    let mut child = command.stdout(file).stderr(both).process_group(0).spawn()?;
    let started = Instant::now();
    let status = loop {
        match child.try_wait()? {
            Some(status) => break Some(status),
            None if started.elapsed() > timeout => {
                kill_process_group(Pid::from_child(&child), Signal::KILL)?;
                child.wait()?;
                break None;
            }
            None => sleep(Duration::from_millis(20)),
        }
    };
    let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    Ok(Output { status, text })
}

/// Makes `to` the same as `from`, without hidden files and what cargo built.
fn update(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        let text = fs::read(from)?;
        if fs::read(to).is_ok_and(|copied| copied == text) {
            return Ok(());
        }
        return fs::write(to, text);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if !from.join(entry.file_name()).exists() {
            match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path())?,
                false => fs::remove_file(entry.path())?,
            }
        }
    }
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        if name != "target" && !name.as_encoded_bytes().starts_with(b".") {
            update(&from.join(&name), &to.join(&name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
