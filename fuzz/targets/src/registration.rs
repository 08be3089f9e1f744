//! The answer to a registration (RFC 7591 §3.2).

use bytes::Bytes;
use http::HeaderMap;
use keywright_oauth::{
    http::{Response, redact},
    register::read_information,
    secret::{ClientSecret, RegistrationAccessToken},
};
use url::Url;

use crate::secrets;

/// Any success with a `client_id` is a client. Its secrets are not among its metadata, are not printed, and do not
/// stand in the body that is kept in Activity.
pub fn run(data: &[u8]) {
    let response = Response::new(201, HeaderMap::new(), Bytes::copy_from_slice(data));
    let Ok(endpoint) = Url::parse("https://id.example/register") else {
        return;
    };
    let Ok(client) = read_information(&response, 1_700_000_000, &endpoint, None) else {
        return;
    };
    assert!(!client.client_id.is_empty());
    let members = client.metadata.members();
    assert!(!members.contains_key("client_secret") && !members.contains_key("client_id"));
    let shown = redact::body(data, &[]);
    let issued = [
        client.client_secret.as_ref().map(ClientSecret::expose),
        client
            .registration_access_token
            .as_ref()
            .map(RegistrationAccessToken::expose),
    ];
    for secret in issued.into_iter().flatten() {
        secrets::assert_absent(&shown, secret);
    }
}
