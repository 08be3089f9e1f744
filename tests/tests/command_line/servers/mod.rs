//! The command line at independent servers. All of them are started once; three tables are printed.
#![allow(
    clippy::too_many_lines,
    reason = "the steps at a server are read in a row"
)]

mod flows;
mod gateways;
mod grants;
mod steps;
mod table;

use std::thread;

use keywright_tests::{OidcProvider, real};
use steps::{STEPS, Step, Subject};

/// All that follows a registration at a server that manages no clients and gives tokens after a login alone.
const AFTER_REGISTRATION: &[Step] = &[
    Step::Read,
    Step::Update,
    Step::Rotate,
    Step::Token,
    Step::Signature,
    Step::Introspect,
    Step::Call,
    Step::Revoke,
    Step::Delete,
];

/// Every server of the tables.
struct Running {
    glewlwyd: real::Server,
    lemonldap: real::Server,
    clients: real::Server,
    handler: real::Server,
    django: real::Server,
    allauth: real::Server,
    mcp: real::Server,
    opaque: OidcProvider,
    jwt: OidcProvider,
    at_glewlwyd: real::Server,
    at_opaque: real::Server,
    at_jwt: real::Server,
}

impl Running {
    /// Starts the providers at the same time, then the gateways.
    fn start() -> Self {
        thread::scope(|scope| {
            let glewlwyd = scope.spawn(real::Server::glewlwyd);
            let lemonldap = scope.spawn(real::Server::lemonldap);
            let clients = scope.spawn(real::Server::lemonldap_with_clients);
            let django = scope.spawn(real::Server::django);
            let allauth = scope.spawn(real::Server::allauth);
            let mcp = scope.spawn(real::Server::mcp);
            let opaque = OidcProvider::open();
            let jwt = OidcProvider::with_jwt();
            let glewlwyd = glewlwyd.join().unwrap();
            let clients = clients.join().unwrap();
            Self {
                at_glewlwyd: real::Server::passport(&glewlwyd.text("issuer"), false),
                at_opaque: real::Server::passport(&opaque.issuer, true),
                at_jwt: real::Server::passport(&jwt.issuer, false),
                handler: real::Server::lemonldap_gateway(&clients),
                lemonldap: lemonldap.join().unwrap(),
                django: django.join().unwrap(),
                allauth: allauth.join().unwrap(),
                mcp: mcp.join().unwrap(),
                glewlwyd,
                clients,
                opaque,
                jwt,
            }
        })
    }

    fn subjects(&self) -> [Subject; 8] {
        let batch = &self.clients.about()["clients"]["batch"];
        let text = |member: &str| batch[member].as_str().unwrap().to_owned();
        [
            Subject {
                name: "oidc-provider",
                issuer: self.opaque.issuer.clone(),
                api: Some(self.at_opaque.text("api")),
                made: None,
                not_offered: &[Step::Rotate, Step::Signature],
            },
            Subject {
                name: "oidc-provider, JWT",
                issuer: self.jwt.issuer.clone(),
                api: Some(self.at_jwt.text("api")),
                made: None,
                not_offered: &[Step::Rotate, Step::Introspect, Step::Revoke],
            },
            Subject {
                name: "Glewlwyd",
                issuer: self.glewlwyd.text("issuer"),
                api: Some(self.at_glewlwyd.text("api")),
                made: None,
                not_offered: &[],
            },
            Subject {
                name: "LemonLDAP::NG",
                issuer: self.lemonldap.text("issuer"),
                api: None,
                made: None,
                not_offered: AFTER_REGISTRATION,
            },
            Subject {
                name: "LemonLDAP::NG, adopted",
                issuer: self.clients.text("issuer"),
                api: Some(self.handler.text("bearer")),
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
                issuer: self.django.text("issuer"),
                api: Some(self.django.text("api")),
                made: None,
                not_offered: &[Step::Rotate, Step::Signature],
            },
            Subject {
                name: "django-allauth",
                issuer: self.allauth.text("issuer"),
                api: Some(self.allauth.text("api")),
                made: None,
                not_offered: &[
                    Step::Read,
                    Step::Update,
                    Step::Rotate,
                    Step::Signature,
                    Step::Delete,
                ],
            },
            Subject {
                name: "MCP TypeScript SDK",
                issuer: self.mcp.text("issuer"),
                api: Some(self.mcp.text("api")),
                made: None,
                not_offered: AFTER_REGISTRATION,
            },
        ]
    }
}

#[test]
fn real_servers_give_tokens_by_each_grant() {
    let rows = flows::rows();
    let failed = table::print("Grants of users", &flows::COLUMNS, &rows);
    assert!(failed.is_empty(), "\n{}", failed.join("\n\n"));
}

#[test]
fn real_servers_work_by_the_first_or_the_named_command() {
    let running = Running::start();
    let servers: Vec<table::Row> = running
        .subjects()
        .iter()
        .map(|subject| table::Row {
            name: subject.name,
            cells: steps::life(subject),
        })
        .collect();
    let ways = [
        table::Row {
            name: "LemonLDAP::NG handler",
            cells: gateways::lemonldap(&running.clients, &running.handler),
        },
        table::Row {
            name: "passport, express-session",
            cells: gateways::passport(&running.jwt.issuer, &running.at_jwt),
        },
    ];

    let authentication: Vec<table::Row> = running
        .subjects()
        .iter()
        .filter(|subject| subject.made.is_none())
        .map(|subject| table::Row {
            name: subject.name,
            cells: grants::ways(subject),
        })
        .collect();

    let columns = STEPS.map(|(_, label)| label);
    let mut failed = table::print("Servers and steps", &columns, &servers);
    failed.extend(table::print(
        "Gateways and ways to call",
        &gateways::COLUMNS,
        &ways,
    ));
    failed.extend(table::print(
        "Tokens with client credentials and client authentication",
        &grants::COLUMNS,
        &authentication,
    ));
    assert!(failed.is_empty(), "\n{}", failed.join("\n\n"));
}
