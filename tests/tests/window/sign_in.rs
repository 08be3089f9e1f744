//! Sign-in of a user from the window: the opener of the system is a script, and the browser behind it fills in the
//! provider's own forms.

use std::sync::Arc;

use keywright_tests::{Browser, Cli, OidcProvider, Opener, Page, Window};
use tokio::task::spawn_blocking;
use url::Url;

const PASSPHRASE: &str = "correct horse battery";
const FREE: &str = "http://127.0.0.1/callback";
const USER: [(&str, &str); 2] = [("login", "tester"), ("password", "x")];

async fn opened(cli: &Cli, opener: &Opener) -> Window {
    let path = opener.path();
    let w = Window::open_with(&cli.home(), &[("PATH", &path)], &[]).await;
    w.fill("unlock-passphrase", PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.find("nav-applications").await;
    w
}

/// The address that the window opened.
async fn address(opener: &Arc<Opener>) -> Url {
    let opener = Arc::clone(opener);
    spawn_blocking(move || opener.address()).await.unwrap()
}

/// The user signs in at the provider's pages.
async fn sign_in(address: Url) -> Page {
    let page = spawn_blocking(move || Browser::new().sign_in(&address, &USER));
    page.await.unwrap()
}

/// A browser that is sent to an address.
async fn visit(address: Url) -> Page {
    let page = spawn_blocking(move || Browser::new().open(&address));
    page.await.unwrap()
}

fn parameter(address: &Url, wanted: &str) -> String {
    let found = address.query_pairs().find(|(name, _)| name == wanted);
    found
        .unwrap_or_else(|| panic!("no {wanted}"))
        .1
        .into_owned()
}

/// Where the browser ends with these parameters.
fn answer(address: &Url, parameters: &[(&str, &str)]) -> Url {
    let mut end: Url = parameter(address, "redirect_uri").parse().unwrap();
    end.query_pairs_mut().extend_pairs(parameters);
    end
}

/// A vault with a login client at a server that nobody here wrote.
fn login_client(server: &OidcProvider, redirect: &str, more: &[&str]) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let mut arguments = vec!["app", "register", "login", "--config", "Work"];
    arguments.extend(["--grant", "authorization_code", "--redirect-uri", redirect]);
    arguments.extend(["--scope", "openid", "--scope", "orders:read"]);
    arguments.extend(more);
    cli.run(&arguments).json();
    cli
}

/// The path at which a browser ends; the whole request is read, so that the answer reaches it.
fn last_request(listener: &std::net::TcpListener) -> String {
    use std::io::{BufRead as _, BufReader, Write as _};
    let (mut stream, _) = listener.accept().unwrap();
    let lines: Vec<String> = BufReader::new(&stream)
        .lines()
        .map(Result::unwrap)
        .take_while(|line| !line.is_empty())
        .collect();
    let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(answer).unwrap();
    lines[0].split(' ').nth(1).unwrap().to_owned()
}

async fn to_tokens(w: &Window) {
    w.click("app-row").await;
    w.click("app-tab-tokens").await;
    w.says("token-get", "Sign in").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_sign_in_by_keyboard_outlives_a_restart() {
    let server = OidcProvider::with_login();
    let cli = login_client(&server, FREE, &["--grant", "refresh_token"]);
    let opener = Arc::new(Opener::start());
    let w = opened(&cli, &opener).await;
    w.press(&["Control", "k"]).await;
    w.find("palette-text").await;
    w.type_keys("login").await;
    w.css("[data-testid^=palette-application-]").await;
    w.press(&["Enter"]).await;
    // A token that needs a user opens nothing by itself.
    w.enter_on("app-copy-token").await;
    w.find("token-request").await;
    w.says("token-get", "Sign in").await;
    assert_eq!(w.focused().await.as_deref(), Some("token-get"));
    assert!(opener.is_unused());

    w.press(&["Control", "Enter"]).await;
    w.find("sign-in").await;
    let _cancelled = address(&opener).await;
    // Esc closes what is open above the screen first; the sign-in goes on.
    w.press(&["Control", "k"]).await;
    w.find("palette-text").await;
    w.press(&["Escape"]).await;
    w.gone("palette-text").await;
    assert!(w.has("sign-in").await, "the sign-in still waits");
    w.press(&["Escape"]).await;
    w.gone("sign-in").await;
    assert_eq!(w.focused().await.as_deref(), Some("token-get"));
    w.press(&["Enter"]).await;
    w.find("sign-in").await;
    sign_in(address(&opener).await).await;
    w.says("live-token-origin", "Signed in as tester").await;
    w.close().await;

    let w = opened(&cli, &opener).await;
    w.find("token-card").await;
    w.press(&["Control", "Enter"]).await;
    w.says("live-tokens", "2 live tokens").await;
    assert!(opener.is_unused(), "the refresh token outlives the program");
    w.enter_on("token-sign-in-again").await;
    w.find("sign-in").await;
    address(&opener).await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_says_why_a_sign_in_failed() {
    let server = OidcProvider::with_login();
    let cli = login_client(&server, FREE, &[]);
    let opener = Arc::new(Opener::start());
    let w = opened(&cli, &opener).await;
    to_tokens(&w).await;
    w.click("token-get").await;
    let asked = address(&opener).await;
    // Any page can send an answer; one without the state changes nothing.
    let page = visit(answer(&asked, &[("code", "x"), ("state", "other")])).await;
    assert_eq!(page.status, 400);
    w.find("sign-in-ignored").await;
    let (state, iss) = (parameter(&asked, "state"), server.issuer.clone());
    let denied = [("error", "access_denied"), ("state", &state), ("iss", &iss)];
    let page = visit(answer(&asked, &denied)).await;
    assert!(page.text.contains("Not signed in"), "{page:?}");
    w.says("token-error", "access_denied").await;
    w.says("token-error", "request fewer scopes").await;
    assert_eq!(w.axe().await, Vec::<String>::new());

    // The vault is locked in the middle: the listener ends, and the tab says so.
    w.click("token-again").await;
    w.find("sign-in").await;
    let asked = address(&opener).await;
    w.press(&["Control", "l"]).await;
    w.find("unlock-passphrase").await;
    let end: Url = parameter(&asked, "redirect_uri").parse().unwrap();
    let port = end.port().unwrap();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    w.fill("unlock-passphrase", PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.says("sign-in-interrupted", "Nothing was stored").await;
    w.click("sign-in-resume").await;
    sign_in(address(&opener).await).await;
    w.find("token-card").await;
    w.gone("sign-in-interrupted").await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_sign_in_without_a_browser_is_pasted() {
    let server = OidcProvider::with_login();
    let port = {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.local_addr().unwrap().port()
    };
    let cli = login_client(&server, &format!("http://127.0.0.1:{port}/cb"), &[]);
    let opener = Opener::without_browser();
    let w = opened(&cli, &opener).await;
    to_tokens(&w).await;
    // Another program has the port.
    let taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    w.click("token-get").await;
    w.says("token-error", &format!("Another program uses port {port}"))
        .await;
    w.click("sign-in-paste-instead").await;
    w.says("sign-in", "Open this address in a browser").await;
    let asked: Url = w.text("sign-in-address").await.trim().parse().unwrap();
    for (line, said) in [
        ("hello", "neither a code nor an error"),
        (asked.as_str(), "the address of the sign-in page"),
        ("http://127.0.0.1/cb?code=x", "a code, but no state"),
    ] {
        w.fill("sign-in-pasted", line).await;
        w.click("sign-in-use").await;
        w.says("sign-in", said).await;
    }
    w.fill("sign-in-pasted", "http://127.0.0.1/cb?code=x&state=other")
        .await;
    w.click("sign-in-use").await;
    w.says("sign-in", "belongs to another sign-in").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    // The browser of the test follows redirects, so something has to answer at the end of its way.
    drop(taken);
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let end = spawn_blocking(move || {
        let browser = std::thread::spawn(move || Browser::new().sign_in(&asked, &USER));
        let end = last_request(&listener);
        browser.join().unwrap();
        end
    });
    let end = end.await.unwrap();
    w.fill("sign-in-pasted", &format!("http://127.0.0.1:{port}{end}"))
        .await;
    w.click("sign-in-use").await;
    w.says("live-token-origin", "Signed in as tester").await;
    w.close().await;
}
