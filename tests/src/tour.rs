//! Walks through every screen of the window with something on it, for pictures and for axe-core.

use std::path::Path;

use serde_json::json;

use crate::{Cli, Window, real::Server};

const PASSPHRASE: &str = "correct horse battery";
const NAMES: [&str; 14] = [
    "orders-batch",
    "billing-sync",
    "catalog-reader",
    "inventory-import",
    "partner-portal",
    "payments-settlement",
    "売上-reports",
    "注文バッチ",
    "在庫同期",
    "shipping-labels",
    "support-console",
    "tax-calculator",
    "warehouse-scanner",
    "weekly-report",
];

/// The application whose session has no known end.
const AT_GATEWAY: &str = "portal-export";

const PERSONALITIES: [&str; 5] = ["auth0", "okta", "curity", "entra", "http-bridge"];

/// A vault with the Sandbox and applications in it, made in the window and by the command line.
pub struct Tour {
    cli: Cli,
    /// An API whose sessions have no known end.
    gateway: Server,
    /// Requires `redirect_uris`, so that a registration is adapted there. It runs as long as the tour.
    glewlwyd: Server,
}

impl Tour {
    /// Makes the vault; `first_run` sees the window before it.
    pub async fn begin(mut first_run: impl AsyncFnMut(&Window)) -> Self {
        let cli = Cli::new();
        let w = Window::open(&cli.home()).await;
        w.find("first-run-sandbox").await;
        first_run(&w).await;
        w.fill("first-run-passphrase", PASSPHRASE).await;
        w.fill("first-run-passphrase-again", PASSPHRASE).await;
        w.click("first-run-sandbox").await;
        w.find("register-name").await;
        let api = {
            let config = cli.run(&["config", "list"]).json();
            let issuer = config["items"][0]["issuer"]
                .as_str()
                .expect("an issuer")
                .to_owned();
            assert!(issuer.ends_with("/rfc7591"), "{issuer}");
            w.click("nav-sandbox").await;
            w.text("personality-rfc7591-api").await.trim().to_owned()
        };
        for name in NAMES {
            let scope = ["--scope", "orders:read", "--label", "demo"];
            cli.register(name, "Sandbox", &scope).json();
            cli.run(&["token", "get", name]).json();
        }
        for way in ["client-credentials", "bearer", "session"] {
            cli.run(&["call", "GET", &api, "--app", "orders-batch", "--auth", way])
                .json();
        }
        cli.run(&["token", "get", "orders-batch", "--scope", "no:such"]);
        let glewlwyd = Server::glewlwyd();
        cli.config("Self-hosted", &glewlwyd.text("issuer"), &[]);
        cli.register("payments-api", "Sandbox", &["--scope", "orders:read"])
            .json();
        cli.run(&["token", "get", "payments-api"]).json();
        cli.replace_secret_elsewhere("payments-api", "Sandbox");
        cli.run(&["token", "get", "payments-api", "--refresh"])
            .error();
        let gateway = session_without_end(&cli, &glewlwyd.text("issuer"));
        w.close().await;
        Self {
            cli,
            gateway,
            glewlwyd,
        }
    }

    /// The vault's folder.
    pub fn home(&self) -> std::path::PathBuf {
        self.cli.home()
    }

    /// Opens the window in a theme and a language and shows each screen; `visit` sees each one.
    #[expect(clippy::too_many_lines, reason = "one screen after the other")]
    pub async fn walk(
        &self,
        theme: &str,
        language: &str,
        mut visit: impl AsyncFnMut(&Window, &str),
    ) {
        let w = self.opened(theme, language).await;
        visit(&w, "unlock").await;
        unlock(&w).await;

        w.click("nav-applications").await;
        w.fill("app-search", "orders-batch").await;
        w.says("app-row", "orders-batch").await;
        w.click("app-row").await;
        // Esc clears the search as a person does; emptying the field by script tells the page nothing.
        w.click("app-search").await;
        w.press(&["Escape"]).await;
        w.css("[role=option][aria-posinset=\"2\"]").await;
        for tab in [
            "credentials",
            "tokens",
            "sessions",
            "registration",
            "activity",
        ] {
            w.click(&format!("app-tab-{tab}")).await;
            visit(&w, &format!("applications-{tab}")).await;
        }
        w.click("app-tab-credentials").await;
        w.click("secret-client_secret-copy").await;
        w.find("toast").await;
        visit(&w, "toast").await;
        w.click("app-more").await;
        w.click("app-more-delete").await;
        w.find("delete-dialog").await;
        visit(&w, "delete").await;
        w.press(&["Escape"]).await;

        w.press(&["Control", "k"]).await;
        w.find("palette-text").await;
        w.type_keys("ob tok").await;
        w.css("[data-testid^=palette-task-copy_token]").await;
        visit(&w, "palette").await;
        w.press(&["Tab"]).await;
        w.find("palette-object").await;
        visit(&w, "palette-actions").await;
        w.press(&["Escape"]).await;
        quick_access(&w, &mut visit).await;

        w.click("app-view-open").await;
        w.find("app-table").await;
        visit(&w, "view-table").await;
        w.click("app-view-calendar").await;
        w.find("calendar-totals").await;
        visit(&w, "view-calendar").await;
        w.click("app-view-list").await;
        w.find("app-detail").await;

        w.press(&["Control", "n"]).await;
        let configurations = w.find("register-configuration").await;
        configurations
            .select_by_label("Sandbox")
            .await
            .expect("the configuration");
        w.fill("register-name", &format!("tour-{theme}-{language}"))
            .await;
        visit(&w, "register").await;
        w.click("register-submit").await;
        w.find("register-result").await;
        visit(&w, "register-result").await;

        self.refused(&w, &mut visit).await;
        self.adapted(&w, &format!("glewlwyd-{theme}-{language}"), &mut visit)
            .await;

        w.click("nav-configurations").await;
        w.click("config-row").await;
        w.find("config-issuer").await;
        visit(&w, "configurations").await;
        w.click("config-connect").await;
        w.fill("connect-address", &self.glewlwyd.text("issuer"))
            .await;
        w.click("connect-look").await;
        w.find("connect-sheet").await;
        visit(&w, "connect").await;
        w.click("connect-close").await;
        w.click("config-new").await;
        w.find("config-kinds").await;
        visit(&w, "configuration-kinds").await;
        w.click("config-kind-rfc7591").await;
        let preset = w.find("config-preset").await;
        preset
            .select_by_value("keycloak")
            .await
            .expect("a known server");
        w.fill("config-preset-host", "id.example.com").await;
        w.fill("config-preset-realm", "main").await;
        visit(&w, "configuration-new").await;
        for personality in PERSONALITIES {
            w.click("nav-sandbox").await;
            w.click(&format!("personality-{personality}-use")).await;
            w.find("config-issuer").await;
            visit(&w, &format!("configuration-{personality}")).await;
        }
        w.click("nav-sandbox").await;
        w.click("personality-entra-use").await;
        w.click("config-compare").await;
        w.find("config-only-there").await;
        visit(&w, "configuration-compared").await;
        w.click("config-register").await;
        w.fill("register-name", "several-steps").await;
        w.find("register-preview-step").await;
        visit(&w, "register-entra").await;
        // The console follows the chosen application, which is the last that was registered.
        w.click("nav-applications").await;
        w.fill("app-search", "orders-batch").await;
        w.says("app-row", "orders-batch").await;
        w.click("app-row").await;
        w.says("app-detail", "orders-batch").await;
        w.click("nav-console").await;
        w.click("console-compare").await;
        w.says("result-session", "200").await;
        visit(&w, "console").await;
        w.click("console-history").await;
        w.find("console-past").await;
        visit(&w, "view-history").await;
        w.press(&["Escape"]).await;
        w.gone("console-history-dialog").await;
        w.click("nav-sessions").await;
        w.click("session-row").await;
        w.find("session-clocks").await;
        visit(&w, "sessions").await;
        self.unknown_end(&w, &mut visit).await;
        w.click("nav-activity").await;
        // The window opens on the tab of the walk before.
        w.click("activity-tab-stories").await;
        w.click("story-row").await;
        w.find("story-steps").await;
        visit(&w, "activity").await;
        w.click("story-present").await;
        w.press(&["Right"]).await;
        visit(&w, "stage").await;
        w.press(&["Escape"]).await;
        w.click("activity-tab-exchanges").await;
        w.click("exchange-row").await;
        visit(&w, "exchanges").await;
        w.click("activity-tab-audit").await;
        w.find("audit-row").await;
        visit(&w, "view-audit").await;
        w.click("activity-tab-exchanges").await;
        w.click("nav-sandbox").await;
        w.find("sandbox-state").await;
        visit(&w, "sandbox").await;
        w.click("scene-secret").await;
        w.find("scene-clock").await;
        visit(&w, "view-scene").await;
        w.click("scene-stop").await;
        w.gone("scene-clock").await;
        w.click("nav-settings").await;
        w.find("settings-theme").await;
        visit(&w, "settings").await;
        // By keys: the mouse of the driver misses what is zoomed.
        w.press(&["Control", "1"]).await;
        w.find("app-detail").await;
        w.press(&["Control", "Shift", "p"]).await;
        w.enter_on("presenter-dot").await;
        w.find("presenter-panel").await;
        visit(&w, "view-presenter").await;
        w.press(&["Escape"]).await;
        w.press(&["Control", "Shift", "p"]).await;
        w.gone("presenter-dot").await;
        w.close().await;
        self.cli
            .run(&[
                "app",
                "forget",
                &format!("tour-{theme}-{language}"),
                "--yes",
            ])
            .json();
        self.forget_adapted(theme, language);
    }

    /// Shows only what a server answers in its own way: a refused client, an adapted registration, a session without
    /// a known end, a pasted session.
    pub async fn answers(
        &self,
        theme: &str,
        language: &str,
        mut visit: impl AsyncFnMut(&Window, &str),
    ) {
        let w = self.opened(theme, language).await;
        unlock(&w).await;
        w.find("nav-applications").await;
        self.refused(&w, &mut visit).await;
        self.adapted(&w, &format!("glewlwyd-{theme}-{language}"), &mut visit)
            .await;
        w.click("nav-sessions").await;
        self.unknown_end(&w, &mut visit).await;
        w.close().await;
        self.forget_adapted(theme, language);
    }

    async fn opened(&self, theme: &str, language: &str) -> Window {
        preferences(&self.home(), theme, language);
        let w = Window::open(&self.home()).await;
        w.find("unlock-passphrase").await;
        w
    }

    /// The next walk registers again, and is adapted again.
    fn forget_adapted(&self, theme: &str, language: &str) {
        let name = format!("glewlwyd-{theme}-{language}");
        self.cli.run(&["app", "forget", &name, "--yes"]).json();
        self.cli
            .run(&["config", "edit", "Self-hosted", "--forget-adapted"])
            .json();
    }

    /// A client whose secret was replaced elsewhere, and the most likely cause.
    async fn refused(&self, w: &Window, visit: &mut impl AsyncFnMut(&Window, &str)) {
        w.click("nav-applications").await;
        w.fill("app-search", "payments-api").await;
        w.says("app-row", "payments-api").await;
        w.click("app-row").await;
        w.find("app-healing").await;
        w.click("app-tab-tokens").await;
        w.click("token-get").await;
        w.find("token-error-cause").await;
        visit(w, "application-refused").await;
    }

    /// A session of which nobody knows when it ends, and one that is pasted.
    async fn unknown_end(&self, w: &Window, visit: &mut impl AsyncFnMut(&Window, &str)) {
        w.fill("sessions-search", AT_GATEWAY).await;
        w.says("session-row", AT_GATEWAY).await;
        w.click("session-row").await;
        w.find("session-end-unknown").await;
        visit(w, "session-unknown").await;
        w.click("session-paste").await;
        w.click("console-application").await;
        w.fill("console-application", AT_GATEWAY).await;
        w.says("console-application-option", AT_GATEWAY).await;
        w.click("console-application-option").await;
        w.fill("session-paste-url", &self.gateway.text("api")).await;
        w.fill(
            "session-paste-text",
            "Cookie: sid=8f2c; AWSALB=xyz; _ga=GA1.2",
        )
        .await;
        w.find("session-paste-cookie").await;
        visit(w, "session-paste").await;
        w.press(&["Escape"]).await;
        w.gone("session-paste-dialog").await;
    }

    /// A registration whose first form the server refused.
    async fn adapted(&self, w: &Window, name: &str, visit: &mut impl AsyncFnMut(&Window, &str)) {
        w.press(&["Control", "n"]).await;
        let configurations = w.find("register-configuration").await;
        configurations
            .select_by_label("Self-hosted")
            .await
            .expect("the configuration");
        w.fill("register-name", name).await;
        w.fill("register-scopes", "orders:read").await;
        w.click("register-submit").await;
        w.find("result-adapted").await;
        visit(w, "register-adapted").await;
    }
}

/// The small window: what it finds, and what it says once something was copied.
async fn quick_access(w: &Window, visit: &mut impl AsyncFnMut(&Window, &str)) {
    w.press(&["Control", "Alt", "k"]).await;
    w.other_window().await;
    w.find("quick-row").await;
    w.fill("quick-text", "or").await;
    w.find("quick-form").await;
    visit(w, "quick-access").await;
    w.press(&["Enter"]).await;
    w.find("quick-copied").await;
    visit(w, "quick-access-copied").await;
    w.other_window().await;
}

async fn unlock(w: &Window) {
    w.fill("unlock-passphrase", PASSPHRASE).await;
    w.click("unlock-submit").await;
}

/// Calls an API that answers with a cookie without a date, and again with the cookie alone.
fn session_without_end(cli: &Cli, issuer: &str) -> Server {
    let gateway = Server::passport_without_end(issuer);
    cli.register(AT_GATEWAY, "Self-hosted", &["--scope", "orders:read"])
        .json();
    let api = gateway.text("api");
    for way in ["client-credentials", "session", "session"] {
        cli.run(&["call", &api, "--app", AT_GATEWAY, "--auth", way, "--fail"])
            .json();
    }
    // The registration of the tour is adapted, too.
    cli.run(&["config", "edit", "Self-hosted", "--forget-adapted"])
        .json();
    gateway
}

fn preferences(home: &Path, theme: &str, language: &str) {
    let file = json!({ "theme": theme, "language": language, "auto_lock_minutes": 0, "clipboard_clear_secs": 20, "shortcuts": {} });
    std::fs::write(home.join("preferences.json"), file.to_string())
        .expect("the preferences are written");
}
