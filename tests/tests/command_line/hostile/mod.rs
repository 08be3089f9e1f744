//! The wire under attack: hostile inputs at every endpoint, played against the real core by servers
//! that send bytes as they are. The table is printed with
//! `cargo nextest run --workspace --success-output immediate hostile::`.

#![allow(
    clippy::too_many_lines,
    clippy::format_collect,
    reason = "a table is as long as its rows, and its rows are built once"
)]

mod command_line;
mod good;
mod row;
pub(crate) mod rows;
mod separate;
mod server;
mod stage;
mod tls;
pub(crate) mod tokens;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures::StreamExt as _;
use row::{Place, Row};
use server::Received;
use stage::{Outcome, Stage};

/// Rows that are under way at one time.
const WIDTH: usize = 24;
/// No row may take longer, however slow the server is.
const LONGEST: Duration = Duration::from_secs(35);
/// The least number of distinct inputs.
const LEAST: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t01_to_t55_the_table_of_hostile_inputs() {
    let only = std::env::var("KEYWRIGHT_HOSTILE_ONLY").unwrap_or_default();
    let outcomes =
        held(|row| format!("{} {} {}", row.threat, row.place.name(), row.input).contains(&only))
            .await;
    print(&outcomes);
    let distinct: BTreeSet<_> = outcomes
        .iter()
        .map(|one| (one.row.place, one.row.input.clone()))
        .collect();
    assert_eq!(distinct.len(), outcomes.len(), "two rows have one name");
    assert!(
        distinct.len() >= LEAST || !only.is_empty(),
        "only {} inputs",
        distinct.len()
    );
}

/// The rows of one threat alone.
async fn rows_of(threat: &'static str) {
    let outcomes = held(|row| row.threat == threat).await;
    assert!(!outcomes.is_empty(), "{threat} has no rows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t10_what_unpacks_to_more_than_is_read_is_stopped() {
    rows_of("T10").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t11_headers_without_end_are_stopped() {
    rows_of("T11").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t14_markup_of_a_stranger_is_text() {
    rows_of("T14").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t28_odd_client_secrets_are_kept_byte_for_byte_or_refused() {
    rows_of("T28").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t30_the_registration_access_token_goes_to_its_own_address_alone() {
    rows_of("T30").await;
}

/// Plays the rows that are wanted, and holds each to what it promises.
async fn held(wanted: impl Fn(&Row) -> bool) -> Vec<Outcome> {
    let stage = Stage::new().await;
    let (slow, quick): (Vec<_>, Vec<_>) = rows::all()
        .into_iter()
        .filter(wanted)
        .partition(|row| row.threat == "T12");
    let slow =
        async { futures::future::join_all(slow.into_iter().map(|row| stage.play(row))).await };
    let quick = async {
        futures::stream::iter(quick)
            .map(|row| stage.play(row))
            .buffer_unordered(WIDTH)
            .collect::<Vec<_>>()
            .await
    };
    let (slow, quick) = futures::join!(slow, quick);
    let mut outcomes: Vec<Outcome> = slow.into_iter().chain(quick).collect();
    outcomes.sort_by(|a, b| {
        (a.row.threat, a.row.place, &a.row.input).cmp(&(b.row.threat, b.row.place, &b.row.input))
    });
    let away = stage.elsewhere.origin.trim_start_matches("http://");
    let wrong: Vec<String> = outcomes.iter().flat_map(|one| faults(one, away)).collect();
    assert!(
        wrong.is_empty(),
        "{} faults:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(
        stage.elsewhere.connections(),
        0,
        "somebody else was asked: {:?}",
        stage.elsewhere.received()
    );
    outcomes
}

/// What is wrong with an outcome: another class than expected, too slow, or a secret where it does not
/// belong.
fn faults(one: &Outcome, away: &str) -> Vec<String> {
    let name = format!(
        "{} {} {:?}",
        one.row.threat,
        one.row.place.name(),
        one.row.input
    );
    let mut wrong = Vec::new();
    if !one.row.expect.contains(&one.class) {
        wrong.push(format!(
            "{name}: {:?} ({}), not {:?}",
            one.class, one.detail, one.row.expect
        ));
    }
    if one.time > LONGEST {
        wrong.push(format!("{name}: {:?}", one.time));
    }
    if one.row.threat == "T05" {
        redirect_faults(one, away, &name, &mut wrong);
    }
    for (secret, places) in SECRETS {
        if one.said.contains(secret) {
            wrong.push(format!("{name}: a message repeats {secret}"));
        }
        for request in &one.received {
            if carries(request, secret)
                && !places
                    .iter()
                    .any(|place| request.path.starts_with(place.path()))
            {
                wrong.push(format!("{name}: {secret} went to {}", request.path));
            }
        }
    }
    wrong
}

/// A redirect that was followed, sent again, or not shown.
fn redirect_faults(one: &Outcome, away: &str, name: &str, wrong: &mut Vec<String>) {
    let creations = one
        .received
        .iter()
        .filter(|request| request.path.starts_with(Place::Registration.path()))
        .count();
    if creations > 1 {
        wrong.push(format!("{name}: {creations} creations were sent"));
    }
    for request in &one.received {
        if request.path.starts_with("/elsewhere") || request.path.starts_with("/take") {
            wrong.push(format!("{name}: the redirect was followed"));
        }
        if one.row.place == Place::Registration && request.path.starts_with(Place::Token.path()) {
            wrong.push(format!("{name}: the redirect was followed to a path"));
        }
    }
    let leads_to = one
        .row
        .reply
        .location()
        .map(|to| to.replace("ELSEWHERE", away));
    if let Some(to) = leads_to.filter(|to| to.ends_with("/take") || to.ends_with("/elsewhere")) {
        // Without the user that an address may name, which is never shown.
        let to = to.rsplit(['@']).next().unwrap_or_default();
        let to = to.trim_start_matches("ISSUER");
        if !one.said.is_empty() && !one.said.contains(to) {
            wrong.push(format!("{name}: {to} is not named in {}", one.said));
        }
    }
}

/// Each secret, and the only places that may receive it.
const SECRETS: [(&str, &[Place]); 4] = [
    (good::INITIAL_TOKEN, &[Place::Registration]),
    (good::REGISTRATION_TOKEN, &[Place::Management]),
    (
        good::CLIENT_SECRET,
        &[
            Place::Token,
            Place::Introspection,
            Place::Revocation,
            Place::Api,
        ],
    ),
    (
        good::OPAQUE_TOKEN,
        &[Place::Introspection, Place::Revocation],
    ),
];

/// In the request as it is, or inside its Basic credentials.
fn carries(request: &Received, secret: &str) -> bool {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let basic = request
        .text
        .lines()
        .find_map(|line| line.strip_prefix("authorization: Basic "));
    let basic = basic
        .and_then(|text| STANDARD.decode(text.trim()).ok())
        .unwrap_or_default();
    request.text.contains(secret) || String::from_utf8_lossy(&basic).contains(secret)
}

fn print(outcomes: &[Outcome]) {
    for one in outcomes {
        let input: String = one
            .row
            .input
            .chars()
            .flat_map(char::escape_debug)
            .take(60)
            .collect();
        eprintln!(
            "{:<4} {:<14} {input:<60} {:<10} {:>6} ms",
            one.row.threat,
            one.row.place.name(),
            format!("{:?}", one.class).to_lowercase(),
            one.time.as_millis()
        );
    }
    let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for one in outcomes {
        *counts
            .entry((one.row.threat, format!("{:?}", one.class).to_lowercase()))
            .or_default() += 1;
    }
    eprintln!();
    for ((threat, class), count) in counts {
        eprintln!("{threat:<4} {class:<10} {count:>5}");
    }
    eprintln!(
        "{} hostile inputs, slowest {} ms",
        outcomes.len(),
        outcomes
            .iter()
            .map(|one| one.time.as_millis())
            .max()
            .unwrap_or_default()
    );
}
