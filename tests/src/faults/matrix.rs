//! The fault matrix: each part is run in a vault of its own, judged and kept.

use std::{
    any::Any,
    collections::VecDeque,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
    time::Instant,
};

use super::{
    bench::Bench,
    judge::{Before, Outcome, judge, secret},
    plan::{Extent, Fault, Part, TO_BE_MADE, command, plan},
    results::{Line, PartResult, Results},
    step::Step,
    strace::{Call, Tracer},
};

/// How many parts are run at once, where it is not 2.
const THREADS: &str = "KEYWRIGHT_FAULTS_THREADS";

/// What all parts found, those of an earlier run included.
pub struct Matrix {
    pub parts: Vec<PartResult>,
    /// Parts that could not be run to their end, with the reason.
    pub failed: Vec<String>,
}

/// Runs the parts that are not finished yet.
#[allow(clippy::print_stderr, reason = "whoever runs the whole reads along")]
pub fn matrix(extent: Extent, results: &Results) -> Matrix {
    let planned = runtime().block_on(plan(extent, results));
    let cases: usize = planned.iter().map(|part| part.cases.len()).sum();
    let count = planned.len();
    let mut finished = Vec::new();
    let mut waiting = VecDeque::new();
    for part in planned {
        match results.finished(&part.name()) {
            Some(result) => finished.push(result),
            None => waiting.push_back(part),
        }
    }
    let before: usize = finished.iter().map(|part| part.cases).sum();
    eprintln!(
        "{cases} cases in {count} parts; {} parts with {before} cases were finished before",
        finished.len()
    );
    let waiting = Mutex::new(waiting);
    let finished = Mutex::new(finished);
    let failed = Mutex::new(Vec::new());
    let next = || waiting.lock().expect("no panic elsewhere").pop_front();
    let threads = std::env::var(THREADS)
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(2);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let runtime = runtime();
                let mut bench: Option<Bench> = None;
                while let Some(part) = next() {
                    // A vault with the applications of all cases would be copied for each of them.
                    let old = bench.take().filter(|bench| {
                        extent == Extent::Sample && bench.personality == part.personality
                    });
                    let begun = Instant::now();
                    let ran = catch_unwind(AssertUnwindSafe(|| runtime.block_on(run(old, &part))));
                    match ran {
                        Ok((used, lines)) => {
                            bench = Some(used);
                            let result = PartResult::of(&part.name(), &lines, begun.elapsed());
                            results.keep(&result);
                            let mut finished = finished.lock().expect("no panic elsewhere");
                            finished.push(result);
                            say(&finished, count, cases);
                        }
                        Err(panic) => {
                            let why = format!("{}: {}", part.name(), reason(&*panic));
                            eprintln!("NOT FINISHED: {why}");
                            failed.lock().expect("no panic elsewhere").push(why);
                        }
                    }
                }
            });
        }
    });
    Matrix {
        parts: finished.into_inner().expect("no panic elsewhere"),
        failed: failed.into_inner().expect("no panic elsewhere"),
    }
}

/// The last part, and how far the whole is.
#[allow(clippy::print_stderr, reason = "whoever runs the whole reads along")]
fn say(finished: &[PartResult], parts: usize, cases: usize) {
    let Some(last) = finished.last() else { return };
    let done: usize = finished.iter().map(|part| part.cases).sum();
    eprintln!(
        "{}: {} cases, {} with a loss, {} s; {} of {parts} parts, {done} of {cases} cases",
        last.part,
        last.cases,
        last.losses.len(),
        last.seconds,
        finished.len(),
    );
}

/// The text of a panic.
pub fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a text")
        .to_owned()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
}

async fn run(bench: Option<Bench>, part: &Part) -> (Bench, Vec<Line>) {
    let mut bench = match bench {
        Some(bench) => bench,
        None => Bench::new(part.personality).await,
    };
    let names = match part.step {
        // Each registration has a copy of its own, and a name that no copy has.
        Step::Register => vec![TO_BE_MADE.to_owned(); part.cases.len()],
        _ => bench.applications(part.cases.len()).await,
    };
    let mut lines = Vec::new();
    for ((index, call), name) in part.cases.iter().zip(names) {
        let Outcome { text, losses } =
            Box::pin(case(&bench, part.step, part.fault, call, &name)).await;
        lines.push(Line {
            fault: part.fault.name,
            provider: part.personality.name(),
            step: part.step.name(),
            call: format!("{} {}/{}", call.label, index + 1, part.total),
            outcome: text,
            losses,
        });
    }
    (bench, lines)
}

async fn case(bench: &Bench, step: Step, fault: &Fault, call: &Call, name: &str) -> Outcome {
    let home = bench.copy("case");
    let log = bench.cli.folder().join("strace.log");
    let tracer = Tracer {
        home: &home,
        log: &log,
    };
    let keywright = super::open(&home)
        .await
        .expect("a copy of a vault at rest opens");
    let found = keywright.applications().get(name).ok();
    let before = Before {
        step,
        name,
        clients: bench.clients(),
        secret: found
            .as_ref()
            .and_then(|application| secret(&keywright, &application.id)),
        client: found.map(|application| application.client_id),
    };
    keywright.lock();
    let command = command(bench, step, name, &home);
    let ended = tracer.strike(&command, fault.set, fault.blow, call);
    let outcome = judge(bench, &home, &before, &ended).await;
    fs::remove_dir_all(&home).expect("a folder");
    outcome
}
