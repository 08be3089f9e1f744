//! Slips of the finger: the name that was meant is offered before a secret is read or anything is sent.

use keywright_tests::Cli;

#[test]
fn a_slip_is_answered_with_the_nearest_name() {
    let cli = Cli::with_vault();
    cli.config("Staging", "https://id.example", &[]);
    for (arguments, code, meant) in [
        (&["config", "keys", "auth"][..], "unknown_provider", "auth0"),
        (
            &["config", "add", "x", "--preset", "keycloack"],
            "preset_unknown",
            "keycloak",
        ),
        (
            &["config", "edit", "Staging", "--set", "token_endpont=x"],
            "setting_unknown",
            "token_endpoint",
        ),
        (&["config", "show", "stagin"], "not_found", "Staging"),
        (
            &[
                "app",
                "register",
                "a",
                "--config",
                "Staging",
                "--grant",
                "client_credentails",
            ],
            "grant_name",
            "client_credentials",
        ),
        (
            &[
                "app",
                "register",
                "a",
                "--config",
                "Staging",
                "--auth-method",
                "client_secret_basik",
            ],
            "auth_method_name",
            "client_secret_basic",
        ),
        (
            &["connect", "api.example.com/orders?a=b"],
            "url",
            "https://api.example.com/orders?a=b",
        ),
        (&["connect", "localhost:1"], "url", "http://localhost:1"),
    ] {
        let error = cli.run(arguments).error();
        assert_eq!(error["code"], code, "{arguments:?}: {error}");
        let hint = error["hint"].as_str().unwrap();
        assert_eq!(hint, format!("Did you mean “{meant}”?"), "{arguments:?}");
    }
}

#[test]
fn a_name_is_checked_before_a_secret_is_read() {
    let cli = Cli::with_vault();
    cli.config("Staging", "https://id.example", &[]);
    // The variable is not set: whoever reads the secret first says so.
    for (arguments, code) in [
        (
            &[
                "config",
                "edit",
                "Staging",
                "--secret",
                "initial_acces_token=env:NOT_SET_HERE",
            ][..],
            "setting_unknown",
        ),
        (
            &[
                "config",
                "add",
                "x",
                "--secret",
                "token_endpoint=env:NOT_SET_HERE",
            ],
            "setting_not_secret",
        ),
        (
            &[
                "app",
                "set-secret",
                "absent",
                "--client-secret",
                "env:NOT_SET_HERE",
            ],
            "not_found",
        ),
        (
            &[
                "app",
                "adopt",
                "a",
                "--config",
                "absent",
                "--client-id",
                "c",
                "--client-secret",
                "env:NOT_SET_HERE",
            ],
            "not_found",
        ),
        (
            &["key", "import", "absent", "--key", "env:NOT_SET_HERE"],
            "not_found",
        ),
        (
            &[
                "connect",
                "nowhere",
                "--client-id",
                "c",
                "--client-secret",
                "env:NOT_SET_HERE",
            ],
            "url",
        ),
    ] {
        let error = cli.run(arguments).error();
        assert_eq!(error["code"], code, "{arguments:?}: {error}");
    }
    let source = [
        "config",
        "edit",
        "Staging",
        "--secret",
        "initial_access_token=env:NOT_SET_HERE",
    ];
    let error = cli.run(&source).error();
    assert_eq!(error["code"], "source", "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("NOT_SET_HERE is not set"), "{message}");
}

#[test]
fn each_file_problem_has_its_own_hint() {
    let cli = Cli::with_vault();
    let folder = cli.folder().to_string_lossy().into_owned();
    let file = cli.folder().join("plain.txt");
    std::fs::write(&file, "x").unwrap();
    let below = file.join("x").to_string_lossy().into_owned();
    let mut hints = Vec::new();
    for (path, said) in [
        (format!("{folder}/absent"), "it does not exist"),
        (folder, "it is a folder"),
        (below, "a part of its path is a file"),
    ] {
        let error = cli.run(&["config", "import", &path]).error();
        assert_eq!(error["code"], "file", "{error}");
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
        hints.push(error["hint"].as_str().unwrap().to_owned());
    }
    hints.dedup();
    assert_eq!(hints.len(), 3, "{hints:?}");
}
