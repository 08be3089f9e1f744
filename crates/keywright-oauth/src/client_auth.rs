//! How a client names and proves itself in a form (RFC 6749 §2.3, RFC 7521 §4.2): the same at every endpoint.

use crate::{
    assertion::{self, AssertionParams},
    client_key::{ClientKey, KeyError},
    http::{Auth, BasicEncoding, Request},
    introspect::ClientAuthentication,
    secret::ClientSecret,
    token::TokenRequest,
};

/// How a client proves itself at the token endpoint (RFC 7591 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// `client_secret_basic`.
    Basic(BasicEncoding),
    /// The same with `client_id` in the form as well (RFC 6749 §3.2.1 allows it), for servers that look the client up
    /// there.
    BasicWithId(BasicEncoding),
    /// `client_secret_post`.
    Post,
    /// `none`.
    None,
    /// `client_secret_jwt`.
    SecretJwt,
    /// `private_key_jwt`.
    PrivateKeyJwt,
    /// `tls_client_auth` or `self_signed_tls_client_auth` (RFC 8705 §2): the form names the client, and the connection
    /// proves it.
    Certificate,
}

impl ClientAuth {
    /// The client sends an assertion.
    pub fn is_assertion(self) -> bool {
        matches!(self, Self::SecretJwt | Self::PrivateKeyJwt)
    }
}

/// What a client proves itself with.
#[derive(Clone, Copy)]
pub struct ClientProof<'a> {
    /// Client identifier.
    pub client_id: &'a str,
    /// Client secret, unless the client has none.
    pub client_secret: Option<&'a ClientSecret>,
    /// How the client proves itself.
    pub client_auth: ClientAuth,
    /// Key and audience of an assertion.
    pub assertion: &'a AssertionParams,
    /// The key whose certificate goes with each request of the client.
    pub certificate: Option<&'a ClientKey>,
}

impl<'a> From<&'a TokenRequest> for ClientProof<'a> {
    fn from(request: &'a TokenRequest) -> Self {
        Self {
            client_id: &request.client_id,
            client_secret: request.client_secret.as_ref(),
            client_auth: request.client_auth,
            assertion: &request.assertion,
            certificate: request.certificate.as_ref(),
        }
    }
}

impl<'a> From<&'a ClientAuthentication> for ClientProof<'a> {
    fn from(client: &'a ClientAuthentication) -> Self {
        Self {
            client_id: &client.client_id,
            client_secret: client.client_secret.as_ref(),
            client_auth: client.client_auth,
            assertion: &client.assertion,
            certificate: client.certificate.as_ref(),
        }
    }
}

impl ClientProof<'_> {
    /// The credentials for the `Authorization` header.
    pub fn header(self) -> Auth {
        match (self.client_auth, self.client_secret) {
            (ClientAuth::Basic(encoding) | ClientAuth::BasicWithId(encoding), Some(secret)) => {
                Auth::Basic {
                    id: self.client_id.to_owned(),
                    secret: secret.clone(),
                    encoding,
                }
            }
            _ => Auth::None,
        }
    }

    /// The request with what proves the client apart from the form.
    pub(crate) fn on(self, mut request: Request) -> Request {
        request.auth = self.header();
        request.certificate = self.certificate.cloned();
        request
    }

    /// The form fields: none where the header says it all. Each assertion is good for one request, made at `now` (Unix
    /// seconds).
    pub fn fields(self, now: i64) -> Result<Vec<(String, String)>, KeyError> {
        if matches!(self.client_auth, ClientAuth::Basic(_)) && self.client_secret.is_some() {
            return Ok(Vec::new());
        }
        let mut fields = vec![("client_id".to_owned(), self.client_id.to_owned())];
        if let (ClientAuth::Post, Some(secret)) = (self.client_auth, self.client_secret) {
            fields.push(("client_secret".to_owned(), secret.expose().to_owned()));
        }
        fields.extend(self.assertion_fields(now)?);
        Ok(fields)
    }

    /// The fields of the assertion alone.
    pub(crate) fn assertion_fields(self, now: i64) -> Result<Vec<(String, String)>, KeyError> {
        let AssertionParams {
            key,
            key_reference,
            audience,
        } = self.assertion;
        let assertion = match (self.client_auth, self.client_secret, key) {
            (ClientAuth::SecretJwt, Some(secret), _) => {
                assertion::by_secret(secret, self.client_id, audience, now)?
            }
            (ClientAuth::PrivateKeyJwt, _, Some(key)) => {
                assertion::by_key(key, *key_reference, self.client_id, audience, now)?
            }
            (ClientAuth::SecretJwt | ClientAuth::PrivateKeyJwt, ..) => {
                return Err(KeyError::NotAKey);
            }
            _ => return Ok(Vec::new()),
        };
        Ok(assertion::fields(&assertion).into())
    }
}
