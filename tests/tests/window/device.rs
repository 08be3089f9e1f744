//! Sign-in on another device from the window (RFC 8628).

use keywright_tests::{Browser, Cli, OidcProvider, Window};
use serde_json::json;
use tokio::task::spawn_blocking;
use url::Url;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

const PASSPHRASE: &str = "correct horse battery";
const CODE: &str = "WDJB-MJHT";

async fn opened(cli: &Cli) -> Window {
    let w = Window::open(&cli.home()).await;
    w.fill("unlock-passphrase", PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.click("app-row").await;
    w.click("app-tab-tokens").await;
    w.says("token-get", "Sign in").await;
    w
}

fn client(issuer: &str) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", issuer, &[]);
    let arguments = ["app", "register", "login", "--config", "Work"];
    let grants = ["--grant", "device_code", "--grant", "refresh_token"];
    let more = ["--auth-method", "none", "--scope", "orders:read"];
    cli.run(&[&arguments[..], &grants, &more].concat()).json();
    cli
}

#[tokio::test(flavor = "multi_thread")]
async fn window_signs_in_on_another_device() {
    let server = OidcProvider::with_login();
    let cli = client(&server.issuer);
    let w = opened(&cli).await;
    w.click("token-get").await;
    w.says("device", "Enter this code on any device").await;
    w.find("device-qr").await;
    let first = w.text("device-code").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("device-another").await;
    while w.text("device-code").await == first {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let at: Url = w.text("device-address").await.parse().unwrap();
    let code = w.text("device-code").await;
    let page = spawn_blocking(move || Browser::new().enter_code(&at, &code));
    assert_eq!(page.await.unwrap().status, 200);
    w.says("live-token-origin", "Device code").await;
    w.says("token-get", "Fetch new token").await;
    w.close().await;
}

/// A provider whose code nobody enters; it answers each token request with this error.
async fn pending(error: &str) -> MockServer {
    let server = MockServer::start().await;
    let origin = server.uri();
    let metadata = json!({
        "issuer": origin, "registration_endpoint": format!("{origin}/register"),
        "token_endpoint": format!("{origin}/token"),
        "device_authorization_endpoint": format!("{origin}/device"),
        "grant_types_supported": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
    });
    let answers = [
        (
            "/.well-known/oauth-authorization-server",
            200,
            metadata.clone(),
        ),
        ("/.well-known/openid-configuration", 200, metadata),
        (
            "/register",
            201,
            json!({
                "client_id": "c1", "scope": "orders:read", "token_endpoint_auth_method": "none",
                "grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
            }),
        ),
        (
            "/device",
            200,
            json!({
                "device_code": "d3vice-c0de-of-the-window", "user_code": CODE, "interval": 1, "expires_in": 900,
                "verification_uri": "https://id.example/device",
                "verification_uri_complete": format!("https://id.example/device?user_code={CODE}"),
            }),
        ),
        ("/token", 400, json!({ "error": error })),
    ];
    for (at, status, body) in answers {
        let answer = ResponseTemplate::new(status).set_body_json(body);
        Mock::given(path(at))
            .respond_with(answer)
            .mount(&server)
            .await;
    }
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn window_hides_a_device_code_from_an_audience() {
    let server = pending("slow_down").await;
    let cli = client(&server.uri());
    let w = opened(&cli).await;
    w.press(&["Control", "Shift", "p"]).await;
    w.find("presenter").await;
    w.says("token-get", "Sign in").await;
    // Keys alone: the mouse of the driver misses what is zoomed.
    w.enter_on("token-get").await;
    w.find("device-show").await;
    assert!(
        !w.page_source().await.contains(CODE),
        "the code is not in the page"
    );
    assert!(!w.has("device-qr").await);
    w.enter_on("device-show").await;
    w.says("device-code", CODE).await;
    w.find("device-qr").await;
    w.says("device-slower", "asked for slower polling").await;
    w.says("device-asked", " requests, every ").await;
    assert!(!w.page_source().await.contains("d3vice-c0de"));
    w.press(&["Escape"]).await;
    w.gone("device").await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_says_that_a_device_code_was_refused() {
    let server = pending("access_denied").await;
    let cli = client(&server.uri());
    let w = opened(&cli).await;
    w.click("token-get").await;
    w.says("token-error", "access_denied").await;
    w.says("token-again", "Sign in again").await;
    w.close().await;
}
