//! Clients that prove themselves by a key (`private_key_jwt`).

use keywright_oauth::client_key::{ClientKey, KeyAlgorithm};
use keywright_oauth::client_metadata::ClientMetadata;
use keywright_oauth::time::Clock;
use keywright_oauth::token::TokenError;
use keywright_providers::{Capability, ProviderError, Registration};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bench::{Bench, after, is_unknown, registration};
use crate::journal::Cut;
use crate::outcome::Outcome;
use crate::rows::Keys;

/// A key of the kind that the provider takes.
fn key(keys: &Keys) -> ClientKey {
    let algorithm = KeyAlgorithm::named(keys.algorithm).unwrap();
    let key = ClientKey::generate(algorithm).unwrap();
    if keys.certified {
        let now = Clock::system().now();
        key.self_signed("orders", now).unwrap()
    } else {
        key
    }
}

fn with_keys(metadata: &ClientMetadata, keys: &[&ClientKey]) -> ClientMetadata {
    let mut metadata = metadata.clone();
    metadata.set("token_endpoint_auth_method", "private_key_jwt");
    let signs = keys[0].algorithm().as_str();
    metadata.set("token_endpoint_auth_signing_alg", signs);
    let all: Vec<Value> = keys.iter().map(|key| key.public_jwk().into()).collect();
    metadata.set("jwks", json!({ "keys": all }));
    metadata
}

fn kids(metadata: &ClientMetadata) -> Vec<String> {
    let keys = metadata.members()["jwks"]["keys"].as_array().unwrap();
    let mut all: Vec<String> = keys
        .iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect();
    all.sort();
    all
}

fn sorted(keys: &[&ClientKey]) -> Vec<String> {
    let mut all: Vec<String> = keys.iter().map(|key| key.kid().to_owned()).collect();
    all.sort();
    all
}

fn signing(at: &Registration, key: &ClientKey) -> Registration {
    Registration {
        client_key: Some(key.clone()),
        ..at.clone()
    }
}

async fn registered(bench: &Bench, first: &ClientKey) -> Registration {
    let wanted = with_keys(&bench.minimal(), &[first]);
    let made = bench.register(&wanted).await.unwrap();
    assert!(made.client_secret.is_none(), "a key needs no secret");
    signing(&registration(&made), first)
}

/// The keys of a provider, or how it refuses a client with one.
async fn keys_of(bench: &Bench) -> Result<&'static Keys, Outcome> {
    if let Some(keys) = &bench.row.keys {
        return Ok(keys);
    }
    let key = ClientKey::generate(KeyAlgorithm::Es256).unwrap();
    let wanted = with_keys(&bench.minimal(), &[&key]);
    let refused = bench.register(&wanted).await.unwrap_err();
    assert_eq!(refused.words().unwrap().status, 400, "{refused:?}");
    Err(Outcome::Cannot)
}

pub(super) async fn registered_client_gets_a_token(bench: Bench) -> Outcome {
    let keys = match keys_of(&bench).await {
        Ok(keys) => keys,
        Err(outcome) => return outcome,
    };
    let key = key(keys);
    let at = registered(&bench, &key).await;
    let method = at.granted.token_endpoint_auth_method();
    assert_eq!(method.as_deref(), Some("private_key_jwt"));
    assert_eq!(kids(&at.granted), sorted(&[&key]));
    bench.token(&at).await.unwrap();
    let read = bench.read(&at).await.unwrap();
    assert_eq!(kids(&read.metadata), sorted(&[&key]));
    let at = after(&at, &read);
    bench.token(&at).await.unwrap();
    let provider = bench.provider();
    assert!(provider.can(Capability::Rotate, &at).is_err() || at.client_secret.is_some());
    bench.delete(&at).await.unwrap();
    assert_eq!(bench.count(), 0);
    Outcome::Kept
}

pub(super) async fn key_is_replaced_with_an_overlap(bench: Bench) -> Outcome {
    let keys = match keys_of(&bench).await {
        Ok(keys) => keys,
        Err(outcome) => return outcome,
    };
    let (first, second) = (key(keys), key(keys));
    let at = registered(&bench, &first).await;
    let wanted = with_keys(&at.granted, &[&second, &first]);
    let at = after(&at, &bench.update(&at, &wanted).await.unwrap());
    for signs in [&first, &second] {
        bench.token(&signing(&at, signs)).await.unwrap();
    }
    let read = bench.read(&at).await.unwrap();
    assert_eq!(kids(&read.metadata), sorted(&[&first, &second]));
    let at = after(&at, &read);
    let wanted = with_keys(&at.granted, &[&second]);
    let at = after(&at, &bench.update(&at, &wanted).await.unwrap());
    assert_eq!(kids(&at.granted), sorted(&[&second]));
    bench.token(&signing(&at, &second)).await.unwrap();
    let refused = bench.token(&signing(&at, &first)).await.unwrap_err();
    assert!(matches!(refused, TokenError::Refused { .. }), "{refused:?}");
    // There is space for the next one.
    let third = key(keys);
    let wanted = with_keys(&at.granted, &[&third, &second]);
    let at = after(&at, &bench.update(&at, &wanted).await.unwrap());
    bench.token(&signing(&at, &third)).await.unwrap();
    Outcome::Kept
}

pub(super) async fn key_takes_the_place_of_a_secret(bench: Bench) -> Outcome {
    let keys = match keys_of(&bench).await {
        Ok(keys) => keys,
        Err(outcome) => return outcome,
    };
    let at = bench.registered().await;
    bench.token(&at).await.unwrap();
    let key = key(keys);
    let wanted = with_keys(&at.granted, &[&key]);
    let at = after(&at, &bench.update(&at, &wanted).await.unwrap());
    let method = at.granted.token_endpoint_auth_method();
    assert_eq!(method.as_deref(), Some("private_key_jwt"));
    bench.token(&signing(&at, &key)).await.unwrap();
    Outcome::Kept
}

/// However far an update came, the same update finishes it, and the key before works all the time.
async fn finished_after(bench: Bench, cut: Cut) -> Outcome {
    let keys = match keys_of(&bench).await {
        Ok(keys) => keys,
        Err(outcome) => return outcome,
    };
    let (first, second) = (key(keys), key(keys));
    let at = registered(&bench, &first).await;
    let is_lost = matches!(cut, Cut::Fault(_));
    if is_lost && at.registration_access_token.is_some() {
        // With the answer goes the token that manages the client.
        return Outcome::Cannot;
    }
    let wanted = with_keys(&at.granted, &[&second, &first]);
    let mut cuts = 0;
    let made = loop {
        let update = bench.update_until(Some((cuts, cut.clone())), &at, &wanted);
        let answer = update.await;
        bench.heal();
        match answer {
            Ok(made) => break made,
            Err(error) if is_lost => assert!(is_unknown(&error), "{error:?}"),
            Err(ProviderError::Checkpoint(_)) => {}
            Err(error) => panic!("cut {cuts}: {error:?}"),
        }
        bench.token(&signing(&at, &first)).await.unwrap();
        cuts += 1;
        assert!(cuts < 8, "the update never ends");
    };
    assert!(cuts > 0, "nothing was cut off");
    let at = after(&at, &made);
    assert_eq!(kids(&at.granted), sorted(&[&first, &second]));
    for signs in [&first, &second] {
        bench.token(&signing(&at, signs)).await.unwrap();
    }
    Outcome::Kept
}

pub(super) async fn f01_update_of_the_keys_ended_before_each_step(bench: Bench) -> Outcome {
    finished_after(bench, Cut::End).await
}

pub(super) async fn f12_update_of_the_keys_with_a_lost_answer(bench: Bench) -> Outcome {
    finished_after(bench, Cut::lost()).await
}

pub(super) async fn wrong_assertions_are_refused(bench: Bench) -> Outcome {
    let keys = match keys_of(&bench).await {
        Ok(keys) => keys,
        Err(outcome) => return outcome,
    };
    let first = key(keys);
    let at = registered(&bench, &first).await;
    let request = |at: &Registration| {
        let wish = bench.wish();
        bench
            .provider()
            .token_request(at, wish, Uuid::now_v7())
            .unwrap()
    };
    let refused = async |at: &Registration, audience: Option<&str>, ahead: i64, wanted: &str| {
        let mut request = request(at);
        if let Some(audience) = audience {
            audience.clone_into(&mut request.assertion.audience);
        }
        let error = bench.token_at(ahead, &request).await.unwrap_err();
        let TokenError::Refused { words, .. } = &error else {
            panic!("{error:?}");
        };
        let said = format!("{:?} {:?}", words.error, words.description);
        assert_eq!(words.status, 401, "{said}");
        assert!(said.contains("invalid_client"), "{said}");
        assert!(said.contains(wanted), "{said} instead of {wanted}");
    };
    let other = key(keys);
    refused(&signing(&at, &other), None, 0, keys.unknown).await;
    if !keys.certified {
        let forged = other.named(first.kid());
        refused(&signing(&at, &forged), None, 0, keys.forged).await;
    }
    let elsewhere = Some("https://elsewhere.example/token");
    refused(&at, elsewhere, 0, keys.elsewhere).await;
    refused(&at, None, -3600, keys.expired).await;
    bench.token(&at).await.unwrap();
    Outcome::Kept
}
