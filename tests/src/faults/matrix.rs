//! The fault matrix: each fault at each step of the main job at each provider, and how it ended.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path, sync::Mutex};

use keywright_sandbox::Personality;

use super::{
    bench::{Bench, CONFIG},
    judge::{Before, Outcome, judge, secret},
    step::Step,
    strace::{Blow, CHANGING, Call, FILLING, SENDING, SYNCING, Tracer},
};

/// The faults, each with the calls that it hits and how many of them a short run takes for each step.
const FAULTS: [Fault; 5] = [
    Fault {
        name: "killed at a write",
        set: CHANGING,
        blow: Blow::Kill,
        sample: 6,
    },
    Fault {
        name: "killed on the wire",
        set: SENDING,
        blow: Blow::Kill,
        sample: 1,
    },
    Fault {
        name: "disk full",
        set: FILLING,
        blow: Blow::FromHereOn("ENOSPC"),
        sample: 2,
    },
    Fault {
        name: "I/O error",
        set: FILLING,
        blow: Blow::Once("EIO"),
        sample: 1,
    },
    Fault {
        name: "failed fsync",
        set: SYNCING,
        blow: Blow::Once("EIO"),
        sample: 1,
    },
];

struct Fault {
    name: &'static str,
    set: &'static [&'static str],
    blow: Blow,
    sample: usize,
}

/// The name of what a registration makes; no application has it.
const TO_BE_MADE: &str = "to-be-made";

/// How many of the calls are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A fixed number for each fault and step, spread evenly.
    Sample,
    /// Every one.
    All,
}

/// One case.
#[derive(Debug)]
pub struct Line {
    pub fault: &'static str,
    pub provider: &'static str,
    pub step: &'static str,
    /// The call that was hit, with its number of how many.
    pub call: String,
    pub outcome: String,
    pub losses: Vec<String>,
}

/// Runs all cases, two providers at a time.
pub fn matrix(extent: Extent) -> Vec<Line> {
    let waiting = Mutex::new(Personality::ALL.to_vec());
    let lines = Mutex::new(Vec::new());
    let next = || waiting.lock().expect("no panic elsewhere").pop();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(1)
                    .enable_all()
                    .build()
                    .expect("a runtime");
                while let Some(personality) = next() {
                    let own = runtime.block_on(provider(personality, extent));
                    lines.lock().expect("no panic elsewhere").extend(own);
                }
            });
        }
    });
    lines.into_inner().expect("no panic elsewhere")
}

#[allow(clippy::print_stderr, reason = "whoever runs the whole reads along")]
async fn provider(personality: Personality, extent: Extent) -> Vec<Line> {
    let mut bench = Bench::new(personality).await;
    let mut lines = Vec::new();
    let able = {
        let name = bench.applications(1).await.remove(0);
        let keywright = super::open(&bench.cli.home())
            .await
            .expect("the vault opens");
        let application = keywright.application(&name).expect("an application");
        keywright.lock();
        Step::ALL
            .into_iter()
            .filter(move |step| step.can_be_done_with(&application))
    };
    for step in able {
        let own = faults_of(&mut bench, step, extent).await;
        // The whole takes hours: what was found until somebody ends it is told.
        let lost = own.iter().filter(|line| !line.losses.is_empty()).count();
        eprintln!(
            "{} {}: {} cases, {lost} with a loss",
            personality.name(),
            step.name(),
            own.len()
        );
        lines.extend(own);
    }
    lines
}

async fn faults_of(bench: &mut Bench, step: Step, extent: Extent) -> Vec<Line> {
    let unharmed = match step {
        Step::Register => TO_BE_MADE.to_owned(),
        _ => bench.applications(1).await.remove(0),
    };
    let home = bench.copy("unharmed");
    let log = bench.cli.folder().join("strace.log");
    let tracer = Tracer {
        home: &home,
        log: &log,
    };
    let command = command(bench, step, &unharmed, &home);
    let record = tracer.record(&command);
    fs::remove_dir_all(&home).expect("a folder");

    let mut cases = Vec::new();
    for fault in &FAULTS {
        let calls = record.calls(fault.set);
        let total = calls.len();
        let chosen = match extent {
            Extent::Sample => spread(total, fault.sample),
            Extent::All => (0..total).collect(),
        };
        cases.extend(
            chosen
                .into_iter()
                .map(|index| (fault, index, total, calls[index].clone())),
        );
    }
    let names = match step {
        // Each registration has a copy of its own, and a name that no copy has.
        Step::Register => vec![TO_BE_MADE.to_owned(); cases.len()],
        _ => bench.applications(cases.len()).await,
    };
    let mut lines = Vec::new();
    for ((fault, index, total, call), name) in cases.into_iter().zip(names) {
        let Outcome { text, losses } = case(bench, step, fault, &call, &name).await;
        lines.push(Line {
            fault: fault.name,
            provider: bench.personality.name(),
            step: step.name(),
            call: format!("{} {}/{total}", call.label, index + 1),
            outcome: text,
            losses,
        });
    }
    lines
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
    let found = keywright.application(name).ok();
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

fn command(bench: &Bench, step: Step, name: &str, home: &Path) -> std::process::Command {
    let change = bench.cli.folder().join("change.json").display().to_string();
    let arguments = step.arguments(name, CONFIG, &change, &bench.aim());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = bench.cli.command(&arguments);
    command.env("KEYWRIGHT_HOME", home);
    command
}

/// This many of `total` places, from the first to the last.
fn spread(total: usize, wanted: usize) -> Vec<usize> {
    if wanted >= total {
        return (0..total).collect();
    }
    (0..wanted)
        .map(|one| (2 * one + 1) * total / (2 * wanted))
        .collect()
}

/// The lines as a table: fault by step, how each ended and how often.
pub fn table(lines: &[Line]) -> String {
    let mut counts: BTreeMap<(&str, &str, &str), BTreeMap<&str, usize>> = BTreeMap::new();
    for line in lines {
        *counts
            .entry((line.fault, line.step, line.provider))
            .or_default()
            .entry(&line.outcome)
            .or_default() += 1;
    }
    let mut text = String::new();
    for ((fault, step, provider), outcomes) in counts {
        for (outcome, count) in outcomes {
            let _ = writeln!(
                text,
                "{fault:<19} {step:<9} {provider:<12} {count:>4} × {outcome}"
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn places_are_spread_over_the_whole() {
        assert_eq!(spread(100, 4), [12, 37, 62, 87]);
        assert_eq!(spread(3, 4), [0, 1, 2]);
        assert_eq!(spread(1, 1), [0]);
    }
}
