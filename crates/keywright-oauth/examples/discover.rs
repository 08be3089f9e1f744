//! Reads the metadata of an issuer (RFC 8414, OpenID Connect Discovery).
//!
//! ```sh
//! cargo run -p keywright-oauth --example discover -- https://id.example.com
//! ```
#![allow(clippy::print_stdout, reason = "an example prints its result")]

use std::{env, error::Error};

use keywright_oauth::{
    discover,
    http::{HttpClient, HttpPolicy, Recorder},
    time::Clock,
};
use uuid::Uuid;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = env::args().nth(1).ok_or("usage: discover ISSUER")?;
    // The recorder receives every exchange without its secrets.
    let recorder = Recorder::new(|exchange| {
        println!(
            "{} {} -> {:?}",
            exchange.method, exchange.url, exchange.status
        );
    });
    let http = HttpClient::new(HttpPolicy::default(), Clock::system(), recorder)?;
    // One ID connects the exchanges of one action.
    let flow = Uuid::now_v7();

    let metadata = discover::discover(&http, &issuer, flow).await?.metadata;

    let shown = |endpoint: Option<&url::Url>| endpoint.map_or("none", url::Url::as_str).to_owned();
    println!("issuer:        {}", metadata.issuer);
    println!(
        "registration:  {}",
        shown(metadata.registration_endpoint.as_ref())
    );
    println!("token:         {}", shown(metadata.token_endpoint.as_ref()));
    println!(
        "introspection: {}",
        shown(metadata.introspection_endpoint.as_ref())
    );
    println!("keys:          {}", shown(metadata.jwks_uri.as_ref()));
    println!("scopes:        {:?}", metadata.scopes_supported);
    Ok(())
}
