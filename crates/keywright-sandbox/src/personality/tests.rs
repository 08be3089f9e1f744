//! What holds for every personality.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::header::SET_COOKIE;
use serde_json::Value;

use super::Personality;
use super::bench::{Bench, Credentials, Header, body, header, text};
use crate::faults::SandboxFaults;
use crate::idp::Claims;
use crate::server::middleware::INTERNAL_HEADER;

/// The document that tells of this personality, from below its issuer.
async fn document(bench: &Bench, personality: Personality) -> Value {
    let issuer = personality.issuer(bench.shared());
    let url = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    let response = bench.http.get(url).send().await.unwrap();
    assert_eq!(response.status(), 200, "{personality:?}");
    body(response).await
}

#[test]
fn names_lead_back_to_their_personality_and_paths_to_whom_they_belong() {
    for one in Personality::ALL {
        assert_eq!(Personality::named(one.name()), Some(one));
        assert_eq!(
            Personality::at(&format!("/{}/orders/1", one.name())),
            Some(one)
        );
        assert_eq!(serde_json::to_value(one).unwrap(), one.name());
    }
    for (path, expected) in [
        (
            "/.well-known/oauth-authorization-server/okta/oauth2/default",
            Some(Personality::Okta),
        ),
        ("/.well-known/openid-configuration", None),
        ("/", None),
        ("/auth0x/orders", None),
    ] {
        assert_eq!(Personality::at(path), expected, "{path}");
    }
}

#[tokio::test]
async fn discovery_names_the_issuer_asked_for_and_the_endpoints_that_are_there() {
    let bench = Bench::new().await;
    for one in Personality::ALL {
        let found = document(&bench, one).await;
        assert_eq!(found["issuer"], one.issuer(bench.shared()), "{one:?}");
        let request = one.provider_behavior().token_request(bench.shared());
        assert_eq!(found["token_endpoint"], request.endpoint, "{one:?}");
        let keys = bench
            .http
            .get(text(&found, "jwks_uri"))
            .send()
            .await
            .unwrap();
        let keys: JwkSet = keys.json().await.unwrap();
        assert_eq!(keys.keys.len(), 1, "{one:?}");
    }
}

#[tokio::test]
async fn the_dial_for_a_wrong_issuer_turns_one_document_and_no_other() {
    let bench = Bench::new().await;
    for one in Personality::ALL {
        let faults = SandboxFaults {
            wrong_issuer: true,
            ..SandboxFaults::default()
        };
        bench.sandbox.set_faults(one, faults);
        for other in Personality::ALL {
            let is_own = document(&bench, other).await["issuer"] == other.issuer(bench.shared());
            assert_eq!(is_own, other != one, "{one:?} {other:?}");
        }
        bench.sandbox.set_faults(one, SandboxFaults::default());
    }
}

#[tokio::test]
async fn tokens_verify_against_the_published_keys_and_name_an_issuer_of_theirs() {
    let bench = Bench::new().await;
    for one in Personality::ALL {
        let client = bench.client(one);
        let token = bench.token(one, &client).await;
        let found = document(&bench, one).await;
        let keys = bench
            .http
            .get(text(&found, "jwks_uri"))
            .send()
            .await
            .unwrap();
        let keys: JwkSet = keys.json().await.unwrap();
        let head = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(head.typ.as_deref(), one.provider_behavior().token_kind());
        let key = DecodingKey::from_jwk(keys.find(&head.kid.unwrap()).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[one.issuer(bench.shared())]);
        validation.validate_aud = false;
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Value>(&token, &key, &validation).unwrap();
        assert!(claims.claims.to_string().contains(&client.id), "{one:?}");
    }
}

#[tokio::test]
async fn an_api_trusts_its_own_personality_and_no_other() {
    let bench = Bench::new().await;
    for one in Personality::ALL {
        let client = bench.client(one);
        let token = bench.token(one, &client).await;
        let first = bench.call(one, Header::Basic(&client)).await;
        assert_eq!(first.status(), 200, "{one:?}");
        assert_eq!(header(&first, "x-consumer-id"), client.id);
        let cookie = header(&first, SET_COOKIE.as_str());
        let cookie = cookie.split(';').next().unwrap().to_owned();
        for other in Personality::ALL {
            let expected = if other == one { 200 } else { 401 };
            for credentials in [
                Header::Basic(&client),
                Header::Bearer(&token),
                Header::Cookie(&cookie),
            ] {
                let response = bench.call(other, credentials).await;
                assert_eq!(response.status(), expected, "{one:?} at {other:?}");
            }
        }
    }
}

#[tokio::test]
async fn each_api_has_orders_of_its_own() {
    let bench = Bench::new().await;
    let okta = bench.client(Personality::Okta);
    let curity = bench.client(Personality::Curity);
    let made = bench
        .http
        .post(Personality::Okta.api_url(bench.shared()))
        .basic_auth(&okta.id, Some(&okta.secret))
        .json(&serde_json::json!({ "item": "Padlock" }))
        .send()
        .await
        .unwrap();
    assert_eq!(made.status(), 201);
    for (one, who, expected) in [
        (Personality::Okta, &okta, 4),
        (Personality::Curity, &curity, 3),
    ] {
        let listed = body(bench.call(one, Header::Basic(who)).await).await;
        assert_eq!(listed["orders"].as_array().unwrap().len(), expected);
    }
}

#[tokio::test]
async fn a_restarted_sandbox_knows_the_clients_and_administrators_of_all() {
    let first = Bench::new().await;
    let clients: BTreeMap<Personality, Credentials> = Personality::ALL
        .into_iter()
        .map(|one| (one, first.client(one)))
        .collect();
    let admins = Personality::ALL.map(|one| first.admin(one).secret);
    // As a file would keep it.
    let saved: Value = serde_json::from_str(&first.sandbox.snapshot().to_string()).unwrap();
    first.sandbox.stop().await;
    let second = Bench::restoring(Some(saved)).await;
    assert_eq!(second.sandbox.client_count(), clients.len());
    assert_eq!(Personality::ALL.map(|one| second.admin(one).secret), admins);
    for (one, client) in &clients {
        let response = second.call(*one, Header::Basic(client)).await;
        assert_eq!(response.status(), 200, "{one:?}");
    }
}

#[tokio::test]
async fn a_reset_forgets_clients_and_keeps_administrators() {
    let bench = Bench::new().await;
    let client = bench.client(Personality::Entra);
    let admin = bench.admin(Personality::Entra).secret;
    bench.sandbox.reset();
    let response = bench.call(Personality::Entra, Header::Basic(&client)).await;
    assert_eq!(response.status(), 401);
    assert_eq!(bench.admin(Personality::Entra).secret, admin);
}

#[tokio::test]
async fn a_rate_limit_refuses_what_is_over_it_in_the_words_of_the_provider() {
    let bench = Bench::new().await;
    // Path, headers of a success, headers and a member of the refusal.
    let limit = [("limit", "1"), ("remaining", "0"), ("reset", "1800000001")];
    for (one, prefix, wait, member) in [
        (
            Personality::Rfc7591,
            None,
            "",
            ("error", "too_many_requests"),
        ),
        (
            Personality::Auth0,
            Some("x-ratelimit"),
            "1",
            ("error_description", "Client quota exceeded"),
        ),
        (
            Personality::Okta,
            Some("x-rate-limit"),
            "",
            ("errorCode", "E0000047"),
        ),
        (
            Personality::Curity,
            None,
            "",
            ("error", "too_many_requests"),
        ),
        (Personality::Entra, None, "1", ("", "")),
        (
            Personality::HttpBridge,
            None,
            "",
            ("error", "too_many_requests"),
        ),
    ] {
        let faults = SandboxFaults {
            rate_limit_per_second: 1,
            ..SandboxFaults::default()
        };
        bench.sandbox.set_faults(one, faults);
        let client = bench.client(one);
        let passed = bench.ask_token(one, &client, &[]).await;
        assert_ne!(passed.status(), 429, "{one:?}");
        let refused = bench.ask_token(one, &client, &[]).await;
        assert_eq!(refused.status(), 429, "{one:?}");
        for (name, value) in limit {
            let expected = prefix.map_or("", |_| value);
            let name = format!("{}-{name}", prefix.unwrap_or("x-ratelimit"));
            assert_eq!(header(&passed, &name), expected, "{one:?} {name}");
            assert_eq!(header(&refused, &name), expected, "{one:?} {name}");
        }
        assert_eq!(header(&refused, "retry-after"), wait, "{one:?}");
        let refusal = body(refused).await;
        if one == Personality::Entra {
            assert_eq!(refusal["error"]["code"], "TooManyRequests");
        } else {
            assert_eq!(refusal[member.0], member.1, "{one:?}");
        }
        bench.sandbox.set_faults(one, SandboxFaults::default());
    }
}

#[tokio::test]
async fn the_next_second_lets_requests_through_again_and_the_gateway_is_not_counted() {
    let bench = Bench::new().await;
    let one = Personality::Okta;
    let client = bench.client(one);
    let faults = SandboxFaults {
        rate_limit_per_second: 1,
        ..SandboxFaults::default()
    };
    bench.sandbox.set_faults(one, faults);
    let scope = [("scope", "orders:read")];
    for expected in [401, 429] {
        let response = bench.ask_token(one, &client, &scope).await;
        assert_eq!(response.status(), expected, "registered for Basic alone");
    }
    for _ in 0..3 {
        let response = bench.call(one, Header::Basic(&client)).await;
        assert_eq!(response.status(), 200);
    }
    bench.advance(1);
    let response = bench.ask_token(one, &client, &scope).await;
    assert_eq!(response.status(), 401);
}

#[tokio::test]
async fn a_share_of_requests_is_refused_in_the_words_of_who_refuses() {
    let bench = Bench::new().await;
    let faults = SandboxFaults {
        too_many_requests_percent: 100,
        retry_after: true,
        ..SandboxFaults::default()
    };
    bench.sandbox.set_faults(Personality::Okta, faults);
    let client = bench.client(Personality::Okta);
    let provider = bench.ask_token(Personality::Okta, &client, &[]).await;
    assert_eq!(header(&provider, "retry-after"), "2");
    assert_eq!(header(&provider, "x-rate-limit-remaining"), "0");
    assert_eq!(body(provider).await["errorCode"], "E0000047");
    let gateway = bench.call(Personality::Okta, Header::Basic(&client)).await;
    assert_eq!(gateway.status(), 429);
    assert_eq!(body(gateway).await["message"], "API rate limit exceeded");
    let spared = bench.client(Personality::Auth0);
    let response = bench.call(Personality::Auth0, Header::Basic(&spared)).await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn what_is_told_of_a_personality_has_its_secrets_but_does_not_print_them() {
    let bench = Bench::new().await;
    for one in Personality::ALL {
        let info = one.info(bench.shared());
        let printed = format!("{info:?}");
        let secret = bench.admin(one).secret;
        assert!(!printed.contains(&secret), "{one:?}");
        let is_open = one == Personality::Rfc7591;
        assert_eq!(info.secrets.values().any(|kept| *kept == secret), !is_open);
        assert!(!info.set.values().any(|kept| *kept == secret));
    }
}

#[tokio::test]
async fn a_personality_keeps_the_dials_it_has_and_no_other() {
    let bench = Bench::new().await;
    let vendor = Personality::ALL
        .into_iter()
        .flat_map(Personality::vendor_dials)
        .map(|dial| (dial.key.to_owned(), 1))
        .collect();
    let faults = SandboxFaults {
        vendor,
        ..SandboxFaults::default()
    };
    for one in Personality::ALL {
        bench.sandbox.set_faults(one, faults.clone());
        let kept = bench.sandbox.faults(one);
        let keys: Vec<&str> = kept.vendor.keys().map(String::as_str).collect();
        let mut own: Vec<&str> = one.vendor_dials().iter().map(|dial| dial.key).collect();
        own.sort_unstable();
        assert_eq!(keys, own, "{one:?}");
        assert_eq!(kept.count_on() as usize, own.len());
    }
}

#[tokio::test]
async fn rolled_over_keys_are_published_with_the_first() {
    let bench = Bench::new().await;
    for one in Personality::ALL {
        let client = bench.client(one);
        let before = bench.token(one, &client).await;
        let first = key_of(&before);
        let faults = SandboxFaults {
            keys_rolled_over: true,
            ..SandboxFaults::default()
        };
        bench.sandbox.set_faults(one, faults);
        let next = key_of(&bench.token(one, &client).await);
        assert_ne!(next, first, "{one:?}");
        let found = document(&bench, one).await;
        let keys = bench.http.get(text(&found, "jwks_uri")).send();
        let keys: JwkSet = keys.await.unwrap().json().await.unwrap();
        let published: Vec<&str> = keys
            .keys
            .iter()
            .filter_map(|key| key.common.key_id.as_deref())
            .collect();
        assert_eq!(published, [next.as_str(), first.as_str()], "{one:?}");
        // What the first key signed is still good.
        let claims: Option<Claims> = bench.shared().signing_keys.verify(&before);
        assert!(claims.is_some(), "{one:?}");
        bench.sandbox.set_faults(one, SandboxFaults::default());
        assert_eq!(key_of(&bench.token(one, &client).await), first, "{one:?}");
    }
}

/// The `kid` of a token.
fn key_of(token: &str) -> String {
    let header = jsonwebtoken::decode_header(token).unwrap();
    header.kid.unwrap()
}

#[tokio::test]
async fn a_caller_cannot_pass_for_the_gateway() {
    let bench = Bench::new().await;
    let faults = SandboxFaults {
        too_many_requests_percent: 100,
        ..SandboxFaults::default()
    };
    bench.sandbox.set_faults(Personality::Curity, faults);
    let request = bench
        .http
        .post(
            Personality::Curity
                .provider_behavior()
                .token_request(bench.shared())
                .endpoint,
        )
        .header(INTERNAL_HEADER, "guessed");
    assert_eq!(request.send().await.unwrap().status(), 429);
}
