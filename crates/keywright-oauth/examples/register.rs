//! Registers a client for the client credentials grant (RFC 7591) and prints its credentials as shell variables, for the
//! example `token`.
//!
//! ```sh
//! INITIAL_ACCESS_TOKEN=… cargo run -p keywright-oauth --example register -- https://id.example.com demo
//! ```
#![allow(clippy::print_stdout, reason = "an example prints its result")]

use std::{env, error::Error};

use keywright_oauth::{
    client_metadata::ClientMetadata,
    discover,
    http::{HttpClient, HttpPolicy, Recorder},
    register,
    secret::InitialAccessToken,
    time::Clock,
};
use serde_json::json;
use uuid::Uuid;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let issuer = arguments.next().ok_or("usage: register ISSUER [NAME]")?;
    let name = arguments.next().unwrap_or_else(|| "example".to_owned());
    let initial_access_token = env::var("INITIAL_ACCESS_TOKEN")
        .ok()
        .map(InitialAccessToken::new);

    let http = HttpClient::new(HttpPolicy::default(), Clock::system(), Recorder::none())?;
    let flow = Uuid::now_v7();
    let metadata = discover::discover(&http, &issuer, flow).await?.metadata;
    let endpoint = metadata
        .registration_endpoint
        .ok_or("the issuer has no registration endpoint")?;

    let mut client = ClientMetadata::default();
    client.set("client_name", name);
    client.set("grant_types", json!(["client_credentials"]));
    client.set("response_types", json!([]));
    client.set("redirect_uris", json!([]));
    client.set("token_endpoint_auth_method", "client_secret_basic");
    let registered = register::register(
        &http,
        &endpoint,
        &client,
        initial_access_token.as_ref(),
        flow,
    )
    .await?;

    // What the server granted counts, not what was requested.
    println!("# granted: {}", registered.metadata.to_value());
    println!("export CLIENT_ID='{}'", registered.client_id);
    if let Some(secret) = &registered.client_secret {
        // Secrets have no `Display`, and `Debug` prints `[redacted]`.
        println!("export CLIENT_SECRET='{}'", secret.expose());
    }
    if let Some(uri) = &registered.registration_client_uri {
        println!("# managed at {uri} with the registration access token (RFC 7592)");
    }
    Ok(())
}
