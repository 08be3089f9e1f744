//! Keys of clients at the vendors of the Sandbox, in the window: registered with one, proved by a token, rotated and
//! removed; and what a vendor takes is what can be chosen.

use keywright_tests::{Cli, SandboxProcess, Window};
use serde_json::{Value, json};

/// A vendor, the algorithms that it takes, and whether it knows a key by a certificate.
const VENDORS: [(&str, &[&str], bool); 2] = [
    ("auth0", &["PS256", "RS256"], false),
    ("entra", &["PS256", "RS256"], true),
];

/// Light and English, dark and Japanese, and the other two.
const LOOKS: [(&str, &str); 4] = [
    ("light", "en"),
    ("dark", "ja"),
    ("dark", "en"),
    ("light", "ja"),
];

/// Keeps a picture where somebody wants to look at it.
async fn picture(w: &Window, name: &str) {
    if let Ok(folder) = std::env::var("KEYWRIGHT_PICTURES") {
        w.picture(&format!("{folder}/{name}.png")).await;
    }
}

/// The window with these looks.
async fn opened(cli: &Cli, (theme, language): (&str, &str)) -> Window {
    let file = json!({ "theme": theme, "language": language, "auto_lock_minutes": 0, "clipboard_clear_secs": 20, "shortcuts": {} });
    std::fs::write(cli.home().join("preferences.json"), file.to_string()).unwrap();
    Window::unlocked(&cli.home()).await
}

/// The algorithms that can be chosen, without "automatic".
async fn choices(w: &Window, id: &str) -> Vec<String> {
    w.find(id).await;
    let script = "return [...document.querySelectorAll(`[data-testid=\"${arguments[0]}\"] option`)].map(one => one.value).filter(Boolean)";
    let found = w.client.execute(script, vec![json!(id)]).await.unwrap();
    let found = found.as_array().unwrap().iter();
    found.map(|one| one.as_str().unwrap().to_owned()).collect()
}

async fn choose(w: &Window, id: &str, value: &str) {
    let select = w.find(id).await;
    select.select_by_value(value).await.unwrap();
}

/// A token that was just requested proves the key.
fn fresh(cli: &Cli) {
    let token = cli.run(&["token", "get", "orders", "--refresh"]);
    assert_eq!(token.code, 0, "{token:?}");
    assert_eq!(token.json()["from_cache"], false);
}

/// State and algorithm of each key, the newest first.
fn keys(cli: &Cli) -> Vec<String> {
    let view = cli.run(&["key", "list", "orders"]).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = view["keys"].as_array().unwrap().iter();
    all.map(|key| format!("{} {}", text(&key["state"]), text(&key["alg"])))
        .collect()
}

async fn register(w: &Window, there: &Value, algorithms: &[&str]) {
    w.press(&["Control", "n"]).await;
    w.fill("register-name", "orders").await;
    w.click("register-auth-change").await;
    choose(w, "register-auth-method", "private_key_jwt").await;
    assert_eq!(choices(w, "register-signing-alg").await, algorithms);
    if let Some(scope) = there["scope"].as_str().filter(|scope| !scope.is_empty()) {
        w.fill("register-scopes", scope).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn window_client_key_from_registration_to_removal_at_vendors() {
    let sandbox = SandboxProcess::start(&[]);
    for (vendor, algorithms, certified) in VENDORS {
        let there = sandbox.named(vendor);
        let cli = Cli::with_vault();
        cli.config_of(there, vendor);
        cli.run(&["config", "verify", vendor]).json();
        let w = opened(&cli, LOOKS[0]).await;
        register(&w, there, algorithms).await;
        assert_eq!(w.axe().await, Vec::<String>::new());
        picture(&w, &format!("{vendor}-register")).await;
        w.click("register-submit").await;
        w.find("register-result").await;
        assert!(
            !w.has("secret-client_secret-reveal").await,
            "a key, and no secret"
        );
        assert!(!w.page_source().await.contains("PRIVATE KEY"));
        w.click("result-get-token").await;
        w.says("token-signature", "erified").await;

        // The card of the keys: used, rotated with an overlap, the old one removed.
        w.click("app-tab-credentials").await;
        w.says("client-keys-method", "private_key_jwt").await;
        w.says("client-key-alg", "PS256").await;
        w.says("client-key-state", "In use").await;
        assert_eq!(w.has("client-key-subject").await, certified, "{vendor}");
        picture(&w, &format!("{vendor}-key")).await;
        w.click("client-keys-rotate").await;
        assert_eq!(choices(&w, "client-key-algorithm").await, algorithms);
        choose(&w, "client-key-algorithm", "RS256").await;
        assert_eq!(w.axe().await, Vec::<String>::new());
        picture(&w, &format!("{vendor}-rotate")).await;
        w.click("client-key-submit").await;
        w.find("client-keys-old").await;
        assert_eq!(keys(&cli), ["current RS256", "old PS256"], "{vendor}");
        assert_eq!(w.axe().await, Vec::<String>::new());
        fresh(&cli);
        w.click("client-key-remove").await;
        w.click("client-key-remove-confirm").await;
        w.gone("client-key-remove-dialog").await;
        assert_eq!(keys(&cli), ["current RS256"], "{vendor}");
        fresh(&cli);
        w.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn window_client_key_card_at_vendors_in_each_look() {
    let sandbox = SandboxProcess::start(&[]);
    for (vendor, algorithms, _) in VENDORS {
        let there = sandbox.named(vendor);
        let cli = Cli::with_vault();
        cli.config_of(there, vendor);
        cli.run(&["config", "verify", vendor]).json();
        for look in LOOKS {
            let name = format!("{vendor}-{}-{}", look.0, look.1);
            let w = opened(&cli, look).await;
            register(&w, there, algorithms).await;
            picture(&w, &format!("{name}-register")).await;
            assert_eq!(w.axe().await, Vec::<String>::new(), "{name}");
            w.click("register-submit").await;
            w.find("register-result").await;
            w.click("result-open").await;
            w.find("client-key-alg").await;
            w.click("client-keys-rotate").await;
            w.find("client-key-algorithm").await;
            w.click("client-key-submit").await;
            w.find("client-keys-old").await;
            w.gone("client-key-dialog").await;
            picture(&w, &format!("{name}-keys")).await;
            assert_eq!(w.axe().await, Vec::<String>::new(), "{name}");
            w.close().await;
            let removed = cli.run(&["app", "delete", "orders", "--yes"]);
            assert_eq!(removed.code, 0, "{name}: {removed:?}");
        }
    }
}

/// A second secret is added, both are listed without a value, and the one before ends.
#[tokio::test(flavor = "multi_thread")]
async fn window_keeps_and_removes_several_secrets() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let there = sandbox.named("okta");
    cli.config_of(there, "Okta");
    cli.register_at(there, "orders", "Okta").json();
    let old = cli.run(&["app", "show", "orders", "--reveal"]).json()["client_secret"].take();
    let w = opened(&cli, LOOKS[2]).await;
    w.click("app-row").await;
    w.click("app-rotate").await;
    w.tick("rotate-keep-old").await;
    picture(&w, "rotate-keeps").await;
    w.click("rotate-confirm").await;
    w.gone("rotate-dialog").await;
    w.click("app-copy-token").await;
    w.find("toast").await;
    w.click("client-secrets-list").await;
    w.css("[data-testid=client-secret]:nth-child(2)").await;
    w.exists("[data-testid=client-secret][data-current=true]")
        .await;
    picture(&w, "client-secrets").await;
    assert!(!w.page_source().await.contains(old.as_str().unwrap()));
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("client-secret-remove").await;
    w.click("client-secret-remove-confirm").await;
    w.gone("client-secret-remove-dialog").await;
    w.gone("client-secret-remove").await;
    let left = cli.run(&["app", "secrets", "orders"]).json();
    assert_eq!(left["secrets"].as_array().unwrap().len(), 1, "{left}");
    w.close().await;
}
