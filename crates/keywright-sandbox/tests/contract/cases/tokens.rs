//! Tokens, the gateway, and adoption.

use keywright_oauth::token::TokenError;
use keywright_providers::Registration;
use keywright_sandbox::SandboxFaults;
use reqwest::{Client, RequestBuilder, StatusCode, header};

use crate::bench::{Bench, adopted, registration, secret};
use crate::outcome::Outcome;

pub(super) async fn token(bench: Bench) -> Outcome {
    let at = bench.registered().await;
    let token = bench.token(&at).await.unwrap();
    assert!(!token.access_token.is_empty());
    assert!(token.token_type.eq_ignore_ascii_case("bearer"));
    assert!(token.expires_in.is_some_and(|secs| secs > 0));
    assert!(token.refresh_token.is_none());
    let answer = bearer(&bench, token.access_token.expose()).await;
    assert_eq!(answer, StatusCode::OK);
    Outcome::Kept
}

/// Where the provider is known to be late, its refusal is told to be worth a second try, and only as
/// long as it may pass.
pub(super) async fn f17_settles_after_registration(bench: Bench) -> Outcome {
    bench.turn(SandboxFaults {
        replication_lag_ms: 600_000,
        ..SandboxFaults::default()
    });
    let at = bench.registered().await;
    let error = bench.token(&at).await.unwrap_err();
    let provider = bench.provider();
    let now = bench.now();
    let settles = provider.may_not_have_propagated(&error, &at, now);
    assert_eq!(settles, bench.row.settles, "{error:?}");
    let much_later = now + 24 * 3600;
    assert!(!provider.may_not_have_propagated(&error, &at, much_later));
    bench.heal();
    bench.token(&at).await.unwrap();
    if settles {
        Outcome::Kept
    } else {
        Outcome::Cannot
    }
}

async fn refused(bench: &Bench, at: &Registration) {
    let error = bench.token(at).await.unwrap_err();
    let TokenError::Refused { words, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(words.status, 400 | 401 | 403), "{words:?}");
    assert!(words.error.is_some(), "the provider's words are lost");
}

pub(super) async fn refused_for_the_secret(bench: Bench) -> Outcome {
    let at = bench.registered().await;
    refused(&bench, &adopted(&at, "not-the-secret-of-it")).await;
    Outcome::Kept
}

pub(super) async fn refused_for_the_scope(bench: Bench) -> Outcome {
    let at = bench.registered().await;
    let mut wish = bench.wish();
    wish.scopes = Some(vec!["nobody:knows".to_owned()]);
    let answer = bench.token_for(&at, wish).await;
    if !bench.row.asks_for_scopes {
        // All that the client was granted, whatever was asked for, and the answer says so.
        let scope = answer.unwrap().scope.unwrap_or_default();
        assert!(!scope.contains("nobody"), "{scope}");
        return Outcome::Cannot;
    }
    let error = answer.unwrap_err();
    let TokenError::Refused { words, .. } = &error else {
        panic!("{error:?}");
    };
    assert!((400..500).contains(&words.status) && words.error.is_some());
    assert!(!error.is_invalid_client(), "the client is not to blame");
    Outcome::Kept
}

pub(super) async fn f20_refused_after_deletion(bench: Bench) -> Outcome {
    let at = bench.registered().await;
    let token = bench.token(&at).await.unwrap();
    bench.delete(&at).await.unwrap();
    refused(&bench, &at).await;
    let answer = bearer(&bench, token.access_token.expose()).await;
    assert_eq!(answer, StatusCode::UNAUTHORIZED);
    Outcome::Kept
}

fn call(bench: &Bench) -> RequestBuilder {
    let http = Client::builder().no_proxy().build().unwrap();
    http.get(&bench.info.api_url)
}

async fn bearer(bench: &Bench, token: &str) -> StatusCode {
    let answer = call(bench).bearer_auth(token).send().await.unwrap();
    answer.status()
}

pub(super) async fn three_kinds_of_credentials_at_the_gateway(bench: Bench) -> Outcome {
    let at = bench.registered().await;
    let basic = call(&bench).basic_auth(&at.client_id, Some(secret(&at)));
    let answer = basic.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "client credentials");
    let cookies: Vec<String> = answer
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|value| value.to_str().unwrap())
        .filter_map(|cookie| cookie.split(';').next())
        .map(str::to_owned)
        .collect();
    assert!(!cookies.is_empty(), "no session began");
    let session = call(&bench).header(header::COOKIE, cookies.join("; "));
    assert_eq!(session.send().await.unwrap().status(), StatusCode::OK);
    let token = bench.token(&at).await.unwrap();
    let answer = bearer(&bench, token.access_token.expose()).await;
    assert_eq!(answer, StatusCode::OK, "bearer");
    let stranger = call(&bench).send().await.unwrap();
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
    Outcome::Kept
}

pub(super) async fn adopted_by_id_and_secret(bench: Bench) -> Outcome {
    let at = bench.registered().await;
    let known = adopted(&at, secret(&at));
    let token = bench.token(&known).await.unwrap();
    let answer = bearer(&bench, token.access_token.expose()).await;
    assert_eq!(answer, StatusCode::OK);
    Outcome::Kept
}

pub(super) async fn adopted_with_a_wrong_secret(bench: Bench) -> Outcome {
    let at = bench.registered().await;
    refused(&bench, &adopted(&at, "a-secret-of-someone")).await;
    let mut nobody = adopted(&at, secret(&at));
    "0oa0000000000000dead".clone_into(&mut nobody.client_id);
    refused(&bench, &nobody).await;
    Outcome::Kept
}

pub(super) async fn no_secret_is_recorded_or_printed(bench: Bench) -> Outcome {
    let information = bench.register(&bench.minimal()).await.unwrap();
    let at = registration(&information);
    let token = bench.token(&at).await.unwrap();
    bench.verify().await;
    let _ = bench.read(&at).await;
    let _ = bench.rotate(&at).await;
    bench
        .token(&adopted(&at, "wrong-secret-123"))
        .await
        .unwrap_err();
    let printed = format!("{information:?} {at:?} {token:?} {:?}", bench.provider());
    let recorded = bench.exchanges.lock().unwrap().join("\n");
    assert!(recorded.contains(&at.client_id));
    let secrets = bench.info.secrets.values().map(String::as_str);
    for known in secrets.chain([secret(&at), token.access_token.expose(), "wrong-secret-123"]) {
        assert!(!recorded.contains(known), "a secret is in the exchanges");
        assert!(!printed.contains(known), "a secret is printed");
    }
    Outcome::Kept
}
