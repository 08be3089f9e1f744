//! The token request of a client as a command for curl, which proves the client as its registration says.

use keywright_oauth::{
    client_auth::ClientProof,
    token::{ClientAuth, TokenRequest},
};

use crate::{
    disclosure::copy_forms::{for_curl, piped},
    shell_words::quoted,
};

pub(super) const SOME_TOKEN_ENDPOINT: &str = "https://id.example.com/token";
/// A certificate and its key are files for curl. The key does not leave the vault: whoever runs the command has both.
const CERTIFICATE: &str = "--cert client.pem --key client.key";
/// The fields of an assertion (RFC 7521 §4.2).
const ASSERTION: &str = "client_assertion";

/// A token request that is to be copied.
#[derive(Clone)]
pub(crate) struct TokenCommand {
    /// The request.
    pub(crate) request: TokenRequest,
    /// Fields by which a client with an assertion names and proves itself, made when it is copied; empty for all others.
    pub(crate) proof: Vec<(String, String)>,
}

impl TokenCommand {
    /// The request with its proof, made at `now` (Unix seconds). None where no assertion can be made.
    pub(crate) fn of(request: TokenRequest, now: i64) -> Option<Self> {
        let proof = if request.client_auth.is_assertion() {
            ClientProof::from(&request).fields(now).ok()?
        } else {
            Vec::new()
        };
        Some(Self { request, proof })
    }

    /// Seconds for which a copied command is good; none where that has no end.
    pub(crate) fn lives_secs(&self) -> Option<u32> {
        self.request
            .client_auth
            .is_assertion()
            .then_some(keywright_oauth::assertion::LIVES_SECS)
    }

    /// The token requests of the client do not contain its secret.
    pub(crate) fn is_without_secret(&self) -> bool {
        let method = self.request.client_auth;
        matches!(method, ClientAuth::None | ClientAuth::Certificate) || method.is_assertion()
    }

    /// A command whose arguments hold no secret. `header` carries Basic credentials.
    pub(super) fn curl(&self, header: &str, secret: &str) -> String {
        let request = &self.request;
        let mut fields = vec![("grant_type", "client_credentials".to_owned())];
        if !request.scopes.is_empty() {
            fields.push(("scope", request.scopes.join(" ")));
        }
        let of_client = |name: &str| name.starts_with(ASSERTION) || name == "client_id";
        let extra = request.extra.iter();
        fields.extend(
            extra
                .filter(|(name, _)| !of_client(name))
                .map(|(name, value)| (name.as_str(), value.clone())),
        );
        let endpoint = for_curl(request.endpoint.as_str());
        match request.client_auth {
            ClientAuth::Basic(_) => piped(header, &format!("{} {endpoint}", form(&fields))),
            ClientAuth::BasicWithId(_) => {
                fields.push(("client_id", request.client_id.clone()));
                piped(header, &format!("{} {endpoint}", form(&fields)))
            }
            ClientAuth::None => {
                fields.push(("client_id", request.client_id.clone()));
                format!("curl {} {endpoint}", form(&fields))
            }
            ClientAuth::Post => {
                fields.push(("client_id", request.client_id.clone()));
                from_input(secret, "client_secret", &fields, &endpoint)
            }
            ClientAuth::Certificate => {
                fields.push(("client_id", request.client_id.clone()));
                format!("curl {CERTIFICATE} {} {endpoint}", form(&fields))
            }
            ClientAuth::SecretJwt | ClientAuth::PrivateKeyJwt => {
                let (assertion, named): (Vec<_>, Vec<_>) =
                    self.proof.iter().partition(|(name, _)| name == ASSERTION);
                let named = named
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.clone()));
                fields.extend(named);
                let assertion = assertion.first().map_or("", |(_, value)| value.as_str());
                from_input(assertion, ASSERTION, &fields, &endpoint)
            }
        }
    }
}

/// The command where nothing is known of the request.
pub(super) fn example(header: &str) -> String {
    let fields = [("grant_type", "client_credentials".to_owned())];
    piped(header, &format!("{} {SOME_TOKEN_ENDPOINT}", form(&fields)))
}

/// Curl reads the value of one field from standard input.
fn from_input(value: &str, name: &str, fields: &[(&str, String)], endpoint: &str) -> String {
    format!(
        "printf %s {} | curl {} --data-urlencode {name}@- {endpoint}",
        quoted(value),
        form(fields)
    )
}

fn form(fields: &[(&str, String)]) -> String {
    let all = fields.iter().map(|(name, value)| {
        let field = quoted(&format!("{name}={value}"));
        format!("--data-urlencode {field}")
    });
    all.collect::<Vec<_>>().join(" ")
}
