//! An empty package with one dependency, built from scratch in its own folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::Deserialize;

use crate::BoxError;

/// The workspace of this program.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

const NAME: &str = "nothing";

pub(super) struct Package {
    /// The name of the dependency.
    pub(super) name: &'static str,
    /// Its line in the manifest; `WORKSPACE` stands for the folder of the workspace.
    pub(super) dependencies: &'static str,
}

pub(super) struct Built {
    /// The crates that were compiled, by cargo's identifiers, without the package itself.
    pub(super) crates: BTreeSet<String>,
    /// The processor time of cargo and its children.
    pub(super) cpu: Duration,
}

impl Package {
    pub(super) fn build(&self) -> Result<Built, BoxError> {
        let folder = tempfile::tempdir()?;
        self.write(folder.path())?;
        // Downloads come first, so that they are not measured.
        cargo(folder.path(), &["fetch", "--quiet"])?;
        let before = children()?;
        let said = cargo(
            folder.path(),
            &["build", "--message-format=json", "--quiet"],
        )?;
        let cpu = children()?.saturating_sub(before);
        let mut crates = compiled(&said)?;
        crates.retain(|id| name(id) != NAME);
        Ok(Built { crates, cpu })
    }

    fn write(&self, folder: &Path) -> Result<(), BoxError> {
        let workspace = fs::canonicalize(WORKSPACE)?;
        let workspace_path = workspace
            .to_str()
            .ok_or("the workspace's path is no text")?;
        let dependencies = self.dependencies.replace("WORKSPACE", workspace_path);
        let manifest = format!(
            "[package]\nname = \"{NAME}\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\n{dependencies}\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        fs::create_dir(folder.join("src"))?;
        Ok(fs::write(folder.join("src/lib.rs"), "")?)
    }
}

/// Its standard output.
fn cargo(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, BoxError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cargo = Command::new(cargo);
    cargo.args(arguments).current_dir(folder);
    // Environment variables that cargo sets for this program would change the build.
    for (name, _) in std::env::vars_os() {
        let ours = name.to_string_lossy();
        if ours.starts_with("CARGO_") && ours != "CARGO_HOME" || ours.starts_with("RUSTC_") {
            cargo.env_remove(name);
        }
    }
    let run = cargo
        .env_remove("RUSTFLAGS")
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    match run.status.success() {
        true => Ok(run.stdout),
        false => Err(format!("cargo {}: {}", arguments.join(" "), run.status).into()),
    }
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    package_id: String,
}

/// The packages that were compiled.
fn compiled(messages: &[u8]) -> Result<BTreeSet<String>, BoxError> {
    let mut packages = BTreeSet::new();
    for message in serde_json::Deserializer::from_slice(messages).into_iter::<Message>() {
        let message = message?;
        if message.reason == "compiler-artifact" {
            packages.insert(message.package_id);
        }
    }
    Ok(packages)
}

/// Parses `registry#name@version` or `folder/name#version`.
pub(super) fn name(package_id: &str) -> &str {
    let (place, version) = package_id.rsplit_once('#').unwrap_or((package_id, ""));
    match version.split_once('@') {
        Some((name, _)) => name,
        None => place.rsplit('/').next().unwrap_or(place),
    }
}

/// The processor time of all children that have ended, and of theirs.
fn children() -> Result<Duration, BoxError> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let microseconds =
        usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(microseconds.try_into()?))
}
