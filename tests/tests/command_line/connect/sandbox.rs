//! The API of the Sandbox, from its address to a token and to a wider one.

use keywright_tests::{Browser, Cli, SandboxProcess, SignIn};
use serde_json::json;

fn allowed(waiting: SignIn) -> keywright_tests::Output {
    let page = Browser::new().allow_at_sandbox(&waiting.address, "bob");
    assert!(page.text.contains("You can close this tab"), "{page:?}");
    waiting.finish()
}

#[test]
fn connect_leads_from_the_api_of_the_sandbox_to_a_wider_token() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let api = sandbox.api();
    let sheet = cli.run(&["connect", &api, "--dry-run"]).json();
    assert_eq!(sheet["issuer"], sandbox.issuer());
    assert_eq!(sheet["resource"], api);
    // What the challenge asks for, and no more.
    assert_eq!(sheet["scopes"], json!(["orders:read"]), "{sheet}");

    let connect = ["connect", &api, "--yes"];
    let made = allowed(SignIn::of(&mut cli.command(&connect))).json();
    let application = made["application"].as_str().unwrap();
    let read = cli.run(&["call", &api, "--app", application]).json();
    assert_eq!(read["body"]["user"], "demo-user-2", "{read}");

    let order = r#"{"item":"Padlock"}"#;
    let create = ["call", "POST", &api, "--app", application, "--data", order];
    let refused = cli.run(&create).json();
    assert_eq!(refused["status"], 403, "{refused}");
    assert_eq!(refused["wider_scope"], "orders:read orders:write");
    let wider = [&create[..], &["--yes"]].concat();
    let waiting = SignIn::of(&mut cli.command(&wider));
    assert_eq!(waiting.parameter("scope"), "orders:read orders:write");
    let created = allowed(waiting).json();
    assert_eq!(created["status"], 201, "{created}");
    assert_eq!(created["body"]["order"]["item"], "Padlock");
}
