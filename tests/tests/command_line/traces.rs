//! What is left of what was done: the audit log with every way out of the vault, exports without secrets, and what
//! the doctor says.

use std::fs;

use keywright_tests::{Cli, Output, SandboxProcess, plain_forms};
use serde_json::Value;

/// The check of that name.
fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == name)
        .unwrap_or_else(|| panic!("{name}: {report}"))
}

#[test]
fn t50_every_way_out_leaves_a_line_and_the_log_is_whole() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault().env("BACKUP", "a passphrase of its own");
    cli.config("Sandbox", &sandbox.issuer(), &[]);
    cli.register("orders", "Sandbox", &[]).json();
    let lines = || {
        let checked = cli.run(&["audit", "verify"]).json();
        assert_eq!(checked["ok"], true, "{checked}");
        checked["lines"].as_u64().unwrap()
    };
    let har = cli.folder().join("all.har").display().to_string();
    let backup = cli.folder().join("one.backup").display().to_string();
    // Each command unlocks, which is one line, and does what is one more.
    let ways: [(&str, &[&str], u64); 9] = [
        ("list", &["app", "list"], 0),
        ("reveal", &["app", "show", "orders", "--reveal"], 2),
        ("token kept inside", &["token", "get", "orders"], 0),
        (
            "token out",
            &["token", "get", "orders", "--format", "raw"],
            1,
        ),
        (
            "call",
            &[
                "call",
                &sandbox.api(),
                "--app",
                "orders",
                "--auth",
                "bearer",
            ],
            1,
        ),
        ("export of configurations", &["config", "export"], 1),
        (
            "export of activity",
            &["activity", "export", "--har", &har],
            1,
        ),
        (
            "backup",
            &["backup", &backup, "--passphrase", "env:BACKUP"],
            1,
        ),
        ("deletion", &["app", "delete", "orders", "--yes"], 1),
    ];
    for (what, arguments, more) in ways {
        let before = lines();
        let done = cli.run(arguments);
        assert_eq!(done.code, 0, "{what}: {done:?}");
        // `audit verify` unlocks as well.
        assert_eq!(lines() - before, more + 2, "{what}");
    }
}

#[test]
fn t49_exports_of_activity_are_well_formed_private_and_hold_no_secret() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config("Sandbox", &sandbox.issuer(), &[]);
    cli.register("orders", "Sandbox", &[]).json();
    for way in ["client-credentials", "bearer"] {
        cli.run(&["call", &sandbox.api(), "--app", "orders", "--auth", way])
            .json();
    }
    let shown = cli.run(&["app", "show", "orders", "--reveal"]).json();
    let token = cli
        .run(&["token", "get", "orders", "--format", "raw"])
        .json();
    let secrets = [
        &shown["client_secret"],
        &shown["registration"]["access_token"],
        &token["access_token"],
    ];
    let path = |name: &str| cli.folder().join(name).display().to_string();
    let (har, diagram) = (path("all.har"), path("all.mmd"));
    let made = cli.run(&["activity", "export", "--har", &har]).json();
    cli.run(&["activity", "export", "--mermaid", &diagram])
        .json();
    for file in [&har, &diagram] {
        use std::os::unix::fs::PermissionsExt as _;
        let rights = fs::metadata(file).unwrap().permissions().mode() & 0o777;
        assert_eq!(rights, 0o600);
        let bytes = fs::read(file).unwrap();
        for secret in secrets {
            for form in plain_forms(secret.as_str().unwrap()) {
                let seen = bytes.windows(form.len()).any(|window| window == form);
                assert!(!seen, "a secret in {file}");
            }
        }
    }
    let document: Value = serde_json::from_str(&fs::read_to_string(&har).unwrap()).unwrap();
    let entries = document["log"]["entries"].as_array().unwrap();
    assert_eq!(made["exchanges"].as_u64().unwrap(), entries.len() as u64);
    assert!(
        entries.len() >= 4,
        "discovery, registration, token, two calls"
    );
    let posted = |one: &&Value| {
        one["request"]["url"]
            .as_str()
            .unwrap()
            .contains("/register")
    };
    assert_eq!(
        entries.iter().find(posted).unwrap()["response"]["status"],
        201
    );
    let text = fs::read_to_string(&diagram).unwrap();
    assert!(text.starts_with("sequenceDiagram\n"), "{text}");
    assert_eq!(text.matches("K->>S").count(), entries.len());
    // One of both is needed, and not both.
    assert_eq!(cli.run(&["activity", "export"]).code, 2);
}

#[test]
fn the_doctor_says_what_is_well_and_what_is_not_with_the_fix() {
    use std::os::unix::fs::PermissionsExt as _;
    let cli = Cli::new();
    let report = cli.run(&["doctor"]);
    assert_eq!(report.code, 1);
    let report: Value = serde_json::from_str(&report.out).unwrap();
    assert_eq!(check(&report, "vault_exists")["state"], "bad");
    assert!(
        check(&report, "vault_exists")["fix"]
            .as_str()
            .unwrap()
            .contains("init")
    );

    let cli = Cli::with_vault().env("BACKUP", "a passphrase of its own");
    let report = cli.run(&["doctor"]).json();
    assert_eq!(check(&report, "last_backup")["state"], "warn");
    for well in [
        "vault_opens",
        "vault_whole",
        "folder_private",
        "disk",
        "keyring_answers",
        "agent",
        "proxy",
        "nothing_pending",
        "audit_log",
        "clock",
        "versions",
    ] {
        assert_eq!(check(&report, well)["state"], "ok", "{report}");
    }
    let file = cli.folder().join("one.backup").display().to_string();
    cli.run(&["backup", &file, "--passphrase", "env:BACKUP"])
        .json();
    fs::set_permissions(
        cli.home().join("vault.json"),
        fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    let report = cli.run(&["doctor"]);
    assert_eq!(report.code, 1);
    let report: Value = serde_json::from_str(&report.out).unwrap();
    assert_eq!(check(&report, "last_backup")["state"], "ok");
    let open = check(&report, "folder_private");
    assert_eq!(open["state"], "bad");
    assert!(open["detail"].as_str().unwrap().contains("vault.json"));
    assert!(open["fix"].as_str().unwrap().contains("chmod"));

    let locked = cli.run_env(&["doctor"], "KEYWRIGHT_PASSPHRASE_FILE", "/nothing");
    assert_ne!(locked.code, 0);
}

#[test]
fn t37_a_command_gets_the_credentials_by_its_environment_and_its_output_is_masked() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config("Sandbox", &sandbox.issuer(), &[]);
    cli.register("orders", "Sandbox", &[]).json();
    let shown = cli.run(&["app", "show", "orders", "--reveal"]).json();
    let secret = shown["client_secret"].as_str().unwrap();
    let id = shown["client_id"].as_str().unwrap();
    let script = r#"printf '%s|' "$KEYWRIGHT_CLIENT_ID" "$KEYWRIGHT_CLIENT_SECRET" "${#KEYWRIGHT_CLIENT_SECRET}" "$KEYWRIGHT_ACCESS_TOKEN" "$KEYWRIGHT_PASSPHRASE_FILE"
printf '%s' "$KEYWRIGHT_CLIENT_ID:$KEYWRIGHT_CLIENT_SECRET" | base64 -w0 >&2
exit 7"#;
    let done = cli.run(&["run", "--app", "orders", "--", "sh", "-c", script]);
    assert_eq!(done.code, 7, "{done:?}");
    assert_eq!(done.out, format!("{id}|••••|{}|••••||", secret.len()));
    assert!(done.err.ends_with("••••"), "{}", done.err);
    assert!(!done.out.contains(secret) && !done.err.contains(secret));
    let lines = cli.run(&["audit", "verify"]).json();
    assert_eq!(lines["ok"], true);
    assert_eq!(cli.run(&["run", "--app", "orders"]).code, 2);
    let absent = cli.run(&["run", "--app", "orders", "--", "/nothing/here"]);
    assert_eq!(
        (absent.code, absent.error()["code"].as_str()),
        (1, Some("file"))
    );
}

#[test]
fn an_export_carries_the_names_of_secrets_unless_the_passphrase_is_given_again() {
    const TOKEN: &str = "initial-t0ken-5b1f";
    let cli = Cli::with_vault()
        .env("IAT", TOKEN)
        .env("AGAIN", "correct horse battery")
        .env("WRONG", "wrong");
    let secret = ["--secret", "initial_access_token=env:IAT"];
    cli.config("Work", "https://id.example.test", &secret);
    let plain = cli.run(&["config", "export"]);
    assert!(plain.out.contains("initial_access_token") && !plain.out.contains(TOKEN));
    let wrong = cli.run(&["config", "export", "--with-secrets", "env:WRONG"]);
    assert_eq!((wrong.code, wrong.out.as_str()), (4, ""));
    let whole = cli.run(&["config", "export", "--with-secrets", "env:AGAIN"]);
    assert_eq!(whole.json()[0]["secrets"]["initial_access_token"], TOKEN);

    let other = Cli::with_vault().env("AGAIN", "correct horse battery");
    let file = other.folder().join("work.json");
    fs::write(&file, &whole.out).unwrap();
    other
        .run(&["config", "import", &file.display().to_string()])
        .json();
    let again = other.run(&["config", "export", "--with-secrets", "env:AGAIN"]);
    assert_eq!(again.json()[0]["secrets"]["initial_access_token"], TOKEN);
}

#[test]
fn t40_no_setting_holds_a_password_in_an_address() {
    let cli = Cli::with_vault();
    let refused = |output: &Output| {
        assert_eq!(output.error()["code"], "url_secret", "{output:?}");
        assert!(!output.out.contains("pw~S3cret") && !output.err.contains("pw~S3cret"));
    };
    let issuer = "https://bob:pw~S3cret@id.example.test/";
    let typed = [
        "config",
        "add",
        "Work",
        "--provider",
        "rfc7591",
        "--issuer",
        issuer,
    ];
    refused(&cli.run(&typed));
    cli.config("Work", "https://id.example.test", &[]);
    let endpoint = "token_endpoint=https://bob:pw~S3cret@id.example.test/token";
    refused(&cli.run(&["config", "edit", "Work", "--set", endpoint]));
}
