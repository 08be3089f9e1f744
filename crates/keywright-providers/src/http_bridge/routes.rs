//! Where the bridge is, and one request to it.

use http::{HeaderName, Method};
use keywright_oauth::{
    error_response::ErrorResponse,
    http::{Auth, Purpose},
    register::RegistrationError,
    secret::AdminSecret,
    token::TokenError,
};
use serde_json::Value;
use url::Url;

use super::{HttpBridge, capabilities};
use crate::{
    Capability, Context, DeletionEvidence, ProviderError,
    api::{self, Answer, Call},
};

/// Header that carries the API key.
pub(super) const KEY_HEADER: &str = "x-api-key";

impl HttpBridge {
    /// `POST /`: the base address with one `/` at its end.
    pub(super) fn root(&self) -> Result<Url, ProviderError> {
        self.joined(&[""])
    }

    /// `/{clientId}` and what is below it. The identity provider behind the bridge chooses what a
    /// client identifier looks like, so each part is escaped.
    pub(super) fn client(
        &self,
        client_id: &str,
        below: &[&str],
        capability: Capability,
    ) -> Result<Url, ProviderError> {
        // An address swallows these parts, and `DELETE /` would be the wrong request.
        if matches!(client_id, "" | "." | "..") {
            return Err(ProviderError::NotCapable {
                capability,
                reason: capabilities::NO_PATH,
            });
        }
        let parts: Vec<&str> = std::iter::once(client_id)
            .chain(below.iter().copied())
            .collect();
        self.joined(&parts)
    }

    fn joined(&self, parts: &[&str]) -> Result<Url, ProviderError> {
        let mut url =
            self.config
                .address(HttpBridge::DCR_BASE_URL)?
                .ok_or(ProviderError::Missing {
                    key: HttpBridge::DCR_BASE_URL,
                })?;
        match url.path_segments_mut() {
            Ok(mut path) => {
                path.pop_if_empty().extend(parts);
            }
            Err(()) => {
                return Err(ProviderError::Missing {
                    key: HttpBridge::DCR_BASE_URL,
                });
            }
        }
        Ok(url)
    }

    pub(super) fn api_key(&self) -> Result<AdminSecret, ProviderError> {
        self.config
            .secret(HttpBridge::API_KEY)
            .cloned()
            .ok_or(ProviderError::Missing {
                key: HttpBridge::API_KEY,
            })
    }

    pub(super) fn auth(&self) -> Result<Auth, ProviderError> {
        Ok(Auth::Header {
            name: HeaderName::from_static(KEY_HEADER),
            value: self.api_key()?,
        })
    }

    pub(super) async fn ask(
        &self,
        context: Context<'_>,
        (method, url, purpose): (Method, Url, Purpose),
        body: Option<Value>,
    ) -> Result<Answer, ProviderError> {
        let call = Call {
            method,
            url,
            purpose,
            auth: self.auth()?,
            body,
        };
        api::call(&self.http, call, context.flow)
            .await
            .map_err(told)
    }
}

/// A 401 of the bridge is about the API key alone, whatever the client: it must not be taken for an
/// unknown client, as it would be under RFC 7592.
fn told(error: RegistrationError) -> ProviderError {
    match error {
        RegistrationError::Refused {
            words,
            retry_after,
            exchange,
            ..
        } if words.status == 401 => ProviderError::Admin {
            source: TokenError::Refused {
                words,
                retry_after,
                exchange,
            },
        },
        other => other.into(),
    }
}

/// The contract of the bridge gives each error a code and a text. The gateway in front of it sends a text
/// alone (`no Route matched with those values`), and only the bridge knows which clients there are.
pub(super) fn deletion_evidence(words: &ErrorResponse) -> DeletionEvidence {
    match words.status {
        404 | 410 if words.error.is_some() && words.description.is_some() => {
            DeletionEvidence::Stated
        }
        _ => DeletionEvidence::None,
    }
}

/// Kong's reference bridge answers 400 to whatever its identity provider refused, and only the text
/// tells which refusal it was: that of a client that is not there reads as such again.
pub(super) fn gone(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::Registration(RegistrationError::Refused {
            mut words,
            retry_after,
            about,
            exchange,
        }) if words.status == 400
            && words
                .description
                .as_deref()
                .is_some_and(|text| text.ends_with("status code 404")) =>
        {
            words.status = 404;
            RegistrationError::Refused {
                words,
                retry_after,
                about,
                exchange,
            }
            .into()
        }
        other => other,
    }
}
