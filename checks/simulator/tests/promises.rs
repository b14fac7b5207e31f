//! Real sessions keep their promises in a simulated world: at random, in all orders of short
//! plans, and with the inputs of the fuzz target.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use reauth_simulator::{
    Choices, Limits, Plan, Run, Scope, Situation, Situations, quiet_panics, run, search, shorten,
    tell,
};

/// How long a run may take before it counts as one without end.
const PATIENCE: Duration = Duration::from_secs(5);

const fn scope(processes: u8) -> Scope {
    Scope {
        processes,
        steps: 80,
        plan: None,
        recording: None,
    }
}

/// Random runs, until one breaks a promise: its number.
fn walk(scope: &Scope, runs: u64, met: &mut Situations, pulse: &AtomicU64) -> Option<(u64, Run)> {
    for number in 0..runs {
        pulse.store(number, Ordering::Relaxed);
        let run = run(scope, Choices::random(1, number));
        met.extend(run.situations);
        if run.violation.is_some() {
            return Some((number, run));
        }
    }
    None
}

/// Does the work in a thread of its own, and fails if a run of it does not end: the work changes
/// its pulse with each run.
fn in_time<T: Send + 'static>(work: impl FnOnce(&AtomicU64) -> T + Send + 'static) -> T {
    quiet_panics();
    let pulse = Arc::<AtomicU64>::default();
    let (done, ends) = mpsc::channel();
    let (started, theirs) = (Instant::now(), Arc::clone(&pulse));
    let thread = thread::spawn(move || _ = done.send(work(&theirs)));
    let mut last = u64::MAX;
    loop {
        match ends.recv_timeout(PATIENCE) {
            Ok(output) => return output,
            Err(RecvTimeoutError::Timeout) => {
                let now = pulse.load(Ordering::Relaxed);
                if now == last {
                    let seconds = started.elapsed().as_secs();
                    panic!(
                        "\nfound after {seconds} s, in run {now}: promise 8: it runs without end"
                    );
                }
                last = now;
            }
            Err(RecvTimeoutError::Disconnected) => match thread.join() {
                Ok(()) => unreachable!("it sends before it ends"),
                Err(panic) => std::panic::resume_unwind(panic),
            },
        }
    }
}

/// Fails with the shortest story of a run that breaks a promise.
fn fail(scope: &Scope, broken: &Run, which: &str) -> ! {
    let promise = broken.violation.as_ref().map(|violation| violation.promise);
    let choices = shorten(broken.bytes(), |choices| {
        let again = run(scope, Choices::given(choices.to_vec()));
        again.violation.map(|violation| violation.promise) == promise
    });
    let many = choices.len();
    let story = tell(scope, Choices::given(choices), PATIENCE);
    let why = story.violation.map(|violation| violation.to_string());
    panic!(
        "\nfound {which}: {}; a story of {} lines, {many} choices\n{}",
        why.unwrap_or_default(),
        story.lines.len(),
        story.lines.join("\n"),
    );
}

#[test]
fn one_process_keeps_every_promise_in_random_runs_which_meet_every_situation() {
    in_time(|pulse| {
        let (scope, started) = (scope(1), Instant::now());
        let mut met = Situations::default();
        if let Some((number, broken)) = walk(&scope, 150_000, &mut met, pulse) {
            let seconds = started.elapsed().as_secs_f32();
            let which = format!("after {seconds:.1} s, in run {number}");
            fail(&scope, &broken, &which);
        }
        let missing: Vec<_> = Situation::of(1)
            .filter(|situation| !met.contains(*situation))
            .map(Situation::text)
            .collect();
        assert!(missing.is_empty(), "not met: {missing:?}");
    });
}

#[test]
fn one_process_keeps_every_promise_in_all_orders_near_the_usual() {
    in_time(|pulse| {
        for plan in Plan::ALL {
            let scope = Scope {
                plan: Some(*plan),
                steps: 1000,
                ..scope(1)
            };
            let limits = Limits {
                departures: 1,
                faults: 1,
            };
            let started = Instant::now();
            let broken = search(&scope, limits, NonZero::<usize>::MIN, &|_| {
                pulse.fetch_add(1, Ordering::Relaxed);
            });
            if let Some(broken) = broken {
                let seconds = started.elapsed().as_secs_f32();
                fail(
                    &scope,
                    &broken,
                    &format!("after {seconds:.1} s, in {:?}", plan.name),
                );
            }
        }
    });
}

#[test]
fn several_processes_keep_every_promise_in_random_runs_which_meet_every_situation() {
    in_time(|pulse| {
        let (scope, started) = (scope(3), Instant::now());
        let mut met = Situations::default();
        if let Some((number, broken)) = walk(&scope, 60_000, &mut met, pulse) {
            let seconds = started.elapsed().as_secs_f32();
            let which = format!("after {seconds:.1} s, in run {number}");
            fail(&scope, &broken, &which);
        }
        let missing: Vec<_> = Situation::of(3)
            .filter(|situation| !met.contains(*situation))
            .map(Situation::text)
            .collect();
        assert!(missing.is_empty(), "not met: {missing:?}");
    });
}

#[test]
fn a_run_is_repeated_by_its_choices() {
    in_time(|pulse| {
        for number in 0..200 {
            pulse.store(number, Ordering::Relaxed);
            let first = run(&scope(2), Choices::random(7, number));
            let again = run(&scope(2), Choices::given(first.bytes()));
            assert_eq!(first.choices, again.choices);
            assert_eq!(first.violation, again.violation);
            assert_eq!(first.steps, again.steps);
        }
    });
}

#[test]
fn a_story_gets_as_short_as_it_can() {
    let breaks = |choices: &[u8]| choices.contains(&3) && choices.iter().any(|it| *it > 4);
    let long = vec![0, 9, 1, 0, 3, 3, 0, 7, 0, 0];
    let short = shorten(long, breaks);
    assert_eq!(short.len(), 2, "{short:?}");
    assert!(breaks(&short) && short.contains(&5));
}

#[test]
fn the_corpus_of_the_fuzz_target_holds() {
    in_time(|pulse| {
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/session");
        let mut files = 0;
        for file in std::fs::read_dir(corpus).expect("the corpus is there") {
            pulse.fetch_add(1, Ordering::Relaxed);
            let bytes = std::fs::read(file.expect("a file").path()).expect("it can be read");
            // As the target has it.
            let (processes, bytes) = bytes.split_first().unwrap_or((&0, &[]));
            let scope = Scope {
                steps: 200,
                ..scope(1 + processes % 3)
            };
            let run = run(&scope, Choices::given(bytes.to_vec()));
            if run.violation.is_some() {
                fail(&scope, &run, "in the corpus");
            }
            files += 1;
        }
        assert!(files > 10, "{files} files");
    });
}
