//! The pages of the Sandbox in a browser that is not part of Keywright: by keyboard, in both languages, light and
//! dark, without a script of the page.

use fantoccini::Locator;
use keywright_tests::{Cli, SandboxProcess, SignIn, Window};
use tokio::task::spawn_blocking;

const FREE: &str = "http://127.0.0.1/callback";

/// A sign-in that waits for the browser, for a client whose name is markup.
fn waiting(sandbox: &SandboxProcess, cli: &Cli) -> SignIn {
    cli.config("Work", &sandbox.issuer(), &[]);
    let register = ["app", "register", "<b>login</b>", "--config", "Work"];
    let public = ["--grant", "authorization_code", "--auth-method", "none"];
    let redirect = ["--redirect-uri", FREE, "--scope", "openid"];
    cli.run(&[&register[..], &public, &redirect].concat())
        .json();
    SignIn::start(cli, "<b>login</b>", &[])
}

async fn text(w: &Window) -> String {
    let body = w.client.find(Locator::Css("body")).await.unwrap();
    body.text().await.unwrap()
}

/// Keeps a picture where somebody wants to look at it.
async fn picture(w: &Window, name: &str) {
    if let Ok(folder) = std::env::var("KEYWRIGHT_PICTURES") {
        let png = w.client.screenshot().await.unwrap();
        std::fs::write(format!("{folder}/{name}.png"), png).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn window_consent_page_by_keyboard_in_both_languages() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let sign_in = waiting(&sandbox, &cli);
    let mut japanese = sign_in.address.clone();
    japanese.query_pairs_mut().append_pair("ui_locales", "ja");
    let device = format!("{}/device?user_code=WRONG", sandbox.issuer());
    for (theme, name) in [("Adwaita", "light"), ("Adwaita:dark", "dark")] {
        let w = Window::browser(&cli.home(), &[("GTK_THEME", theme)]).await;
        let dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
        for (address, language, words) in [
            (sign_in.address.as_str(), "en", "Sign in as"),
            (japanese.as_str(), "ja", "サインインするユーザー"),
            (&device, "en", "No device waits with this code"),
        ] {
            w.client.goto(address).await.unwrap();
            let page = text(&w).await;
            assert!(page.contains(words), "{page}");
            if address != device {
                assert!(page.contains("<b>login</b>"), "a name is text: {page}");
            }
            let is_dark = w.client.execute(dark, Vec::new()).await.unwrap();
            assert_eq!(is_dark, name == "dark");
            assert_eq!(w.axe().await, Vec::<String>::new(), "{address} {name}");
            let kind = if address == device {
                "device"
            } else {
                "consent"
            };
            picture(&w, &format!("{kind}-{language}-{name}")).await;
        }
        if name == "light" {
            w.close().await;
            continue;
        }
        // Tab to the users, one down, Tab to Allow, Enter.
        w.client.goto(sign_in.address.as_str()).await.unwrap();
        w.press(&["Tab"]).await;
        w.press(&["Down"]).await;
        w.press(&["Tab"]).await;
        picture(&w, "consent-focus").await;
        w.press(&["Enter"]).await;
        w.css("body").await;
        let token = spawn_blocking(move || sign_in.finish().json());
        assert!(token.await.unwrap()["id"].is_string());
        let shown = cli.run(&["token", "show", "<b>login</b>"]).json();
        let claims = &shown["id_token"]["claims_json"];
        assert_eq!(claims["sub"], "demo-user-2", "{shown}");
        w.close().await;
        return;
    }
}
