//! Client authentication at independent servers: a client is registered for each way, and gets a token by its own
//! credentials.

use keywright_tests::Cli;

use crate::servers::{
    steps::{SCOPE, Subject},
    table::Cell,
};

/// Ways of client authentication, and what registers a client for them.
const WAYS: [(&str, &[&str]); 5] = [
    (
        "client_secret_basic",
        &["--auth-method", "client_secret_basic"],
    ),
    (
        "client_secret_post",
        &["--auth-method", "client_secret_post"],
    ),
    ("client_secret_jwt", &["--auth-method", "client_secret_jwt"]),
    ("private_key_jwt", &["--auth-method", "private_key_jwt"]),
    ("dpop", &["--auth-method", "client_secret_basic", "--dpop"]),
];

pub(crate) const COLUMNS: [&str; 5] = [WAYS[0].0, WAYS[1].0, WAYS[2].0, WAYS[3].0, WAYS[4].0];

/// A cell for each way.
pub(crate) fn ways(subject: &Subject) -> Vec<Cell> {
    let cli = Cli::with_vault();
    cli.config("Work", &subject.issuer, &[]);
    cli.run(&["config", "verify", "Work"]);
    WAYS.map(|(way, options)| cell(&cli, way, options)).into()
}

/// What the capability sheet says of a line that is not offered.
fn not_offered(cli: &Cli, line: &str) -> Option<String> {
    let shown = cli.run(&["config", "show", "Work"]).json();
    let sheet = &shown["capabilities"];
    let all = [&sheet["lines"], &sheet["fapi"]["lines"]];
    let mut lines = all
        .into_iter()
        .filter_map(|lines| lines.as_array())
        .flatten();
    let line = lines.find(|one| one["capability"] == line)?;
    let is_offered = line["verdict"] == "yes" || line["verdict"] == "partly";
    (!is_offered).then(|| line["reason"].as_str().unwrap_or_default().to_owned())
}

fn cell(cli: &Cli, way: &str, options: &[&str]) -> Cell {
    let line = if way == "dpop" {
        "sender_constrained"
    } else {
        way
    };
    for line in ["client_credentials", line] {
        if let Some(reason) = not_offered(cli, line) {
            return Cell::NotOffered(reason);
        }
    }
    let made = cli.register(way, "Work", &[options, &["--scope", SCOPE]].concat());
    if made.code != 0 {
        return Cell::Failed(format!("{made:?}"));
    }
    let granted = made.json()["granted"]["token_endpoint_auth_method"].clone();
    let token = cli.run(&["token", "get", way]);
    if token.code != 0 {
        return Cell::Failed(format!("{token:?}"));
    }
    let (token, asked) = (token.json(), options[1]);
    if way == "dpop" && token["token_type"] != "DPoP" {
        return Cell::Failed(format!("not bound: {token}"));
    }
    if !granted.is_null() && granted != asked {
        // The token came by another way than the one that was asked for.
        return Cell::NotOffered(format!("the server granted {granted}"));
    }
    Cell::First
}
