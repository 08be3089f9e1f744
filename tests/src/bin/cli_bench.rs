//! The command line next to two others on the same work, in turns: `oidc-token` (Debian: oidc-agent-cli) for a token
//! that an agent holds, `keepassxc-cli` (Debian: keepassxc) for one secret out of a file that a passphrase opens.
//! Prints a table for `benches/RESULTS.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement fails by panicking and prints what it found"
)]

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use keywright_core::view::TokenWish;
use keywright_sandbox::Personality;
use keywright_tests::{CoreFixture, program};
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

const ROUNDS: usize = 25;
/// Of the vault that [`CoreFixture`] makes, and of the other file.
const PASSPHRASE: &str = "correct horse battery";
/// Keywright aims at half a second for a passphrase; so does the other file.
const DECRYPTION_MS: &str = "500";

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = CoreFixture::new().await;
    let configuration = fixture.configure(Personality::Rfc7591);
    let draft = fixture.draft(Personality::Rfc7591, &configuration.id, "orders");
    let made = fixture
        .keywright
        .registration()
        .register(draft)
        .await
        .unwrap()
        .application;
    let wish = TokenWish {
        application_id: made.id,
        ..TokenWish::default()
    };
    fixture.keywright.tokens().get(&wish).await.unwrap();
    fixture.keywright.lock();
    let ours = Ours {
        home: fixture.home(),
        folder: folder.path().to_path_buf(),
    };
    let oidc = OidcAgent::start(folder.path()).await;
    let file = password_file(folder.path());

    println!("{ROUNDS} runs each, in turns; the whole process, median\n");
    println!("| What | Keywright | Next to | Ratio |\n|---|---|---|---|");
    let by_passphrase = || ours.run(&["app", "show", "orders", "--reveal"], true);
    let other = || run(&mut show_secret(&file), Some(PASSPHRASE));
    compare(
        "a secret, by passphrase (half a second of it)",
        by_passphrase,
        "keepassxc-cli show",
        other,
    );
    ours.run(&["unlock", "--for", "15m"], true);
    let token = || ours.run(&["token", "get", "orders", "--format", "raw"], false);
    compare("a token, held by the agent", token, "oidc-token", || {
        run(&mut oidc.token(), None);
    });
    let status = median(|| ours.run(&["status"], false));
    println!("| `status`, with an agent | {:.1} ms | | |", status * 1e3);
    ours.run(&["lock"], false);
    fixture.sandbox.stop().await;
}

fn compare(what: &str, ours: impl Fn(), name: &str, other: impl Fn()) {
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        one.push(secs(&ours));
        two.push(secs(&other));
    }
    let (one, two) = (middle(one), middle(two));
    println!(
        "| {what} | {:.1} ms | `{name}` {:.1} ms | {:.2} |",
        one * 1e3,
        two * 1e3,
        one / two
    );
}

struct Ours {
    home: PathBuf,
    folder: PathBuf,
}

impl Ours {
    fn run(&self, arguments: &[&str], with_passphrase: bool) {
        let passphrase = self.folder.join("passphrase");
        fs::write(&passphrase, PASSPHRASE).unwrap();
        let mut command = Command::new(program("keywright"));
        command
            .args(["--no-input"])
            .args(arguments)
            .env("KEYWRIGHT_HOME", &self.home)
            .env("XDG_RUNTIME_DIR", &self.folder)
            .env("KEYWRIGHT_KEYRING", "off");
        if with_passphrase {
            command.env("KEYWRIGHT_PASSPHRASE_FILE", passphrase);
        }
        run(&mut command, None);
    }
}

/// An agent of the other tool with one account, at a server started for it.
struct OidcAgent {
    folder: PathBuf,
    socket: String,
    pid: String,
    // Kept: the account's server.
    _server: MockServer,
}

impl OidcAgent {
    async fn start(folder: &Path) -> Self {
        let server = MockServer::start().await;
        let issuer = server.uri();
        let document = json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
            "scopes_supported": ["openid", "offline_access"], "response_types_supported": ["code"],
            "grant_types_supported": ["refresh_token"],
        });
        let token = json!({
            "access_token": "a-token-of-the-bench", "refresh_token": "another", "token_type": "Bearer",
            "expires_in": 3600, "scope": "openid offline_access",
        });
        Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(200).set_body_json(document))
            .mount(&server)
            .await;
        Mock::given(path("/token"))
            .respond_with(ResponseTemplate::new(200).set_body_json(token))
            .mount(&server)
            .await;
        let folder = folder.join("oidc");
        fs::create_dir(&folder).unwrap();
        let said = Command::new("oidc-agent")
            .env("OIDC_CONFIG_DIR", &folder)
            .stderr(Stdio::null())
            .output()
            .expect("oidc-agent is installed by `cargo xtask bench`");
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let value = |name: &str| {
            said.split([';', '\n'])
                .find_map(|part| part.trim().strip_prefix(name))
                .expect("the agent says where it is")
                .to_owned()
        };
        let agent = Self {
            socket: value("OIDC_SOCK="),
            pid: value("OIDCD_PID="),
            folder,
            _server: server,
        };
        let mut account = agent.command("oidc-gen");
        account
            .args([
                "bench",
                &format!("--issuer={issuer}"),
                "--client-id=bench",
                "--client-secret=bench",
            ])
            .args([
                "--rt-env",
                "--scope=openid offline_access",
                "--pw-env=BENCH_PASSWORD",
            ])
            .args(["--prompt=none", "--confirm-default", "-m"])
            .env("OIDC_REFRESH_TOKEN", "the-first")
            .env("BENCH_PASSWORD", PASSPHRASE);
        tokio::task::spawn_blocking(move || run(&mut account, None))
            .await
            .expect("the account is made");
        agent
    }

    fn token(&self) -> Command {
        let mut command = self.command("oidc-token");
        command.arg("bench");
        command
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command
            .env("OIDC_CONFIG_DIR", &self.folder)
            .env("OIDC_SOCK", &self.socket);
        command
    }
}

impl Drop for OidcAgent {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(&self.pid).status();
    }
}

/// A file of the other tool with one secret in it.
fn password_file(folder: &Path) -> PathBuf {
    let file = folder.join("bench.kdbx");
    let twice = format!("{PASSPHRASE}\n{PASSPHRASE}\n");
    let mut make = Command::new("keepassxc-cli");
    make.args(["db-create", "-q", "-p", "-t", DECRYPTION_MS])
        .arg(&file);
    run(&mut make, Some(&twice));
    let mut add = Command::new("keepassxc-cli");
    add.args(["add", "-q", "-g"]).arg(&file).arg("orders");
    run(&mut add, Some(PASSPHRASE));
    file
}

fn show_secret(file: &Path) -> Command {
    let mut command = Command::new("keepassxc-cli");
    command
        .args(["show", "-q", "-s", "-a", "Password"])
        .arg(file)
        .arg("orders");
    command
}

fn run(command: &mut Command, input: Option<&str>) {
    let mut process = command
        .env("QT_QPA_PLATFORM", "offscreen")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program is installed by `cargo xtask bench`");
    let mut stdin = process.stdin.take().unwrap();
    if let Some(text) = input {
        // It may end before it has read all.
        let _ = stdin.write_all(text.as_bytes());
    }
    drop(stdin);
    let ended = process.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{command:?}: {said}");
}

fn secs(work: impl Fn()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64()
}

fn median(work: impl Fn()) -> f64 {
    middle((0..ROUNDS).map(|_| secs(&work)).collect())
}

fn middle(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
