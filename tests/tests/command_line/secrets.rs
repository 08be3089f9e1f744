//! No secret in any file, log or line of output. The search itself is proven with a planted secret.

use std::fs;

use keywright_tests::{
    Cli, EveryKind, OidcProvider, Output, SandboxProcess, files_with, plain_forms, program,
};
use serde_json::Value;

/// A whole run, loud: what was printed, and the secrets that came up in it.
fn run() -> (Cli, Vec<String>, Vec<Output>) {
    let server = OidcProvider::closed();
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault()
        .env("IAT", OidcProvider::INITIAL_ACCESS_TOKEN)
        .env("KEYWRIGHT_LOG", "trace");
    let mut printed = Vec::new();
    let api = sandbox.api();
    let mut does = |arguments: &[&str]| {
        let output = cli.run(arguments);
        printed.push(output);
    };
    does(&[
        "config",
        "add",
        "Work",
        "--issuer",
        &server.issuer,
        "--secret",
        "initial_access_token=env:IAT",
    ]);
    does(&["config", "add", "Sandbox", "--issuer", &sandbox.issuer()]);
    does(&["config", "verify", "Work"]);
    does(&["config", "show", "Work"]);
    does(&["config", "export"]);
    for (name, config) in [("one", "Work"), ("two", "Sandbox")] {
        does(&["app", "register", name, "--config", config, "--dry-run"]);
        does(&[
            "app",
            "register",
            name,
            "--config",
            config,
            "--grant",
            "client_credentials",
        ]);
        does(&["app", "show", name]);
        does(&["token", "get", name]);
        does(&["token", "introspect", name]);
        does(&["app", "refresh", name]);
    }
    for way in ["client-credentials", "bearer", "session"] {
        does(&["call", &api, "--app", "two", "--auth", way]);
    }
    does(&["call", &api, "--app", "two", "--compare"]);
    does(&["session", "list"]);
    does(&["activity", "list", "--limit", "200"]);
    let activity = cli.run(&["activity", "list", "--limit", "200"]).json();
    for one in activity["items"].as_array().unwrap() {
        printed.push(cli.run(&["activity", "show", one["id"].as_str().unwrap()]));
    }
    let mut secrets = vec![
        OidcProvider::INITIAL_ACCESS_TOKEN.to_owned(),
        "correct horse battery".to_owned(),
    ];
    for name in ["one", "two"] {
        let shown = cli.run(&["app", "show", name, "--reveal"]).json();
        secrets.push(shown["client_secret"].as_str().unwrap().to_owned());
        secrets.push(
            shown["registration"]["access_token"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
        let token = cli.run(&["token", "get", name, "--format", "raw"]).json();
        secrets.push(token["access_token"].as_str().unwrap().to_owned());
    }
    (cli, secrets, printed)
}

#[test]
fn t40_no_secret_lies_in_a_file_or_stands_in_a_line_of_output() {
    let (cli, secrets, printed) = run();
    assert!(
        printed.iter().all(|output| output.code == 0),
        "{:?}",
        printed.iter().find(|output| output.code != 0)
    );
    let found = files_with(&cli.home(), &secrets);
    assert!(found.is_empty(), "secrets in {found:?}");
    for output in &printed {
        for secret in &secrets {
            for form in plain_forms(secret) {
                for text in [&output.out, &output.err] {
                    let there = text
                        .as_bytes()
                        .windows(form.len())
                        .any(|window| window == form);
                    assert!(
                        !there,
                        "a secret was printed: {}",
                        text.chars().take(400).collect::<String>()
                    );
                }
            }
        }
    }
}

/// Secrets of every kind, in every form, in every folder that a program writes to by custom.
#[tokio::test(flavor = "multi_thread")]
async fn t40_no_secret_of_any_kind_is_in_a_file_or_in_output() {
    let all = EveryKind::new().await;
    let printed = all.work();
    assert_eq!(all.unused(), [""; 0], "a search would prove nothing");
    // Calls whose answer ends too early.
    assert!(printed.iter().any(|one| one.code == 6), "failures, too");
    let found = all.in_files();
    assert!(found.is_empty(), "secrets in {found:?}");
    // What an API answers is printed as it is: one of them repeats the credential.
    let is_answer = |one: &Output| {
        serde_json::from_str::<Value>(&one.out).is_ok_and(|shown| shown.get("body").is_some())
    };
    let texts = printed.iter().flat_map(|one| {
        let out = (!is_answer(one)).then_some(&one.out);
        out.into_iter().chain([&one.err])
    });
    let found = all.in_texts(texts.clone());
    assert!(found.is_empty(), "printed: {:?}", found.first());
    assert!(
        texts.clone().any(|text| text.contains("TRACE")),
        "all is logged"
    );

    for (name, forms) in all.forms() {
        for (folder, form) in all.folders().iter().cycle().zip(&forms) {
            let file = folder.join("planted");
            fs::write(&file, form).unwrap();
            let found = all.in_files();
            assert!(found.contains(&(file.clone(), name.clone())), "{found:?}");
            fs::remove_file(file).unwrap();
        }
    }
}

#[test]
fn t40_neither_the_programs_nor_the_package_carry_a_secret() {
    let (_cli, secrets, _printed) = run();
    let programs = ["keywright", "keywright-app"].map(program);
    let folder = tempfile::tempdir().unwrap();
    let mut looked: Vec<std::path::PathBuf> = programs.to_vec();
    // Where a package was made, what it installs is searched too.
    let packages = programs[0]
        .parent()
        .unwrap()
        .with_file_name("release/bundle/deb");
    for package in std::fs::read_dir(packages).into_iter().flatten().flatten() {
        if package.path().extension().is_some_and(|end| end == "deb") {
            let to = folder.path().join(package.file_name());
            let unpacked = std::process::Command::new("dpkg-deb")
                .arg("--extract")
                .args([&package.path(), &to])
                .status()
                .unwrap();
            assert!(unpacked.success());
            looked.push(to);
        }
    }
    for path in looked {
        let found = files_with(&path, &secrets);
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn the_search_finds_a_planted_secret_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "planted-secret-5b1f0c".to_owned();
    assert!(files_with(folder.path(), std::slice::from_ref(&secret)).is_empty());
    let forms = plain_forms(&secret);
    for (index, form) in forms.iter().enumerate() {
        let mut bytes = b"noise ".to_vec();
        bytes.extend_from_slice(form);
        std::fs::write(folder.path().join(format!("plant-{index}")), bytes).unwrap();
    }
    let mut found: Vec<_> = files_with(folder.path(), &[secret])
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    found.sort();
    found.dedup();
    assert_eq!(found.len(), forms.len(), "{found:?}");
}

#[test]
fn the_vault_folder_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let cli = Cli::with_vault();
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&cli.home()), 0o700);
    for entry in std::fs::read_dir(cli.home()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}
