//! Places where the user was left without a way on, or was told something that is not so.

use keywright_sandbox::{Personality, SandboxFaults};
use keywright_tests::{Cli, CoreFixture, OidcProvider, SandboxProcess, Window};
use serde_json::{Value, json};

const PASSPHRASE: &str = "correct horse battery";
/// Nothing listens there.
const DEAD: &str = "http://127.0.0.1:9";

async fn unlocked(w: &Window) {
    w.fill("unlock-passphrase", PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.find("nav-applications").await;
}

async fn opened(cli: &Cli) -> Window {
    let w = Window::open(&cli.home()).await;
    unlocked(&w).await;
    w
}

/// The window at an application of the Sandbox.
async fn at_an_application() -> (SandboxProcess, Cli, Window) {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config_of(&sandbox.personality, "Work");
    cli.register_at(&sandbox.personality, "orders", "Work")
        .json();
    let w = opened(&cli).await;
    w.click("app-row").await;
    (sandbox, cli, w)
}

/// Is the whole control inside the window, and on top of what is there?
async fn in_sight(w: &Window, id: &str) -> bool {
    w.find(id).await;
    let script = "const e = document.querySelector(`[data-testid=\"${arguments[0]}\"]`);\
        const b = e.getBoundingClientRect();\
        const top = document.elementFromPoint(b.x + b.width / 2, b.y + Math.min(12, b.height / 2));\
        return b.top >= 0 && b.top + Math.min(b.height, 60) <= innerHeight && e.contains(top)";
    let found = w.client.execute(script, vec![json!(id)]).await.unwrap();
    found == Value::Bool(true)
}

async fn focus_is_around(w: &Window, id: &str) -> bool {
    let script = "const e = document.querySelector(`[data-testid=\"${arguments[0]}\"]`);\
        return document.activeElement !== document.body && document.activeElement.contains(e)";
    let found = w.client.execute(script, vec![json!(id)]).await.unwrap();
    found == Value::Bool(true)
}

async fn attribute(w: &Window, id: &str, name: &str) -> String {
    let found = w.find(id).await.attr(name).await.unwrap();
    found.unwrap_or_default()
}

/// The third starting point ends with an adopted client that gets a token.
#[tokio::test(flavor = "multi_thread")]
async fn window_first_run_adopts_a_client() {
    let sandbox = SandboxProcess::start(&[]);
    let elsewhere = Cli::with_vault();
    elsewhere.config_of(&sandbox.personality, "Work");
    elsewhere
        .register_at(&sandbox.personality, "orders", "Work")
        .json();
    let client = elsewhere.run(&["app", "show", "orders", "--reveal"]).json();
    let issuer = sandbox.personality["issuer"].as_str().unwrap();

    let cli = Cli::new();
    let w = Window::open(&cli.home()).await;
    // Typed once and unseen, it may hold a slip that nobody can take back.
    w.fill("first-run-passphrase", "a").await;
    w.says("first-run-passphrase-strength", "Weak").await;
    w.click("first-run-adopt").await;
    assert_eq!(
        w.focused().await.as_deref(),
        Some("first-run-passphrase-again")
    );
    assert!(!cli.home().join("vault.json").exists());
    w.click("first-run-passphrase-generate").await;
    w.says("first-run-passphrase-strength", "Strong").await;
    w.find("first-run-passphrase-shown").await;
    let words = w.value("first-run-passphrase").await;
    assert_eq!(words.split(' ').count(), 4, "{words:?}");
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("first-run-passphrase-show").await;
    w.fill("first-run-passphrase", PASSPHRASE).await;
    w.fill("first-run-passphrase-again", PASSPHRASE).await;
    w.click("first-run-adopt").await;
    w.find("adopt-dialog").await;
    assert_eq!(w.focused().await.as_deref(), Some("adopt-address"));

    // Nothing is saved for an address that leads nowhere.
    w.type_keys(DEAD).await;
    w.press(&["Enter"]).await;
    w.find("adopt-error").await;
    assert_eq!(cli.run(&["config", "list"]).json()["total"], 0);
    w.fill("adopt-address", issuer.split_once("://").unwrap().1)
        .await;
    w.click("adopt-submit").await;
    w.click("adopt-address-instead").await;
    assert_eq!(w.value("adopt-address").await, issuer);
    w.click("adopt-submit").await;
    w.find("adopt-client-id").await;
    w.fill("adopt-client-id", client["client_id"].as_str().unwrap())
        .await;
    w.fill(
        "adopt-client-secret",
        client["client_secret"].as_str().unwrap(),
    )
    .await;
    w.fill("adopt-name", "orders").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("adopt-submit").await;
    w.says("app-detail", "orders").await;
    w.click("app-tab-tokens").await;
    w.click("token-get").await;
    w.says("token-signature", "erified").await;
    w.close().await;
    assert_eq!(cli.run(&["config", "list"]).json()["total"], 1);
}

/// A failed Verify is shown where the configuration is shown and where it is used; nothing is ticked.
#[tokio::test(flavor = "multi_thread")]
async fn window_says_everywhere_that_verify_failed() {
    let cli = Cli::with_vault();
    let w = opened(&cli).await;
    w.resize(960, 640).await;
    w.click("nav-configurations").await;
    w.click("config-new-empty").await;
    w.click("config-kind-rfc7591").await;

    // Nothing filled in: the first bad field has the focus.
    w.click("config-save").await;
    assert_eq!(w.focused().await.as_deref(), Some("config-name"));
    w.fill("config-name", "Lab").await;
    w.fill("config-issuer", "lab.internal:8443").await;
    w.says("config-verify", "Save and verify").await;
    w.click("config-save").await;
    w.find("config-issuer-instead").await;
    assert_eq!(w.focused().await.as_deref(), Some("config-issuer"));
    assert!(!w.has("config-error").await, "the message is at the field");
    let page = w.page_text().await;
    assert!(page.contains("not a valid issuer"), "{page}");
    w.click("config-issuer-instead").await;
    assert_eq!(w.value("config-issuer").await, "https://lab.internal:8443");
    w.gone("config-issuer-instead").await;
    w.fill("config-issuer", DEAD).await;
    w.click("config-verify").await;

    w.says("verify-strip", "Verification failed at step 1 of")
        .await;
    assert!(in_sight(&w, "verify-strip").await);
    assert_eq!(
        attribute(&w, "capability-checked", "data-checked").await,
        "false"
    );
    w.says("verify-skipped", "not tried").await;
    assert!(!w.has("step-issuer").await, "one line for all of them");
    assert_eq!(attribute(&w, "config-row", "data-state").await, "failed");
    w.says("config-verify", "Verify").await;
    assert_eq!(w.axe().await, Vec::<String>::new());

    w.click("config-register").await;
    w.says("register-configuration-failed", "Verification failed")
        .await;
    let page = w.page_text().await;
    assert!(!page.contains("verified"), "{page}");
    w.fill("register-name", "orders").await;
    w.click("register-submit").await;
    w.find("register-error").await;
    assert!(in_sight(&w, "register-error").await);
    assert!(focus_is_around(&w, "register-error").await);
    assert!(in_sight(&w, "register-submit").await);
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("register-configuration-open").await;
    w.css("[data-testid=config-issuer]").await;
    w.close().await;
}

/// The next registration starts from the result with an empty form, and Esc leads to the new application.
#[tokio::test(flavor = "multi_thread")]
async fn window_registers_another_from_an_empty_form() {
    let fixture = CoreFixture::new().await;
    fixture.configure(Personality::Rfc7591);
    let w = Window::open(&fixture.home()).await;
    unlocked(&w).await;
    w.press(&["Control", "n"]).await;
    w.fill("register-name", "first").await;
    w.click("register-advanced").await;
    w.fill("register-labels", "batch").await;
    w.fill("register-audience", "https://api.example").await;
    w.fill("register-scopes", "orders:read").await;
    w.click("register-submit").await;
    w.find("register-result").await;
    w.click("result-another").await;
    w.find("register-name").await;
    assert_eq!(w.focused().await.as_deref(), Some("register-name"));
    assert_eq!(w.value("register-name").await, "");
    assert_eq!(w.value("register-scopes").await, "");
    w.click("register-advanced").await;
    assert_eq!(w.value("register-labels").await, "");
    assert_eq!(w.value("register-audience").await, "");
    w.click("register-name").await;
    w.type_keys("second").await;
    w.press(&["Control", "Enter"]).await;
    w.says("register-result", "second").await;
    w.press(&["Control", "n"]).await;
    w.find("register-name").await;
    w.press(&["Escape"]).await;
    w.says("app-detail", "second").await;
    w.close().await;
}

/// A fault that is on is named in the sidebar and by the error that it causes, where it is cleared.
#[tokio::test(flavor = "multi_thread")]
async fn window_names_a_fault_that_is_on() {
    let cli = Cli::new();
    let w = Window::first_application(&cli.home(), "orders").await;

    w.click("nav-sandbox").await;
    w.click("scene-amnesia").await;
    w.says("nav-faults", "1 fault on").await;
    w.exists("[data-testid=scene-amnesia][aria-pressed=true]")
        .await;
    w.click("scene-opening").await;
    w.gone("nav-faults").await;
    w.click("sandbox-custom").await;
    w.fill("fault-server_errors_percent", "100").await;
    w.press(&["Tab"]).await;
    w.says("nav-faults", "1 fault on").await;
    w.resize(960, 640).await;
    w.find("nav-faults").await;
    w.resize(1280, 800).await;

    w.click("nav-applications").await;
    w.click("app-row").await;
    w.click("app-tab-tokens").await;
    w.click("token-get").await;
    w.says("fault-note", "Active Sandbox faults for").await;
    w.says("fault-note", "5xx server errors 100 %").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("fault-clear").await;
    w.gone("fault-note").await;
    w.gone("nav-faults").await;
    w.close().await;
}

/// An error about an interrupted operation names the place where it waits, and leads there.
#[tokio::test(flavor = "multi_thread")]
async fn window_leads_to_an_interrupted_operation() {
    let fixture = CoreFixture::new().await;
    fixture.configure(Personality::Rfc7591);
    fixture.sandbox.set_faults(
        Personality::Rfc7591,
        SandboxFaults {
            drop_after_receiving_percent: 100,
            ..SandboxFaults::default()
        },
    );
    let w = Window::open(&fixture.home()).await;
    unlocked(&w).await;
    w.press(&["Control", "n"]).await;
    w.fill("register-name", "orders").await;
    // The metadata is read before anything is registered.
    w.click("register-submit").await;
    w.find("register-error").await;
    fixture
        .sandbox
        .set_faults(Personality::Rfc7591, SandboxFaults::default());
    w.click("nav-configurations").await;
    w.click("config-row").await;
    w.click("config-verify").await;
    w.says("verify-strip", "Verification passed").await;
    assert_eq!(
        attribute(&w, "capability-checked", "data-checked").await,
        "true"
    );
    fixture.sandbox.set_faults(
        Personality::Rfc7591,
        SandboxFaults {
            drop_after_receiving_percent: 100,
            ..SandboxFaults::default()
        },
    );
    w.click("config-register").await;
    w.fill("register-name", "orders").await;
    w.click("register-submit").await;
    w.says("register-error", "Interrupted operations").await;
    w.click("register-error-interrupted").await;
    w.says("pending-item", "orders").await;
    assert!(focus_is_around(&w, "pending-item").await);
    w.close().await;
}

/// What must be changed in a configuration is one click away, whichever screen was refused.
#[tokio::test(flavor = "multi_thread")]
async fn window_refused_initial_token_leads_to_its_configuration() {
    let server = OidcProvider::closed();
    let cli = Cli::with_vault().env("IAT", "no-longer-valid");
    cli.config("Other", DEAD, &[]);
    let wrong = ["--secret", "initial_access_token=env:IAT"];
    cli.config("Closed", &server.issuer, &wrong);
    let w = opened(&cli).await;
    w.press(&["Control", "n"]).await;
    let configurations = w.find("register-configuration").await;
    configurations.select_by_label("Closed").await.unwrap();
    w.fill("register-name", "orders").await;
    w.click("register-submit").await;
    w.click("register-error-configuration").await;
    assert_eq!(w.value("config-name").await, "Closed");

    w.click("config-connect").await;
    w.fill("connect-address", &server.issuer).await;
    w.press(&["Enter"]).await;
    w.click("connect-submit").await;
    w.click("connect-error-configuration").await;
    assert_eq!(w.value("config-name").await, "Closed");
    w.close().await;
}

/// An address without its scheme is taken over as it was meant, and a server that needs more is configured step by step.
#[tokio::test(flavor = "multi_thread")]
async fn window_connect_offers_the_address_that_was_meant() {
    let server = OidcProvider::open();
    let cli = Cli::with_vault();
    let w = opened(&cli).await;
    w.click("nav-configurations").await;
    w.click("config-connect").await;
    let bare = server.issuer.trim_start_matches("http://");
    w.fill("connect-address", bare).await;
    w.press(&["Enter"]).await;
    w.find("connect-by-hand").await;
    w.click("connect-instead").await;
    w.find("connect-sheet").await;
    assert_eq!(w.value("connect-address").await, server.issuer);
    w.close().await;
}

/// Another try of a request that cannot be sent fails again: the way on is its field.
#[tokio::test(flavor = "multi_thread")]
async fn window_wrong_authorization_details_lead_to_their_field() {
    let (_sandbox, _cli, w) = at_an_application().await;
    w.click("app-tab-tokens").await;
    w.click("token-change").await;
    w.paste("token-details", r#"[{"type":"payment"}"#).await;
    w.click("token-get").await;
    w.click("token-change-request").await;
    assert_eq!(w.focused().await.as_deref(), Some("token-details"));
    assert!(!w.has("token-again").await);
    w.close().await;
}

/// Text at 200 % (WCAG 2.2, 1.4.4): what is needed next is neither cut nor covered.
#[tokio::test(flavor = "multi_thread")]
async fn window_keeps_its_main_buttons_at_twice_the_size() {
    let (_sandbox, _cli, w) = at_an_application().await;
    w.find("app-copy-token").await;
    for _ in 0..5 {
        w.press(&["Control", "+"]).await;
    }
    let width = w.client.execute("return innerWidth", Vec::new()).await;
    assert_eq!(width.unwrap(), json!(640));
    for id in ["app-more", "app-call", "app-copy-token"] {
        assert!(in_sight(&w, id).await, "{id}");
    }
    w.press(&["Control", "n"]).await;
    for id in ["register-name", "register-submit", "register-preview"] {
        assert!(in_sight(&w, id).await, "{id}");
    }
    w.close().await;
}
