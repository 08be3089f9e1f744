//! The requests of the protocol, each against answers of any kind: discovery, registration, management, tokens,
//! introspection, revocation, keys.

use keywright_oauth::{
    client_metadata::ClientMetadata,
    discover,
    http::{BasicEncoding, HttpClient, HttpPolicy},
    introspect::{self, ClientAuthentication},
    jwks, manage,
    manage::{Management, ManagementCredential},
    register, revoke,
    secret::{ClientSecret, InitialAccessToken, RefreshToken, RegistrationAccessToken},
    token::{self, ClientAuth, Grant, TokenRequest},
};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    script, secrets,
    stage::{Seen, Stage},
};

const CLIENT_SECRET: &str = "canary-client-secret-9b1c";
const INITIAL_TOKEN: &str = "canary-initial-token-2c6a";
const MANAGEMENT_TOKEN: &str = "canary-registration-token-5d2e";
const REFRESH_TOKEN: &str = "canary-refresh-token-8f07";
const SENT: [&str; 4] = [
    CLIENT_SECRET,
    INITIAL_TOKEN,
    MANAGEMENT_TOKEN,
    REFRESH_TOKEN,
];
/// More requests than this for one operation would be a loop.
const MOST_REQUESTS: usize = 64;

thread_local! {
    static PLACE: (Stage, HttpClient) = {
        let stage = Stage::new();
        let here = Url::parse(&stage.here).unwrap();
        let client = stage.client(HttpPolicy {
            secret_hosts: Some([HttpPolicy::host_of(&here)].into()),
            ..HttpPolicy::default()
        });
        (stage, client)
    };
}

/// Whatever comes back: an operation ends, its secrets go nowhere else and are in nothing that is kept or said, and
/// what the server issues is hidden in what is kept of its answer.
pub fn run(data: &[u8]) {
    if crate::stage::find(data, b"canary").is_some() {
        return;
    }
    PLACE.with(|(stage, client)| {
        let Some((operation, answers)) = script::read(data, &stage.here, &stage.elsewhere) else {
            return;
        };
        let work = carry_out(operation, client, &stage.here);
        let (outcome, seen, _) = stage.play(answers, work);
        check(&outcome, &seen);
    });
}

/// What was said, and the secrets that were issued in the last answer.
struct Outcome {
    said: String,
    issued: Vec<String>,
}

fn check(outcome: &Outcome, seen: &Seen) {
    assert!(seen.asked + seen.strayed.len() <= MOST_REQUESTS);
    for secret in SENT {
        assert!(!outcome.said.contains(secret), "{}", outcome.said);
        for exchange in &seen.exchanges {
            secrets::assert_absent(&serde_json::to_string(exchange).unwrap(), secret);
        }
        for request in &seen.strayed {
            assert!(
                !String::from_utf8_lossy(request).contains(secret),
                "{request:?}"
            );
        }
    }
    let kept = seen
        .exchanges
        .last()
        .and_then(|last| last.response_body.as_deref());
    for secret in &outcome.issued {
        secrets::assert_absent(kept.unwrap_or_default(), secret);
    }
}

async fn carry_out(operation: u8, http: &HttpClient, here: &str) -> Outcome {
    let flow = Uuid::nil();
    let place = |path: &str| Url::parse(here).unwrap().join(path).unwrap();
    let secret = || ClientSecret::new(CLIENT_SECRET);
    let management = Management {
        uri: place("/register/orders"),
        credential: ManagementCredential::Registration(RegistrationAccessToken::new(
            MANAGEMENT_TOKEN,
        )),
        client_id: "orders".into(),
    };
    let client_authentication = ClientAuthentication {
        client_id: "orders".into(),
        client_secret: Some(secret()),
        client_auth: ClientAuth::Post,
        assertion: keywright_oauth::assertion::AssertionParams::default(),
        certificate: None,
        repeats_in_form: false,
    };
    let metadata: ClientMetadata =
        serde_json::from_value(json!({"client_name": "orders", "scope": "orders:read"})).unwrap();
    match operation {
        b'd' => plain(&discover::discover(http, here, flow).await),
        b'r' => {
            let initial = InitialAccessToken::new(INITIAL_TOKEN);
            registered(
                &register::register(http, &place("/register"), &metadata, Some(&initial), flow)
                    .await,
            )
        }
        b'm' => registered(&manage::read(http, &management, flow).await),
        b'u' => {
            registered(&manage::update(http, &management, &metadata, Some(&secret()), flow).await)
        }
        b'x' => plain(&manage::delete(http, &management, flow).await),
        b'i' => plain(
            &introspect::introspect(
                http,
                &place("/introspect"),
                &client_authentication,
                REFRESH_TOKEN,
                flow,
            )
            .await,
        ),
        b'k' => plain(
            &revoke::revoke(
                http,
                &place("/revoke"),
                &client_authentication,
                REFRESH_TOKEN,
                flow,
            )
            .await,
        ),
        b'j' => plain(&jwks::fetch(http, &place("/jwks"), flow).await),
        _ => {
            let refreshes = operation == b'f';
            let wanted = TokenRequest {
                endpoint: place("/token"),
                client_id: "orders".into(),
                client_secret: Some(secret()),
                client_auth: ClientAuth::Basic(BasicEncoding::Rfc6749),
                assertion: keywright_oauth::assertion::AssertionParams::default(),
                certificate: None,
                dpop: None,
                grant: if refreshes {
                    Grant::RefreshToken(RefreshToken::new(REFRESH_TOKEN))
                } else {
                    Grant::ClientCredentials
                },
                scopes: vec!["orders:read".into()],
                extra: Vec::new(),
                flow,
            };
            let answer = token::request_token(http, &wanted).await;
            let issued = answer.iter().flat_map(|answer| {
                let refresh = answer
                    .refresh_token
                    .iter()
                    .map(|token| token.expose().to_owned());
                refresh.chain([answer.access_token.expose().to_owned()])
            });
            Outcome {
                issued: issued.collect(),
                said: said(&answer),
            }
        }
    }
}

fn said<T: std::fmt::Debug, E: std::error::Error>(result: &Result<T, E>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{error} {error:?}"),
    }
}

fn plain<T: std::fmt::Debug, E: std::error::Error>(result: &Result<T, E>) -> Outcome {
    Outcome {
        said: said(result),
        issued: Vec::new(),
    }
}

fn registered(
    result: &Result<register::ClientInformation, register::RegistrationError>,
) -> Outcome {
    let issued = result.iter().flat_map(|client| {
        let secret = client
            .client_secret
            .iter()
            .map(|secret| secret.expose().to_owned());
        let token = client.registration_access_token.iter();
        secret.chain(token.map(|token| token.expose().to_owned()))
    });
    Outcome {
        issued: issued.collect(),
        said: said(result),
    }
}
