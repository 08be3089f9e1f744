//! What the command line reads and writes: closed pipes, marks, files of other tools, languages.

use std::fs;

use keywright_tests::Cli;

const EXPORT: &str = r#"[{"name":"Other","provider":"rfc7591","issuer":"https://id.example"}]"#;

#[test]
fn a_closed_pipe_ends_every_command_quietly() {
    let cli = Cli::with_vault();
    cli.config("Work", "https://id.example", &[]);
    for arguments in [
        &["--help"][..],
        &["config", "--help"],
        &["completion", "bash"],
        &["config", "presets"],
        &["config", "keys", "okta"],
        &["config", "list"],
        &["config", "export"],
        &["status"],
        &["doctor"],
        &["audit", "verify"],
        &["activity", "list"],
        &["activity", "export", "--har", "/dev/stdout"],
        &["app", "show", "nobody"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = cli.command(arguments).stdout(writer).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
        let code = ended.status.code().unwrap_or(-1);
        assert!(
            matches!(code, 0 | 141) || (code == 3 && arguments.contains(&"nobody")),
            "{arguments:?}: {code} {said}"
        );
    }
}

#[test]
fn a_full_disk_behind_the_output_is_a_failure() {
    let cli = Cli::new();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let ended = cli
        .command(&["config", "presets"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("standard output"));
}

#[test]
fn catalogues_are_told_without_a_vault() {
    let cli = Cli::new();
    assert!(cli.run(&["config", "presets"]).json()["total"].as_u64() > Some(10));
    assert!(cli.run(&["config", "keys", "entra"]).json()["total"].as_u64() > Some(3));
    assert_eq!(cli.run(&["config", "list"]).code, 4);
}

#[test]
fn the_preferences_choose_the_language_before_the_system() {
    let cli = Cli::new().env("LC_ALL", "en_US.UTF-8");
    let hint = |arguments: &[&str]| cli.run(arguments).error()["message"].to_string();
    let english = hint(&["config", "list"]);
    fs::create_dir_all(cli.home()).unwrap();
    let preferences = "\u{feff}{\"language\":\"ja\"}";
    fs::write(cli.home().join("preferences.json"), preferences).unwrap();
    assert_ne!(hint(&["config", "list"]), english);
    assert_eq!(hint(&["--lang", "en", "config", "list"]), english);
}

#[test]
fn t42_damaged_settings_are_named_and_kept_where_new_ones_replace_them() {
    let cli = Cli::new();
    fs::create_dir_all(cli.home()).unwrap();
    let damaged = "{\"proxy\": \"http://proxy.example:3128\", ";
    fs::write(cli.home().join("preferences.json"), damaged).unwrap();
    let shown = cli.run(&["settings", "show"]);
    assert!(shown.err.contains("preferences.json"), "{shown:?}");
    cli.run(&["settings", "set", "--sessions", "500"]).json();
    let kept = fs::read_to_string(cli.home().join("preferences.damaged.json")).unwrap();
    assert_eq!(kept, damaged);
    let shown = cli.run(&["settings", "show"]);
    assert_eq!(
        (shown.err.as_str(), shown.json()["sessions"].as_u64()),
        ("", Some(500))
    );
}

#[test]
fn text_is_imported_with_any_mark() {
    let little: Vec<u8> = EXPORT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = EXPORT.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        [b"\xef\xbb\xbf", EXPORT.as_bytes()].concat(),
        [&b"\xff\xfe"[..], &little].concat(),
        [&b"\xfe\xff"[..], &big].concat(),
        EXPORT.replace(',', ",\r\n").into_bytes(),
    ] {
        let cli = Cli::with_vault();
        let path = cli.folder().join("work.json");
        fs::write(&path, bytes).unwrap();
        let imported = cli.run(&["config", "import", path.to_str().unwrap()]);
        assert_eq!(imported.json()["items"][0]["name"], "Other");
    }
}

#[test]
fn a_file_of_another_tool_is_named_where_it_is_handed_in() {
    let cli = Cli::with_vault();
    cli.config("Work", "https://id.example", &[]);
    for (text, name) in [
        (r#"{"info":{"_postman_id":"1"},"item":[]}"#, "Postman"),
        (r#"{"log":{"entries":[]}}"#, "HAR"),
        ("CLIENT_ID=a\nCLIENT_SECRET=b\n", ".env"),
        ("-----BEGIN PRIVATE KEY-----\nMII\n", "private key"),
        ("PK\u{3}\u{4}rest of it", "ZIP"),
        ("", "empty"),
    ] {
        for arguments in [
            &["config", "import", "-"][..],
            &[
                "app",
                "register",
                "a",
                "--config",
                "Work",
                "--metadata",
                "-",
            ],
            &["app", "update", "a", "--metadata", "-"],
        ] {
            let refused = cli.run_stdin(arguments, text);
            assert_eq!(refused.code, 2, "{arguments:?} {text}");
            let message = refused.error()["message"].to_string();
            assert!(message.contains(name), "{arguments:?}: {message}");
        }
    }
}
