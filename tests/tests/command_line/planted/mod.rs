//! A secret at a random place of a random exchange, and repeated elsewhere in it: it stands in nothing that
//! is kept, exported, logged or said of a failure.

mod bench;
mod log;
mod plan;

use keywright_tests::plain_forms;

use crate::planted::{
    bench::Bench,
    log::log,
    plan::{Chance, Echo, Home, Plan},
};

const CASES: usize = 150;
/// One log serves the whole program.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn found<'a>(secret: &str, texts: &'a [String]) -> Option<(String, &'a str)> {
    plain_forms(secret)
        .into_iter()
        .filter_map(|form| String::from_utf8(form).ok())
        .find_map(|form| {
            let text = texts.iter().find(|text| text.contains(&form))?;
            let at = text.find(&form)?;
            let mut from = at.saturating_sub(80);
            while !text.is_char_boundary(from) {
                from += 1;
            }
            Some((form.clone(), &text[from..at + form.len()]))
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn t28_no_planted_secret_is_kept_exported_logged_or_said() {
    let _alone = ALONE.lock().await;
    log();
    let seed =
        std::env::var("KEYWRIGHT_PLANT_SEED").map_or(0x6b77_0028, |seed| seed.parse().unwrap());
    let mut chance = Chance(seed);
    let mut bench = Bench::new().await;
    let mut faults = Vec::new();
    for case in 0..CASES {
        let plan = chance.plan();
        let texts = bench.texts(&plan).await;
        if let Some(found) = found(&plan.secret, &texts) {
            faults.push(format!("{case}: {plan:?}: {found:?}"));
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {CASES}: {faults:#?}",
        faults.len()
    );
}

/// The search sees a secret that has no secret name and is not known.
#[tokio::test(flavor = "multi_thread")]
async fn the_search_finds_what_nothing_hides() {
    let _alone = ALONE.lock().await;
    log();
    let plan = Plan {
        secret: "abc8Q~x+y/z=1 &\"é%7".into(),
        name: "colour",
        home: Home::RequestJson,
        echo: Echo::Nowhere,
        form: 0,
        depth: 2,
        status: 200,
        broken: false,
    };
    let texts = Bench::new().await.texts(&plan).await;
    assert!(found(&plan.secret, &texts).is_some(), "{texts:#?}");
    assert!(texts.iter().any(|text| text.contains("sequenceDiagram")));
    assert!(
        texts.iter().any(|text| text.contains("hyper_util")),
        "logged"
    );
}
