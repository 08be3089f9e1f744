//! What servers without a vendor's dialect sent is understood: Keycloak, Hydra, Solid, IBM and others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    dead_code,
    unreachable_pub,
    reason = "tests"
)]

#[path = "support/registering.rs"]
mod registering;
mod support;

use keywright_providers::ProviderKind;
use registering::Player;
use support::{Became, Table, recordings};

#[tokio::test]
async fn what_was_recorded_is_sent_and_understood() {
    let Some(all) = recordings("generic") else {
        return;
    };
    let player = Player {
        kind: ProviderKind::Rfc7591,
        settings: &[("redirect_uris", "as_given")],
        handled: &[],
    };
    let mut table = Table::default();
    for recording in &all {
        let became = match player.play(recording).await {
            Ok(()) => Became::Understood,
            Err(why) => Became::Failed(why),
        };
        table.add(&recording.name, became);
    }
    table.finish("generic");
}
