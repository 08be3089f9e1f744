//! What the fault matrix tries: each fault at the calls of each step at each provider.

use std::{collections::BTreeMap, fs, path::Path};

use keywright_sandbox::Personality;

use super::{
    bench::{Bench, CONFIG},
    results::Results,
    step::Step,
    strace::{Blow, CHANGING, Call, FILLING, SENDING, SYNCING, Tracer},
};

/// The faults, each with the calls that it hits and how many of them a short run takes for each step.
pub(super) const FAULTS: [Fault; 5] = [
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

pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) set: &'static [&'static str],
    pub(super) blow: Blow,
    sample: usize,
}

/// The name of what a registration makes; no application has it.
pub(super) const TO_BE_MADE: &str = "to-be-made";

/// The file of the calls, in the folder of the results.
const PLAN: &str = "plan";

/// How many of the calls are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A fixed number for each fault and step, spread evenly.
    Sample,
    /// Every one.
    All,
}

/// What is run and kept as a whole: one fault at one step at one provider.
pub(super) struct Part {
    pub(super) personality: Personality,
    pub(super) step: Step,
    pub(super) fault: &'static Fault,
    /// The calls to be hit, by their place among all.
    pub(super) cases: Vec<(usize, Call)>,
    /// How many calls there are.
    pub(super) total: usize,
}

impl Part {
    pub(super) fn name(&self) -> String {
        name(self.personality, self.step, self.fault)
    }
}

fn name(personality: Personality, step: Step, fault: &Fault) -> String {
    format!("{} {}, {}", personality.name(), step.name(), fault.name)
}

/// The calls of every part, by its name. A resumed run hits the calls that the first one recorded.
type Calls = BTreeMap<String, Vec<Call>>;

/// All parts, provider by provider.
pub(super) async fn plan(extent: Extent, results: &Results) -> Vec<Part> {
    let calls: Calls = if let Some(calls) = results.read(PLAN) {
        calls
    } else {
        let mut calls = Calls::new();
        for personality in Personality::ALL {
            record(personality, &mut calls).await;
        }
        results.write(PLAN, &calls);
        calls
    };
    let mut parts = Vec::new();
    for personality in Personality::ALL {
        for step in Step::ALL {
            for fault in &FAULTS {
                let Some(all) = calls.get(&name(personality, step, fault)) else {
                    continue;
                };
                let chosen = match extent {
                    Extent::Sample => spread(all.len(), fault.sample),
                    Extent::All => (0..all.len()).collect(),
                };
                parts.push(Part {
                    personality,
                    step,
                    fault,
                    cases: chosen
                        .into_iter()
                        .map(|index| (index, all[index].clone()))
                        .collect(),
                    total: all.len(),
                });
            }
        }
    }
    parts
}

/// Runs each step that the provider can do without a fault, and records its calls.
async fn record(personality: Personality, calls: &mut Calls) {
    let mut bench = Bench::new(personality).await;
    let name_of_all = bench.applications(1).await.remove(0);
    let application = {
        let keywright = super::open(&bench.cli.home())
            .await
            .expect("the vault opens");
        let application = keywright.applications().get(&name_of_all);
        keywright.lock();
        application.expect("an application")
    };
    for step in Step::ALL {
        if !step.can_be_done_with(&application) {
            continue;
        }
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
        let record = tracer.record(&command(&bench, step, &unharmed, &home));
        fs::remove_dir_all(&home).expect("a folder");
        for fault in &FAULTS {
            let hit = record.calls(fault.set);
            if !hit.is_empty() {
                calls.insert(name(personality, step, fault), hit);
            }
        }
    }
}

/// The command of a step on the vault in `home`.
pub(super) fn command(bench: &Bench, step: Step, name: &str, home: &Path) -> std::process::Command {
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
