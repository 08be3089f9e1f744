//! Commands that work on one object at the same time, at a provider that keeps answers back: the vault ends
//! with what the provider holds, not with what arrived last.

mod bench;
mod provider;

use std::{thread, time::Duration};

use keywright_tests::Output;
use serde_json::json;

use crate::shared::bench::Bench;

/// Time for a second command to do what it should wait with. No result depends on it.
const MOMENT: Duration = Duration::from_secs(1);
const ROTATE: [&str; 3] = ["app", "rotate", "orders"];
const READ: [&str; 3] = ["app", "refresh", "orders"];
const REFRESH: [&str; 6] = [
    "token",
    "get",
    "orders",
    "--grant",
    "refresh_token",
    "--refresh",
];
/// What each of the crowd does.
const ROUNDS: u32 = 4;

#[test]
fn f09_two_rotations_end_with_the_secret_made_last() {
    let bench = Bench::new();
    let mut first = bench.start_kept(&ROTATE, "PUT /register/c-1");
    bench.refused_as_busy(&ROTATE);
    let mut second = bench.start(&[&ROTATE[..], &["--wait"]].concat());
    thread::sleep(MOMENT);
    bench.provider.release();
    first.end().json();
    second.end().json();
    assert_eq!(bench.provider.count("PUT /register/c-1"), 2);
    bench.agrees();
}

#[test]
fn f09_an_update_during_a_read_keeps_the_last_registration_token() {
    let bench = Bench::new();
    let mut read = bench.start_kept(&READ, "GET /register/c-1");
    assert_eq!(bench.update("orders 2", &[]).error()["code"], "busy");
    thread::scope(|scope| {
        let update = scope.spawn(|| bench.update("orders 2", &["--wait"]));
        thread::sleep(MOMENT);
        bench.provider.release();
        read.end().json();
        update.join().unwrap().json();
    });
    assert_eq!(bench.provider.holds().name, "orders 2");
    bench.agrees();
}

#[test]
fn f09_a_read_during_an_update_keeps_the_last_registration_token() {
    let bench = Bench::new();
    let file = bench.cli.folder().join("changes.json");
    std::fs::write(&file, r#"{"client_name":"orders 3"}"#).unwrap();
    let file = file.display().to_string();
    let changes = ["app", "update", "orders", "--metadata", &file];
    let mut update = bench.start_kept(&changes, "PUT /register/c-1");
    bench.refused_as_busy(&READ);
    let mut read = bench.start(&[&READ[..], &["--wait"]].concat());
    thread::sleep(MOMENT);
    bench.provider.release();
    update.end().json();
    read.end().json();
    bench.agrees();
    let shown = bench.cli.run(&["app", "show", "orders"]).json();
    assert_eq!(shown["current"]["client_name"], "orders 3", "{shown}");
}

#[test]
fn f09_an_edit_during_a_verification_is_kept() {
    let bench = Bench::new();
    let verify = ["config", "verify", "Work"];
    let well_known = "GET /.well-known/oauth-authorization-server";
    let mut verification = bench.start_kept(&verify, well_known);
    let edit = ["config", "edit", "Work", "--set"];
    for more in [
        &["confirmed_hosts=a.example"][..],
        &[
            "basic_encoding=raw",
            "--secret",
            "initial_access_token=env:IAT",
        ],
    ] {
        bench.cli.run(&[&edit[..], more].concat()).json();
    }
    bench.provider.release();
    verification.end().json();
    let shown = bench.cli.run(&["config", "show", "Work"]).json();
    assert_eq!(shown["settings"]["confirmed_hosts"], "a.example", "{shown}");
    assert_eq!(shown["settings"]["basic_encoding"], "raw", "{shown}");
    assert_eq!(shown["secret_keys"], json!(["initial_access_token"]));
    assert_eq!(shown["report"]["ok"], true, "the verification is kept, too");
}

#[test]
fn f09_a_late_answer_brings_no_older_cookie_back() {
    for late in ["/api", "/api?plain"] {
        let bench = Bench::new();
        bench.call("/api", "bearer").json();
        let url = format!("{}{late}", bench.server.issuer);
        let call = ["call", "GET", &url, "--app", "orders", "--auth", "session"];
        let mut slow = bench.start_kept(&call, "GET /api");
        bench.call("/api", "session").json();
        let newest = bench.provider.holds().session.clone();
        bench.provider.release();
        slow.end().json();
        assert_eq!(bench.session(), format!("sid={newest}"), "{late}");
    }
}

#[test]
fn f09_two_refreshes_use_no_refresh_token_twice() {
    let bench = Bench::new();
    bench.cli.run(&["token", "get", "orders"]).json();
    let mut first = bench.start_kept(&REFRESH, "POST /token");
    let mut second = bench.start(&REFRESH);
    thread::sleep(MOMENT);
    bench.provider.release();
    first.end().json();
    second.end().json();
    bench.cli.run(&REFRESH).json();
    assert!(!bench.provider.holds().reused);
    bench.agrees();
}

#[test]
fn f01_a_new_refresh_token_is_written_before_anything_else() {
    let bench = Bench::new();
    bench.cli.run(&["token", "get", "orders"]).json();
    let exchanges = || {
        bench.cli.run(&["activity", "list"]).json()["total"]
            .as_u64()
            .unwrap()
    };
    let before = exchanges();
    let killed = bench
        .cli
        .run_env(&REFRESH, "KEYWRIGHT_FAULT_POINT", "after_token");
    assert_eq!(killed.code, -1, "the process was ended: {killed:?}");
    assert_eq!(
        exchanges(),
        before,
        "the exchange is written after the token"
    );
    bench.cli.run(&REFRESH).json();
    assert!(!bench.provider.holds().reused);
    bench.agrees();
}

/// Runs a command until it is not told to try again.
fn run(bench: &Bench, arguments: &[&str]) -> Output {
    loop {
        let output = bench.cli.run(arguments);
        if output.code == 0 || output.error()["code"] != "busy" {
            return output;
        }
    }
}

/// The secret may be replaced between the look into the vault and the look of the provider.
fn may_lose_its_secret(output: &Output) {
    let refused = || {
        let error = output.error();
        error["code"] == "provider_refused" && error["provider"]["error"] == "invalid_client"
    };
    assert!(output.code == 0 || refused(), "{output:?}");
}

#[test]
fn f09_a_crowd_on_one_application_ends_with_what_the_provider_holds() {
    let bench = Bench::new();
    bench.cli.run(&["token", "get", "orders"]).json();
    bench.call("/api", "bearer").json();
    bench.provider.holds().late = Some(3);
    let wait = |arguments: &[&'static str]| [arguments, &["--wait"]].concat();
    let (rotate, read) = (wait(&ROTATE), wait(&READ));
    let edit = |number: u32, setting: &str| {
        let setting = format!("{setting}{number}");
        let edited = run(&bench, &["config", "edit", "Work", "--set", &setting]);
        edited.json();
    };
    let work: [&(dyn Fn(u32) + Sync); 10] = [
        &|_| drop(run(&bench, &rotate).json()),
        &|_| drop(run(&bench, &rotate).json()),
        &|_| drop(run(&bench, &read).json()),
        &|number| {
            bench
                .update(&format!("orders {number}"), &["--wait"])
                .json();
        },
        &|_| may_lose_its_secret(&run(&bench, &["token", "get", "orders", "--refresh"])),
        &|_| may_lose_its_secret(&run(&bench, &REFRESH)),
        &|_| may_lose_its_secret(&run(&bench, &REFRESH)),
        &|_| drop(bench.call("/api", "session").json()),
        &|_| drop(run(&bench, &["config", "verify", "Work"]).json()),
        &|number| {
            edit(number, "session_rolling_secs=60");
            edit(number, "session_idle_secs=30");
        },
    ];
    thread::scope(|scope| {
        for task in work {
            scope.spawn(move || (1..=ROUNDS).for_each(task));
        }
    });
    bench.provider.holds().late = None;
    assert!(!bench.provider.holds().reused);
    bench.agrees();
    let shown = bench.cli.run(&["config", "show", "Work"]).json();
    assert_eq!(
        shown["settings"]["session_rolling_secs"],
        format!("60{ROUNDS}")
    );
    assert_eq!(
        shown["settings"]["session_idle_secs"],
        format!("30{ROUNDS}")
    );
    assert_eq!(shown["report"]["ok"], true, "{shown}");
    let held = bench.provider.holds().session.clone();
    assert_eq!(bench.session(), format!("sid={held}"));
    assert_eq!(bench.cli.run(&["audit", "verify"]).code, 0);
}
