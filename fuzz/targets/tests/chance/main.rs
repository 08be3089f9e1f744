//! Each target over its corpus and over chance changes of it: the fuzzer's own properties in every test run, without
//! its instruments. `KEYWRIGHT_FUZZ_SECONDS` makes it longer, `KEYWRIGHT_FUZZ_SEED` different.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test, which says how much it tried"
)]

mod change;

use std::{
    fs,
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
    time::{Duration, Instant},
};

use keywright_fuzz_targets::{TARGETS, Target};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let mut files: Vec<_> = fs::read_dir(folder().join("corpus").join(target.name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Feeds one input; a broken promise is kept as a file, as the fuzzer would keep it.
fn feed(target: &Target, input: &[u8]) {
    let Err(cause) = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(input))) else {
        return;
    };
    let kept = folder().join("artifacts").join(target.name);
    fs::create_dir_all(&kept).unwrap();
    let kept = kept.join("chance");
    fs::write(&kept, input).unwrap();
    eprintln!("{}: the input is kept in {}", target.name, kept.display());
    panic::resume_unwind(cause);
}

fn try_target(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let seeds = corpus(target);
    for input in &seeds {
        feed(target, input);
    }
    let mut random = fastrand::Rng::with_seed(number("KEYWRIGHT_FUZZ_SEED", 1));
    let end = Instant::now() + Duration::from_secs(number("KEYWRIGHT_FUZZ_SECONDS", 2));
    let mut tried = seeds.len();
    while Instant::now() < end {
        feed(target, &change::of(&seeds, &mut random));
        tried += 1;
    }
    println!("{name}: {tried} inputs");
}

macro_rules! each {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            try_target(stringify!($name));
        })*

        #[test]
        fn every_target_has_its_corpus_its_program_and_its_test() {
            let mut tested = vec![$(stringify!($name)),*];
            tested.sort_unstable();
            let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(tested, names);
            for target in TARGETS {
                assert!(!corpus(target).is_empty(), "{}", target.name);
                let program = folder().join("fuzz_targets").join(format!("{}.rs", target.name));
                let text = fs::read_to_string(program).unwrap();
                assert!(text.contains(&format!("::{}::run(", target.name)), "{text}");
            }
        }
    };
}

each![
    auth0,
    curity,
    discovery,
    entra,
    headers,
    http_bridge,
    import,
    issuer,
    jwks,
    jwt,
    okta,
    protocol,
    redaction,
    registration,
    retry_after,
    rfc7591,
    session,
    vault_header,
    wire,
    words,
];
