//! What Curity servers sent is understood, and what their clients sent is what we send.
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
    let Some(all) = recordings("curity") else {
        return;
    };
    let player = Player {
        kind: ProviderKind::Curity,
        settings: &[
            ("registration_opened_by", "nothing"),
            ("redirect_uris", "as_given"),
        ],
        handled: &["registration_access_token_expires_in"],
    };
    let mut table = Table::default();
    for recording in &all {
        let became = match player.play(recording).await {
            Ok(()) => Became::Understood,
            Err(why) => Became::Failed(why),
        };
        table.add(&recording.name, became);
    }
    table.finish("curity");
}
