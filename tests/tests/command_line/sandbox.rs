//! The Sandbox as a process: its port is taken, it dies in use.

use keywright_tests::{Cli, SandboxProcess};

#[test]
fn f24_a_taken_port_is_said_and_another_one_is_found() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let cli = Cli::new();
    let error = cli.run(&["sandbox", "start", "--port", &port]).error();
    assert_eq!(error["code"], "sandbox", "{error}");
    assert!(
        error["message"].as_str().unwrap().contains(&port),
        "{error}"
    );
    let other = SandboxProcess::start(&[]);
    assert!(!other.issuer().contains(&format!(":{port}/")));
}

#[test]
fn f24_a_sandbox_that_dies_in_use_is_said_and_nothing_is_lost() {
    let cli = Cli::with_vault();
    let sandbox = SandboxProcess::start(&[]);
    cli.config("Sandbox", &sandbox.issuer(), &[]);
    cli.register("kept", "Sandbox", &[]).json();
    drop(sandbox);
    for arguments in [
        &["token", "get", "kept", "--refresh"][..],
        &["app", "rotate", "kept"],
        &["app", "delete", "kept", "--yes"],
    ] {
        let output = cli.run(arguments);
        assert_eq!(
            (output.code, &output.error()["code"]),
            (6, &"connect".into())
        );
    }
    assert_eq!(cli.register("new", "Sandbox", &[]).code, 6);
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 1);
}
