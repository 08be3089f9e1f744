//! Arguments, passphrases and vaults that cannot be used.

use keywright_tests::{Cli, WireServer};
use serde_json::{Value, json};

use super::*;

#[test]
fn metadata_json_that_does_not_parse() {
    let cli = Cli::with_vault();
    cli.config("Any", "https://nobody.invalid", &[]);
    let output = cli.run_stdin(
        &["app", "register", "x", "--config", "Any", "--metadata", "-"],
        "{\"a\":",
    );
    refused(&cli, &output, 2, "metadata_json");
}

#[test]
fn names_that_are_empty_long_broken_or_taken() {
    let server = WireServer::start(answering(
        "201 Created",
        r#"{"client_id":"c","client_secret":"s-e-c-r-e-t"}"#,
    ));
    let cli = Cli::with_vault();
    cli.config("Any", &server.issuer, &[]);
    refused(&cli, &cli.register("  ", "Any", &[]), 2, "name_empty");
    refused(
        &cli,
        &cli.register(&"n".repeat(10 * 1024), "Any", &[]),
        2,
        "name_long",
    );
    refused(
        &cli,
        &cli.register("two\nlines", "Any", &[]),
        2,
        "name_control",
    );
    assert_eq!(server.hits(), 0, "nothing was sent");
    for name in ["🔑 emoji", "مفتاح الطلبات", "注文バッチ"] {
        assert_eq!(cli.register(name, "Any", &[]).json()["name"], name);
        assert_eq!(cli.run(&["app", "show", name]).json()["name"], name);
    }
    let taken = cli.register("注文バッチ", "Any", &[]);
    assert_eq!(
        (taken.code, taken.error()["code"].as_str()),
        (2, Some("name_taken"))
    );
    assert_eq!(
        server.hits(),
        3,
        "a taken name is refused before anything is sent"
    );
}

#[test]
fn a_wrong_passphrase() {
    let cli = Cli::with_vault();
    let wrong = cli.folder().join("wrong");
    std::fs::write(&wrong, "not the passphrase").unwrap();
    let output = cli.run_env(
        &["app", "list"],
        "KEYWRIGHT_PASSPHRASE_FILE",
        &wrong.display().to_string(),
    );
    assert_eq!(
        (output.code, output.error()["code"].as_str()),
        (4, Some("wrong_passphrase"))
    );
}

#[test]
fn no_keyring_and_no_passphrase_makes_no_vault() {
    let cli = Cli::new();
    let output = cli.run_env(
        &["init", "--keyring", "off"],
        "KEYWRIGHT_PASSPHRASE_FILE",
        "",
    );
    let code = output.error()["code"].as_str().unwrap().to_owned();
    assert!(output.code == 4 || output.code == 2, "{output:?}");
    assert!(matches!(code.as_str(), "no_slot" | "no_input"), "{code}");
    assert!(!cli.home().join("vault.db").exists());
}

#[test]
fn no_vault_at_all() {
    let cli = Cli::new();
    let output = cli.run(&["app", "list"]);
    assert_eq!(
        (output.code, output.error()["code"].as_str()),
        (4, Some("no_vault"))
    );
}

#[test]
fn f07_a_database_without_its_header_is_named_and_kept() {
    let cli = Cli::with_vault();
    let header = cli.home().join("vault.json");
    let away = cli.folder().join("vault.json");
    std::fs::rename(&header, &away).unwrap();
    let output = cli.run(&["app", "list"]);
    let error = output.error();
    assert_eq!(
        (output.code, error["code"].as_str()),
        (4, Some("vault_header_missing"))
    );
    assert!(error["message"].to_string().contains("vault.db"), "{error}");
    let status = cli.run(&["status"]).json();
    assert_eq!(status["notices"][0]["code"], "header_missing", "{status}");
    let database = std::fs::read(cli.home().join("vault.db")).unwrap();
    cli.run(&["init", "--keyring", "off"]).json();
    let notice = cli.run(&["status"]).json()["notices"][0].clone();
    assert_eq!(notice["code"], "set_aside", "{notice}");
    let kept = std::fs::read_dir(cli.home())
        .unwrap()
        .map(|item| item.unwrap().path())
        .find(|path| notice["text"].to_string().contains(path.to_str().unwrap()))
        .unwrap();
    assert_eq!(std::fs::read(kept).unwrap(), database);
}

#[test]
fn a_vault_of_a_newer_version() {
    let cli = Cli::with_vault();
    let header = cli.home().join("vault.json");
    let text = std::fs::read_to_string(&header).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["version"] = json!(99);
    std::fs::write(&header, document.to_string()).unwrap();
    let output = cli.run(&["app", "list"]);
    assert_eq!(
        (output.code, output.error()["code"].as_str()),
        (4, Some("newer_vault"))
    );
    std::fs::write(&header, text).unwrap();
    assert_eq!(
        cli.run(&["app", "list"]).json()["total"],
        0,
        "nothing was changed"
    );
}

#[test]
fn t37_a_secret_given_as_an_argument() {
    let cli = Cli::with_vault();
    let arguments = [
        "config",
        "add",
        "X",
        "--issuer",
        "https://id.example.com",
        "--secret",
        "initial_access_token=TYPED-SECRET-7731",
    ];
    let output = cli.run(&arguments);
    assert_eq!(
        (output.code, output.error()["code"].as_str()),
        (2, Some("secret_argument"))
    );
    assert!(!output.err.contains("TYPED-SECRET"), "{}", output.err);
    assert_eq!(cli.run(&["config", "list"]).json()["total"], 0);
    let plain = cli.run(&[
        "config",
        "add",
        "X",
        "--issuer",
        "https://id.example.com",
        "--set",
        "initial_access_token=TYPED-SECRET-7731",
    ]);
    assert_eq!(plain.code, 2);
    assert!(!plain.err.contains("TYPED-SECRET"), "{}", plain.err);
}

#[test]
fn wrong_usage_is_told_as_json_too() {
    let output = Cli::new().run(&["app", "fly"]);
    assert_eq!(
        (output.code, output.error()["code"].as_str()),
        (2, Some("usage"))
    );
}

#[test]
fn japanese_messages() {
    let output = Cli::new().run(&["--lang", "ja", "app", "list"]);
    assert!(
        output.error()["message"]
            .as_str()
            .unwrap()
            .contains("保管庫"),
        "{output:?}"
    );
}
