//! A probe of an address that is not an issuer's, or not only: an API that says who issues its tokens is connected to.

use keywright_oauth::{
    discover::DiscoveryError,
    http::{HttpClient, HttpError, Recorder},
    protected_resource::{self, ResourceError},
};
use keywright_providers::ProviderError;
use url::Url;
use uuid::Uuid;

use super::{Connect, first_request, inspect::policy};
use crate::{CoreError, calls, configurations::probe::Probe, error::connect::ConnectError};

impl Connect<'_> {
    /// Probes an issuer. Works without a vault: nothing is kept.
    ///
    /// # Errors
    ///
    /// Those of discovery; for an address that asks for a token, or describes itself as a protected resource (RFC 9728),
    /// that it is connected to.
    pub async fn probe(self, issuer: &str) -> Result<Probe, CoreError> {
        let probed = self.app.configurations().probe(issuer).await;
        if !probed.as_ref().map_or_else(may_be_resource, |_| true) {
            return probed;
        }
        let Some((http, address)) = self.unrecorded_client(issuer) else {
            return probed;
        };
        let flow = Uuid::now_v7();
        match probed {
            Ok(probe) => Ok(Probe {
                is_resource: describes_itself(&http, &address, None, flow).await,
                ..probe
            }),
            Err(_) if is_resource(&http, &address, flow).await => Err(CoreError::Connect {
                address: issuer.trim().to_owned(),
                source: Box::new(ConnectError::NotAnIssuer),
            }),
            Err(error) => Err(error),
        }
    }

    /// A client that records nothing, for a web address.
    fn unrecorded_client(self, address: &str) -> Option<(HttpClient, Url)> {
        let address = calls::address(address).ok()?;
        let http = HttpClient::new(policy(&address), self.app.0.clock.clone(), Recorder::none());
        Some((http.ok()?, address))
    }
}

/// Something answered, and it is not the metadata of this issuer.
fn may_be_resource(error: &CoreError) -> bool {
    let CoreError::Provider {
        source: ProviderError::Discovery(error),
        ..
    } = error
    else {
        return false;
    };
    match error {
        DiscoveryError::Http(error) => matches!(error, HttpError::Redirect { .. }),
        DiscoveryError::InvalidIssuer { .. }
        | DiscoveryError::Status { .. }
        | DiscoveryError::NotMetadata { .. }
        | DiscoveryError::IssuerMismatch { .. } => true,
    }
}

/// The address asks for a token (RFC 6750 §3), or describes itself.
async fn is_resource(http: &HttpClient, address: &Url, flow: Uuid) -> bool {
    if protected_resource::resource_of_document(address).is_some() {
        return true;
    }
    let first = first_request::send(http, address.clone(), flow).await;
    let challenge = first.ok().and_then(|first| first.challenge);
    let named = challenge
        .as_ref()
        .and_then(|challenge| challenge.resource_metadata.as_deref());
    challenge.is_some() || describes_itself(http, address, named, flow).await
}

async fn describes_itself(
    http: &HttpClient,
    address: &Url,
    named: Option<&str>,
    flow: Uuid,
) -> bool {
    let found = protected_resource::discover(http, address, named, flow).await;
    matches!(found, Ok(Some(_)) | Err(ResourceError::Mismatch { .. }))
}
