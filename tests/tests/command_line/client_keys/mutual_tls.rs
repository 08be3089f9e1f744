//! Clients that prove themselves by a certificate, and tokens that are bound to one (RFC 8705), at oidc-provider: its
//! usual port asks for no certificate, so that everything here goes to the other addresses that it names.

use keywright_tests::{Authority, Cli, OidcProvider, files_with};
use serde_json::json;
use url::Url;

use super::{file, fresh, states};

const SELF_SIGNED: &str = "self_signed_tls_client_auth";
const BY_AUTHORITY: &str = "tls_client_auth";

fn at(server: &OidcProvider, authority: &Authority) -> Cli {
    let cli = Cli::with_vault();
    let trusted = format!("ca_pem={}", authority.certificate);
    cli.config("Work", &server.issuer, &["--set", &trusted]);
    cli.run(&["config", "verify", "Work"]);
    // Another host than the issuer's: nothing is presented there before the user says so.
    let api: Url = server.api.as_deref().unwrap().parse().unwrap();
    let host = format!("127.0.0.1:{}", api.port().unwrap());
    cli.run(&["config", "confirm", "Work", &host, "--yes"])
        .json();
    cli
}

/// What registers a client whose tokens are bound to its certificate.
fn bound(cli: &Cli) -> String {
    let source = file(
        cli,
        "bound.json",
        &json!({ "tls_client_certificate_bound_access_tokens": true }).to_string(),
    );
    source.trim_start_matches("file:").to_owned()
}

/// The private key is in no file but the one that it came from, and in nothing that Activity shows.
fn kept_apart(cli: &Cli, key: &str) {
    std::fs::remove_file(cli.folder().join("client.pem")).unwrap();
    let lines = key.lines().filter(|line| !line.starts_with("-----"));
    let secrets: Vec<String> = lines.map(str::to_owned).collect();
    assert!(secrets.len() > 1, "{key}");
    assert_eq!(files_with(cli.folder(), &secrets), []);
    let shown = cli.run(&["activity", "export", "--har", "/dev/stdout"]);
    assert!(shown.out.contains("/token"), "{shown:?}");
    assert!(secrets.iter().all(|line| !shown.out.contains(line)));
}

/// What Activity shows of the certificate of the newest token request.
fn presented(cli: &Cli) -> serde_json::Value {
    let listed = cli.run(&["activity", "list"]).json();
    let mut all = listed["items"].as_array().unwrap().iter();
    let newest = all.find(|one| one["path"] == "/token").unwrap();
    let id = newest["id"].as_str().unwrap();
    cli.run(&["activity", "show", id]).json()["certificate"].clone()
}

#[test]
fn a_self_signed_certificate_proves_a_client() {
    let authority = Authority::new();
    let server = OidcProvider::with_mutual_tls(&authority);
    let cli = at(&server, &authority);
    let method = ["--auth-method", SELF_SIGNED, "--scope", "orders:read"];
    let made = cli.register("orders", "Work", &method).json();
    assert_eq!(made["granted"]["token_endpoint_auth_method"], SELF_SIGNED);
    fresh(&cli, "orders");
    let seen = cli.run(&["token", "introspect", "orders"]).json();
    assert_eq!(seen["active"], true, "{seen}");
    cli.run(&["token", "revoke", "orders"]).json();
    let keys = cli.run(&["key", "list", "orders"]).json();
    assert_eq!(keys["keys"][0]["certificate"]["subject"], "CN=orders");
    // The next key has a certificate of its own, and the one before stays in the set.
    let keys = cli.run(&["key", "rotate", "orders"]).json();
    assert_eq!(states(&keys), ["current ES256", "old ES256"]);
    fresh(&cli, "orders");
    let old = super::kid(&keys, "old");
    cli.run(&["key", "remove", "orders", &old, "--yes"]).json();
    fresh(&cli, "orders");
}

#[test]
fn a_certificate_of_an_authority_proves_a_client() {
    let authority = Authority::new();
    let server = OidcProvider::with_mutual_tls(&authority);
    let cli = at(&server, &authority);
    let method = ["--auth-method", BY_AUTHORITY, "--scope", "orders:read"];
    let without = cli.register("orders", "Work", &method);
    assert_eq!(without.error()["code"], "certificate_needed");
    let issued = authority.client("orders, batch");
    let both = file(
        &cli,
        "client.pem",
        &(issued.key.clone() + &issued.certificate),
    );
    let made = cli.register(
        "orders",
        "Work",
        &[&method[..], &["--client-key", &both]].concat(),
    );
    assert_eq!(
        made.json()["granted"]["tls_client_auth_subject_dn"],
        r"CN=orders\, batch,O=Example,C=JP"
    );
    fresh(&cli, "orders");
    let keys = cli.run(&["key", "list", "orders"]).json();
    let certificate = &keys["keys"][0]["certificate"];
    let shown = presented(&cli);
    assert_eq!(shown["subject"], r"CN=orders\, batch,O=Example,C=JP");
    assert_eq!(shown["thumbprint"], certificate["thumbprint"]);
    kept_apart(&cli, &issued.key);
    // A certificate that this authority did not issue is refused by the server, and the client stays as it was.
    let other = Authority::called("Another authority").client("orders, batch");
    let other = file(&cli, "other.pem", &(other.key + &other.certificate));
    let refused = cli.run(&["key", "import", "orders", "--key", &other]);
    assert_eq!(
        refused.error()["provider"]["error"],
        "invalid_client",
        "{refused:?}"
    );
    fresh(&cli, "orders");
}

#[test]
fn nothing_is_presented_to_a_host_that_nobody_confirmed() {
    let authority = Authority::new();
    let server = OidcProvider::with_mutual_tls(&authority);
    let cli = Cli::with_vault();
    let trusted = format!("ca_pem={}", authority.certificate);
    cli.config("Work", &server.issuer, &["--set", &trusted]);
    let method = ["--auth-method", SELF_SIGNED, "--scope", "orders:read"];
    cli.register("orders", "Work", &method).json();
    let refused = cli.run(&["token", "get", "orders"]);
    assert_eq!(refused.error()["code"], "unconfirmed_host", "{refused:?}");
    let asked = cli.run(&["config", "confirm", "Work"]);
    assert!(asked.err.contains("mtls_endpoint_aliases"), "{asked:?}");
}

#[test]
fn a_certificate_of_another_key_is_refused_before_anything_is_sent() {
    let authority = Authority::new();
    let server = OidcProvider::with_mutual_tls(&authority);
    let cli = at(&server, &authority);
    let (one, other) = (authority.client("one"), authority.client("other"));
    let mixed = file(&cli, "mixed.pem", &(one.key + &other.certificate));
    let method = ["--auth-method", BY_AUTHORITY, "--client-key", &mixed];
    let refused = cli.register("orders", "Work", &method);
    assert_eq!(refused.error()["code"], "certificate_needed");
    let none = cli.run(&["app", "list"]).json();
    assert_eq!(none["total"], 0, "{none}");
}

#[test]
fn a_token_bound_to_a_certificate_opens_an_api() {
    let authority = Authority::new();
    let server = OidcProvider::with_mutual_tls(&authority);
    let cli = at(&server, &authority);
    let api = server.api.clone().unwrap();
    let call = |name: &str| {
        cli.run(&["call", &api, "--app", name, "--auth", "bearer"])
            .json()
    };
    let bound = bound(&cli);
    for (name, method) in [
        ("certificate", SELF_SIGNED),
        ("key", "private_key_jwt"),
        ("secret", "client_secret_basic"),
    ] {
        let more = [
            "--auth-method",
            method,
            "--metadata",
            &bound,
            "--scope",
            "orders:read",
        ];
        cli.register(name, "Work", &more).json();
        let answer = call(name);
        assert_eq!(answer["status"], 200, "{name}: {answer}");
    }
    // Without its certificate a token is of no use there: the API is one that looks.
    let free = [
        "--auth-method",
        "client_secret_basic",
        "--scope",
        "orders:read",
    ];
    cli.register("free", "Work", &free).json();
    assert_eq!(call("free")["status"], 401);
}
