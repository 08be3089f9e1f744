//! Device authorization (RFC 8628): a code that a user enters on another device.

use serde_json::Map;
use url::Url;

use crate::{
    client_auth::ClientProof,
    error_response::ErrorResponse,
    http::{Body, HttpClient, Purpose, Request},
    lenient,
    secret::DeviceCode,
    server_metadata::ServerMetadata,
    token::{TokenError, TokenRequest},
};

/// Member of the metadata (RFC 8628 §4).
pub const DEVICE_AUTHORIZATION_ENDPOINT: &str = "device_authorization_endpoint";
/// Pause between two token requests where the server names none, in seconds (RFC 8628 §3.2).
const USUAL_INTERVAL: u64 = 5;
/// Longest pause that is kept to, in seconds.
const LONGEST_INTERVAL: u64 = 300;
/// Lifetime of a code whose server names none, in seconds.
const USUAL_LIFETIME: i64 = 300;

/// The answer (RFC 8628 §3.2).
#[derive(Debug, Clone)]
pub struct DeviceAuthorization {
    /// `device_code`.
    pub device_code: DeviceCode,
    /// What the user enters.
    pub user_code: String,
    /// Where the user enters it: a web address.
    pub verification_uri: Url,
    /// The same with the code in it.
    pub verification_uri_complete: Option<Url>,
    /// Seconds until the code expires.
    pub expires_in: i64,
    /// Seconds between two token requests.
    pub interval: u64,
}

impl ServerMetadata {
    /// Where codes for other devices come from (RFC 8628 §4).
    pub fn device_authorization_endpoint(&self) -> Option<Url> {
        lenient::address(&self.document, DEVICE_AUTHORIZATION_ENDPOINT)
    }
}

/// Asks for a code. `wanted` says who asks, with which scopes and parameters.
pub async fn authorize(
    http: &HttpClient,
    endpoint: &Url,
    wanted: &TokenRequest,
) -> Result<DeviceAuthorization, TokenError> {
    let client = ClientProof::from(wanted);
    let mut fields = client.fields(http.clock().now())?;
    // A client that proves itself in the header may leave it out (RFC 8628 §3.1); Django OAuth Toolkit looks there alone.
    if fields.iter().all(|(name, _)| name != "client_id") {
        fields.insert(0, ("client_id".to_owned(), wanted.client_id.clone()));
    }
    if !wanted.scopes.is_empty() {
        fields.push(("scope".to_owned(), wanted.scopes.join(" ")));
    }
    fields.extend(wanted.extra.iter().cloned());
    let request = Request::new(
        http::Method::POST,
        endpoint.clone(),
        Purpose::Token,
        wanted.flow,
    )
    .body(Body::Form(fields));
    let response = http.send(client.on(request)).await?;
    let read = response.document();
    let refuses = read.as_ref().is_some_and(lenient::is_error);
    match read
        .filter(|_| response.is_success())
        .and_then(|map| read_answer(&map))
    {
        Some(answer) => Ok(answer),
        None if response.is_success() && !refuses => Err(TokenError::Incomplete {
            status: response.status,
            members: "device_code, user_code, verification_uri",
            exchange: response.exchange,
        }),
        None => Err(TokenError::Refused {
            words: ErrorResponse::of(&response),
            retry_after: response.retry_after(http.clock().now()),
            exchange: response.exchange,
        }),
    }
}

fn read_answer(map: &Map<String, serde_json::Value>) -> Option<DeviceAuthorization> {
    let interval = lenient::integer(map, "interval").and_then(|one| u64::try_from(one).ok());
    Some(DeviceAuthorization {
        device_code: DeviceCode::new(lenient::text(map, "device_code")?),
        user_code: lenient::text(map, "user_code")?,
        // Google's name for it came first.
        verification_uri: lenient::address(map, "verification_uri")
            .or_else(|| lenient::address(map, "verification_url"))
            .or_else(|| lenient::address(map, "verification_uri_complete"))?,
        verification_uri_complete: lenient::address(map, "verification_uri_complete"),
        expires_in: lenient::seconds(map, "expires_in").unwrap_or(USUAL_LIFETIME),
        interval: interval
            .unwrap_or(USUAL_INTERVAL)
            .clamp(1, LONGEST_INTERVAL),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<DeviceAuthorization> {
        read_answer(&lenient::object(text.as_bytes()).ok()?)
    }

    #[test]
    fn t18_a_code_is_entered_at_a_web_address_alone() {
        let with = |uri: &str| {
            read(&format!(
                r#"{{"device_code":"d","user_code":"U","verification_uri":"{uri}","interval":"0"}}"#
            ))
        };
        let good = with("https://id.example/device");
        assert_eq!(
            good.map(|one| (one.interval, one.expires_in)),
            Some((1, 300))
        );
        for uri in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "",
            "id.example",
        ] {
            assert!(with(uri).is_none(), "{uri}");
        }
    }
}
