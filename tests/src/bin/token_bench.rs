//! A token that is not cached, by Keywright and by `curl` with the same request, in turns. Prints a table for
//! `benches/RESULTS.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement fails by panicking and prints what it found"
)]

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::Instant,
};

use keywright_core::view::{SecretRef, TokenWish};
use keywright_sandbox::{Personality, SandboxFaults};
use keywright_tests::CoreFixture;

/// What an identity provider nearby and one on the internet take to answer.
const LATENCIES_MS: [u32; 2] = [10, 100];
const ROUNDS: usize = 40;

#[tokio::main]
async fn main() {
    println!("{ROUNDS} tokens each, in turns; median");
    println!("| The provider takes | curl | Keywright | Ratio |\n|---|---|---|---|");
    for latency_ms in LATENCIES_MS {
        let fixture = CoreFixture::new().await;
        let personality = Personality::Rfc7591;
        let configuration = fixture.configure(personality);
        let draft = fixture.draft(personality, &configuration.id, "orders");
        let made = fixture
            .keywright
            .registration()
            .register(draft)
            .await
            .unwrap()
            .application;
        let secret = fixture
            .keywright
            .disclosure()
            .reveal(&SecretRef::ClientSecret {
                application_id: made.id.clone(),
            })
            .unwrap();
        let endpoint = made.token_endpoint.clone().unwrap();
        // By standard input: arguments can be read by everyone.
        let config = format!(
            "url = \"{endpoint}\"\nuser = \"{}:{}\"\ndata = \"grant_type=client_credentials&scope={}\"\n\
             silent\nfail\noutput = \"/dev/null\"\nwrite-out = \"%{{time_total}}\"\n",
            made.client_id,
            secret.expose(),
            made.scopes.join("+"),
        );
        fixture.sandbox.set_faults(
            personality,
            SandboxFaults {
                latency_ms,
                ..SandboxFaults::default()
            },
        );
        let wish = TokenWish {
            application_id: made.id,
            refresh: true,
            ..TokenWish::default()
        };
        // Metadata and keys are asked for once and kept.
        fixture.keywright.tokens().get(&wish).await.unwrap();
        let (mut bare, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let config = config.clone();
            bare.push(
                tokio::task::spawn_blocking(move || curl(&config))
                    .await
                    .unwrap(),
            );
            let begun = Instant::now();
            fixture.keywright.tokens().get(&wish).await.unwrap();
            ours.push(begun.elapsed().as_secs_f64());
        }
        let (bare, ours) = (median(bare), median(ours));
        println!(
            "| {latency_ms} ms | {:.1} ms | {:.1} ms | {:.2} |",
            bare * 1e3,
            ours * 1e3,
            ours / bare
        );
        fixture.sandbox.stop().await;
    }
}

/// Seconds that curl says the request took, without its own start.
fn curl(config: &str) -> f64 {
    let mut process = Command::new("curl")
        .args(["--config", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("curl is installed by `cargo xtask bench`");
    process
        .stdin
        .take()
        .unwrap()
        .write_all(config.as_bytes())
        .unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "curl got no token");
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .unwrap()
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
