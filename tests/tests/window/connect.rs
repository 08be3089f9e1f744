//! From an address to a token in the window, at servers that nobody here wrote.

use std::sync::Arc;

use keywright_tests::{Authority, Browser, Cli, OidcProvider, Opener, Window, real::Server};
use serde_json::json;
use tokio::task::spawn_blocking;
use url::Url;

const PASSPHRASE: &str = "correct horse battery";

async fn opened(cli: &Cli, opener: &Opener) -> Window {
    let path = opener.path();
    let w = Window::open_with(&cli.home(), &[("PATH", &path)], &[]).await;
    w.fill("unlock-passphrase", PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.find("nav-applications").await;
    w
}

/// The user signs in at the address that the window opened.
async fn sign_in(opener: &Arc<Opener>) {
    let opener = Arc::clone(opener);
    let page = spawn_blocking(move || {
        let address = opener.address();
        Browser::new().sign_in(&address, &[("login", "tester"), ("password", "x")])
    });
    let page = page.await.unwrap();
    assert_eq!(page.status, 200, "{page:?}");
}

async fn done(w: &Window, step: &str) {
    w.css(&format!("[data-testid={step}][data-state=done]"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_connects_to_an_mcp_server_by_its_address() {
    connects_by_the_address_of(&Server::mcp()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_connects_to_a_server_of_the_python_sdk() {
    connects_by_the_address_of(&Server::mcp_python()).await;
}

async fn connects_by_the_address_of(server: &Server) {
    let cli = Cli::with_vault();
    let opener = Arc::new(Opener::start());
    let w = opened(&cli, &opener).await;
    let address = server.text("mcp");
    w.click("nav-configurations").await;
    w.click("config-connect").await;
    w.fill("connect-address", &address).await;
    w.click("connect-look").await;
    w.says("connect-resource", &address).await;
    w.says("connect-scope-list", "orders:read").await;
    w.css("[data-testid=connect-identity-dynamic][data-chosen=true]")
        .await;
    w.says("connect-steps", "Register a client").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    let saved = cli.run(&["config", "list"]).json();
    assert_eq!(saved["items"], json!([]), "a look saves nothing");
    assert!(opener.is_unused());

    w.click("connect-submit").await;
    // The server has no login page: the browser is sent straight back.
    let opened_there = Arc::clone(&opener);
    let page = spawn_blocking(move || Browser::new().open(&opened_there.address()));
    assert_eq!(page.await.unwrap().status, 200);
    for step in [
        "connect-step-prepare",
        "connect-step-token",
        "connect-step-call",
    ] {
        done(&w, step).await;
    }
    w.says("connect-answer", "accepted the token").await;
    w.says("connect-tools", "weather").await;
    w.says("connect-token", "orders:read").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.press(&["Enter"]).await;
    w.find("token-card").await;
    let tools = cli.run(&["mcp", "tools", &address]).json();
    assert_eq!(tools["items"][0]["name"], "weather");

    // The second time, the application is there and nobody signs in.
    w.click("nav-configurations").await;
    w.click("config-connect").await;
    w.fill("connect-address", &address).await;
    w.click("connect-look").await;
    w.css("[data-testid=connect-identity-known][data-chosen=true]")
        .await;
    w.click("connect-submit").await;
    done(&w, "connect-step-call").await;
    assert!(opener.is_unused());
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_connects_to_an_issuer_by_keys_alone() {
    let server = OidcProvider::with_login();
    let cli = Cli::with_vault();
    let opener = Arc::new(Opener::start());
    let w = opened(&cli, &opener).await;
    w.press(&["Control", "k"]).await;
    w.find("palette-text").await;
    w.type_keys(&server.issuer).await;
    w.css("[data-testid=palette] .o.on").await;
    w.says("palette", "Connect to http").await;
    w.press(&["Enter"]).await;
    w.says("connect-steps", "Sign in at").await;
    // Other scopes lead to another sheet.
    w.enter_on("connect-options").await;
    w.tab_to("connect-scopes").await;
    w.type_keys("openid orders:read").await;
    w.says("connect-question", "Inspect again").await;
    w.press(&["Control", "Enter"]).await;
    w.says("connect-scope-list", "orders:read").await;
    w.press(&["Control", "Enter"]).await;
    w.find("sign-in").await;
    // Esc ends the sign-in; the client is kept, and the next try goes on with it.
    w.press(&["Escape"]).await;
    w.says("connect-question", "cancelled").await;
    let _first = {
        let opener = Arc::clone(&opener);
        spawn_blocking(move || opener.address()).await.unwrap()
    };
    w.press(&["Control", "Enter"]).await;
    sign_in(&opener).await;
    done(&w, "connect-step-token").await;
    w.says("connect-question", "Connected").await;
    assert!(!w.has("connect-step-call").await, "an issuer is not called");
    let applications = cli.run(&["app", "list"]).json();
    assert_eq!(applications["total"], 1, "{applications}");
    w.press(&["Control", "Enter"]).await;
    w.find("token-card").await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_asks_for_a_client_where_none_is_registered() {
    let server = wiremock::MockServer::start().await;
    let metadata = json!({
        "issuer": server.uri(),
        "token_endpoint": format!("{}/token", server.uri()),
        "grant_types_supported": ["client_credentials"],
    });
    wiremock::Mock::given(wiremock::matchers::path(
        "/.well-known/oauth-authorization-server",
    ))
    .respond_with(wiremock::ResponseTemplate::new(200).set_body_json(metadata))
    .mount(&server)
    .await;
    let cli = Cli::with_vault();
    let opener = Opener::start();
    let w = opened(&cli, &opener).await;
    w.click("nav-configurations").await;
    w.click("config-connect").await;
    w.fill("connect-address", &server.uri()).await;
    w.press(&["Enter"]).await;
    w.says(
        "connect-look-error",
        "does not support dynamic registration",
    )
    .await;
    assert_eq!(w.focused().await.as_deref(), Some("connect-client-id"));
    w.fill("connect-client-id", "by-hand").await;
    w.fill("connect-client-secret", "s3cret-of-the-client")
        .await;
    w.click("connect-look").await;
    w.css("[data-testid=connect-identity-pre_registered][data-chosen=true]")
        .await;
    // The client is refused: the error says so, and nothing was made of it.
    w.click("connect-submit").await;
    w.find("connect-error").await;
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 0);
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_connects_by_a_device_code_where_it_is_chosen() {
    let server = OidcProvider::with_login();
    let cli = Cli::with_vault();
    let opener = Opener::start();
    let w = opened(&cli, &opener).await;
    w.click("nav-configurations").await;
    w.click("config-connect").await;
    w.fill("connect-address", &server.issuer).await;
    w.click("connect-options").await;
    // The server takes no metadata documents: the error leads to the field.
    let document = "https://app.example.com/client.json";
    w.fill("connect-document", document).await;
    w.click("connect-look").await;
    w.says("connect-look-error", "metadata document").await;
    assert_eq!(w.focused().await.as_deref(), Some("connect-document"));
    w.press(&["Control", "a"]).await;
    w.press(&["Delete"]).await;
    w.css("[data-testid=connect-grant] option[value=device_code]")
        .await
        .click()
        .await
        .unwrap();
    w.click("connect-look").await;
    w.css("[data-testid=connect-identity-dynamic][data-chosen=true]")
        .await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("connect-submit").await;
    let code = w.text("device-code").await;
    let at: Url = w.text("device-address").await.parse().unwrap();
    assert!(opener.is_unused());
    let page = spawn_blocking(move || Browser::new().enter_code(&at, &code));
    assert_eq!(page.await.unwrap().status, 200);
    done(&w, "connect-step-token").await;
    w.says("connect-question", "Connected").await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_connects_by_the_key_of_a_client() {
    let server = OidcProvider::open();
    // Registered manually, as far as this vault knows.
    let elsewhere = Cli::with_vault();
    elsewhere.config("Work", &server.issuer, &[]);
    let pem = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let key = elsewhere.folder().join("key.pem");
    std::fs::write(&key, &pem).unwrap();
    let source = format!("file:{}", key.display());
    let register = [
        "app",
        "register",
        "orders",
        "--config",
        "Work",
        "--grant",
        "client_credentials",
    ];
    let with_key = ["--auth-method", "private_key_jwt", "--client-key", &source];
    let made = elsewhere.run(&[&register[..], &with_key].concat()).json();
    let client_id = made["client_id"].as_str().unwrap().to_owned();

    let cli = Cli::with_vault();
    let opener = Opener::start();
    let w = opened(&cli, &opener).await;
    w.click("nav-configurations").await;
    w.click("config-connect").await;
    w.fill("connect-address", &server.issuer).await;
    w.click("connect-options").await;
    assert!(!w.has("connect-client-key").await);
    w.fill("connect-client-id", &client_id).await;
    w.paste("connect-client-key", &pem).await;
    w.css("[data-testid=connect-grant] option[value=client_credentials]")
        .await
        .click()
        .await
        .unwrap();
    w.click("connect-look").await;
    w.css("[data-testid=connect-identity-pre_registered][data-chosen=true]")
        .await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("connect-submit").await;
    done(&w, "connect-step-token").await;
    w.says("connect-question", "Connected").await;
    w.close().await;
    let shown = cli.run(&["app", "list"]).json();
    assert_eq!(
        shown["items"][0]["client_id"],
        client_id.as_str(),
        "{shown}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn window_connects_to_a_server_below_a_private_authority() {
    let authority = Authority::new();
    let server = OidcProvider::with_mutual_tls(&authority);
    let cli = Cli::with_vault();
    let opener = Opener::start();
    let w = opened(&cli, &opener).await;
    w.click("nav-configurations").await;
    w.click("config-connect").await;
    w.fill("connect-address", &server.issuer).await;
    w.press(&["Control", "Enter"]).await;
    w.says("connect-look-error", "is not trusted").await;
    w.says("connect-look-error", "Certificate authority (PEM)")
        .await;
    assert_eq!(w.focused().await.as_deref(), Some("connect-authority"));
    assert_eq!(w.axe().await, Vec::<String>::new());

    w.paste("connect-authority", "no certificate").await;
    w.press(&["Control", "Enter"]).await;
    w.says("connect-look-error", "contains no certificate")
        .await;
    assert_eq!(w.focused().await.as_deref(), Some("connect-authority"));

    w.paste("connect-authority", &authority.certificate).await;
    let select = w.find("connect-grant").await;
    select.select_by_value("client_credentials").await.unwrap();
    w.press(&["Control", "Enter"]).await;
    w.find("connect-submit").await;
    w.press(&["Control", "Enter"]).await;
    done(&w, "connect-step-prepare").await;
    done(&w, "connect-step-token").await;
    w.close().await;
    // What was given is kept for everything that follows.
    let saved = cli.run(&["config", "list"]).json();
    assert_eq!(saved["total"], 1);
    let name = saved["items"][0]["name"].as_str().unwrap();
    cli.run(&["config", "verify", name]).json();
}
