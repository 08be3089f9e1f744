//! The real window: the built program under Xvfb, driven through `WebKitWebDriver`.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use serde_json::{Value, json};

use crate::{Display, program};

mod keys;

/// The passphrase of the vaults of the tests.
const PASSPHRASE: &str = "correct horse battery";
/// Longest wait for something to appear, on a machine that does other work too.
const PATIENCE: Duration = Duration::from_mins(1);
/// Longest wait for the picture of a failure.
const PICTURE: Duration = Duration::from_secs(10);

/// A display, a driver, and the program's window on them.
pub struct Window {
    pub client: Client,
    pub display: Display,
    driver: Child,
}

impl Window {
    /// Opens the program on a vault folder, 1280 by 800.
    pub async fn open(home: &Path) -> Self {
        Self::open_with(home, &[], &[]).await
    }

    /// With further environment variables and arguments.
    pub async fn open_with(home: &Path, env: &[(&str, &str)], arguments: &[&str]) -> Self {
        let options = json!({ "binary": program("keywright-app"), "args": arguments });
        let window = Self::start(home, env, "wry", &options).await;
        window.resize(1280, 800).await;
        window
    }

    /// The plain browser that Debian installs with the engine of the window.
    pub async fn browser(home: &Path, env: &[(&str, &str)]) -> Self {
        let options = json!({ "binary": mini_browser(), "args": ["--automation"] });
        Self::start(home, env, "MiniBrowser", &options).await
    }

    async fn start(home: &Path, env: &[(&str, &str)], name: &str, options: &Value) -> Self {
        let display = Display::start();
        let port = TcpListener::bind("127.0.0.1:0")
            .expect("a free port")
            .local_addr()
            .expect("an address")
            .port();
        let driver = Command::new("WebKitWebDriver")
            .args([format!("--port={port}"), "--host=127.0.0.1".into()])
            .env("DISPLAY", &display.name)
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("KEYWRIGHT_HOME", home)
            .env("KEYWRIGHT_KEYRING", "off")
            .env("KEYWRIGHT_TEST_FAST_KDF", "1")
            .env("XDG_CONFIG_HOME", home.with_extension("config"))
            .env("XDG_CACHE_HOME", home.with_extension("cache"))
            .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
            .env("LC_ALL", "C.UTF-8")
            .envs(env.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver is installed by `cargo xtask test`");
        let capabilities = json!({
            "browserName": name,
            "webkitgtk:browserOptions": options,
        });
        let client = connect(port, &capabilities).await;
        Self {
            client,
            display,
            driver,
        }
    }

    /// Opens a vault whose passphrase is that of the tests.
    pub async fn unlocked(home: &Path) -> Self {
        let window = Self::open(home).await;
        window.unlock().await;
        window
    }

    /// Types the passphrase of the tests.
    pub async fn unlock(&self) {
        self.fill("unlock-passphrase", PASSPHRASE).await;
        self.click("unlock-submit").await;
        self.find("nav-applications").await;
    }

    /// The first run with the Sandbox, up to a registered application.
    pub async fn first_application(home: &Path, name: &str) -> Self {
        let window = Self::open(home).await;
        for field in ["first-run-passphrase", "first-run-passphrase-again"] {
            window.fill(field, PASSPHRASE).await;
        }
        window.click("first-run-sandbox").await;
        window.fill("register-name", name).await;
        window.click("register-submit").await;
        window.find("register-result").await;
        window
    }

    /// Closes the window as its cross does, and waits for the program's end.
    pub async fn close(self) {
        self.client.clone().close().await.expect("the session ends");
    }

    pub async fn resize(&self, width: u32, height: u32) {
        self.client
            .set_window_size(width, height)
            .await
            .expect("the window takes a size");
    }

    /// Goes on in the other of the program's two windows, once it is there.
    pub async fn other_window(&self) {
        let here = self.client.window().await.expect("a window");
        let begun = Instant::now();
        loop {
            let all = self.client.windows().await.expect("the windows");
            if let Some(other) = all.into_iter().find(|one| *one != here) {
                self.client
                    .switch_to_window(other)
                    .await
                    .expect("the other window");
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "another window did not open");
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
    }

    /// The element with this `data-testid`, once it is there and visible.
    pub async fn find(&self, id: &str) -> Element {
        self.css(&format!("[data-testid=\"{id}\"]")).await
    }

    /// The driver takes an element that cuts its own text off (class `clip`) for hidden: look for one around it.
    pub async fn css(&self, selector: &str) -> Element {
        let begun = Instant::now();
        loop {
            if let Ok(all) = self.client.find_all(Locator::Css(selector)).await {
                for element in all {
                    if element.is_displayed().await.unwrap_or(false) {
                        return element;
                    }
                }
            }
            if begun.elapsed() > PATIENCE {
                let text = self.page_text().await;
                self.picture_of_a_failure().await;
                panic!("{selector} did not appear; the page says:\n{text}");
            }
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }

    pub async fn has(&self, id: &str) -> bool {
        self.client
            .find(Locator::Css(&format!("[data-testid=\"{id}\"]")))
            .await
            .is_ok()
    }

    /// A click with the mouse, once the control is enabled.
    pub async fn click(&self, id: &str) {
        let begun = Instant::now();
        loop {
            let element = self.find(id).await;
            // A button that cannot be used stays in the tab order and says why.
            let waits = element
                .attr("aria-disabled")
                .await
                .ok()
                .flatten()
                .as_deref()
                == Some("true");
            let failure = match (waits, element.is_enabled().await) {
                (false, Ok(true)) => match element.click().await {
                    Ok(()) => return,
                    Err(error) => error.to_string(),
                },
                (false, Err(error)) => error.to_string(),
                _ => "it is disabled".to_owned(),
            };
            if begun.elapsed() > PATIENCE {
                self.picture_of_a_failure().await;
                panic!("{id} cannot be clicked: {failure}");
            }
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
    }

    /// Replaces the text of a field.
    pub async fn fill(&self, id: &str, text: &str) {
        let begun = Instant::now();
        loop {
            // The page may draw the field again between two of these.
            let element = self.find(id).await;
            let filled = match element.clear().await {
                Ok(()) if text.is_empty() => Ok(()),
                Ok(()) => element.send_keys(text).await,
                Err(error) => Err(error),
            };
            match filled {
                Ok(()) => return,
                Err(error) => assert!(begun.elapsed() < PATIENCE, "{id} takes no text: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
    }

    /// Replaces the text of a field as a paste does: at once, with tabs and line ends.
    pub async fn paste(&self, id: &str, text: &str) {
        self.find(id).await;
        let script = "const field = document.querySelector(`[data-testid=\"${arguments[0]}\"]`);\
            field.focus();\
            field.value = arguments[1];\
            field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }))";
        self.client
            .execute(script, vec![json!(id), json!(text)])
            .await
            .expect("a script runs");
    }

    /// Waits until the page has an element, shown or not: a check box is drawn by its label.
    pub async fn exists(&self, selector: &str) {
        let begun = Instant::now();
        while self.client.find(Locator::Css(selector)).await.is_err() {
            let late = begun.elapsed() > PATIENCE;
            assert!(
                !late,
                "{selector} is not there:\n{}",
                self.page_text().await
            );
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
    }

    /// Clicks the label of a check box.
    pub async fn tick(&self, id: &str) {
        let begun = Instant::now();
        let label = format!("label:has([data-testid=\"{id}\"])");
        while let Err(error) = self.css(&label).await.click().await {
            assert!(begun.elapsed() < PATIENCE, "{id} cannot be ticked: {error}");
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
    }

    /// Waits until a control is gone.
    pub async fn gone(&self, id: &str) {
        let begun = Instant::now();
        while self.has(id).await {
            assert!(begun.elapsed() < PATIENCE, "{id} is still there");
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
    }

    /// Where the middle of a control is in the window, once nothing moves it any more.
    pub async fn place_of(&self, id: &str) -> (i16, i16) {
        const STILL: Duration = Duration::from_millis(400);
        let mut place = self.place_now(id).await;
        loop {
            tokio::time::sleep(STILL).await;
            let next = self.place_now(id).await;
            if next == place {
                return place;
            }
            place = next;
        }
    }

    async fn place_now(&self, id: &str) -> (i16, i16) {
        self.find(id).await;
        let script = "const box = document.querySelector(`[data-testid=\"${arguments[0]}\"]`).getBoundingClientRect();\
            return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]";
        let place = self
            .client
            .execute(script, vec![json!(id)])
            .await
            .expect("a script runs");
        let at = |index: usize| {
            place[index]
                .as_f64()
                .and_then(|number| format!("{number:.0}").parse().ok())
                .expect("a place")
        };
        (at(0), at(1))
    }

    /// The visible text of a control, as the page lays it out.
    pub async fn text(&self, id: &str) -> String {
        self.property(id, "innerText").await
    }

    /// The text of a field.
    pub async fn value(&self, id: &str) -> String {
        self.property(id, "value").await
    }

    async fn property(&self, id: &str, name: &str) -> String {
        let begun = Instant::now();
        loop {
            // The page may draw the control again between the two.
            match self.find(id).await.prop(name).await {
                Ok(value) => return value.unwrap_or_default(),
                Err(error) => assert!(begun.elapsed() < PATIENCE, "{id} has no {name}: {error}"),
            }
        }
    }

    /// Waits until the text of a control holds this.
    pub async fn says(&self, id: &str, wanted: &str) {
        let begun = Instant::now();
        loop {
            let text = self.text(id).await;
            if text.contains(wanted) {
                return;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "{id} says {text:?}, not {wanted:?}"
            );
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
    }

    pub async fn page_text(&self) -> String {
        let found: Result<Value, _> = self
            .client
            .execute("return document.body.innerText", Vec::new())
            .await;
        found
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// The whole markup, to search it for secrets.
    pub async fn page_source(&self) -> String {
        let found = self
            .client
            .execute("return document.documentElement.outerHTML", Vec::new())
            .await
            .expect("a script runs");
        found.as_str().unwrap_or_default().to_owned()
    }

    /// The driver may wait for a frame that the page never draws.
    async fn picture_of_a_failure(&self) {
        let picture = self.picture("/tmp/keywright-window-failure.png");
        let _ = tokio::time::timeout(PICTURE, picture).await;
    }

    pub async fn picture(&self, path: &str) {
        // The driver waits for the next frame, and a page at rest draws none.
        let draw = "const dot = document.createElement('i');\
            dot.style.cssText = 'position:fixed;inset:auto 0 0 auto;width:1px;height:1px';\
            document.body.append(dot);\
            let n = 0;\
            const timer = setInterval(() => {\
                dot.style.background = `rgba(127,127,127,${0.004 * (n++ % 2)})`;\
                if (n > 100) { clearInterval(timer); dot.remove(); }\
            }, 50)";
        let _ = self.client.execute(draw, Vec::new()).await;
        if let Ok(bytes) = self.client.screenshot().await {
            std::fs::write(path, bytes).expect("the picture is written");
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Its folder has the name of the processor.
fn mini_browser() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib")
        .into_iter()
        .flatten()
        .flatten();
    let mut found = folders.map(|one| one.path().join("webkit2gtk-4.1/MiniBrowser"));
    found.find(|path| path.is_file()).unwrap_or_default()
}

async fn connect(port: u16, capabilities: &Value) -> Client {
    let capabilities = capabilities.as_object().expect("an object").clone();
    let begun = Instant::now();
    loop {
        let connector = hyper_util::client::legacy::connect::HttpConnector::new();
        let mut builder = ClientBuilder::new(connector);
        builder.capabilities(capabilities.clone());
        match builder.connect(&format!("http://127.0.0.1:{port}")).await {
            Ok(client) => return client,
            Err(error) => assert!(
                begun.elapsed() < PATIENCE,
                "no session with the window: {error}"
            ),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
