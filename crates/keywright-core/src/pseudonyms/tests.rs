#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::json;

use regex::Regex;

use super::*;

const VAULT: Uuid = Uuid::from_u128(0x0190_f2a1_0000_7000_8000_0000_0000_0001);
const TENANT: &str = "3f0c9a52-0d7e-4f4b-9a31-8e6f2f1c4e20";

fn names() -> Pseudonyms {
    Pseudonyms::new(Some(VAULT))
}

fn hidden(names: &mut Pseudonyms, value: &Value) -> Value {
    let mut value = value.clone();
    names.hide(&mut value);
    value
}

fn restored(names: &Pseudonyms, value: &Value) -> Value {
    let mut value = value.clone();
    names.restore(&mut value);
    value
}

/// The kind of a pseudonym, without its digits.
fn form(value: &Value) -> String {
    let text = value.as_str().unwrap();
    let digits = Regex::new("[0-9a-f]{4,12}").unwrap();
    digits.replace(text, "#").into_owned()
}

#[test]
fn t42_names_are_replaced_wherever_they_occur() {
    let value = json!({
        "id": "01936b1e-7c1e-7e0a-9d3c-0a1b2c3d4e5f",
        "client_id": "Orders7Client",
        "issuer": format!("https://login.corp.com/{TENANT}/v2.0"),
        "body": r#"{"client_id":"other-client-77","aud":"https:\/\/api.corp.com:8443\/x"}"#,
        "form": "grant_type=client_credentials&client_id=third%2Bclient1&resource=https%3A%2F%2Fapi.corp.com%2Fx",
        "words": [
            "login.corp.com refused Orders7Client", "LOGIN.CORP.COM.", "Host: api.corp.com", "third+client1",
            "third%2bclient1", "next=%2Fother-client-77",
        ],
    });
    let shown = hidden(&mut names(), &value).to_string();
    for name in [
        "Orders7Client",
        "corp.com",
        "CORP.COM",
        TENANT,
        "other-client-77",
        "third+client1",
        "third%2",
    ] {
        assert!(!shown.contains(name), "{name} in {shown}");
    }
    assert!(shown.contains("01936b1e-7c1e-7e0a-9d3c-0a1b2c3d4e5f"));
    assert!(shown.contains(":8443"));
}

#[test]
fn t42_pseudonyms_turn_back_into_real_names() {
    let value = json!({
        "client_id": "Orders7Client",
        "issuer": format!("https://Login.corp.com/{TENANT}"),
        "host": "http://idp:8080/x",
    });
    let mut names = names();
    let shown = hidden(&mut names, &value);
    assert_eq!(form(&shown["host"]), "http://host-#.example:8080/x");
    assert_eq!(restored(&names, &shown), value);
    let command = format!("curl {}/token", shown["issuer"].as_str().unwrap());
    let real = format!("curl {}/token", value["issuer"].as_str().unwrap());
    assert_eq!(restored(&names, &json!(command)), json!(real));
}

#[test]
fn t42_a_copied_address_keeps_its_encoding() {
    let address = "https://login.corp.com/authorize?client_id=third%2Bclient%3D1&state=x";
    let mut names = names();
    let shown = hidden(&mut names, &json!(address));
    assert!(!shown.to_string().contains("third"), "{shown}");
    assert_eq!(restored(&names, &shown), json!(address));
}

#[test]
fn t42_pseudonyms_are_the_same_in_every_session() {
    let app = json!({ "client_id": "Orders7Client" });
    let one = hidden(&mut names(), &app);
    let mut later = names();
    hidden(&mut later, &json!({ "client_id": "seen-before-12" }));
    assert_eq!(hidden(&mut later, &app), one);
    let elsewhere = Uuid::from_u128(0x0190_f2a1_0000_7000_8000_0000_0000_0002);
    assert_ne!(hidden(&mut Pseudonyms::new(Some(elsewhere)), &app), one);
    let batch = json!({ "name": "orders-batch", "client_id": "x" });
    assert_eq!(hidden(&mut later, &batch)["name"], "demo-app-2024");
    assert_eq!(later.application("orders-batch"), "demo-app-2024");
}

#[test]
fn t42_pseudonyms_of_different_names_differ() {
    let all: Vec<Value> = (0..3000)
        .map(|number| json!({ "client_id": format!("client-number-{number}") }))
        .collect();
    let all = Value::Array(all);
    let mut names = names();
    let shown = hidden(&mut names, &all);
    let each = shown.as_array().unwrap().iter();
    let different: std::collections::HashSet<_> =
        each.map(|one| one["client_id"].as_str().unwrap()).collect();
    assert_eq!(different.len(), 3000);
    assert_eq!(restored(&names, &shown), all);
}

#[test]
fn t42_a_guid_that_turns_out_to_be_a_client_is_one() {
    let url = format!("https://idp.corp.com/clients/{TENANT}");
    let mut names = names();
    hidden(&mut names, &json!({ "url": url }));
    let shown = hidden(&mut names, &json!({ "client_id": TENANT, "url": url }));
    assert_eq!(form(&shown["client_id"]), "demo-client-#");
    let client = shown["client_id"].as_str().unwrap();
    assert!(shown["url"].as_str().unwrap().ends_with(client), "{shown}");
    assert_eq!(restored(&names, &shown)["client_id"], TENANT);
}

#[test]
fn t42_hosts_without_an_address_are_replaced() {
    let value = json!({
        "items": [{ "host": "api.corp.com" }, { "host": "sso:8443" }, { "host": "localhost:3000" }, { "host": "127.0.0.1" }],
        "cookies": [{ "domain": ".corp.com" }, { "domain": null }],
        "unconfirmed_hosts": ["keys.corp.com"],
        "audience": "api.corp.com",
    });
    let mut names = names();
    let shown = hidden(&mut names, &value);
    let text = shown.to_string();
    assert!(!text.contains("corp") && !text.contains("sso"), "{text}");
    assert_eq!(form(&shown["items"][0]["host"]), "host-#.example");
    assert_eq!(form(&shown["items"][1]["host"]), "host-#.example:8443");
    assert_eq!(shown["items"][2], value["items"][2]);
    assert_eq!(shown["items"][3], value["items"][3]);
    assert_eq!(form(&shown["cookies"][0]["domain"]), ".host-#.example");
    assert_eq!(shown["audience"], shown["items"][0]["host"]);
    assert_eq!(restored(&names, &shown), value);
}

#[test]
fn t42_loopback_and_words_of_the_program_stay() {
    let value = json!({
        "client_id": "okta",
        "provider": "okta",
        "reference": "keywright://orders-batch/token",
        "issuer": "http://127.0.0.1:4711/okta",
        "local": "http://localhost:3000/",
    });
    let mut shown = hidden(&mut names(), &value);
    assert_eq!(form(&shown["client_id"]), "demo-client-#");
    shown["client_id"] = json!("okta");
    assert_eq!(shown, value);

    let mut names = names();
    hidden(
        &mut names,
        &json!({ "name": "okta", "client_id": "x1", "config": "failed" }),
    );
    let words = json!({ "provider": "okta", "verify_state": "failed", "tenant": "common" });
    assert_eq!(hidden(&mut names, &words), words);
}

#[test]
fn t42_longer_names_are_not_cut() {
    let mut names = names();
    hidden(
        &mut names,
        &json!({ "issuer": "https://corp.com/", "client_id": "client-77" }),
    );
    let text = json!("notcorp.com corp.community client-777 xclient-77");
    assert_eq!(hidden(&mut names, &text), text);
    hidden(&mut names, &json!({ "client_id": "client-77 of corp" }));
    let text = hidden(&mut names, &json!("client-77 of corporations"));
    assert_eq!(form(&text), "demo-client-# of corporations");
}

#[test]
fn t42_typed_names_are_replaced() {
    let configuration = json!({
        "name": "Acme",
        "provider": "auth0",
        "issuer": "https://acme-dev.eu.auth0.com/",
        "kind_name": "Auth0",
        "settings": { "tenant": "acme-dev", "region": "eu", "initial_client_id": "AdminOfAcme" },
    });
    let app =
        json!({ "name": "orders", "client_id": "c7a19b52", "config": "Acme", "provider": "auth0" });
    let value = json!({ "configuration": configuration, "app": app });
    let mut names = names();
    let shown = hidden(&mut names, &value);
    let (configuration, app) = (&shown["configuration"], &shown["app"]);
    assert_eq!(form(&configuration["name"]), "demo-provider-#");
    assert_eq!(form(&configuration["settings"]["tenant"]), "demo-tenant-#");
    assert_eq!(
        form(&configuration["settings"]["initial_client_id"]),
        "demo-client-#"
    );
    assert_eq!(configuration["settings"]["region"], "eu");
    assert_eq!(configuration["provider"], "auth0");
    assert_eq!(form(&app["name"]), "demo-app-#");
    assert_eq!(app["config"], configuration["name"]);
    assert!(
        !shown.to_string().to_lowercase().contains("acme"),
        "{shown}"
    );
    assert_eq!(restored(&names, &shown), value);

    let said = hidden(
        &mut names,
        &json!({
            "message": "Acme refused the token request of “orders”.",
            "body": r#"{"client_name": "orders", "scope": "orders"}"#,
        }),
    );
    let (config, name) = (
        app["config"].as_str().unwrap(),
        app["name"].as_str().unwrap(),
    );
    assert_eq!(
        said["message"],
        format!("{config} refused the token request of “{name}”.")
    );
    assert_eq!(
        said["body"],
        format!(r#"{{"client_name": "{name}", "scope": "orders"}}"#)
    );
}

#[test]
fn t42_a_client_id_like_one_of_ours_is_replaced() {
    let id = "01a22949-4a2b-7601-9e1e-3fd98ca4978e";
    let mut names = names();
    let shown = hidden(
        &mut names,
        &json!({ "id": id, "client_id": id, "application": id }),
    );
    assert_eq!(form(&shown["client_id"]), "demo-client-#");
    assert_eq!(restored(&names, &shown)["client_id"], id);
}
