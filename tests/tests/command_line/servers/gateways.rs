//! The three ways to call at gateways, and a session that the gateway ends.

use keywright_tests::{Cli, Output, real};
use serde_json::Value;

use crate::servers::{
    steps::SCOPE,
    table::{self, Cell},
};

pub(crate) const COLUMNS: [&str; 4] = [
    "client credentials",
    "bearer",
    "cookie alone",
    "ended by gateway",
];

/// An API behind passport and express-session: any of the other two ways opens a session.
pub(crate) fn passport(issuer: &str, gateway: &real::Server) -> Vec<Cell> {
    let cli = Cli::with_vault();
    cli.config("Work", issuer, &[]);
    cli.register("orders", "Work", &["--scope", SCOPE]).json();
    let (api, end) = (gateway.text("api"), gateway.text("end"));
    let session = [
        "call", &api, "--app", "orders", "--auth", "session", "--fail",
    ];
    vec![
        call(&cli, &api, "client-credentials", answered),
        call(&cli, &api, "bearer", answered),
        cell(&cli, &session, |output| {
            answered(output)?;
            // The cookie was enough: this call sent nothing else.
            by(output, "session")
        }),
        {
            let ended = [
                "call", "DELETE", &end, "--app", "orders", "--auth", "session", "--fail",
            ];
            let ended = cli.run(&ended);
            if ended.code == 0 {
                cell(&cli, &session, answered)
            } else {
                Cell::Failed(format!("the session cannot be ended: {ended:?}"))
            }
        },
    ]
}

/// `LemonLDAP::NG`'s handler: its cookie comes from a login at the portal, in a browser.
pub(crate) fn lemonldap(portal: &real::Server, gateway: &real::Server) -> Vec<Cell> {
    let cli = Cli::with_vault();
    cli.config("Work", &portal.text("issuer"), &[]);
    adopt(&cli, &portal.about()["clients"]["service"]);
    let api = gateway.text("api");
    let session = [
        "call", &api, "--app", "orders", "--auth", "session", "--fail",
    ];
    let import = ["session", "import", "--app", "orders", "--url", &api];
    vec![
        call(&cli, &gateway.text("basic"), "client-credentials", answered),
        call(&cli, &gateway.text("bearer"), "bearer", answered),
        {
            let cookie = sign_in(portal);
            let imported = cli.run_stdin(&import, &format!("Cookie: {cookie}\n"));
            if imported.code == 0 {
                let first = cell(&cli, &session, answered);
                sign_out(portal, &cookie);
                first
            } else {
                Cell::Failed(format!("{import:?} → {imported:?}"))
            }
        },
        ended(&cli, portal, &session),
    ]
}

/// The portal ended the session: that is said, and the command that is named takes the session of a new login.
fn ended(cli: &Cli, portal: &real::Server, session: &[&str]) -> Cell {
    let first = cli.run(session);
    if first.code == 0 {
        return Cell::Failed(format!("an ended session is used: {first:?}"));
    }
    let Some(named) = table::named(&first) else {
        return Cell::Failed(format!("no command is named: {first:?}"));
    };
    let arguments: Vec<&str> = named.iter().map(String::as_str).collect();
    let cookie = sign_in(portal);
    let second = cli.run_stdin(&arguments, &format!("Cookie: {cookie}\n"));
    let third = cli.run(session);
    sign_out(portal, &cookie);
    if second.code == 0 && answered(&third).is_ok() {
        Cell::AfterNamed(format!("keywright {}", named.join(" ")))
    } else {
        Cell::Failed(format!(
            "{first:?}, then {named:?} → {second:?}, then {third:?}"
        ))
    }
}

fn adopt(cli: &Cli, client: &Value) {
    let text = |member: &str| client[member].as_str().expect("text").to_owned();
    let file = cli.folder().join("secret-of-the-client");
    std::fs::write(&file, text("secret")).expect("the file of the secret");
    let source = format!("file:{}", file.display());
    let (id, words) = (text("id"), ["app", "adopt", "orders", "--config", "Work"]);
    let client = [
        "--client-id",
        &id,
        "--client-secret",
        &source,
        "--scope",
        SCOPE,
    ];
    cli.run(&[&words[..], &client].concat()).json();
}

fn sign_in(portal: &real::Server) -> String {
    let form = "user=dwho&password=dwho";
    let more = format!(
        "Accept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let answer = real::exchange("POST", &portal.text("login"), &more).expect("an answer");
    answer
        .cookie("lemonldap")
        .unwrap_or_else(|| panic!("no cookie: {answer:?}"))
}

fn sign_out(portal: &real::Server, cookie: &str) {
    let more = format!("Accept: application/json\r\nCookie: {cookie}\r\n\r\n");
    let answer = real::exchange("GET", &portal.text("logout"), &more).expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
}

fn call(cli: &Cli, api: &str, way: &str, done: impl Fn(&Output) -> Result<(), String>) -> Cell {
    cell(
        cli,
        &["call", api, "--app", "orders", "--auth", way, "--fail"],
        |output| {
            done(output)?;
            by(output, way)
        },
    )
}

fn cell(cli: &Cli, command: &[&str], done: impl Fn(&Output) -> Result<(), String>) -> Cell {
    let first = cli.run(command);
    let Err(wrong) = done(&first) else {
        return Cell::First;
    };
    let Some(named) = table::named(&first) else {
        return Cell::Failed(format!("{wrong}; {command:?} → {first:?}"));
    };
    let arguments: Vec<&str> = named.iter().map(String::as_str).collect();
    let second = cli.run(&arguments);
    let third = cli.run(command);
    match done(&third) {
        Ok(()) if second.code == 0 => Cell::AfterNamed(format!("keywright {}", named.join(" "))),
        _ => Cell::Failed(format!(
            "{wrong}; {command:?} → {first:?}, then {named:?} → {second:?}, then {third:?}"
        )),
    }
}

/// The API's own answer came.
fn answered(output: &Output) -> Result<(), String> {
    let said: Value = serde_json::from_str(&output.out).map_err(|error| error.to_string())?;
    let whole =
        output.code == 0 && said["status"] == 200 && said["body"].to_string().contains("orders");
    if whole {
        Ok(())
    } else {
        Err(format!("{said}"))
    }
}

fn by(output: &Output, way: &str) -> Result<(), String> {
    let said: Value = serde_json::from_str(&output.out).map_err(|error| error.to_string())?;
    if said["auth"] == way {
        Ok(())
    } else {
        Err(format!("{said}"))
    }
}
