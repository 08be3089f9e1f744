//! Does everything with an application that holds a secret, locks, says so, and waits: another
//! program searches its memory. Arguments: the vault's folder, the application, the API.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program of the tests"
)]

use std::io::Read as _;

use keywright_core::{
    Actor, Clock, Keywright, Lang, Options, VaultHome,
    view::{CallAuth, CallInput, CopyForm, SecretRef, TokenWish, UnlockInput},
};

#[tokio::main]
async fn main() {
    keywright_core::raise_walls();
    let mut words = std::env::args().skip(1);
    let home = words.next().expect("a folder");
    let application_id = words.next().expect("an application");
    let url = words.next().expect("an API");
    let keywright = Keywright::new(Options {
        home: VaultHome::new(home),
        actor: Actor::Cli,
        clock: Clock::system(),
        lang: Lang::En,
    });
    work(&keywright, &application_id, &url).await;
    println!("{{\"open\":true}}");
    wait();
    keywright.lock();
    println!("{{\"locked\":true}}");
    wait();
}

/// Until the other program has looked: it writes one byte.
fn wait() {
    std::io::stdin()
        .read_exact(&mut [0])
        .expect("the other program goes on");
}

async fn work(keywright: &Keywright, application_id: &str, url: &str) {
    let passphrase = std::env::var("KEYWRIGHT_PASSPHRASE_FILE").expect("the passphrase file");
    let passphrase = std::fs::read_to_string(passphrase).expect("the passphrase");
    keywright
        .unlock(UnlockInput {
            passphrase: Some(passphrase.trim_end().to_owned()),
        })
        .await
        .expect("it opens");
    let wish = TokenWish {
        application_id: application_id.to_owned(),
        refresh: true,
        ..TokenWish::default()
    };
    let token = keywright.token_get(&wish).await.expect("a token");
    keywright.token_introspect(&token.id).await.expect("a look");
    for auth in [
        CallAuth::ClientCredentials,
        CallAuth::Bearer,
        CallAuth::Session,
    ] {
        let input = CallInput {
            application_id: application_id.to_owned(),
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: None,
            auth,
            resources: Vec::new(),
        };
        let answer = keywright.call(&input).await.expect("an answer");
        assert_eq!(answer.status, 200);
    }
    let application_id = application_id.to_owned();
    let secrets = [
        SecretRef::ClientSecret {
            application_id: application_id.clone(),
        },
        SecretRef::RegistrationAccessToken { application_id },
        SecretRef::AccessToken { token_id: token.id },
    ];
    for secret in &secrets {
        keywright.reveal(secret).expect("a value");
        keywright
            .copy_value(secret, CopyForm::CurlWithValue)
            .expect("a value");
    }
}
