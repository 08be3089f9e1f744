//! What needs no server: addresses, translations, scopes.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use keywright_oauth::{
    client_metadata::ClientMetadata,
    error_response::ErrorResponse,
    token::{DEVICE_CODE, TokenError},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    advice, keys, scope, settings,
    tenant_endpoints::{self, TenantEndpoints, Version},
    token, translate,
};
use crate::{OwnerTag, ProviderConfig, ProviderKind, Registration};

const TENANT: &str = "54826b22-38d6-4fb2-bad9-b7b93a3e9c5a";

fn config(issuer: &str, settings: &[(&str, &str)]) -> ProviderConfig {
    ProviderConfig {
        kind: ProviderKind::Entra,
        issuer: issuer.into(),
        settings: settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        secrets: BTreeMap::new(),
        metadata: None,
    }
}

fn wanted(value: &Value) -> ClientMetadata {
    ClientMetadata::from_answer(value.as_object().unwrap().clone())
}

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

#[test]
fn every_cloud_has_its_own_login_and_graph() {
    for (cloud, login, graph) in [
        ("global", "login.microsoftonline.com", "graph.microsoft.com"),
        ("us_gov", "login.microsoftonline.us", "graph.microsoft.us"),
        (
            "us_dod",
            "login.microsoftonline.us",
            "dod-graph.microsoft.us",
        ),
        (
            "china",
            "login.partner.microsoftonline.cn",
            "microsoftgraph.chinacloudapi.cn",
        ),
    ] {
        let settings = [("tenant", "contoso.onmicrosoft.com"), ("cloud", cloud)];
        let map = config("", &settings).settings;
        let filled = tenant_endpoints::prefill(&map).unwrap();
        assert_eq!(
            filled.issuer,
            format!("https://{login}/contoso.onmicrosoft.com/v2.0")
        );
        assert_eq!(
            filled.token_endpoint,
            format!("https://{login}/contoso.onmicrosoft.com/oauth2/v2.0/token")
        );
        let endpoints = TenantEndpoints::of(&config(&filled.issuer, &settings)).unwrap();
        assert_eq!(endpoints.graph_scope, format!("https://{graph}/.default"));
        assert_eq!(
            endpoints.graph("applications").as_str(),
            format!("https://{graph}/v1.0/applications")
        );
        assert_eq!(
            tenant_endpoints::CLOUD_NAMES
                .iter()
                .filter(|name| **name == cloud)
                .count(),
            1
        );
    }
}

#[test]
fn a_tenant_that_is_no_name_fills_nothing() {
    for tenant in ["", "a b", "a/b", "a?b", "../x"] {
        assert_eq!(
            tenant_endpoints::prefill(&config("", &[("tenant", tenant)]).settings),
            None,
            "{tenant}"
        );
    }
}

#[test]
fn version_1_issuers_have_their_document_at_the_login_host() {
    for issuer in [
        format!("https://sts.windows.net/{TENANT}/"),
        format!("https://sts.windows.net/{TENANT}"),
    ] {
        let endpoints = TenantEndpoints::of(&config(&issuer, &[])).unwrap();
        assert_eq!(endpoints.version, Version::One);
        assert_eq!(
            endpoints.discovery().as_str(),
            format!("https://login.microsoftonline.com/{TENANT}/.well-known/openid-configuration")
        );
        assert!(tenant_endpoints::is_issuer(
            &issuer,
            &format!("https://sts.windows.net/{TENANT}/")
        ));
    }
    let two = TenantEndpoints::of(&config(
        &format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        &[],
    ));
    assert_eq!(
        two.unwrap().discovery().as_str(),
        format!("https://login.microsoftonline.com/{TENANT}/v2.0/.well-known/openid-configuration")
    );
}

#[test]
fn a_tenant_has_an_issuer_for_each_version_of_tokens() {
    let two = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let one = format!("https://sts.windows.net/{TENANT}/");
    assert!(tenant_endpoints::is_other_version(&two, &one));
    assert!(tenant_endpoints::is_other_version(&one, &two));
    for other in [
        &two,
        "https://sts.windows.net/00000000-0000-0000-0000-000000000000/",
        &format!("https://sts.windows.net.evil.example/{TENANT}/"),
        &format!("http://sts.windows.net/{TENANT}/"),
        &format!("https://sts.chinacloudapi.cn/{TENANT}/"),
        &format!("https://evil.example/{TENANT}/"),
        "",
    ] {
        assert!(!tenant_endpoints::is_other_version(&two, other), "{other}");
    }
}

#[test]
fn base_addresses_keep_their_paths() {
    let settings = [
        (settings::LOGIN_ENDPOINT, "http://127.0.0.1:9/entra/"),
        (settings::GRAPH_ENDPOINT, "http://127.0.0.1:9/entra/graph"),
    ];
    let config = config(
        &format!("http://127.0.0.1:9/entra/{TENANT}/v2.0"),
        &settings,
    );
    let endpoints = TenantEndpoints::of(&config).unwrap();
    assert_eq!(
        endpoints.token_endpoint().as_str(),
        format!("http://127.0.0.1:9/entra/{TENANT}/oauth2/v2.0/token")
    );
    assert_eq!(
        endpoints.graph("applications").as_str(),
        "http://127.0.0.1:9/entra/graph/v1.0/applications"
    );
    // The token is asked for the cloud's Graph, wherever Graph is reached.
    assert_eq!(
        endpoints.graph_scope,
        "https://graph.microsoft.com/.default"
    );
    assert_eq!(config.named_hosts().len(), 1);
}

#[test]
fn t01_only_the_tenant_may_be_answered_in_another_form() {
    let v2 = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    assert!(tenant_endpoints::is_issuer(&v2(TENANT), &v2(TENANT)));
    assert!(tenant_endpoints::is_issuer(
        &v2("contoso.onmicrosoft.com"),
        &v2(TENANT)
    ));
    for (asked, answered) in [
        (v2(TENANT), v2("00000000-0000-0000-0000-000000000000")),
        (v2("contoso.onmicrosoft.com"), v2("other.example")),
        (v2("common"), v2(TENANT)),
        (v2("common"), v2("{tenantid}")),
        (
            v2("contoso.onmicrosoft.com"),
            format!("https://evil.example/{TENANT}/v2.0"),
        ),
        (
            v2("contoso.onmicrosoft.com"),
            format!("https://login.microsoftonline.com/{TENANT}"),
        ),
        (
            v2("contoso.onmicrosoft.com"),
            format!("https://login.microsoftonline.com/x/{TENANT}/v2.0"),
        ),
    ] {
        assert!(
            !tenant_endpoints::is_issuer(&asked, &answered),
            "{asked} {answered}"
        );
    }
}

#[test]
fn a_typed_token_endpoint_may_name_the_tenant_and_nothing_else_differently() {
    let same = |typed: &str, named: &str| {
        tenant_endpoints::is_same_endpoint(
            &typed.parse().unwrap(),
            &named.parse().unwrap(),
            "contoso.com",
        )
    };
    let named = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
    assert!(same(&named, &named));
    assert!(same(
        "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token",
        &named
    ));
    assert!(!same(
        "https://login.microsoftonline.com/contoso.com/oauth2/token",
        &named
    ));
    assert!(!same(
        "https://login.microsoftonline.com/fabrikam.com/oauth2/v2.0/token",
        &named
    ));
    assert!(!same(
        "https://login.microsoftonline.us/contoso.com/oauth2/v2.0/token",
        &named
    ));
}

#[test]
fn a_new_application_says_its_audience_and_its_mark() {
    let owner_tag = OwnerTag {
        vault: Uuid::from_u128(1),
        entry: Uuid::from_u128(2),
    };
    let asked = wanted(&json!({
        "client_name": "Orders", "redirect_uris": ["https://a.example/cb"], "client_uri": "https://a.example",
        "tos_uri": "https://a.example/tos", "policy_uri": "https://a.example/privacy",
    }));
    let body = translate::application(&asked, Version::Two, owner_tag);
    assert_eq!(
        Value::Object(body.clone()),
        json!({
            "displayName": "Orders",
            "signInAudience": "AzureADMyOrg",
            "api": { "requestedAccessTokenVersion": 2 },
            "tags": [
                "keywright:vault:00000000-0000-0000-0000-000000000001",
                "keywright:entry:00000000-0000-0000-0000-000000000002",
            ],
            "notes": "Registered by Keywright.",
            "web": { "redirectUris": ["https://a.example/cb"], "homePageUrl": "https://a.example" },
            "info": {
                "termsOfServiceUrl": "https://a.example/tos",
                "privacyStatementUrl": "https://a.example/privacy",
            },
        })
    );
    assert_eq!(translate::owner_tag(&body), Some(owner_tag));
    let bare = translate::application(
        &ClientMetadata::default(),
        Version::One,
        OwnerTag::default(),
    );
    assert_eq!(
        Value::Object(bare),
        json!({ "displayName": "Keywright application", "signInAudience": "AzureADMyOrg" })
    );
}

#[test]
fn a_public_client_redirects_elsewhere_and_gets_no_client_credentials() {
    let asked = wanted(&json!({
        "client_name": "Desk", "token_endpoint_auth_method": "none", "redirect_uris": ["http://localhost"],
    }));
    let body = translate::application(&asked, Version::Two, OwnerTag::default());
    assert_eq!(
        body["publicClient"],
        json!({ "redirectUris": ["http://localhost"] })
    );
    assert_eq!(body["isFallbackPublicClient"], json!(true));
    assert_eq!(body.get("web"), None);
    let granted = translate::metadata(&body, Some("none".into()), Some("api://x/.default".into()));
    assert_eq!(
        granted.grant_types().unwrap(),
        ["authorization_code", DEVICE_CODE, "refresh_token"]
    );
    // Users are asked for it; a client that can sign nobody in has none.
    assert_eq!(granted.scopes().unwrap(), ["api://x/.default"]);
    let body = translate::application(&wanted(&json!({})), Version::Two, OwnerTag::default());
    let granted = translate::metadata(&body, Some("none".into()), Some("api://x/.default".into()));
    assert_eq!(granted.scopes(), None);
}

#[test]
fn null_empty_and_absent_are_the_same_in_an_application() {
    let full = object(json!({
        "appId": "a", "displayName": "n", "isFallbackPublicClient": null, "passwordCredentials": [],
        "web": { "homePageUrl": null, "redirectUris": [] }, "publicClient": null, "info": { "termsOfServiceUrl": "" },
    }));
    let bare = object(json!({ "appId": "a", "displayName": "n" }));
    assert_eq!(
        translate::metadata(&full, None, None),
        translate::metadata(&bare, None, None)
    );
    let strange = object(
        json!({ "appId": "a", "web": [], "tags": "x", "passwordCredentials": {}, "info": 3 }),
    );
    assert_eq!(
        translate::metadata(&strange, None, None)
            .grant_types()
            .unwrap(),
        ["client_credentials"]
    );
    assert_eq!(translate::owner_tag(&strange), None);
}

#[test]
fn redirects_come_back_in_another_order_and_are_the_same() {
    let of = |uris: Value| {
        translate::metadata(
            &object(json!({ "web": { "redirectUris": uris } })),
            None,
            None,
        )
    };
    assert_eq!(
        of(json!(["https://b", "https://a"])),
        of(json!(["https://a", "https://b"]))
    );
}

#[test]
fn an_application_asks_for_one_whole_resource() {
    let own = settings::EntraSettings::of(&config("", &[]));
    assert_eq!(scope::configured(&own), "api://{client_id}/.default");
    assert!(scope::is_own(&scope::configured(&own)));
    for typed in ["api://orders", "api://orders/", "api://orders/.default"] {
        let shared =
            settings::EntraSettings::of(&config("", &[(settings::DEFAULT_RESOURCE, typed)]));
        assert_eq!(scope::configured(&shared), "api://orders/.default");
        assert!(!scope::is_own(&scope::configured(&shared)));
    }
    let asked = wanted(&json!({ "scope": "openid api://a/.default api://b/.default read" }));
    assert_eq!(scope::wanted(&own, &asked), "api://a/.default");
    assert_eq!(
        scope::refused(&asked),
        ["openid", "api://b/.default", "read"]
    );
    assert!(scope::is_graph("https://graph.microsoft.com/.default"));
    assert!(scope::is_graph("https://dod-graph.microsoft.us/.default"));
    assert!(scope::is_graph(
        "00000003-0000-0000-c000-000000000000/.default"
    ));
    assert!(!scope::is_graph("api://graph.microsoft.com.evil/.default"));
}

#[test]
fn an_audience_becomes_the_scope_of_a_new_client() {
    let mut asked = wanted(&json!({ "client_name": "n" }));
    scope::apply_audience(&mut asked, "api://orders");
    assert_eq!(asked.scopes().unwrap(), ["api://orders/.default"]);
    scope::apply_audience(&mut asked, "api://other");
    assert_eq!(asked.scopes().unwrap(), ["api://orders/.default"]);
}

fn refused(codes: &[i64], description: &str) -> TokenError {
    let body = json!({ "error": "invalid_client", "error_codes": codes, "error_description": description });
    TokenError::Refused {
        words: ErrorResponse::read(401, body.to_string().as_bytes()),
        retry_after: None,
        exchange: Uuid::nil(),
    }
}

#[test]
fn f17_a_new_secret_may_be_refused_for_two_minutes() {
    let new = Registration {
        handles: [(keys::handle::SECRET_SINCE.to_owned(), "1000".to_owned())].into(),
        ..Registration::default()
    };
    for code in [700_016, 7_000_215] {
        assert!(token::may_not_have_propagated(
            &refused(&[code], ""),
            &new,
            1120
        ));
        assert!(!token::may_not_have_propagated(
            &refused(&[code], ""),
            &new,
            1121
        ));
        assert!(!token::may_not_have_propagated(
            &refused(&[code], ""),
            &Registration::default(),
            1000
        ));
    }
    assert!(!token::may_not_have_propagated(
        &refused(&[7_000_222], ""),
        &new,
        1000
    ));
    assert!(token::is_unknown_application(&refused(&[700_016], "")));
    assert!(!token::is_unknown_application(&refused(&[500_011], "")));
    let text_alone = refused(
        &[],
        "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1",
    );
    assert!(token::may_not_have_propagated(&text_alone, &new, 1000));
}

#[test]
fn a_code_has_its_advice_wherever_it_stands() {
    let of = |body: Value| {
        advice::of(&ErrorResponse::read(400, body.to_string().as_bytes()))
            .map(crate::MessageCode::as_str)
    };
    assert_eq!(
        of(json!({ "error": "x", "error_codes": [7_000_222] })),
        Some("entra_secret_expired")
    );
    assert_eq!(
        of(json!({ "error": { "code": "Authorization_RequestDenied", "message": "m" } })),
        Some("entra_permission_missing")
    );
    assert_eq!(
        of(
            json!({ "error": { "code": "Request_BadRequest", "details": [{ "code": "CredentialInvalidLifetimeAsPerAppPolicy" }] } })
        ),
        Some("entra_lifetime_capped")
    );
    assert_eq!(of(json!({ "error": "invalid_request" })), None);
}
