//! Runs this program under valgrind, which counts the instructions of all its threads, and none of
//! the kernel.

use std::env::current_exe;
use std::fs::read_to_string;
use std::hint::black_box;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::BoxError;

/// A mark: callgrind writes its count whenever this function is entered, and starts at zero.
#[inline(never)]
pub(crate) fn reauth_benches_mark() {
    black_box(());
}

/// The mark by its name, however it is mangled.
const MARK: &str = "*reauth_benches_mark*";

/// Why there is no count, if there is none.
pub(crate) fn missing() -> Option<String> {
    let version = Command::new("valgrind").arg("--version").output();
    match version {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(format!("valgrind does not run: {}", output.status)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Some("there is no valgrind".to_owned())
        }
        Err(error) => Some(format!("valgrind does not run: {error}")),
    }
}

/// The instructions between each two marks of this program, run with these arguments. Those before
/// the first mark come first; those after the last are left out.
pub(crate) fn instructions(arguments: &[String]) -> Result<Vec<u64>, BoxError> {
    let folder = tempfile::tempdir()?;
    let base = folder.path().join("count");
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--dump-before={MARK}"))
        .arg(format!("--callgrind-out-file={}", base.display()))
        .arg(current_exe()?)
        .args(arguments)
        .env_clear()
        .stdin(Stdio::null())
        .output()?;
    if !run.status.success() {
        let said = String::from_utf8_lossy(&run.stderr);
        return Err(format!("under valgrind: {}, {said}", run.status).into());
    }
    let mut counts = Vec::new();
    loop {
        let dump = base.with_extension((counts.len() + 1).to_string());
        if !dump.exists() {
            return Ok(counts);
        }
        counts.push(total(&dump)?);
    }
}

fn total(dump: &Path) -> Result<u64, BoxError> {
    let text = read_to_string(dump)?;
    let total = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("totals: "));
    let total = total.ok_or("a count of callgrind has no total")?;
    Ok(total.trim().parse()?)
}
