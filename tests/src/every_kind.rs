//! A vault with a secret of every kind. Each has signs that are encoded on the way, and is told from all others.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    hash::{BuildHasher as _, RandomState},
    path::PathBuf,
    sync::{Arc, Mutex},
};

use aho_corasick::AhoCorasick;
use keywright_core::{Actor, Clock, Keywright, Lang, Options, VaultHome, view::UnlockInput};
use serde_json::{Value, json};

use crate::{
    Cli, Hunt, Output, Received, ScriptedServer, byte_forms, files_with_forms, plain_forms,
};

const PASSPHRASE: &str = "passphrase";
const DATABASE_KEY: &str = "database key";
const CLIENT_SECRET: &str = "client secret";
const REGISTRATION_TOKEN: &str = "registration access token";
const INITIAL_TOKEN: &str = "initial access token";
const ACCESS_TOKEN: &str = "access token";
const REFRESH_TOKEN: &str = "refresh token";
const COOKIE: &str = "cookie";
const ADMIN_SECRET: &str = "admin secret";
const ADMIN_TOKEN: &str = "admin token";

/// What goes into a header after a scheme has fewer signs than what is encoded.
const KINDS: [(&str, &str); 9] = [
    (PASSPHRASE, "~+/=&\" %éж"),
    (CLIENT_SECRET, "~+/=&\" %éж"),
    (REGISTRATION_TOKEN, "~+/."),
    (INITIAL_TOKEN, "~+/."),
    (ACCESS_TOKEN, "~+/."),
    (REFRESH_TOKEN, "~+/=&\" %é"),
    (COOKIE, "~+/=&%"),
    (ADMIN_SECRET, "~+/=&\" %éж"),
    (ADMIN_TOKEN, "~+/."),
];

const TENANT: &str = "54826b22-38d6-4fb2-bad9-b7b93a3e9c5a";

type Values = BTreeMap<&'static str, String>;

/// The vault, and a server that is everything in one: issuer, tenant, API.
pub struct EveryKind {
    pub cli: Cli,
    pub server: ScriptedServer,
    values: Values,
    wire: Arc<Mutex<String>>,
    key: Vec<u8>,
}

impl EveryKind {
    /// A vault with an application `orders` at the configuration `Work`, and the configuration `Tenant`.
    pub async fn new() -> Self {
        let values: Values = KINDS
            .iter()
            .map(|(kind, signs)| (*kind, value(signs)))
            .collect();
        let wire: Arc<Mutex<String>> = Arc::default();
        let (own, log) = (values.clone(), Arc::clone(&wire));
        let server = ScriptedServer::start(move |issuer, request| {
            let mut log = log.lock().expect("nobody panics with it");
            writeln!(log, "{request:?}\n{}", request.body).expect("a string takes everything");
            answer(&own, issuer, request)
        });
        let mut cli = Cli::new();
        fs::write(cli.folder().join("passphrase"), &values[PASSPHRASE]).expect("the passphrase");
        for (name, folder) in [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "run"),
            ("TMPDIR", "tmp"),
        ] {
            let folder = cli.folder().join("around").join(folder);
            fs::create_dir_all(&folder).expect("a folder");
            cli = cli.env(name, &folder.display().to_string());
        }
        cli = cli.env("KEYWRIGHT_LOG", "trace");
        let made = cli.run(&["init", "--keyring", "off"]);
        assert_eq!(made.code, 0, "{made:?}");
        let key = key_of(&cli, &values[PASSPHRASE]).await;
        Self {
            cli,
            server,
            values,
            wire,
            key,
        }
    }

    /// Adds the configurations `Work` and `Tenant` with their secrets.
    fn configure(&self) -> [Output; 2] {
        let uri = &self.server.issuer;
        let work = ["config", "add", "Work", "--issuer", uri];
        let secret = ["--secret", "initial_access_token=-"];
        let work = [&work[..], &secret].concat();
        let tenant = format!("{uri}/{TENANT}/v2.0");
        let settings = [
            format!("login_endpoint={uri}"),
            format!("graph_endpoint={uri}/graph"),
            "initial_client_id=admin-client".to_owned(),
        ];
        let mut add = vec!["config", "add", "Tenant", "--provider", "entra"];
        add.extend(["--issuer", &tenant]);
        add.extend(["--secret", "initial_client_secret=-"]);
        for setting in &settings {
            add.extend(["--set", setting]);
        }
        [
            self.cli.run_stdin(&work, &self.values[INITIAL_TOKEN]),
            self.cli.run_stdin(&add, &self.values[ADMIN_SECRET]),
        ]
    }

    /// Everything that commands do with the secrets, and what they printed.
    pub fn work(&self) -> Vec<Output> {
        let uri = &self.server.issuer;
        let mut printed = Vec::from(self.configure());
        let mut does = |arguments: &[&str]| printed.push(self.cli.run(arguments));
        for name in ["Work", "Tenant"] {
            does(&["config", "verify", name]);
            does(&["config", "show", name]);
        }
        does(&["app", "orphans", "--config", "Tenant"]);
        does(&["config", "export"]);
        let grants = ["--grant", "client_credentials", "--grant", "refresh_token"];
        let register = ["app", "register", "orders", "--config", "Work"];
        does(&[&register[..], &grants, &["--dry-run"]].concat());
        does(&[&register[..], &grants].concat());
        does(&["app", "show", "orders"]);
        does(&["token", "get", "orders"]);
        does(&["token", "introspect", "orders"]);
        does(&[
            "token",
            "get",
            "orders",
            "--grant",
            "refresh_token",
            "--refresh",
        ]);
        does(&["app", "refresh", "orders"]);
        for at in ["/api", "/api/echo", "/api/broken"] {
            let url = format!("{uri}{at}");
            for way in ["client-credentials", "bearer", "session"] {
                does(&["call", &url, "--app", "orders", "--auth", way]);
            }
        }
        does(&[
            "call",
            &format!("{uri}/api"),
            "--app",
            "orders",
            "--compare",
        ]);
        let [har, mermaid] = ["all.har", "all.mmd"].map(|name| {
            let file = self.cli.folder().join("around/home").join(name);
            file.display().to_string()
        });
        for arguments in [
            &["session", "list"][..],
            &["activity", "list", "--limit", "200"],
            &["activity", "export", "--har", &har],
            &["activity", "export", "--mermaid", &mermaid],
            &["audit", "list"],
            &["doctor"],
            &["status"],
        ] {
            does(arguments);
        }
        let activity = self.cli.run(&["activity", "list", "--limit", "200"]).json();
        for one in activity["items"].as_array().expect("exchanges") {
            let id = one["id"].as_str().expect("an id");
            printed.push(self.cli.run(&["activity", "show", id]));
        }
        printed
    }

    /// The value of a secret.
    pub fn value(&self, name: &str) -> &str {
        &self.values[name]
    }

    /// Names of the secrets that were never used: a search for them would prove nothing. The passphrase
    /// and the key opened the vault.
    pub fn unused(&self) -> Vec<&'static str> {
        let wire = self.wire.lock().expect("nobody panics with it");
        let is_there = |name: &str| {
            let forms = plain_forms(&self.values[name]);
            forms
                .iter()
                .any(|form| std::str::from_utf8(form).is_ok_and(|form| wire.contains(form)))
        };
        self.values
            .keys()
            .filter(|name| **name != PASSPHRASE && !is_there(name))
            .copied()
            .collect()
    }

    /// Every secret by its name, in all its forms.
    pub fn forms(&self) -> Vec<(String, Vec<Vec<u8>>)> {
        let texts = self.values.iter();
        let mut all: Vec<_> = texts
            .map(|(name, value)| ((*name).to_owned(), plain_forms(value)))
            .collect();
        all.push((DATABASE_KEY.to_owned(), byte_forms(&self.key)));
        all
    }

    /// The search in memory.
    pub fn hunt(&self) -> Hunt {
        Hunt::of(self.forms())
    }

    /// Names of secrets in these texts, with the text.
    pub fn in_texts<'a>(
        &self,
        texts: impl IntoIterator<Item = &'a String>,
    ) -> Vec<(String, &'a str)> {
        let (names, forms): (Vec<_>, Vec<_>) = self.forms().into_iter().unzip();
        let owners: Vec<usize> = forms
            .iter()
            .enumerate()
            .flat_map(|(index, forms)| forms.iter().map(move |_| index))
            .collect();
        let finder = AhoCorasick::new(forms.iter().flatten()).expect("the forms of the secrets");
        let mut found = Vec::new();
        for text in texts {
            for hit in finder.find_overlapping_iter(text) {
                let mut from = hit.start().saturating_sub(100);
                while !text.is_char_boundary(from) {
                    from += 1;
                }
                let name = &names[owners[hit.pattern().as_usize()]];
                found.push((name.clone(), text.get(from..hit.end()).unwrap_or(text)));
            }
        }
        found
    }

    /// Folders that the commands may write to.
    pub fn folders(&self) -> [PathBuf; 2] {
        [self.cli.home(), self.cli.folder().join("around")]
    }

    /// Files with secrets in these folders.
    pub fn in_files(&self) -> Vec<(PathBuf, String)> {
        let (names, forms): (Vec<_>, Vec<_>) = self.forms().into_iter().unzip();
        self.folders()
            .iter()
            .flat_map(|folder| files_with_forms(folder, &forms))
            .map(|(path, index)| (path, names[index].clone()))
            .collect()
    }
}

/// A value that no other test has.
fn value(signs: &str) -> String {
    let chance = RandomState::new().hash_one(signs);
    format!("s3{chance:016x}{signs}Zz{:04x}", chance & 0xffff)
}

async fn key_of(cli: &Cli, passphrase: &str) -> Vec<u8> {
    let keywright = Keywright::new(Options {
        home: VaultHome::new(cli.home()),
        actor: Actor::Cli,
        clock: Clock::system(),
        lang: Lang::En,
    });
    let passphrase = Some(passphrase.to_owned());
    keywright
        .unlock(UnlockInput { passphrase })
        .await
        .expect("the passphrase opens it");
    let key = keywright.key_slots().key_for_agent(0).expect("its key");
    keywright.lock();
    key.expose().to_vec()
}

fn answer(values: &Values, issuer: &str, request: &Received) -> Vec<u8> {
    let told = |status, body: Value| ScriptedServer::json(status, &body);
    let path = request.path();
    if path.contains("/.well-known/") {
        let mut metadata = ScriptedServer::metadata(issuer);
        metadata["introspection_endpoint"] = format!("{issuer}/introspect").into();
        if path.contains(TENANT) {
            metadata["issuer"] = format!("{issuer}/{TENANT}/v2.0").into();
            metadata["token_endpoint"] = format!("{issuer}/{TENANT}/oauth2/v2.0/token").into();
        }
        return told(200, metadata);
    }
    if path.contains("/oauth2/") {
        return told(
            200,
            json!({ "access_token": values[ADMIN_TOKEN], "token_type": "Bearer", "expires_in": 3600 }),
        );
    }
    match path {
        "/register" | "/register/c-1" => told(
            if request.method == "POST" { 201 } else { 200 },
            json!({
                "client_id": "c-1",
                "client_secret": values[CLIENT_SECRET],
                "client_secret_expires_at": 0,
                "client_name": "orders",
                "grant_types": ["client_credentials", "refresh_token"],
                "token_endpoint_auth_method": "client_secret_basic",
                "registration_client_uri": format!("{issuer}/register/c-1"),
                "registration_access_token": values[REGISTRATION_TOKEN],
            }),
        ),
        "/token" => told(
            200,
            json!({ "access_token": values[ACCESS_TOKEN], "token_type": "Bearer", "expires_in": 600,
                "refresh_token": values[REFRESH_TOKEN] }),
        ),
        "/introspect" => told(200, json!({ "active": true })),
        "/api" => {
            let cookie = format!("sid={}; Path=/", values[COOKIE]);
            ScriptedServer::reply(200, &[("Set-Cookie", &cookie)], b"{}")
        }
        "/api/echo" => {
            let said = format!("Blocked: {:?}", request.headers);
            ScriptedServer::reply(500, &[("Content-Type", "text/plain")], said.as_bytes())
        }
        "/api/broken" => ScriptedServer::longer(200, &[], b"{\"half\":", 100),
        _ => told(
            404,
            json!({ "error": { "code": "Request_ResourceNotFound" } }),
        ),
    }
}
