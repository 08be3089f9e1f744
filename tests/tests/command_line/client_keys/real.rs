//! oidc-provider, from registration to the removal of a key.

use std::sync::{Arc, Mutex};

use keywright_tests::{Cli, OidcProvider, ScriptedServer};
use serde_json::{Value, json};

use super::{file, fresh, kid, register, states};

const ALGORITHMS: [&str; 4] = ["ES256", "EdDSA", "PS256", "RS256"];

/// A vault with oidc-provider as `Work`.
fn at(server: &OidcProvider) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    cli
}

/// The key set of the client as the provider has it.
fn registered_kids(cli: &Cli, name: &str) -> Vec<String> {
    let read = cli.run(&["app", "refresh", name]).json();
    let keys = read["current"]["jwks"]["keys"].as_array().cloned().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_key_of_each_algorithm_gets_a_token_at_oidc_provider() {
    let server = OidcProvider::open();
    let cli = at(&server);
    for algorithm in ALGORITHMS {
        let made = register(&cli, algorithm, &["--signing-alg", algorithm]).json();
        assert_eq!(
            made["granted"]["token_endpoint_auth_method"],
            "private_key_jwt"
        );
        assert_eq!(
            made["granted"]["token_endpoint_auth_signing_alg"],
            algorithm
        );
        assert!(!made.to_string().contains("\"d\":"), "public keys alone");
        fresh(&cli, algorithm);
        let seen = cli.run(&["token", "introspect", algorithm]).json();
        assert_eq!(seen["active"], true, "{seen}");
        cli.run(&["token", "revoke", algorithm]).json();
        let keys = cli.run(&["key", "list", algorithm]).json();
        assert_eq!(states(&keys), [format!("current {algorithm}")]);
    }
    // The first that the server lists and Keywright has, where the user names none.
    register(&cli, "any", &[]).json();
    assert_eq!(
        states(&cli.run(&["key", "list", "any"]).json()),
        ["current ES256"]
    );
    fresh(&cli, "any");
}

#[test]
fn a_secret_signs_assertions_at_oidc_provider() {
    let server = OidcProvider::open();
    let cli = at(&server);
    let method = ["--auth-method", "client_secret_jwt"];
    let made = cli.register("orders", "Work", &method).json();
    assert_eq!(made["granted"]["token_endpoint_auth_signing_alg"], "HS256");
    fresh(&cli, "orders");
    let seen = cli.run(&["token", "introspect", "orders"]).json();
    assert_eq!(seen["active"], true, "{seen}");
    let shown = cli.run(&["activity", "list"]).out;
    assert!(!shown.contains("client_assertion=ey"), "{shown}");
}

#[test]
fn a_key_is_rotated_with_an_overlap_at_oidc_provider() {
    let server = OidcProvider::open();
    let cli = at(&server);
    register(&cli, "orders", &[]).json();
    let first = kid(&cli.run(&["key", "list", "orders"]).json(), "current");
    let rotated = cli
        .run(&["key", "rotate", "orders", "--alg", "PS256"])
        .json();
    assert_eq!(states(&rotated), ["current PS256", "old ES256"]);
    let second = kid(&rotated, "current");
    assert_eq!(
        registered_kids(&cli, "orders"),
        [second.clone(), first.clone()]
    );
    fresh(&cli, "orders");

    let used = cli.run(&["key", "remove", "orders", &second, "--yes"]);
    assert_eq!(
        (used.code, &used.error()["code"]),
        (2, &json!("key_in_use"))
    );
    let removed = cli
        .run(&["key", "remove", "orders", &first, "--yes"])
        .json();
    assert_eq!(states(&removed), ["current PS256"]);
    assert_eq!(registered_kids(&cli, "orders"), [second]);
    fresh(&cli, "orders");
    let gone = cli.run(&["key", "remove", "orders", &first, "--yes"]);
    assert_eq!(gone.code, 3, "{gone:?}");
}

#[test]
fn a_client_with_a_secret_changes_to_a_key() {
    let server = OidcProvider::open();
    let cli = at(&server);
    cli.register("orders", "Work", &["--scope", "orders:read"])
        .json();
    fresh(&cli, "orders");
    let made = cli.run(&["key", "make", "orders", "--alg", "EdDSA"]).json();
    assert_eq!(states(&made), ["current EdDSA"]);
    assert_eq!(made["token_endpoint_auth_method"], "private_key_jwt");
    fresh(&cli, "orders");
    let again = cli.run(&["key", "make", "orders"]);
    assert_eq!(
        (again.code, &again.error()["code"]),
        (2, &json!("key_exists"))
    );
}

#[test]
fn an_imported_key_is_used_from_pem_and_from_jwk() {
    let server = OidcProvider::open();
    let cli = at(&server);
    let pem = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let source = file(&cli, "first.pem", &pem);
    register(
        &cli,
        "orders",
        &["--client-key", &source, "--key-id", "first"],
    )
    .json();
    assert_eq!(registered_kids(&cli, "orders"), ["first"]);
    fresh(&cli, "orders");
    // RFC 7517 appendix A.2.
    let jwk = json!({
        "kty": "EC", "crv": "P-256", "kid": "second", "use": "sig",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    });
    let source = file(&cli, "second.jwk", &jwk.to_string());
    let imported = cli
        .run(&["key", "import", "orders", "--key", &source])
        .json();
    assert_eq!(states(&imported), ["current ES256", "old ES256"]);
    assert_eq!(registered_kids(&cli, "orders"), ["second", "first"]);
    fresh(&cli, "orders");

    // Another vault takes the client in with the key alone.
    let shown = cli.run(&["app", "show", "orders"]).json();
    let other = at(&server);
    let adopt = |name: &str, source: &str| {
        let id = shown["client_id"].as_str().unwrap();
        let client = [
            "--config",
            "Work",
            "--client-id",
            id,
            "--client-key",
            source,
        ];
        other.run(&[&["app", "adopt", name][..], &client].concat())
    };
    let adopted = adopt("orders", &file(&other, "second.jwk", &jwk.to_string())).json();
    assert_eq!(adopted["health"], "live");
    fresh(&other, "orders");
    // A key in PEM has no name, so none is sent.
    adopt("by-pem", &file(&other, "first.pem", &pem)).json();
    fresh(&other, "by-pem");
}

#[test]
fn keys_at_an_address_of_the_user_are_published_first() {
    let server = OidcProvider::open();
    let cli = at(&server);
    let published: Arc<Mutex<Value>> = Arc::new(Mutex::new(json!({ "keys": [] })));
    let shown = Arc::clone(&published);
    let keys = ScriptedServer::start(move |_, _| {
        let set = shown.lock().unwrap().clone();
        ScriptedServer::json(200, &set)
    });
    let publish = || {
        let set = cli.run(&["key", "list", "orders", "--jwks"]).json();
        *published.lock().unwrap() = set;
    };
    let uri = format!("{}/keys", keys.issuer);
    let pem = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let source = file(&cli, "first.pem", &pem);
    let made = register(
        &cli,
        "orders",
        &["--client-key", &source, "--jwks-uri", &uri],
    )
    .json();
    assert_eq!(made["granted"]["jwks_uri"], uri.as_str());
    assert!(made["granted"].get("jwks").is_none());

    // oidc-provider reads the document again after a minute, so the next key is published with the first.
    let waiting = cli.run(&["key", "rotate", "orders"]);
    assert!(waiting.err.contains("--published"), "{waiting:?}");
    assert_eq!(states(&waiting.json()), ["pending ES256", "current ES256"]);
    publish();
    fresh(&cli, "orders");
    let rotated = cli.run(&["key", "rotate", "orders", "--published"]);
    assert_eq!(states(&rotated.json()), ["current ES256", "old ES256"]);
    fresh(&cli, "orders");
}

#[test]
fn a_key_that_the_server_does_not_know_is_explained() {
    let server = OidcProvider::open();
    let cli = at(&server);
    register(&cli, "orders", &[]).json();
    let pem = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let source = file(&cli, "other.pem", &pem);
    let import = ["key", "import", "orders", "--key", &source, "--published"];
    let refused = cli.run(&import);
    assert_eq!(refused.code, 5, "{refused:?}");
    // The key in use stays in use.
    assert_eq!(
        states(&cli.run(&["key", "list", "orders"]).json()),
        ["current ES256"]
    );
    fresh(&cli, "orders");
}
