//! The command line at independent servers. All of them are started once; two tables are printed.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod gateways;
mod steps;
mod table;

use std::thread;

use keywright_tests::{OidcProvider, real};
use steps::{STEPS, Step, Subject};

#[test]
fn real_servers_work_by_the_first_or_the_named_command() {
    let (glewlwyd, lemonldap, clients, django, mcp, opaque, jwt) = thread::scope(|scope| {
        let glewlwyd = scope.spawn(real::Server::glewlwyd);
        let lemonldap = scope.spawn(real::Server::lemonldap);
        let clients = scope.spawn(real::Server::lemonldap_with_clients);
        let django = scope.spawn(real::Server::django);
        let mcp = scope.spawn(real::Server::mcp);
        let opaque = scope.spawn(OidcProvider::open);
        let jwt = scope.spawn(OidcProvider::with_jwt);
        (
            glewlwyd.join().unwrap(),
            lemonldap.join().unwrap(),
            clients.join().unwrap(),
            django.join().unwrap(),
            mcp.join().unwrap(),
            opaque.join().unwrap(),
            jwt.join().unwrap(),
        )
    });
    let handler = real::Server::lemonldap_gateway(&clients);
    let at_opaque = real::Server::passport(&opaque.issuer, true);
    let at_jwt = real::Server::passport(&jwt.issuer, false);
    let at_glewlwyd = real::Server::passport(&glewlwyd.text("issuer"), false);

    let batch = &clients.about()["clients"]["batch"];
    let text = |member: &str| batch[member].as_str().unwrap().to_owned();
    let subjects = [
        Subject {
            name: "oidc-provider",
            issuer: opaque.issuer.clone(),
            api: Some(at_opaque.text("api")),
            made: None,
            not_offered: &[Step::Rotate, Step::Signature],
        },
        Subject {
            name: "oidc-provider, JWT",
            issuer: jwt.issuer.clone(),
            api: Some(at_jwt.text("api")),
            made: None,
            not_offered: &[Step::Rotate, Step::Introspect, Step::Revoke],
        },
        Subject {
            name: "Glewlwyd",
            issuer: glewlwyd.text("issuer"),
            api: Some(at_glewlwyd.text("api")),
            made: None,
            not_offered: &[],
        },
        Subject {
            name: "LemonLDAP::NG",
            issuer: lemonldap.text("issuer"),
            api: None,
            made: None,
            not_offered: &[
                Step::Read,
                Step::Update,
                Step::Rotate,
                Step::Token,
                Step::Signature,
                Step::Introspect,
                Step::Call,
                Step::Revoke,
                Step::Delete,
            ],
        },
        Subject {
            name: "LemonLDAP::NG, adopted",
            issuer: clients.text("issuer"),
            api: Some(handler.text("bearer")),
            made: Some((text("id"), text("secret"))),
            not_offered: &[
                Step::Read,
                Step::Update,
                Step::Rotate,
                Step::Revoke,
                Step::Delete,
            ],
        },
        Subject {
            name: "Django OAuth Toolkit",
            issuer: django.text("issuer"),
            api: Some(django.text("api")),
            made: None,
            not_offered: &[Step::Rotate, Step::Signature],
        },
        Subject {
            name: "MCP TypeScript SDK",
            issuer: mcp.text("issuer"),
            api: Some(mcp.text("api")),
            made: None,
            not_offered: &[
                Step::Read,
                Step::Update,
                Step::Rotate,
                Step::Token,
                Step::Signature,
                Step::Introspect,
                Step::Call,
                Step::Revoke,
                Step::Delete,
            ],
        },
    ];
    let servers: Vec<table::Row> = subjects
        .iter()
        .map(|subject| table::Row {
            name: subject.name,
            cells: steps::life(subject),
        })
        .collect();
    let ways = [
        table::Row {
            name: "LemonLDAP::NG handler",
            cells: gateways::lemonldap(&clients, &handler),
        },
        table::Row {
            name: "passport, express-session",
            cells: gateways::passport(&jwt.issuer, &at_jwt),
        },
    ];

    let columns = STEPS.map(|(_, label)| label);
    let mut failed = table::print("Servers and steps", &columns, &servers);
    failed.extend(table::print(
        "Gateways and ways to call",
        &gateways::COLUMNS,
        &ways,
    ));
    assert!(failed.is_empty(), "\n{}", failed.join("\n\n"));
}
