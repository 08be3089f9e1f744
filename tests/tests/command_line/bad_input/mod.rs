//! Bad input at the command line: a message that names who refused and what to do next, the exit
//! code of the design, nothing lost and nothing half-written.

mod arguments;
mod discovery;
mod registration;
mod slips;
mod tokens;
mod wording;

use keywright_tests::{Cli, Misbehaviour, Output, WireServer};
use serde_json::{Value, json};

/// The failure, after the promises that all failures keep.
fn refused(cli: &Cli, output: &Output, code: i32, name: &str) -> Value {
    assert_eq!(output.code, code, "{output:?}");
    let error = output.error();
    for member in ["code", "message", "hint", "status", "provider", "exchange"] {
        assert!(
            error.get(member).is_some(),
            "{member} is missing in {error}"
        );
    }
    assert_eq!(error["code"], name, "{error}");
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|text| text.len() > 10),
        "{error}"
    );
    assert!(
        error["hint"].as_str().is_some_and(|text| text.len() > 5),
        "{error}"
    );
    assert_eq!(
        cli.run(&["app", "list"]).json()["total"],
        0,
        "nothing is half-written"
    );
    error
}

fn pending(cli: &Cli) -> Value {
    cli.run(&["app", "pending"]).json()
}

/// Registers at an issuer and expects a failure that leaves nothing in the journal.
fn registering_fails(issuer: &str, settings: &[&str], code: i32, name: &str) -> Value {
    let cli = Cli::with_vault();
    cli.config("Bad", issuer, settings);
    let error = refused(&cli, &cli.register("x", "Bad", &[]), code, name);
    assert_eq!(pending(&cli)["total"], 0);
    error
}

fn answering(status: &'static str, body: &str) -> Misbehaviour {
    let headers = vec![("Content-Type", "application/json".to_owned())];
    Misbehaviour::Answer {
        status,
        headers,
        body: body.to_owned(),
    }
}

/// The server's refusal with its words kept.
fn refused_with(status: &'static str, body: &str) -> Value {
    refused_after(1, status, body)
}

/// The same after this many forms of the request were refused.
fn refused_after(requests: usize, status: &'static str, body: &str) -> Value {
    let server = WireServer::start(answering(status, body));
    let error = registering_fails(&server.issuer, &[], 5, "provider_refused");
    assert_eq!(server.hits(), requests, "{status}: {body}");
    assert!(
        error["message"].as_str().unwrap().contains("Bad"),
        "{error}"
    );
    assert!(error["exchange"].is_string(), "{error}");
    error
}

/// A registration whose outcome is not known: exit 7, kept in the journal, cleaned up manually.
fn outcome_unknown(misbehaviour: Misbehaviour) -> Value {
    let server = WireServer::start(misbehaviour);
    let cli = Cli::with_vault();
    cli.config("Bad", &server.issuer, &[]);
    let error = refused(&cli, &cli.register("x", "Bad", &[]), 7, "outcome_unknown");
    assert_eq!(server.hits(), 1, "a creation is never retried by itself");
    let left = pending(&cli);
    assert_eq!(
        (
            &left["total"],
            &left["items"][0]["state"],
            &left["items"][0]["name"]
        ),
        (&json!(1), &json!("unknown"), &json!("x"))
    );
    assert_eq!(cli.run(&["app", "resume", "x"]).code, 2);
    cli.run(&["app", "discard", "x", "--yes"]).json();
    assert_eq!(pending(&cli)["total"], 0);
    error
}
