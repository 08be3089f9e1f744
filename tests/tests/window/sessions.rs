//! *Paste a session* and a session of which nobody knows when it ends, at passport with express-session.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use keywright_tests::{
    Cli, OidcProvider, Window,
    real::{Server, exchange},
};
use serde_json::{Value, json};

const COOKIE: &str = "connect.sid";

/// A vault with one application that the gateway accepts.
struct Place {
    provider: OidcProvider,
    gateway: Server,
    cli: Cli,
}

impl Place {
    fn new() -> Self {
        let provider = OidcProvider::with_jwt();
        let gateway = Server::passport_without_end(&provider.issuer);
        let cli = Cli::with_vault();
        cli.config("Work", &provider.issuer, &[]);
        cli.register("orders", "Work", &["--scope", "orders:read"])
            .json();
        Self {
            provider,
            gateway,
            cli,
        }
    }

    /// The cookie of a session that another program opened, as `NAME=VALUE`.
    fn cookie(&self) -> String {
        let shown = self.cli.run(&["app", "show", "orders", "--reveal"]).json();
        let text = |member: &str| shown[member].as_str().unwrap().to_owned();
        let pair = format!("{}:{}", text("client_id"), text("client_secret"));
        let more = format!("Authorization: Basic {}\r\n\r\n", STANDARD.encode(pair));
        let answer = exchange("GET", &self.gateway.text("api"), &more).unwrap();
        assert_eq!(answer.status, 200);
        answer.cookie(COOKIE).unwrap()
    }

    fn sessions(&self) -> Value {
        self.cli.run(&["session", "list"]).json()
    }
}

async fn opened(cli: &Cli) -> Window {
    let w = Window::open(&cli.home()).await;
    w.fill("unlock-passphrase", "correct horse battery").await;
    w.click("unlock-submit").await;
    w.click("nav-sessions").await;
    w
}

/// The button cannot be used: there is nothing to save.
async fn cannot_save(w: &Window) {
    w.css("[data-testid=session-paste-submit][aria-disabled=true]")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_pastes_a_session_that_the_api_accepts() {
    let place = Place::new();
    let (api, cookie) = (place.gateway.text("api"), place.cookie());
    let value = cookie.split_once('=').unwrap().1.to_owned();
    let w = opened(&place.cli).await;
    w.click("session-paste").await;
    w.click("console-application").await;
    w.click("console-application-option").await;
    w.fill("session-paste-url", &api).await;

    w.fill("session-paste-text", "Dear colleague, see the attachment")
        .await;
    w.says("session-paste-error", "No cookies were recognised")
        .await;
    cannot_save(&w).await;

    // Of another host: listed, and none of it can be chosen.
    let file = "# Netscape HTTP Cookie File\nother.example\tFALSE\t/\tTRUE\t0\tsid\tabc\n";
    w.paste("session-paste-text", file).await;
    w.says("session-paste-cookie", "sid").await;
    assert!(!w.has("session-paste-error").await);
    w.exists("[data-testid=session-paste-keep-sid]:disabled")
        .await;
    cannot_save(&w).await;

    // A cookie that the gateway does not know, then the right one for another server.
    let forged = format!("{COOKIE}=s%3Aforged.c2lnbmF0dXJl");
    for (url, text) in [(&api, &forged), (&place.provider.issuer, &cookie)] {
        w.fill("session-paste-url", url).await;
        w.paste("session-paste-text", &format!("Cookie: {text}"))
            .await;
        w.click("session-paste-submit").await;
        w.says("session-paste-error", "did not accept it").await;
        let said = w.text("session-paste-error").await;
        assert!(!said.contains("--"), "no option in a window: {said}");
        assert_eq!(place.sessions()["total"], 0, "nothing was saved");
    }

    w.fill("session-paste-url", &api).await;
    w.paste(
        "session-paste-text",
        &format!("GET /orders HTTP/1.1\nCookie: {cookie}; AWSALB=lb; _ga=GA1.2"),
    )
    .await;
    w.exists("[data-testid=session-paste-keep-AWSALB]:checked")
        .await;
    w.exists("[data-testid=session-paste-keep-_ga]:not(:checked)")
        .await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.tick("session-paste-keep-AWSALB").await;
    w.click("session-paste-submit").await;
    w.gone("session-paste-dialog").await;
    w.css("[data-testid=session-state][data-state=alive]").await;
    w.says("session-cookie", COOKIE).await;
    w.click("session-replay").await;
    w.says("session-replay-status", "200").await;
    assert!(!w.page_source().await.contains(&value), "it is hidden");
    w.says("session-calls", "2 · replays 2").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    // Each cookie has one row, with its value.
    let cookies = w.text("session-cookies").await;
    let named = cookies.lines().filter(|line| line.trim() == COOKIE);
    assert_eq!(named.count(), 1, "{cookies}");
    w.click("session-cookie-secret-0-reveal").await;
    w.says("session-cookie-secret-0-value", &value).await;
    w.close().await;

    let session = &place.sessions()["items"][0];
    let cookies = session["cookies"].as_array().unwrap();
    let roles: Vec<(&str, &str)> = cookies
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["role"].as_str().unwrap()))
        .collect();
    assert_eq!(roles, [(COOKIE, "session")]);
    assert_eq!(session["imported"], true);
    let called = [
        "call", &api, "--app", "orders", "--auth", "session", "--fail",
    ];
    assert_eq!(place.cli.run(&called).json()["status"], 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn window_says_that_an_end_is_unknown_until_limits_are_set() {
    let place = Place::new();
    let api = place.gateway.text("api");
    for way in ["client-credentials", "session"] {
        let call = ["call", &api, "--app", "orders", "--auth", way, "--fail"];
        place.cli.run(&call).json();
    }
    assert_eq!(place.sessions()["items"][0]["ends_at"], Value::Null);
    let w = opened(&place.cli).await;
    w.says("session-row", "Unknown").await;
    w.find("session-end-unknown").await;
    assert!(!w.has("session-clocks").await, "no limit is invented");
    w.click("session-use-preset").await;
    w.find("session-clock-absolute").await;
    w.gone("session-end-unknown").await;
    w.says("toast", "Kong OpenID Connect").await;
    w.close().await;
    let shown = place.cli.run(&["config", "show", "Work"]).json();
    assert_eq!(shown["settings"]["session_preset"], "kong-openid-connect");
    let session = &place.sessions()["items"][0];
    let limits: Vec<&Value> = session["clocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|clock| &clock["limit_secs"])
        .collect();
    assert_eq!(limits, [&json!(900), &json!(3600), &json!(86_400)]);
    assert_eq!(session["end_source"], "preset");
}
