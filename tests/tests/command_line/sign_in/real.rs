//! The code flow at servers that nobody here wrote, with their own login pages.

use keywright_tests::{Browser, Cli, OidcProvider, Page, SignIn, real};
use serde_json::json;

use super::{free_port, register};

const FREE: &str = "http://127.0.0.1/callback";
const OFFLINE: [&str; 2] = ["--grant", "refresh_token"];

/// Signs in by forms alone and returns what the command said.
pub(super) fn signed_in(sign_in: SignIn, fill: &[(&str, &str)]) -> serde_json::Value {
    let page = Browser::new().sign_in(&sign_in.address, fill);
    assert_taken(&page);
    sign_in.finish().json()
}

fn assert_taken(page: &Page) {
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text.contains("You can close this tab"), "{page:?}");
}

#[test]
fn sign_in_at_oidc_provider_by_a_public_client() {
    let server = OidcProvider::with_login();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let scopes = ["--scope", "openid", "--scope", "orders:read"];
    let more = [&OFFLINE[..], &scopes, &["--auth-method", "none"]].concat();
    let made = register(&cli, "login", FREE, &more).json();
    assert_eq!(made["requested"]["application_type"], "native");
    assert_eq!(
        made["requested"]["scope"],
        "openid orders:read offline_access"
    );
    assert_eq!(made["warnings"], json!([]));

    let waiting = SignIn::start(&cli, "login", &[]);
    assert_eq!(waiting.parameter("code_challenge_method"), "S256");
    assert_eq!(
        waiting.parameter("scope"),
        "openid orders:read offline_access"
    );
    let token = signed_in(waiting, &[("login", "tester"), ("password", "x")]);
    assert_eq!(token["scope"], "openid orders:read offline_access");
    assert_eq!(token["from_cache"], false);

    let shown = cli.run(&["token", "show", "login"]).json();
    assert_eq!(shown["grant"], "authorization_code");
    assert_eq!(shown["id_token"]["signature"], "verified", "{shown}");
    assert_eq!(shown["id_token"]["claims_json"]["sub"], "tester");
    // Nobody is asked again: from the cache, then by refresh token, which rotates.
    let again = cli.run(&["token", "get", "login"]).json();
    assert_eq!(again["from_cache"], true);
    for _ in 0..2 {
        let refreshed = cli.run(&["token", "get", "login", "--refresh"]).json();
        assert_eq!(refreshed["from_cache"], false);
        assert_ne!(refreshed["id"], token["id"]);
    }
    let refresh = ["token", "get", "login", "--grant", "refresh_token"];
    assert_eq!(cli.run(&refresh).json()["from_cache"], true);
    let shown = cli.run(&["token", "show", "login"]).json();
    assert_eq!(shown["id_token"]["claims_json"]["sub"], "tester");
    let claims = shown["id_token"]["claims"].as_array().unwrap();
    let audience = claims.iter().find(|claim| claim["name"] == "aud").unwrap();
    assert_eq!(audience["note"], "this application", "{audience}");
}

#[test]
fn an_id_token_signed_with_the_client_secret_is_verified() {
    let server = OidcProvider::with_login();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let metadata = cli.folder().join("metadata.json");
    std::fs::write(&metadata, r#"{"id_token_signed_response_alg":"HS256"}"#).unwrap();
    let metadata = metadata.to_string_lossy();
    let more = ["--scope", "openid", "--metadata", &metadata];
    register(&cli, "login", FREE, &more).json();
    let fill = [("login", "tester"), ("password", "x")];
    signed_in(SignIn::start(&cli, "login", &[]), &fill);
    let shown = cli.run(&["token", "show", "login"]).json();
    assert_eq!(shown["id_token"]["algorithm"], "HS256", "{shown}");
    assert_eq!(shown["id_token"]["signature"], "verified", "{shown}");
}

#[test]
fn a_request_is_pushed_where_the_server_requires_it() {
    let server = OidcProvider::with_pushed_requests();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let fill = [("login", "tester"), ("password", "x")];
    for (name, more) in [
        ("secret", &["--scope", "openid"][..]),
        ("public", &["--scope", "openid", "--auth-method", "none"]),
        (
            "key",
            &["--scope", "openid", "--auth-method", "private_key_jwt"],
        ),
    ] {
        register(&cli, name, FREE, more).json();
        let waiting = SignIn::start_pushed(&cli, name);
        let sent: Vec<_> = waiting
            .address
            .query_pairs()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(sent, ["client_id", "request_uri"], "{name}");
        signed_in(waiting, &fill);
        let shown = cli.run(&["token", "show", name]).json();
        assert_eq!(shown["id_token"]["signature"], "verified", "{shown}");
    }
    // The pushed request is in Activity without what the client proves itself with.
    let known = cli.run(&["app", "show", "secret", "--reveal"]).json();
    let secret = known["client_secret"].as_str().unwrap();
    let all = cli.run(&["activity", "list", "--limit", "200"]).json();
    let mut pushed = 0;
    for one in all["items"].as_array().unwrap() {
        let shown = cli.run(&["activity", "show", one["id"].as_str().unwrap()]);
        assert_eq!(shown.code, 0, "{shown:?}");
        if shown.out.contains("/request\"") {
            pushed += 1;
            assert!(!shown.out.contains(secret), "the secret is shown");
            assert!(!shown.out.contains("client_assertion=ey"), "{}", shown.out);
        }
    }
    assert_eq!(pushed, 3, "{all}");
}

#[test]
fn who_signed_in_and_where_to_sign_out_are_told() {
    let server = OidcProvider::with_login();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    register(&cli, "login", FREE, &["--scope", "openid"]).json();
    let fill = [("login", "tester"), ("password", "x")];
    signed_in(SignIn::start(&cli, "login", &[]), &fill);
    let user = cli.run(&["token", "userinfo", "login"]).json();
    assert_eq!(user["claims_json"]["sub"], "tester", "{user}");
    let out = cli
        .run(&["token", "sign-out", "login", "--no-browser"])
        .json();
    let address = out["address"].as_str().unwrap();
    assert!(address.starts_with(&server.issuer), "{address}");
    let client = cli.run(&["app", "show", "login"]).json();
    let client = client["client_id"].as_str().unwrap();
    assert!(
        address.contains(&format!("client_id={client}")),
        "{address}"
    );
    assert_eq!(out["opened"], false);

    // Nobody signed in, which the provider says as it says that a token expired.
    cli.register("service", "Work", &["--scope", "orders:read"])
        .json();
    cli.run(&["token", "get", "service"]).json();
    let refused = cli.run(&["token", "userinfo", "service"]).error();
    assert_eq!(refused["code"], "userinfo_no_user", "{refused}");
    assert!(refused["provider"]["error"].is_string(), "{refused}");
    let hint = refused["hint"].as_str().unwrap();
    assert!(hint.contains("--grant authorization_code"), "{refused}");
}

#[test]
fn sign_in_at_oidc_provider_by_a_client_with_a_secret() {
    let server = OidcProvider::with_login_for(31);
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let scopes = ["--scope", "openid", "--scope", "orders:read"];
    let more = [&OFFLINE[..], &scopes].concat();
    register(&cli, "login", "http://[::1]/callback", &more).json();
    let fill = [("login", "tester"), ("password", "x")];
    let waiting = SignIn::start(&cli, "login", &["--resource", "urn:keywright:orders"]);
    assert!(
        waiting
            .parameter("redirect_uri")
            .starts_with("http://[::1]:")
    );
    let token = signed_in(waiting, &fill);
    let shown = cli.run(&["token", "show", "login"]).json();
    assert_eq!(shown["signature"], "verified", "{shown}");
    assert_eq!(shown["claims_json"]["aud"], "urn:keywright:orders");
    // It lasts no longer than a call may take: the refresh token serves, and nobody is asked.
    std::thread::sleep(std::time::Duration::from_secs(2));
    let get = ["token", "get", "login", "--resource"];
    let get = [&get[..], &["urn:keywright:orders"]].concat();
    let next = cli.run(&get).json();
    assert_ne!(next["id"], token["id"]);
}

#[test]
fn sign_in_at_django_oauth_toolkit() {
    let server = real::Server::django();
    let cli = Cli::with_vault();
    cli.config("Work", &server.text("issuer"), &[]);
    let more = [&OFFLINE[..], &["--scope", "orders:read"]].concat();
    register(&cli, "login", FREE, &more).json();
    let waiting = SignIn::start(&cli, "login", &[]);
    let fill = [("username", "tester"), ("password", "secret")];
    let token = signed_in(waiting, &fill);
    assert_eq!(token["scope"], "orders:read", "{}", server.log());
    let api = server.text("api");
    let call = ["call", &api, "--app", "login", "--fail"];
    assert_eq!(cli.run(&call).json()["status"], 200);
    let next = cli.run(&["token", "get", "login", "--refresh"]).json();
    assert_ne!(next["id"], token["id"]);
    assert_eq!(cli.run(&call).json()["status"], 200);
}

#[test]
fn sign_in_at_glewlwyd() {
    let server = real::Server::glewlwyd();
    let cli = Cli::with_vault();
    cli.config("Work", &server.text("issuer"), &[]);
    // It compares redirect URIs letter by letter.
    let redirect = format!("http://127.0.0.1:{}/callback", free_port());
    let scopes = ["--scope", "openid", "--scope", "orders:read"];
    let more = [&OFFLINE[..], &scopes].concat();
    let made = register(&cli, "login", &redirect, &more).json();
    let waiting = SignIn::start(&cli, "login", &[]);
    assert_eq!(waiting.parameter("redirect_uri"), redirect);

    // What its pages do by script.
    let mut browser = Browser::new();
    let at = |path: &str| waiting.address.join(path).unwrap();
    let user = json!({ "username": "admin", "password": "password" });
    let entered = browser.json("POST", &at("/api/auth/"), &user);
    assert_eq!(entered.status, 200, "{entered:?}");
    let client = made["client_id"].as_str().unwrap();
    let agreed = browser.json(
        "PUT",
        &at(&format!("/api/auth/grant/{client}/")),
        &json!({ "scope": "openid orders:read" }),
    );
    assert_eq!(agreed.status, 200, "{agreed:?}");
    let mut address = waiting.address.clone();
    address.query_pairs_mut().append_pair("g_continue", "");
    assert_taken(&browser.open(&address));

    let token = waiting.finish().json();
    assert_eq!(token["scope"], "openid orders:read", "{}", server.log());
    let shown = cli.run(&["token", "show", "login"]).json();
    assert_eq!(shown["signature"], "verified", "{shown}");
    assert_eq!(shown["id_token"]["signature"], "verified", "{shown}");
    let next = cli.run(&["token", "get", "login", "--refresh"]).json();
    assert_ne!(next["id"], token["id"]);
}

#[test]
fn two_sign_ins_at_once_get_a_token_each() {
    let server = OidcProvider::with_login();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    for name in ["one", "two"] {
        let more = ["--scope", "orders:read", "--auth-method", "none"];
        register(&cli, name, FREE, &more).json();
    }
    let (one, two) = (
        SignIn::start(&cli, "one", &[]),
        SignIn::start(&cli, "two", &[]),
    );
    let fill = [("login", "tester"), ("password", "x")];
    let second = signed_in(two, &fill);
    let first = signed_in(one, &fill);
    assert_ne!(first["id"], second["id"]);
}
