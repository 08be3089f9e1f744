//! What Okta really sent, through the adapter: it sends the recorded operation's request and understands
//! the recorded answer.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod clients;
mod compare;
mod org;
mod secrets;
#[path = "../support/mod.rs"]
#[allow(unreachable_pub, reason = "shared with the other replays")]
mod support;
mod tokens;
mod verify;

use clients::{deactivated, deleted, failed, listed, read, registered, updated};
use org::place;
use secrets::{rotated, secret_ended, secrets_read};
use support::{Became, Recording, Table, recordings};
use tokens::token_asked;
use verify::{discovered, document_refused, keys_read, role_read, server_read};

type Outcome = Result<(), String>;

async fn replay(recording: &Recording) -> Became {
    let path = place(recording);
    let refusal = recording.status.is_some_and(|status| status >= 400);
    let at_token = path.ends_with("/v1/token");
    let outcome = match recording.operation.as_str() {
        _ if at_token => token_asked(recording).await,
        _ if refusal && (path.contains("/.well-known/") || path.ends_with("/v1/keys")) => {
            document_refused(recording).await
        }
        _ if refusal => failed(recording).await,
        "create-client" => registered(recording).await,
        "read-client" => read(recording).await,
        "update-client" => updated(recording).await,
        "delete-client" => deleted(recording).await,
        "deactivate-client" => deactivated(recording).await,
        "list-clients" => listed(recording).await,
        "rotate-secret" => rotated(recording).await,
        "read-secrets" => secrets_read(recording).await,
        "rotate-secret-lifecycle" | "delete-secret" => secret_ended(recording).await,
        "discovery" => discovered(recording).await,
        "jwks" => keys_read(recording).await,
        "create-authorization-server" => server_read(recording).await,
        "oauth2-v1-clients" if recording.method == "DELETE" => deleted(recording).await,
        "oauth2-v1-clients" if path.contains("/roles") => role_read(recording).await,
        "app-grant" => {
            return Became::Excepted(
                "consent to scopes of Okta's own APIs, which an application with a secret cannot use",
            );
        }
        _ if recording.answer["kty"].is_string() => keys_read(recording).await,
        _ => return Became::Excepted("the adapter has no such operation"),
    };
    match outcome {
        Ok(()) => Became::Understood,
        Err(why) => Became::Failed(why),
    }
}

#[tokio::test]
async fn what_okta_sent_is_understood() {
    let Some(all) = recordings("okta") else {
        return;
    };
    let mut table = Table::default();
    for recording in &all {
        table.add(&recording.name, replay(recording).await);
    }
    table.finish("okta");
}
