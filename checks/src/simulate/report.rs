//! What is printed of a run that breaks a promise.

use std::process::Command;
use std::time::Duration;

use reauth_simulator::{Choices, Run, Scope, run, shorten, tell as tell_story};

use super::Options;
use crate::{Verdict, progress};

/// How long a run may take while the story of one without end is made shorter.
const BRIEFLY: &str = "0.3";

/// Choices as text: two digits for each.
pub(super) fn text(choices: &[u8]) -> String {
    choices
        .iter()
        .map(|choice| format!("{choice:02x}"))
        .collect()
}

pub(super) fn parse(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || format!("--replay takes choices as they are printed, and not {text:?}");
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return Err(wrong());
    }
    let choice = |at| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong());
    (0..text.len()).step_by(2).map(choice).collect()
}

/// A number with separators.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Tells the story of these choices.
pub(super) fn tell(scope: &Scope, choices: Choices, patience: Duration) -> Verdict {
    let story = tell_story(scope, choices, patience);
    for line in &story.lines {
        progress::line(line);
    }
    progress::line(&format!("choices: {}", text(&story.choices)));
    Verdict::of(story.violation.is_none())
}

/// Tells the shortest story of a run that broke a promise.
pub(super) fn broken(options: &Options, scope: &Scope, plan: Option<usize>, broken: &Run) {
    let promise = broken.violation.as_ref().map(|violation| violation.promise);
    let choices = shorten(broken.bytes(), |choices| {
        let again = run(scope, Choices::given(choices.to_vec()));
        again.violation.map(|violation| violation.promise) == promise
    });
    let story = tell_story(
        scope,
        Choices::given(choices.clone()),
        Duration::from_secs(10),
    );
    for line in &story.lines {
        progress::line(line);
    }
    let departures = choices.iter().filter(|choice| **choice != 0).count();
    progress::line(&format!(
        "a story of {} lines, {} choices, {departures} of them not the usual; again with:\n{}",
        story.lines.len(),
        choices.len(),
        options.replay(plan, &choices),
    ));
}

/// Tells the shortest story of a run without end, which other processes run: they can be stopped.
pub(super) fn without_end(
    options: &Options,
    arguments: &[String],
    plan: Option<usize>,
) -> Result<(), String> {
    let told = child(options, arguments, plan)?;
    let choices = told.choices.ok_or("the run ends when it is told again")?;
    let choices = shorten(choices, |choices| {
        let arguments = ["--replay".to_owned(), text(choices)];
        let again = child(options, &arguments, plan);
        again.is_ok_and(|told| told.choices.is_some())
    });
    let story = child(options, &["--replay".to_owned(), text(&choices)], plan)?;
    story.lines.lines().for_each(progress::line);
    progress::line(&format!("again with:\n{}", options.replay(plan, &choices)));
    Ok(())
}

struct Told {
    lines: String,
    /// If the run has no end.
    choices: Option<Vec<u8>>,
}

fn child(options: &Options, arguments: &[String], plan: Option<usize>) -> Result<Told, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args(["simulate", "--patience", BRIEFLY]);
    command.args(["--processes", &options.processes.to_string()]);
    command.args(["--steps", &options.steps.to_string()]);
    if let Some(plan) = plan {
        command.args(["--plan", &plan.to_string()]);
    }
    let output = command.args(arguments).output();
    let output = output.map_err(|error| error.to_string())?;
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let choices = lines
        .lines()
        .last()
        .and_then(|last| last.strip_prefix("choices: "));
    let choices = choices.filter(|_| lines.contains("a task runs without end"));
    let choices = choices.map(parse).transpose()?;
    Ok(Told { lines, choices })
}
