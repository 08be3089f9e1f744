//! Personalities: the same engine with the paths and habits of one kind of provider each.

mod auth0;
#[cfg(test)]
mod bench;
mod curity;
mod defaults;
mod entra;
mod http_bridge;
mod okta;
mod provider_behavior;
mod rfc7591;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub(crate) use provider_behavior::{ProviderBehavior, TokenRequest};

use crate::faults::VendorDial;
use crate::info::PersonalityInfo;
use crate::state::Shared;

/// A kind of provider the Sandbox answers as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Personality {
    /// A provider that does what RFC 7591, RFC 7592 and RFC 8414 say, and no more.
    Rfc7591,
    /// Auth0: a Management API, client grants, and an audience in each token request.
    Auth0,
    /// Okta: a client API on the organisation and a custom authorization server.
    Okta,
    /// Curity: RFC 7591 with single-use initial access tokens.
    Curity,
    /// Microsoft Entra ID: applications in Microsoft Graph and the token service.
    Entra,
    /// Kong's HTTP bridge before a plain identity provider.
    HttpBridge,
}

impl Personality {
    /// All there are.
    pub const ALL: [Self; 6] = [
        Self::Rfc7591,
        Self::Auth0,
        Self::Okta,
        Self::Curity,
        Self::Entra,
        Self::HttpBridge,
    ];

    /// Its name, which is also the first segment of its paths and the provider kind that talks to
    /// it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rfc7591 => "rfc7591",
            Self::Auth0 => "auth0",
            Self::Okta => "okta",
            Self::Curity => "curity",
            Self::Entra => "entra",
            Self::HttpBridge => "http-bridge",
        }
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The dials that only this one has.
    pub fn vendor_dials(self) -> &'static [VendorDial] {
        self.provider_behavior().vendor_dials()
    }

    /// The one that answers at this path: its first segment, or the one after a well-known part
    /// that goes between host and path (RFC 8414 section 3).
    pub(crate) fn at(path: &str) -> Option<Self> {
        let mut segments = path.split('/').skip(1);
        match segments.next()? {
            ".well-known" => Self::named(segments.nth(1)?),
            name => Self::named(name),
        }
    }

    pub(crate) fn provider_behavior(self) -> &'static dyn ProviderBehavior {
        match self {
            Self::Rfc7591 => &rfc7591::Rfc7591,
            Self::Auth0 => &auth0::Auth0,
            Self::Okta => &okta::Okta,
            Self::Curity => &curity::Curity,
            Self::Entra => &entra::Entra,
            Self::HttpBridge => &http_bridge::HttpBridge,
        }
    }

    /// Where all its paths begin at the identity provider.
    pub(crate) fn base(self, shared: &Shared) -> String {
        format!("{}/{}", shared.idp_origin(), self.name())
    }

    /// Its issuer.
    pub(crate) fn issuer(self, shared: &Shared) -> String {
        self.provider_behavior().issuer(&self.base(shared))
    }

    /// The issuer its metadata names: its own, unless the dial says otherwise.
    pub(crate) fn named_issuer(self, shared: &Shared) -> String {
        if shared.faults(self).wrong_issuer {
            format!("https://someone-else.example/{}", self.name())
        } else {
            self.issuer(shared)
        }
    }

    /// The example API behind the gateway that trusts it alone.
    pub(crate) fn api_url(self, shared: &Shared) -> String {
        format!("{}/{}/orders", shared.gateway_origin(), self.name())
    }

    pub(crate) fn info(self, shared: &Shared) -> PersonalityInfo {
        let provider_behavior = self.provider_behavior();
        let request = provider_behavior.token_request(shared);
        PersonalityInfo {
            name: self.name().to_owned(),
            provider: self.name().to_owned(),
            issuer: self.issuer(shared),
            api_url: self.api_url(shared),
            set: provider_behavior.settings(shared),
            secrets: provider_behavior.secrets(shared),
            audience: request.audience,
            scope: request.scope,
        }
    }
}
