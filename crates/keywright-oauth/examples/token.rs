//! Gets an access token with the client credentials grant (RFC 6749 §4.4), for a client that the example `register` or
//! anything else registered.
//!
//! ```sh
//! CLIENT_ID=… CLIENT_SECRET=… cargo run -p keywright-oauth --example token -- https://id.example.com orders:read
//! ```
#![allow(clippy::print_stdout, reason = "an example prints its result")]

use std::{env, error::Error};

use keywright_oauth::{
    discover,
    http::{BasicEncoding, HttpClient, HttpPolicy, Recorder},
    secret::ClientSecret,
    time::Clock,
    token::{self, ClientAuth, Grant, TokenError, TokenRequest},
};
use uuid::Uuid;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let issuer = arguments.next().ok_or("usage: token ISSUER [SCOPE]…")?;
    let http = HttpClient::new(HttpPolicy::default(), Clock::system(), Recorder::none())?;
    let flow = Uuid::now_v7();
    let metadata = discover::discover(&http, &issuer, flow).await?.metadata;

    let request = TokenRequest {
        endpoint: metadata
            .token_endpoint
            .ok_or("the issuer has no token endpoint")?,
        client_id: env::var("CLIENT_ID")?,
        client_secret: Some(ClientSecret::new(env::var("CLIENT_SECRET")?)),
        client_auth: ClientAuth::Basic(BasicEncoding::Rfc6749),
        assertion: keywright_oauth::assertion::AssertionParams::default(),
        certificate: None,
        dpop: None,
        grant: Grant::ClientCredentials,
        scopes: arguments.collect(),
        extra: Vec::new(),
        flow,
    };
    match token::request_token(&http, &request).await {
        Ok(token) => {
            println!("type:    {}", token.token_type);
            println!("expires: {:?} s", token.expires_in);
            println!("scope:   {:?}", token.scope);
            println!("token:   {} characters", token.access_token.expose().len());
            Ok(())
        }
        // The error response of the server (RFC 6749 §5.2), as data.
        Err(TokenError::Refused { words, .. }) => {
            Err(format!("refused: {:?} {:?}", words.error, words.description).into())
        }
        Err(error) => Err(error.into()),
    }
}
