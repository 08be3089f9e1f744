//! The main job of a login client at oidc-provider, which nobody here wrote: register, sign in, call, refresh, restart,
//! call, sign out, delete. Once with the mouse and once with the keyboard alone, for a public and a confidential client.

use std::{
    sync::{Arc, Mutex},
    thread,
};

use keywright_tests::{Browser, Cli, OidcProvider, Opener, Page, Window};
use tokio::task::spawn_blocking;
use url::Url;

const PASSPHRASE: &str = "correct horse battery";
const FREE: &str = "http://127.0.0.1/callback";
const SCOPE: &str = "openid orders:read offline_access";
const METHODS: [&str; 2] = ["none", "client_secret_basic"];

/// A user with a browser, whose session at the provider outlives the window.
struct User {
    opener: Arc<Opener>,
    browser: Arc<Mutex<Option<Browser>>>,
}

impl User {
    fn new() -> Self {
        let opener = Arc::new(Opener::start());
        let browser = thread::spawn(Browser::new).join().unwrap();
        Self {
            opener,
            browser: Arc::new(Mutex::new(Some(browser))),
        }
    }

    /// The window on this vault, locked, with the opener of the user.
    async fn opens(&self, cli: &Cli) -> Window {
        Window::open_with(&cli.home(), &[("PATH", &self.opener.path())], &[]).await
    }

    /// Goes to the address that the window opens, and through the forms there.
    async fn answers(&self, fill: &'static [(&'static str, &'static str)]) -> (Url, Page) {
        let (opener, browser) = (Arc::clone(&self.opener), Arc::clone(&self.browser));
        let answered = spawn_blocking(move || {
            let mut browser = browser.lock().unwrap();
            let address = opener.address();
            let page = browser.as_mut().unwrap().sign_in(&address, fill);
            (address, page)
        });
        answered.await.unwrap()
    }

    /// The page at an address.
    async fn sees(&self, address: Url) -> Page {
        let browser = Arc::clone(&self.browser);
        let seen = spawn_blocking(move || {
            let mut browser = browser.lock().unwrap();
            browser.as_mut().unwrap().open(&address)
        });
        seen.await.unwrap()
    }

    /// Signs in, and gives the address that the window opened.
    async fn signs_in(&self) -> Url {
        let (address, page) = self
            .answers(&[("login", "tester"), ("password", "x")])
            .await;
        assert!(page.text.contains("You can close this tab"), "{page:?}");
        let method = address
            .query_pairs()
            .find(|(name, _)| name == "code_challenge_method");
        assert_eq!(method.unwrap().1, "S256", "{address}");
        address
    }

    /// Confirms that it wants to sign out. The provider then asks for the login again.
    async fn signs_out(&self, asked: &Url) {
        let at_once = self.sees(without_prompt(asked)).await;
        assert!(!at_once.text.contains("name=\"login\""), "{at_once:?}");
        let (address, page) = self.answers(&[("logout", "yes")]).await;
        assert!(address.path().ends_with("/session/end"), "{address}");
        assert!(page.text.contains("Sign-out Success"), "{page:?}");
        let again = self.sees(without_prompt(asked)).await;
        assert!(again.text.contains("name=\"login\""), "{again:?}");
    }

    /// The provider does not know the client any more.
    async fn finds_the_client_gone(&self, asked: &Url) {
        let page = self.sees(asked.clone()).await;
        assert_eq!(page.status, 400, "{page:?}");
        assert!(page.text.contains("invalid_client"), "{page:?}");
    }
}

impl Drop for User {
    fn drop(&mut self) {
        // It has a runtime, which cannot end within another one.
        let browser = Arc::clone(&self.browser);
        let ends = thread::spawn(move || drop(browser.lock().map(|mut browser| browser.take())));
        drop(ends.join());
    }
}

/// The same request, answered without a question where somebody is signed in.
fn without_prompt(asked: &Url) -> Url {
    let pairs: Vec<(String, String)> = asked
        .query_pairs()
        .filter(|(name, _)| name != "prompt")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let mut address = asked.clone();
    address.query_pairs_mut().clear().extend_pairs(pairs);
    address
}

fn client_at(server: &OidcProvider) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    cli
}

/// How the client proves itself, as the server has it.
fn granted_method(cli: &Cli) -> String {
    let shown = cli.run(&["app", "show", "login"]).json();
    let method = &shown["granted"]["token_endpoint_auth_method"];
    method.as_str().unwrap_or_default().to_owned()
}

/// The next token has taken the place of the one that is shown.
async fn replaces_token(w: &Window, first: &str) {
    let next = format!("[data-testid=token-card]:not([data-id=\"{first}\"])");
    w.css(&next).await;
}

async fn shown_token(w: &Window) -> String {
    let card = w.find("token-card").await;
    card.attr("data-id").await.unwrap().unwrap()
}

async fn register_by_mouse(w: &Window, method: &str) {
    w.click("nav-applications").await;
    w.press(&["Control", "n"]).await;
    w.fill("register-name", "login").await;
    w.tick("register-grant-authorization_code").await;
    w.tick("register-grant-client_credentials").await;
    w.tick("register-grant-refresh_token").await;
    w.click("register-auth-change").await;
    let select = w.find("register-auth-method").await;
    select.select_by_value(method).await.unwrap();
    w.click("register-redirect-add").await;
    w.fill("register-redirect-0", FREE).await;
    w.fill("register-scopes", SCOPE).await;
    w.click("register-submit").await;
    w.find("register-result").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_login_client_job_at_oidc_provider_by_mouse() {
    let server = OidcProvider::with_login();
    let cli = client_at(&server);
    for method in METHODS {
        let user = User::new();
        let w = user.opens(&cli).await;
        w.unlock().await;
        register_by_mouse(&w, method).await;
        assert_eq!(granted_method(&cli), method);

        w.says("result-get-token", "Sign in").await;
        w.click("result-get-token").await;
        w.says("sign-in", "Sign in with your browser").await;
        w.css("[data-testid=sign-in-step-2][data-state=now]").await;
        w.says("app-copy-token", "Waiting for you").await;
        let asked = user.signs_in().await;
        w.says("live-token-origin", "Signed in as tester").await;
        w.find("token-card").await;
        assert_eq!(w.focused().await.as_deref(), Some("token-copy-raw"));
        assert_eq!(w.axe().await, Vec::<String>::new());

        // A call, then a refresh that asks nobody.
        w.click("app-call").await;
        w.click("console-auth-bearer").await;
        w.fill("console-url", &format!("{}/me", server.issuer))
            .await;
        w.click("console-send").await;
        w.says("result-bearer", "200").await;
        w.click("nav-applications").await;
        w.click("app-tab-tokens").await;
        let first = shown_token(&w).await;
        w.says("token-get", "Fetch new token").await;
        w.click("token-get").await;
        replaces_token(&w, &first).await;
        assert!(user.opener.is_unused(), "a refresh opens no browser");
        w.close().await;

        // Sign-in and tokens outlive the program.
        let w = user.opens(&cli).await;
        w.unlock().await;
        w.click("nav-console").await;
        w.click("console-send").await;
        w.says("result-bearer", "200").await;
        w.click("nav-applications").await;
        w.find("token-card").await;
        w.says("live-tokens", "2 live tokens").await;
        let first = shown_token(&w).await;
        w.click("token-get").await;
        replaces_token(&w, &first).await;
        assert!(user.opener.is_unused(), "the refresh token is still there");

        w.click("token-sign-out").await;
        user.signs_out(&asked).await;

        w.click("app-more").await;
        w.click("app-more-delete").await;
        w.click("delete-at-provider").await;
        w.tick("delete-sure").await;
        w.click("delete-confirm").await;
        w.find("applications-empty").await;
        w.close().await;
        user.finds_the_client_gone(&asked).await;
        assert_eq!(cli.run(&["app", "list"]).json()["total"], 0, "{method}");
    }
}

async fn unlock_by_keyboard(w: &Window) {
    w.tab_to("unlock-passphrase").await;
    w.type_keys(PASSPHRASE).await;
    w.press(&["Enter"]).await;
    w.find("nav-applications").await;
}

async fn register_by_keyboard(w: &Window, method: &str) {
    w.press(&["Control", "n"]).await;
    w.tab_to("register-name").await;
    w.type_keys("login").await;
    w.space_on("register-grant-authorization_code").await;
    w.space_on("register-grant-client_credentials").await;
    w.space_on("register-grant-refresh_token").await;
    w.enter_on("register-auth-change").await;
    w.tab_to("register-auth-method").await;
    w.type_keys(method).await;
    assert_eq!(w.value("register-auth-method").await, method);
    w.enter_on("register-redirect-add").await;
    w.retype("register-redirect-0", FREE).await;
    w.retype("register-scopes", SCOPE).await;
    w.press(&["Control", "Enter"]).await;
    w.find("register-result").await;
}

/// The three ways to call are one control: Tab reaches it, arrows move in it.
async fn call_by_keyboard(w: &Window) {
    w.find("console-send").await;
    for _ in 0..160 {
        let focused = w.focused().await.unwrap_or_default();
        if focused == "console-auth-bearer" {
            break;
        }
        let inside = focused.starts_with("console-auth-");
        w.press(&[if inside { "Right" } else { "Tab" }]).await;
    }
    w.press(&["Control", "Enter"]).await;
    w.says("result-bearer", "200").await;
}

async fn delete_by_keyboard(w: &Window) {
    w.enter_on("app-more").await;
    w.find("app-more-delete").await;
    w.press(&["End"]).await;
    w.press(&["Enter"]).await;
    w.find("delete-dialog").await;
    w.tab_to("delete-forget").await;
    w.press(&["Down"]).await;
    w.space_on("delete-sure").await;
    w.tab_to("delete-confirm").await;
    w.press(&["Space"]).await;
    w.find("applications-empty").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_login_client_job_at_oidc_provider_by_keyboard() {
    let server = OidcProvider::with_login();
    let cli = client_at(&server);
    for method in METHODS {
        let user = User::new();
        let w = user.opens(&cli).await;
        unlock_by_keyboard(&w).await;
        register_by_keyboard(&w, method).await;
        assert_eq!(granted_method(&cli), method);

        w.says("result-get-token", "Sign in").await;
        w.enter_on("result-get-token").await;
        w.find("sign-in").await;
        let asked = user.signs_in().await;
        w.says("live-token-origin", "Signed in as tester").await;

        // A call, then a refresh that asks nobody.
        w.press(&["Control", "Shift", "a"]).await;
        w.retype("console-url", &format!("{}/me", server.issuer))
            .await;
        call_by_keyboard(&w).await;
        w.press(&["Control", "1"]).await;
        w.find("app-tab-tokens").await;
        w.press(&["Control", "Enter"]).await;
        w.says("live-tokens", "2 live tokens").await;
        assert!(user.opener.is_unused(), "a refresh opens no browser");
        w.close().await;

        // Sign-in and tokens outlive the program.
        let w = user.opens(&cli).await;
        unlock_by_keyboard(&w).await;
        w.press(&["Control", "3"]).await;
        call_by_keyboard(&w).await;
        w.press(&["Control", "1"]).await;
        let first = shown_token(&w).await;
        w.press(&["Control", "Enter"]).await;
        replaces_token(&w, &first).await;
        assert!(user.opener.is_unused(), "the refresh token is still there");

        w.enter_on("token-sign-out").await;
        user.signs_out(&asked).await;
        delete_by_keyboard(&w).await;
        w.close().await;
        user.finds_the_client_gone(&asked).await;
        assert_eq!(cli.run(&["app", "list"]).json()["total"], 0, "{method}");
    }
}
