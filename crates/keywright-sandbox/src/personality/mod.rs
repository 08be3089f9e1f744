//! Personalities: the same engine with the paths and habits of one kind of provider each.

mod rfc7591;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;

use crate::info::PersonalityInfo;
use crate::options::Registration;
use crate::state::Shared;

/// A kind of provider the Sandbox answers as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personality {
    /// A provider that does what RFC 7591, RFC 7592 and RFC 8414 say, and no more.
    Rfc7591,
}

impl Personality {
    /// All there are.
    pub const ALL: [Self; 1] = [Self::Rfc7591];

    /// Its name, which is also the first segment of its paths.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rfc7591 => "rfc7591",
        }
    }

    /// The provider kind that talks to it.
    pub const fn provider(self) -> &'static str {
        match self {
            Self::Rfc7591 => "rfc7591",
        }
    }

    pub(crate) fn router(self) -> Router<Arc<Shared>> {
        match self {
            Self::Rfc7591 => rfc7591::router(),
        }
    }

    pub(crate) fn info(self, shared: &Shared) -> PersonalityInfo {
        let secrets = match shared.registration() {
            Registration::Open => BTreeMap::new(),
            Registration::InitialAccessToken => BTreeMap::from([(
                "initial_access_token".to_owned(),
                shared.initial_access_token.clone(),
            )]),
        };
        PersonalityInfo {
            name: self.name().to_owned(),
            provider: self.provider().to_owned(),
            issuer: shared.issuer(),
            api_url: shared.api_url(),
            // The kind needs no more than its issuer.
            set: BTreeMap::new(),
            secrets,
        }
    }
}
