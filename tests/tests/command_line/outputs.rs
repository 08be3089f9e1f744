//! What every command writes, as text and as JSON, with what differs from run to run replaced. A change of an output
//! is seen in the diff of its snapshot: `INSTA_UPDATE=always cargo nextest run --workspace outputs` updates them.

use std::process::Command;

use keywright_tests::{Cli, SandboxProcess};

/// The commands of one vault, in their order: the name of the snapshot, and the words. `{API}` is the Sandbox's
/// example API, `{FOLDER}` that of the vault, `{ID}` the application.
const SCRIPT: &[(&str, &str)] = &[
    ("status", "status"),
    ("config_presets", "config presets"),
    ("config_keys", "config keys rfc7591"),
    ("config_list", "config list"),
    ("config_show", "config show Sandbox"),
    ("config_verify", "config verify Sandbox"),
    ("config_confirm", "config confirm Sandbox --yes"),
    (
        "config_edit",
        "config edit Sandbox --set basic_encoding=raw",
    ),
    ("config_export", "config export Sandbox"),
    (
        "app_register",
        "app register orders --config Sandbox --grant client_credentials --scope orders:read",
    ),
    ("app_list", "app list"),
    ("app_show", "app show orders"),
    ("app_refresh", "app refresh orders"),
    (
        "app_update",
        "app update orders --metadata {FOLDER}/metadata.json",
    ),
    ("app_rename", "app rename orders parcels"),
    ("app_rotate", "app rotate parcels"),
    ("app_pending", "app pending"),
    ("token_get", "token get parcels"),
    ("token_get_raw", "token get parcels --format raw"),
    ("token_get_header", "token get parcels --format header"),
    ("token_get_env", "token get parcels --format env"),
    ("token_get_curl", "token get parcels --format curl"),
    ("token_list", "token list"),
    ("token_show", "token show parcels"),
    ("token_verify", "token verify parcels"),
    ("token_introspect", "token introspect parcels"),
    ("call_bearer", "call GET {API} --app parcels --auth bearer"),
    (
        "call_session",
        "call GET {API} --app parcels --auth session",
    ),
    ("call_compare", "call {API} --app parcels --compare"),
    ("session_list", "session list"),
    ("activity_list", "activity list --limit 3"),
    ("settings_show", "settings show"),
    ("settings_set", "settings set --auto-lock-minutes 5"),
    ("token_revoke", "token revoke parcels"),
    ("app_forget", "app forget parcels --yes"),
    ("app_restore", "app restore {ID}"),
    ("app_delete", "app delete parcels --yes"),
    ("audit_verify", "audit verify"),
    ("vault_slots", "vault slots"),
    ("vault_accept", "vault accept --yes"),
    ("config_remove", "config remove Sandbox --yes"),
    ("not_found", "app show orders"),
    ("usage", "app list --limit many"),
];

/// What differs from run to run, and what replaces it.
const FILTERS: &[(&str, &str)] = &[
    (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
    (r"eyJ[\w.-]+", "[jwt]"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "[uuid]"),
    (
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?",
        "[time]",
    ),
    (r"\b1[789]\d{11}\b", "[ms since 1970]"),
    (r"\b[12]\d{9}\b", "[s since 1970]"),
    (
        r#""(elapsed_ms|began_ms|ms|idle_secs)":\s?\d+"#,
        r#""$1":[number]"#,
    ),
    (r"\b\d+ ms\b", "[number] ms"),
    (r#""expires_in":\d+"#, r#""expires_in":[number]"#),
    (r"expires_in +\d+ s", "expires_in  [number] s"),
    (r"alive \d+ s", "alive [number] s"),
    (r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "[time]"),
    // It may begin and end with a hyphen.
    (r"(?m)(^|[^\w-])[\w-]{43}($|[^\w-])", "$1[random]$2"),
];

fn told(cli: &Cli, json: bool, words: &[&str]) -> String {
    let mut command = Command::new(keywright_tests::program("keywright"));
    if json {
        command.arg("--json");
    }
    command
        .arg("--no-input")
        .args(words)
        .env("KEYWRIGHT_HOME", cli.home())
        .env("KEYWRIGHT_PASSPHRASE_FILE", cli.folder().join("passphrase"))
        .env("KEYWRIGHT_KEYRING", "off")
        .env("KEYWRIGHT_TEST_FAST_KDF", "1")
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC");
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.replace(&*cli.folder().to_string_lossy(), "[folder]")
    };
    format!(
        "exit code {}\n--- standard output\n{}--- standard error\n{}",
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr)
    )
}

fn written(json: bool) {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config("Sandbox", &sandbox.issuer(), &[]);
    std::fs::write(
        cli.folder().join("metadata.json"),
        r#"{"client_uri":"https://app.example"}"#,
    )
    .unwrap();
    let (api, folder) = (sandbox.api(), cli.folder().to_string_lossy().into_owned());
    let mut id = String::new();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots");
    settings.set_input_file("");
    for (pattern, instead) in FILTERS {
        settings.add_filter(pattern, *instead);
    }
    settings.bind(|| {
        for (name, words) in SCRIPT {
            let words = words.split(' ').map(|word| {
                word.replace("{API}", &api)
                    .replace("{FOLDER}", &folder)
                    .replace("{ID}", &id)
            });
            let words: Vec<String> = words.collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let form = if json { "json" } else { "text" };
            insta::assert_snapshot!(format!("{name}.{form}"), told(&cli, json, &words));
            if *name == "app_show" {
                let shown = cli.run(&["app", "show", "orders"]).json();
                shown["id"].as_str().unwrap().clone_into(&mut id);
            }
        }
    });
}

#[test]
fn every_command_as_text() {
    written(false);
}

#[test]
fn every_command_as_json() {
    written(true);
}
