//! Grants of users at independent servers: with a browser, without being asked again, on another device; and what goes
//! with the request.

use keywright_tests::{Authority, Browser, Cli, OidcProvider, SignIn, real};
use serde_json::{Value, json};

use crate::{
    servers::table::{Cell, Row},
    sign_in::{free_port, register},
};

pub(crate) const COLUMNS: [&str; 5] = [
    "code",
    "refresh",
    "device code",
    "pushed request",
    "mutual TLS",
];

/// A login page of forms alone.
const FORMS: [(&str, &str); 2] = [("login", "tester"), ("password", "x")];
const REDIRECT: &str = "http://127.0.0.1/callback";

fn at(issuer: &str) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", issuer, &[]);
    cli.run(&["config", "verify", "Work"]);
    cli
}

/// A cell: the first command did it, or what came instead.
fn cell(outcome: Result<Value, String>) -> Cell {
    outcome.map_or_else(Cell::Failed, |_token| Cell::First)
}

/// Not offered, in the words of the sheet.
fn not_offered(words: &str) -> Cell {
    Cell::NotOffered(words.to_owned())
}

/// Waits until the user has agreed and returns the token.
fn token(waiting: SignIn, agree: impl FnOnce(&SignIn)) -> Result<Value, String> {
    agree(&waiting);
    let ended = waiting.finish();
    if ended.code == 0 {
        Ok(ended.json())
    } else {
        Err(format!("{ended:?}"))
    }
}

fn through_forms(waiting: &SignIn) {
    Browser::new().sign_in(&waiting.address, &FORMS);
}

/// A token in the place of the last one, without a user.
fn refreshed(cli: &Cli, name: &str, before: &Value) -> Result<Value, String> {
    let next = cli.run(&["token", "get", name, "--refresh"]);
    if next.code == 0 && next.json()["id"] != before["id"] {
        Ok(next.json())
    } else {
        Err(format!("{next:?}"))
    }
}

fn code_and_refresh(
    cli: &Cli,
    redirect: &str,
    scopes: &[&str],
    agree: impl FnOnce(&SignIn, &Value),
) -> [Cell; 2] {
    let scopes = scopes.iter().flat_map(|scope| ["--scope", scope]);
    let more: Vec<&str> = ["--grant", "refresh_token"]
        .into_iter()
        .chain(scopes)
        .collect();
    let made = register(cli, "login", redirect, &more);
    if made.code != 0 {
        return [
            Cell::Failed(format!("{made:?}")),
            Cell::Failed("no client".to_owned()),
        ];
    }
    let made = made.json();
    let first = token(SignIn::start(cli, "login", &[]), |waiting| {
        agree(waiting, &made);
    });
    let next = match &first {
        Ok(first) => refreshed(cli, "login", first),
        Err(_) => Err("no token before it".to_owned()),
    };
    [cell(first), cell(next)]
}

fn device(cli: &Cli, scope: &str, agree: impl FnOnce(&SignIn, &Value), code: &str) -> Cell {
    let name = ["app", "register", "device", "--config", "Work"];
    let grant = ["--grant", "device_code", "--scope", scope];
    let made = cli.run(&[&name[..], &grant[..]].concat());
    if made.code != 0 {
        return Cell::Failed(format!("{made:?}"));
    }
    let made = made.json();
    cell(token(
        SignIn::start_device_at(cli, "device", &[], code),
        |waiting| agree(waiting, &made),
    ))
}

fn oidc_provider() -> Vec<Cell> {
    let server = OidcProvider::with_login();
    let cli = at(&server.issuer);
    let scopes = ["openid", "orders:read"];
    let mut cells =
        code_and_refresh(&cli, REDIRECT, &scopes, |waiting, _| through_forms(waiting)).to_vec();
    cells.push(device(
        &cli,
        "openid",
        |waiting, _| through_forms(waiting),
        "user_code=",
    ));
    let server = OidcProvider::with_pushed_requests();
    let cli = at(&server.issuer);
    register(&cli, "pushed", REDIRECT, &["--scope", "openid"]).json();
    cells.push(cell(token(
        SignIn::start_pushed(&cli, "pushed"),
        through_forms,
    )));
    cells.push(mutual_tls());
    cells
}

fn mutual_tls() -> Cell {
    let authority = Authority::new();
    let server = OidcProvider::with_mutual_tls(&authority);
    let cli = Cli::with_vault();
    let trusted = format!("ca_pem={}", authority.certificate);
    cli.config("Work", &server.issuer, &["--set", &trusted]);
    let method = ["--auth-method", "self_signed_tls_client_auth"];
    cli.register("certificate", "Work", &method).json();
    let first = cli.run(&["token", "get", "certificate"]);
    // The other address of the token endpoint is another host: it is confirmed as the error says.
    let Some(named) = crate::servers::table::named(&first) else {
        return Cell::Failed(format!("{first:?}"));
    };
    let words: Vec<&str> = named.iter().map(String::as_str).chain(["--yes"]).collect();
    cli.run(&words);
    let next = cli.run(&["token", "get", "certificate"]);
    if next.code == 0 {
        Cell::AfterNamed(named.join(" "))
    } else {
        Cell::Failed(format!("{next:?}"))
    }
}

/// What the pages of Glewlwyd do by script, for its first user.
fn agree_at_glewlwyd(waiting: &SignIn, made: &Value) {
    let mut browser = Browser::new();
    let at = |path: &str| waiting.address.join(path).unwrap();
    let user = json!({ "username": "admin", "password": "password" });
    browser.json("POST", &at("/api/auth/"), &user);
    let client = made["client_id"].as_str().unwrap();
    let scope = json!({ "scope": "openid orders:read" });
    browser.json("PUT", &at(&format!("/api/auth/grant/{client}/")), &scope);
    let mut address = waiting.address.clone();
    address.query_pairs_mut().append_pair("g_continue", "");
    browser.open(&address);
}

fn glewlwyd() -> Vec<Cell> {
    let server = real::Server::glewlwyd();
    let cli = at(&server.text("issuer"));
    // It compares redirect URIs letter by letter.
    let redirect = format!("http://127.0.0.1:{}/callback", free_port());
    let scopes = ["openid", "orders:read"];
    let mut cells = code_and_refresh(&cli, &redirect, &scopes, agree_at_glewlwyd).to_vec();
    cells.push(device(&cli, "openid", agree_at_glewlwyd, "code="));
    cells.push(not_offered("no pushed_authorization_request_endpoint"));
    cells.push(not_offered("no certificates"));
    cells
}

fn django() -> Vec<Cell> {
    let server = real::Server::django();
    let cli = at(&server.text("issuer"));
    let fill = [("username", "tester"), ("password", "secret")];
    let mut cells = code_and_refresh(&cli, REDIRECT, &["orders:read"], |waiting, _| {
        Browser::new().sign_in(&waiting.address, &fill);
    })
    .to_vec();
    // The endpoint can be entered; this release fails there (oauthlib answers with a member that it does not take).
    cells.extend(["device codes", "pushed requests", "certificates"].map(not_offered));
    cells
}

/// From the address of an MCP server: the client is registered on the way.
fn mcp(server: &real::Server) -> Vec<Cell> {
    let cli = Cli::with_vault();
    let address = server.text("mcp");
    let waiting = SignIn::of(&mut cli.command(&["connect", &address, "--yes"]));
    let first = token(waiting, |waiting| {
        Browser::new().open(&waiting.address);
    });
    let listed = cli.run(&["app", "list"]).json();
    let name = listed["items"][0]["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let shown = cli.run(&["token", "show", &name]).json();
    let next = match &first {
        _ if shown["has_refresh_token"] == false => not_offered("the answer has no refresh token"),
        Ok(_) => cell(refreshed(&cli, &name, &shown)),
        Err(_) => Cell::Failed("no token before it".to_owned()),
    };
    let mut cells = vec![cell(first), next];
    cells.extend(["device codes", "pushed requests", "certificates"].map(not_offered));
    cells
}

/// A row for each server.
pub(crate) fn rows() -> Vec<Row> {
    let row = |name, cells| Row { name, cells };
    vec![
        row("oidc-provider", oidc_provider()),
        row("Glewlwyd", glewlwyd()),
        row("Django OAuth Toolkit", django()),
        row("MCP TypeScript SDK", mcp(&real::Server::mcp())),
        row("MCP Python SDK", mcp(&real::Server::mcp_python())),
    ]
}
