//! Real sessions in a simulated world: every order, every fault.

mod report;
mod workers;

use std::num::NonZero;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::{Args, value_parser};
use indicatif::ProgressBar;
use reauth_simulator::{Choices, Limits, Plan, Run, Scope, Situation, Situations, Watched, search};

use crate::{Verdict, exit_code, progress};
use workers::{Doing, Worker, Workers};

/// Look for an order of events in which a session breaks a promise.
///
/// Runs real sessions over a simulated transport, token server, store, clock and scheduler. Each
/// run is a random walk: which task is polled next and which is held back, what the servers answer
/// and when, what is lost or late, which future is dropped, when a process dies. Nothing is asked
/// of the session: what reached the simulated servers is compared with the promises.
///
/// If a promise is broken, it prints the run, the shortest story that it finds by dropping choices,
/// and the command that repeats it.
///
/// `--exhaustive` runs short plans in all orders that depart from the usual one a few times.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Processes, which share a store if there are several
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u8).range(1..=4))]
    processes: u8,

    /// Random runs
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    runs: u64,

    /// The seed of all runs
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,

    /// After how many steps of a run the faults stop
    #[arg(long, value_name = "N", default_value_t = 80)]
    steps: u32,

    /// How many runs there are at once
    #[arg(long, value_name = "N", default_value_t = threads())]
    threads: NonZero<usize>,

    /// Fail if a situation was not met
    #[arg(long)]
    meet_all: bool,

    /// Run short plans in all orders within the limits
    #[arg(long, conflicts_with_all = ["runs", "seed", "meet_all"])]
    exhaustive: bool,

    /// Departures from the usual order in an exhaustive search
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = value_parser!(u8).range(..=6))]
    departures: u8,

    /// Faults in an exhaustive search
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u8).range(..=3))]
    faults: u8,

    /// Only the plan of this number
    #[arg(long, value_name = "NUMBER")]
    plan: Option<usize>,

    /// Tell the story of the run of this number
    #[arg(long, value_name = "NUMBER", conflicts_with = "exhaustive")]
    run: Option<u64>,

    /// Tell the story of these choices, as printed with a broken promise
    #[arg(long, value_name = "CHOICES", conflicts_with_all = ["exhaustive", "run"])]
    replay: Option<String>,

    /// How many seconds a run may take before it counts as one without end
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    patience: f32,
}

fn threads() -> NonZero<usize> {
    std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// Steps of the whole program, of which the scope of a plan has enough.
const STEPS_OF_A_PLAN: u32 = 1000;

pub(crate) fn run(options: &Options) -> ExitCode {
    exit_code(all(options))
}

fn all(options: &Options) -> Result<Verdict, String> {
    reauth_simulator::quiet_panics();
    let patience = Duration::try_from_secs_f32(options.patience);
    let patience = patience.map_err(|error| format!("--patience: {error}"))?;
    let told = match (&options.replay, options.run) {
        (Some(choices), _) => Some(Choices::given(report::parse(choices)?)),
        (None, Some(run)) => Some(Choices::random(options.seed, run)),
        (None, None) => None,
    };
    if let Some(choices) = told {
        let scope = options.scope(options.chosen()?.first().map(|(_, plan)| *plan));
        return Ok(report::tell(&scope, choices, patience));
    }
    _ = options.chosen()?;
    match options.exhaustive {
        true => options.exhaust(patience),
        false => options.walk(patience),
    }
}

impl Options {
    fn scope(&self, plan: Option<Plan>) -> Scope {
        Scope {
            processes: self.processes,
            steps: plan.map_or(self.steps, |_| STEPS_OF_A_PLAN),
            plan,
            recording: None,
        }
    }

    /// The plans of an exhaustive search, or the one that was named.
    fn chosen(&self) -> Result<Vec<(usize, Plan)>, String> {
        let plans = Plan::ALL.iter().copied().enumerate();
        match self.plan {
            Some(number) if number >= Plan::ALL.len() => {
                let last = Plan::ALL.len() - 1;
                Err(format!("there is no plan {number}: they are 0 to {last}"))
            }
            Some(_) if !self.exhaustive && self.replay.is_none() => {
                Err("--plan needs --exhaustive or --replay: random runs have none".to_owned())
            }
            Some(only) => Ok(plans.filter(|(number, _)| *number == only).collect()),
            None if self.exhaustive => Ok(plans.collect()),
            None => Ok(Vec::new()),
        }
    }

    /// The command that tells a story again.
    fn replay(&self, plan: Option<usize>, choices: &[u8]) -> String {
        let mut command = format!(
            "reauth-checks simulate --processes {} --steps {}",
            self.processes, self.steps
        );
        if let Some(plan) = plan {
            command += &format!(" --plan {plan}");
        }
        match choices {
            [] => command + " --replay ''",
            choices => format!("{command} --replay {}", report::text(choices)),
        }
    }

    /// Random runs.
    fn walk(&self, patience: Duration) -> Result<Verdict, String> {
        let scope = self.scope(None);
        let started = Instant::now();
        let bar = progress::bar(usize::try_from(self.runs).unwrap_or(usize::MAX), "runs");
        let [next, ended, steps] = [const { AtomicU64::new(0) }; 3];
        let found = Mutex::new(Found::default());
        let workers = Workers::new(self.threads.get(), patience);
        let work = |worker: &Worker| {
            let mut met = Situations::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= self.runs {
                    break;
                }
                worker.begins(Doing::Random(number));
                let run = reauth_simulator::run(&scope, Choices::random(self.seed, number));
                worker.ended();
                ended.fetch_add(1, Ordering::Relaxed);
                steps.fetch_add(run.steps, Ordering::Relaxed);
                met.extend(run.situations);
                bar.inc(1);
                if run.violation.is_some() {
                    lock(&found).add(number, run);
                    next.store(self.runs, Ordering::Relaxed);
                }
            }
            lock(&found).met.extend(met);
        };
        workers.work(&bar, work, |doing| self.stuck(None, doing, started));
        let seconds = started.elapsed().as_secs_f64();
        bar.finish_and_clear();
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let steps = steps.into_inner();
        let runs = ended.into_inner();
        progress::line(&format!(
            "{} runs, {} steps, {} steps a second on {} threads",
            report::grouped(runs),
            report::grouped(steps),
            report::grouped((steps as f64 / seconds) as u64),
            self.threads,
        ));
        found.report(self, &scope, seconds)
    }

    /// A run does not end: a task is polled, and never yields.
    fn stuck(&self, plan: Option<usize>, doing: Doing, since: Instant) {
        let seconds = since.elapsed().as_secs_f32();
        let arguments = match doing {
            Doing::Random(number) => {
                progress::line(&format!(
                    "run {number} of seed {} never ends, after {seconds:.1} s:",
                    self.seed
                ));
                let (seed, number) = (self.seed.to_string(), number.to_string());
                ["--seed", &seed, "--run", &number]
                    .map(str::to_owned)
                    .into()
            }
            Doing::These(choices) => vec!["--replay".to_owned(), report::text(&choices)],
        };
        if let Err(error) = report::without_end(self, &arguments, plan) {
            eprintln!("error: {error}");
        }
    }

    /// All orders of the plans within the limits.
    fn exhaust(&self, patience: Duration) -> Result<Verdict, String> {
        let limits = Limits {
            departures: self.departures,
            faults: self.faults,
        };
        let chosen = self.chosen()?;
        progress::line("    runs       steps  seconds  plan");
        let (mut all, began) = (0, Instant::now());
        for (number, plan) in chosen {
            let scope = self.scope(Some(plan));
            let started = Instant::now();
            let bar = ProgressBar::new_spinner();
            bar.enable_steady_tick(Duration::from_millis(100));
            bar.set_message(plan.name);
            let (runs, steps) = (AtomicU64::new(0), AtomicU64::new(0));
            let workers = Workers::new(1, patience);
            let broken = Mutex::new(None);
            let work = |worker: &Worker| {
                let watch = |watched: Watched<'_>| match watched {
                    Watched::Begins(choices) => worker.begins(Doing::These(choices.to_vec())),
                    Watched::Ended(run) => {
                        worker.ended();
                        runs.fetch_add(1, Ordering::Relaxed);
                        steps.fetch_add(run.steps, Ordering::Relaxed);
                    }
                };
                *lock(&broken) = search(&scope, limits, self.threads, &watch);
            };
            workers.work(&bar, work, |doing| self.stuck(Some(number), doing, started));
            bar.finish_and_clear();
            let (runs, steps) = (runs.into_inner(), steps.into_inner());
            all += runs;
            let seconds = started.elapsed().as_secs_f32();
            progress::line(&format!(
                "{runs:>8}  {steps:>10}  {seconds:>7.1}  {number} {}",
                plan.name
            ));
            let broken = broken.into_inner().unwrap_or_else(PoisonError::into_inner);
            if let Some(run) = broken {
                report::broken(self, &scope, Some(number), &run);
                return Ok(Verdict::Broken);
            }
        }
        let seconds = began.elapsed().as_secs_f32();
        progress::line(&format!(
            "{} runs in {seconds:.1} s, no promise broken",
            report::grouped(all)
        ));
        Ok(Verdict::Kept)
    }
}

/// What the random runs found.
#[derive(Default)]
struct Found {
    met: Situations,
    /// The first run that broke a promise.
    broken: Option<(u64, Run)>,
}

impl Found {
    fn add(&mut self, number: u64, run: Run) {
        let first = self.broken.as_ref().map(|(first, _)| *first);
        if first.is_none_or(|first| number < first) {
            self.broken = Some((number, run));
        }
    }

    fn report(self, options: &Options, scope: &Scope, seconds: f64) -> Result<Verdict, String> {
        if let Some((number, run)) = &self.broken {
            progress::line(&format!(
                "run {number} of seed {}, after {seconds:.1} s:",
                options.seed
            ));
            report::broken(options, scope, None, run);
            return Ok(Verdict::Broken);
        }
        let all: Vec<_> = Situation::of(options.processes).collect();
        let met = |situation: &Situation| self.met.contains(*situation);
        let missing: Vec<_> = all.iter().filter(|situation| !met(situation)).collect();
        let all = all.len();
        progress::line(&format!("{} of {all} situations met", all - missing.len()));
        for situation in &missing {
            progress::line(&format!("not met: {}", situation.text()));
        }
        Ok(Verdict::of(missing.is_empty() || !options.meet_all))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
