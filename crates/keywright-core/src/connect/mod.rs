//! From any address to a token: who protects it (RFC 9728, RFC 8414, OpenID Connect Discovery), how this client is
//! known there, and an application that gets tokens for it.
//!
//! Credentials belong to the issuer that they came from: an application is found again by issuer and resource
//! together, so that a resource that names another issuer leads to another application.

mod document;
mod first_request;
mod inspect;
mod prepare;
mod probe;
mod scopes;
mod sheet;
mod step_up;
pub(crate) mod types;

use keywright_oauth::{protected_resource::ProtectedResource, server_metadata::ServerMetadata};
use keywright_vault::{ApplicationRow, Health, SecretText, VaultError};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError, Keywright, app::registration_record::connected_key, connect::types::ConnectSheet,
};

/// What the user asks for.
#[derive(Debug, Clone, Default)]
pub struct ConnectInput {
    /// An API, an MCP server, an issuer or a document of metadata.
    pub address: String,
    /// The issuer to use, of several that the resource names.
    pub issuer: Option<String>,
    /// Grant; chosen from the metadata where absent.
    pub grant: Option<String>,
    /// Scopes; those of the challenge or the resource where empty.
    pub scopes: Vec<String>,
    /// Name of the application; the host of the address where absent.
    pub name: Option<String>,
    /// A client that was registered manually.
    pub client: Option<GivenClient>,
    /// Address of a client ID metadata document.
    pub document: Option<String>,
    /// Certificates to trust there, PEM; those of a configuration for the same host where absent.
    pub ca_pem: Option<String>,
}

/// A client that was registered manually.
#[derive(Debug, Clone)]
pub struct GivenClient {
    /// Client identifier.
    pub client_id: String,
    /// Client secret, unless the client is public or has a key.
    pub client_secret: Option<SecretText>,
    /// Private key of `private_key_jwt`, PEM or JWK.
    pub client_key: Option<SecretText>,
    /// How it signs; as the key says where absent.
    pub signing_alg: Option<String>,
}

/// What was found at an address. Nothing is saved yet.
#[derive(Debug)]
pub struct FoundServer {
    /// What was found, to show.
    pub sheet: ConnectSheet,
    input: ConnectInput,
    address: Url,
    resource: Option<ProtectedResource>,
    metadata: ServerMetadata,
    /// The application of this issuer for this resource, where there is one.
    known: Option<ApplicationRow>,
    /// The address is that of an API, not of an issuer.
    is_api: bool,
    /// Nothing describes the server: its endpoints are the usual ones.
    is_assumed: bool,
}

impl FoundServer {
    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.metadata.issuer
    }

    /// The vault has no application for it yet.
    pub fn is_new(&self) -> bool {
        self.known.is_none()
    }

    /// The API to call with the token; none where the address is that of an issuer.
    pub(crate) fn api(&self) -> Option<&Url> {
        self.is_api.then_some(&self.address)
    }
}

/// From any address to a token.
#[derive(Clone, Copy, Debug)]
pub struct Connect<'a> {
    pub(crate) app: &'a Keywright,
}

impl Keywright {
    /// From any address to a token.
    pub fn connect(&self) -> Connect<'_> {
        Connect { app: self }
    }
}

impl Connect<'_> {
    /// Refuses what is not an http or https address before anything else is asked for.
    ///
    /// # Errors
    ///
    /// `url` with the address that was probably meant.
    pub fn check_address(typed: &str) -> Result<(), CoreError> {
        crate::calls::address(typed).map(drop)
    }

    /// The application that was connected to this address, or to one above it, last.
    pub fn application_of(self, address: &str) -> Result<Option<String>, CoreError> {
        let address = crate::calls::address(address)?;
        for place in above(&address) {
            if let Some(row) = self.kept(&address_key(&place))? {
                return Ok(Some(row.id.to_string()));
            }
        }
        Ok(None)
    }

    /// The application of an issuer for a resource.
    fn application_at(
        self,
        issuer: &str,
        resource: &str,
    ) -> Result<Option<ApplicationRow>, CoreError> {
        self.kept(&identity_key(issuer, resource))
    }

    /// The application of this client at an issuer for a resource, also where another client was connected to it since.
    fn application_of_client(
        self,
        issuer: &str,
        resource: &str,
        client_id: &str,
    ) -> Result<Option<ApplicationRow>, CoreError> {
        let is_it = |row: &ApplicationRow| row.client_id == client_id;
        if let Some(last) = self.application_at(issuer, resource)?.filter(is_it) {
            return Ok(Some(last));
        }
        let own = self.kept(&client_key(issuer, resource, client_id))?;
        Ok(own.filter(is_it))
    }

    fn kept(self, key: &str) -> Result<Option<ApplicationRow>, CoreError> {
        let vault = self.app.vault()?;
        let kept = vault.kv(key)?;
        let id = kept.as_ref().and_then(|value| value.as_str());
        let Some(id) = id.and_then(|text| Uuid::parse_str(text).ok()) else {
            return Ok(None);
        };
        match vault.application(id) {
            // It was deleted meanwhile.
            Err(VaultError::NotFound { .. }) => Ok(None),
            // Its server does not know it any more, as a server without a disk after a restart.
            Ok(row) if row.health == Health::Rejected => Ok(None),
            other => Ok(Some(other?)),
        }
    }

    fn remember(
        self,
        row: &ApplicationRow,
        issuer: &str,
        resource: &str,
        address: &Url,
    ) -> Result<(), CoreError> {
        let vault = self.app.vault()?;
        let application = &row.id.to_string();
        let client = client_key(issuer, resource, &row.client_id);
        vault.put_kv(&client, &json!(application))?;
        vault.put_kv(&identity_key(issuer, resource), &json!(application))?;
        vault.put_kv(&address_key(&bare(address)), &json!(application))?;
        vault.put_kv(&connected_key(application), &json!(address.as_str()))?;
        Ok(())
    }
}

fn identity_key(issuer: &str, resource: &str) -> String {
    format!("connection/{issuer} {resource}")
}

fn client_key(issuer: &str, resource: &str, client_id: &str) -> String {
    format!("connection/{issuer} {resource} {client_id}")
}

fn address_key(address: &str) -> String {
    format!("connected/{address}")
}

/// An address without what differs from call to call.
fn bare(address: &Url) -> String {
    let origin = address.origin().ascii_serialization();
    let path = address.path().trim_end_matches('/');
    format!("{origin}{path}")
}

/// The address and those above it, the nearest first.
fn above(address: &Url) -> Vec<String> {
    let whole = bare(address);
    let origin = address.origin().ascii_serialization().len();
    let mut all = vec![whole.clone()];
    let mut rest = whole.as_str();
    while let Some(at) = rest.rfind('/').filter(|at| *at >= origin) {
        rest = rest.get(..at).unwrap_or_default();
        all.push(rest.to_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn an_address_is_found_by_those_above_it() {
        let all = above(&"https://a.example:8443/v1/mcp/?x=1#y".parse().unwrap());
        assert_eq!(
            all,
            [
                "https://a.example:8443/v1/mcp",
                "https://a.example:8443/v1",
                "https://a.example:8443",
            ]
        );
        assert_eq!(
            above(&"https://a.example".parse().unwrap()),
            ["https://a.example"]
        );
    }
}
