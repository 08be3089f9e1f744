//! A part of the table at the command line: what a stranger wrote is shown, and shown as text.

use std::process::Command;

use keywright_tests::Cli;
use serde_json::json;

use super::{
    good,
    row::Place,
    rows,
    server::{Reply, Server},
};

/// The command without `--json`, as a person types it, with all logs on.
fn for_people(cli: &Cli, arguments: &[&str]) -> (i32, String) {
    let command: Command = cli.command(arguments);
    let arguments: Vec<_> = command
        .get_args()
        .filter(|argument| *argument != "--json")
        .map(ToOwned::to_owned)
        .collect();
    let mut plain = Command::new(command.get_program());
    plain.args(arguments);
    for (name, value) in command.get_envs() {
        plain.env(name, value.unwrap_or_default());
    }
    plain.env("KEYWRIGHT_LOG", "trace");
    let output = plain.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// Neither moves a terminal nor hides anything.
fn is_plain(text: &str) -> bool {
    !text.chars().any(|letter| {
        (letter.is_control() && letter != '\n')
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t15_t16_what_a_stranger_wrote_is_text_in_output_and_logs() {
    let elsewhere = Server::start(std::collections::BTreeMap::default(), "").await;
    let away = elsewhere.origin.trim_start_matches("http://").to_owned();
    let cli = Cli::with_vault();
    let all = rows::texts();
    for (number, (threat, input, text)) in all.iter().enumerate() {
        let refusal = json!({"error": text, "error_description": text}).to_string();
        let reply = Reply::with("400 Bad Request", &[], refusal.as_bytes());
        let server = Server::start(good::routes(Place::Registration, reply), &away).await;
        let config = format!("Refusing {number}");
        cli.config(&config, &server.origin, &[]);
        let (code, said) = for_people(&cli, &register("x", &config));
        assert_eq!(code, 5, "{threat} {input}: {said}");
        assert!(is_plain(&said), "{threat} {input}: {said:?}");
        assert!(
            said.len() < 200_000,
            "{threat} {input}: {} bytes",
            said.len()
        );
    }
    assert!(all.len() >= 30, "{}", all.len());
    // All of them at once as the name of a client, as the server has it.
    let short = all.iter().filter(|(_, _, text)| text.len() < 10_000);
    let text: String = short.map(|(_, _, text)| text.as_str()).collect();
    let reply = Reply::json(&rows::named(&text));
    let server = Server::start(good::routes(Place::Registration, reply), &away).await;
    cli.config("Strange", &server.origin, &[]);
    let (code, registered) = for_people(&cli, &register("x", "Strange"));
    assert_eq!(code, 0, "{registered}");
    let (_, shown) = for_people(&cli, &["app", "show", "x"]);
    let (_, listed) = for_people(&cli, &["activity", "list", "--limit", "5"]);
    for said in [&registered, &shown, &listed] {
        assert!(is_plain(said), "{said:?}");
    }
    let whole = cli.run(&["app", "show", "x"]);
    assert!(is_plain(&whole.out), "{:?}", whole.out);
    let name = &whole.json()["granted"]["client_name"];
    assert_eq!(
        name,
        &json!(text.replace("ELSEWHERE", &away)),
        "JSON has the whole"
    );
    assert_eq!(elsewhere.connections(), 0);
}

fn register<'a>(name: &'a str, config: &'a str) -> [&'a str; 7] {
    [
        "app",
        "register",
        name,
        "--config",
        config,
        "--grant",
        "client_credentials",
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t24_no_other_grant_is_played() {
    let server = Server::start(good::routes(Place::Api, Reply::json("{}")), "").await;
    let cli = Cli::with_vault();
    cli.config("Good", &server.origin, &[]);
    cli.register("x", "Good", &[]).json();
    let before = server.received().len();
    for grant in [
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ] {
        let refused = cli.run(&["token", "get", "x", "--grant", grant]);
        assert_eq!(refused.code, 2, "{grant}: {refused:?}");
    }
    assert_eq!(server.received().len(), before, "nothing was sent");
}
