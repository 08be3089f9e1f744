//! Does everything with an application that holds a secret, locks, says so, and waits: another
//! program searches its memory while the passphrase is at hand, while the vault is open, and after the lock. Arguments: the vault's folder, the application, the API.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program of the tests"
)]

use std::io::Read as _;

use keywright_core::{
    Actor, Clock, Keywright, Lang, Options, SecretText, VaultHome,
    view::{CallAuth, CallInput, CopyForm, SecretRef, SessionQuery, TokenWish, UnlockInput},
};

#[tokio::main]
async fn main() {
    keywright_core::harden_process();
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
    unlock(&keywright).await;
    let held = Box::pin(work(&keywright, &application_id, &url)).await;
    println!("{{\"open\":true}}");
    wait();
    drop(held);
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

async fn unlock(keywright: &Keywright) {
    let file = std::env::var("KEYWRIGHT_PASSPHRASE_FILE").expect("the passphrase file");
    let passphrase = std::fs::read_to_string(file).expect("the passphrase");
    let input = UnlockInput {
        passphrase: Some(passphrase.trim_end().to_owned()),
    };
    drop(passphrase);
    println!("{{\"passphrase\":true}}");
    wait();
    keywright.unlock(input).await.expect("it opens");
}

/// What was revealed: a page shows it until it is hidden.
async fn work(keywright: &Keywright, application_id: &str, url: &str) -> Vec<SecretText> {
    let wish = TokenWish {
        application_id: application_id.to_owned(),
        refresh: true,
        ..TokenWish::default()
    };
    let refresh = TokenWish {
        grant: Some("refresh_token".to_owned()),
        ..wish.clone()
    };
    keywright.tokens().get(&refresh).await.expect("a token");
    let token = keywright.tokens().get(&wish).await.expect("a token");
    keywright
        .tokens()
        .introspect(&token.id)
        .await
        .expect("a look");
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
        let answer = keywright.calls().send(&input).await.expect("an answer");
        assert_eq!(answer.status, 200);
    }
    for one in keywright
        .configurations()
        .list()
        .expect("the configurations")
    {
        let verified = keywright.configurations().verify(&one.id, |_| {}).await;
        verified.expect("a report");
    }
    let application_id = application_id.to_owned();
    let mut secrets = vec![
        SecretRef::ClientSecret {
            application_id: application_id.clone(),
        },
        SecretRef::RegistrationAccessToken { application_id },
        SecretRef::AccessToken { token_id: token.id },
    ];
    for one in keywright
        .configurations()
        .list()
        .expect("the configurations")
    {
        secrets.extend(
            one.secret_keys
                .into_iter()
                .map(|key| SecretRef::ConfigurationSecret {
                    configuration_id: one.id.clone(),
                    key,
                }),
        );
    }
    let sessions = keywright.sessions().list(&SessionQuery {
        limit: 10,
        ..SessionQuery::default()
    });
    for one in sessions.expect("the sessions").items {
        secrets.extend(one.cookies.into_iter().map(|cookie| SecretRef::Cookie {
            session_id: one.id.clone(),
            name: cookie.name,
        }));
    }
    let mut held = Vec::new();
    for secret in &secrets {
        held.push(keywright.disclosure().reveal(secret).expect("a value"));
        keywright
            .disclosure()
            .copy(secret, CopyForm::CurlWithValue)
            .expect("a value");
    }
    held
}
