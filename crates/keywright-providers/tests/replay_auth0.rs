//! Every recorded exchange with Auth0, through the adapter: it sends the recorded operation's request,
//! and understands the recorded answer.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    unreachable_pub,
    reason = "tests, whose modules are all private"
)]

#[path = "replay_auth0/judging.rs"]
mod judging;
#[path = "replay_auth0/operations.rs"]
mod operations;
#[path = "replay_auth0/protocol.rs"]
mod protocol;
#[path = "replay_auth0/stage.rs"]
mod stage;
mod support;

use support::{Became, Recording, Table};

#[tokio::test]
async fn what_auth0_really_sent_is_understood() {
    let Some(recordings) = support::recordings("auth0") else {
        return;
    };
    let mut table = Table::default();
    for recording in &recordings {
        let became = match exception(recording) {
            Some(why) => Became::Excepted(why),
            None => match operations::replay(recording).await {
                Ok(()) => Became::Understood,
                Err(why) => Became::Failed(why),
            },
        };
        table.add(&recording.name, became);
    }
    table.finish("auth0");
}

fn exception(recording: &Recording) -> Option<&'static str> {
    (recording.operation == "cimd").then_some(
        "a client ID metadata document is registered by its address; this adapter registers by metadata",
    )
}
