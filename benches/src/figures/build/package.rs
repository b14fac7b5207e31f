//! An empty package with one dependency, built from nothing in a folder of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::Deserialize;

use crate::BoxError;

/// The workspace that this program is of.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

const NAME: &str = "nothing";

pub(super) struct Package {
    /// Of its one dependency.
    pub(super) name: &'static str,
    /// As in a manifest; `WORKSPACE` is the folder of this one.
    pub(super) dependencies: &'static str,
}

pub(super) struct Built {
    /// Those that were compiled, by cargo's identifiers, this one not among them.
    pub(super) crates: BTreeSet<String>,
    /// Of cargo and all that it started.
    pub(super) cpu: Duration,
}

impl Package {
    pub(super) fn build(&self) -> Result<Built, BoxError> {
        let folder = tempfile::tempdir()?;
        self.write(folder.path())?;
        // What is to be downloaded is not built here, and costs its time now.
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
    // A user has none of what cargo and its caller set for this program.
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

/// The packages of which something was compiled.
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

/// Of `registry#name@version`, or of `folder/name#version`.
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
