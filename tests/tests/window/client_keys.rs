//! The key of a client in the window, at a server that nobody here wrote.

use keywright_tests::{Authority, Cli, OidcProvider, Window};
use serde_json::Value;

const PASSPHRASE: &str = "correct horse battery";

/// A token that was just requested proves the key.
fn fresh(cli: &Cli) {
    let token = cli.run(&["token", "get", "orders", "--refresh"]).json();
    assert_eq!(token["from_cache"], false);
}

fn states(cli: &Cli) -> Vec<String> {
    let view = cli.run(&["key", "list", "orders"]).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let keys = view["keys"].as_array().unwrap().iter();
    keys.map(|key| format!("{} {}", text(&key["state"]), text(&key["alg"])))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn window_makes_rotates_imports_removes_a_client_key() {
    let server = OidcProvider::open();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    cli.register("orders", "Work", &["--scope", "orders:read"])
        .json();
    let w = Window::open(&cli.home()).await;
    w.fill("unlock-passphrase", PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.click("app-row").await;
    w.find("client-keys-none").await;

    w.click("client-keys-make").await;
    let select = w.find("client-key-algorithm").await;
    select.select_by_value("EdDSA").await.unwrap();
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("client-key-submit").await;
    w.says("client-key-alg", "EdDSA").await;
    w.says("client-keys-method", "private_key_jwt").await;
    w.says("client-key-state", "In use").await;
    fresh(&cli);

    w.click("client-keys-rotate").await;
    let select = w.find("client-key-algorithm").await;
    select.select_by_value("ES256").await.unwrap();
    w.click("client-key-submit").await;
    w.find("client-keys-old").await;
    assert_eq!(states(&cli), ["current ES256", "old EdDSA"]);
    assert_eq!(w.axe().await, Vec::<String>::new());

    // What is imported is not in the page afterwards.
    let pem = rcgen::KeyPair::generate().unwrap().serialize_pem();
    w.click("client-keys-import").await;
    w.fill("client-key-id", "mine").await;
    w.paste("client-key-text", &pem).await;
    w.click("client-key-submit").await;
    w.css("[data-testid=client-key][data-kid=mine][data-state=current]")
        .await;
    w.gone("client-key-dialog").await;
    fresh(&cli);
    assert!(!w.page_source().await.contains("PRIVATE KEY"));

    // Text other than a key is refused with what to do, and changes nothing.
    w.click("client-keys-import").await;
    w.paste("client-key-text", "no key").await;
    w.click("client-key-submit").await;
    w.says("client-key-error", "not a private key").await;
    w.click("client-key-cancel").await;
    w.gone("client-key-dialog").await;

    for left in [2, 1] {
        w.click("client-key-remove").await;
        w.click("client-key-remove-confirm").await;
        w.gone("client-key-remove-dialog").await;
        assert_eq!(states(&cli).len(), left);
    }
    assert_eq!(states(&cli), ["current ES256"]);
    fresh(&cli);
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_registers_a_client_with_a_certificate() {
    let authority = Authority::new();
    let server = OidcProvider::with_mutual_tls(&authority);
    let cli = Cli::with_vault();
    let trusted = format!("ca_pem={}", authority.certificate);
    cli.config("Work", &server.issuer, &["--set", &trusted]);
    cli.run(&["config", "verify", "Work"]);
    let w = Window::unlocked(&cli.home()).await;
    w.press(&["Control", "n"]).await;
    w.fill("register-name", "orders").await;
    w.click("register-auth-change").await;
    let select = w.find("register-auth-method").await;
    let method = "self_signed_tls_client_auth";
    select.select_by_value(method).await.unwrap();
    w.click("register-submit").await;
    w.find("register-result").await;

    w.press(&["Control", "1"]).await;
    w.says("client-keys-method", method).await;
    w.says("client-key-subject", "CN=orders").await;
    w.says("client-key-certificate-end", "expires").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    // Nothing could be rotated, and the window says so.
    let rotate = w.find("app-rotate").await;
    assert_eq!(
        rotate.attr("aria-disabled").await.unwrap().as_deref(),
        Some("true")
    );
    let refused = cli.run(&["app", "rotate", "orders"]);
    assert_eq!(refused.error()["code"], "not_capable", "{refused:?}");
    // The other address of the token endpoint is another host: nothing is presented there unasked.
    let refused = cli.run(&["token", "get", "orders"]);
    assert_eq!(refused.error()["code"], "unconfirmed_host", "{refused:?}");
    w.close().await;
}
