//! Every recording of Microsoft Entra ID and Graph goes through the adapter: it sends the recorded
//! operation's request and understands the recorded answer.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    unreachable_pub,
    reason = "tests, whose modules are all private"
)]

#[path = "replay_entra/clients.rs"]
mod clients;
#[path = "replay_entra/login.rs"]
mod login;
#[path = "replay_entra/refusals.rs"]
mod refusals;
#[path = "replay_entra/stage.rs"]
mod stage;
mod support;

use stage::Bench;
use support::{Became, Recording, Table, recordings};

async fn replay(recording: &Recording) -> Became {
    let bench = Bench::new(recording).await;
    let graph = recording.url.contains("/v1.0/");
    let checked = match recording.operation.as_str() {
        "create-client" => clients::create_client(&bench).await,
        "create-service-principal" => clients::create_service_principal(&bench).await,
        "read-service-principal" => clients::read_service_principal(&bench).await,
        "rotate-secret" => clients::add_password(&bench).await,
        "delete-secret" => clients::remove_password(&bench).await,
        "delete-client" | "purge-client" => clients::delete_client(&bench).await,
        "update-client" => clients::update_client(&bench).await,
        "read-client" | "list-clients" => clients::read_or_list(&bench).await,
        "discovery" | "error-400-discovery" => login::discovery(&bench).await,
        "instance-discovery" => login::instance_discovery(recording),
        "jwks" => login::jwks(&bench).await,
        operation if operation.ends_with("-token") || operation.starts_with("token-") => {
            login::token_answer(&bench).await
        }
        operation if operation.starts_with("error-") && graph => {
            refusals::graph_error(&bench).await
        }
        operation if operation.starts_with("error-") => login::token_answer(&bench).await,
        _ => return Became::Excepted("the adapter has no such operation"),
    };
    match checked {
        Ok(()) => Became::Understood,
        Err(why) => Became::Failed(why),
    }
}

#[tokio::test]
async fn every_recording_of_entra_is_understood() {
    let Some(all) = recordings("entra") else {
        return;
    };
    let mut table = Table::default();
    for recording in &all {
        table.add(&recording.name, replay(recording).await);
    }
    table.finish("entra");
}
