//! The `oauth2` crate over our one client: it writes the form and checks the answer, whose bytes travel by
//! [`HttpClient`].

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use oauth2::{
    AuthType, ClientId, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, RequestTokenError,
    Scope, StandardRevocableToken, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::{AUTHORIZATION_DETAILS, ClientAuth, TokenRequest};
use crate::{
    client_auth::ClientProof,
    client_key::KeyError,
    http::{Body, HttpClient, HttpError, Purpose, Request, Response},
    lenient,
    secret::IdToken,
};

/// The members of an answer, read leniently: servers send `expires_in` as text, or no `token_type`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "Map<String, Value>", into = "Map<String, Value>")]
pub(super) struct Answer {
    access_token: oauth2::AccessToken,
    token_type: BasicTokenType,
    pub(super) written_type: String,
    pub(super) expires_in: Option<i64>,
    /// Unix seconds, where a server names the end instead of the lifetime.
    pub(super) ends_at: Option<i64>,
    refresh_token: Option<oauth2::RefreshToken>,
    pub(super) id_token: Option<IdToken>,
    pub(super) scope: Option<String>,
    pub(super) authorization_details: Option<Value>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("token_type", &self.token_type)
            .finish_non_exhaustive()
    }
}

pub(super) const ACCESS_TOKEN: &str = "access_token";
/// Members of a token answer (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
const MEMBERS: &[&str] = &[
    ACCESS_TOKEN,
    "token_type",
    "expires_in",
    "refresh_token",
    "id_token",
    "scope",
    "expires_on",
    "expires_at",
];
/// Where servers name the end of a token: Microsoft's first endpoints, and libraries that pass on what they store.
const ENDS: [&str; 3] = ["expires_on", "expires_at", "expires"];

/// The members of the token, in an envelope or not, under the names of the standard. Registries of containers call the
/// token `token`.
fn token_in(map: Map<String, Value>) -> Map<String, Value> {
    let mut map = lenient::holding(map, ACCESS_TOKEN);
    if lenient::text(&map, ACCESS_TOKEN).is_none() {
        map = lenient::holding(map, "accessToken");
        lenient::with_standard_names(&mut map, MEMBERS);
    }
    if lenient::text(&map, ACCESS_TOKEN).is_none()
        && !lenient::is_error(&map)
        && let Some(token) = lenient::text(&map, "token")
    {
        map.insert(ACCESS_TOKEN.to_owned(), token.into());
    }
    map
}

impl From<Map<String, Value>> for Answer {
    fn from(map: Map<String, Value>) -> Self {
        let map = token_in(map);
        let written_type = lenient::text(&map, "token_type").unwrap_or_else(|| "Bearer".to_owned());
        Self {
            access_token: oauth2::AccessToken::new(
                lenient::bearer_text(&map, ACCESS_TOKEN).unwrap_or_default(),
            ),
            token_type: if written_type.eq_ignore_ascii_case("bearer") {
                BasicTokenType::Bearer
            } else {
                BasicTokenType::Extension(written_type.clone())
            },
            written_type,
            // Facebook's name for it; other servers have the end of the token there, which `lifetime` tells apart.
            expires_in: lenient::seconds(&map, "expires_in")
                // 0 is "never" there.
                .or_else(|| lenient::seconds(&map, "expires").filter(|end| *end > 0)),
            ends_at: ENDS.iter().find_map(|name| lenient::time(&map, name)),
            refresh_token: lenient::bearer_text(&map, "refresh_token")
                .map(oauth2::RefreshToken::new),
            id_token: lenient::bearer_text(&map, "id_token").map(IdToken::new),
            scope: lenient::scopes(&map, "scope").map(|scopes| scopes.join(" ")),
            authorization_details: lenient::present(&map, AUTHORIZATION_DETAILS).cloned(),
        }
    }
}

impl From<Answer> for Map<String, Value> {
    /// The trait of the `oauth2` crate asks for it; a token is never written out this way.
    fn from(answer: Answer) -> Self {
        Self::from_iter([("token_type".to_owned(), Value::String(answer.written_type))])
    }
}

impl oauth2::TokenResponse for Answer {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &oauth2::AccessToken {
        &self.access_token
    }
    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }
    fn expires_in(&self) -> Option<Duration> {
        self.expires_in
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map(Duration::from_secs)
    }
    fn refresh_token(&self) -> Option<&oauth2::RefreshToken> {
        self.refresh_token.as_ref()
    }
    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

pub(super) type Client = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

pub(super) fn field(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

pub(super) fn client(wanted: &TokenRequest) -> Client {
    let mut client: oauth2::Client<
        BasicErrorResponse,
        Answer,
        BasicTokenIntrospectionResponse,
        StandardRevocableToken,
        BasicRevocationErrorResponse,
    > = oauth2::Client::new(ClientId::new(wanted.client_id.clone()));
    let sends_secret = matches!(
        wanted.client_auth,
        ClientAuth::Basic(_) | ClientAuth::BasicWithId(_) | ClientAuth::Post
    );
    if let Some(secret) = &wanted.client_secret
        && sends_secret
    {
        client = client.set_client_secret(oauth2::ClientSecret::new(secret.expose().to_owned()));
    }
    let auth_type = match wanted.client_auth {
        ClientAuth::Basic(_) | ClientAuth::BasicWithId(_) => AuthType::BasicAuth,
        _ => AuthType::RequestBody,
    };
    client
        .set_auth_type(auth_type)
        .set_token_uri(TokenUrl::from_url(wanted.endpoint.clone()))
}

/// Carries the crate's request over our client and keeps the answer.
#[derive(Clone)]
pub(super) struct Wire {
    pub(super) http: HttpClient,
    pub(super) wanted: TokenRequest,
    pub(super) answer: Arc<Mutex<Option<Response>>>,
}

pub(super) type FormError = RequestTokenError<CarryError, BasicErrorResponse>;

#[derive(Debug, thiserror::Error)]
pub(super) enum CarryError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Wire {
    pub(super) async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, CarryError> {
        let given: Vec<(String, String)> = form_urlencoded::parse(request.body())
            .into_owned()
            .collect();
        let client = ClientProof::from(&self.wanted);
        let make = || {
            let mut fields = given.clone();
            // The crate leaves it out where the header names the client.
            let names_client = fields.iter().any(|(name, _)| name == "client_id");
            if matches!(self.wanted.client_auth, ClientAuth::BasicWithId(_)) && !names_client {
                fields.push(field("client_id", &self.wanted.client_id));
            }
            fields.extend(client.assertion_fields(self.http.clock().now())?);
            let mut ours = Request::new(
                http::Method::POST,
                self.wanted.endpoint.clone(),
                Purpose::Token,
                self.wanted.flow,
            )
            .body(Body::Form(fields));
            ours = client.on(ours);
            ours.dpop.clone_from(&self.wanted.dpop);
            Ok::<_, CarryError>(ours)
        };
        let response = self.http.send_proved(make).await?;
        // The crate stops reading where the document ends: what stands behind it would go unseen.
        let document = response
            .document()
            .and_then(|members| serde_json::to_vec(&members).ok())
            .unwrap_or_default();
        let mut back = HttpResponse::new(document);
        // The crate takes 200 alone for success; any 2xx is.
        *back.status_mut() = if response.is_success() {
            http::StatusCode::OK
        } else {
            http::StatusCode::from_u16(response.status).unwrap_or(http::StatusCode::BAD_REQUEST)
        };
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
        Ok(back)
    }

    /// One token request of a grant that the crate does not have, or polls for by itself. What is wrong with the answer
    /// is read from the answer itself.
    pub(super) async fn form(
        &self,
        grant_type: &str,
        of_grant: Vec<(String, String)>,
    ) -> Result<Answer, FormError> {
        let mut fields = Vec::new();
        if !matches!(self.wanted.client_auth, ClientAuth::Basic(_)) {
            fields.push(field("client_id", &self.wanted.client_id));
        }
        if let (ClientAuth::Post, Some(secret)) =
            (self.wanted.client_auth, &self.wanted.client_secret)
        {
            fields.push(field("client_secret", secret.expose()));
        }
        fields.push(field("grant_type", grant_type));
        fields.extend(of_grant);
        fields.extend(self.wanted.extra.iter().cloned());
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let back = self.carry(HttpRequest::new(form.into_bytes())).await;
        let back = back.map_err(RequestTokenError::Request)?;
        let read = serde_json::from_slice(back.body()).ok();
        read.filter(|_| back.status().is_success())
            .ok_or_else(|| RequestTokenError::Other(String::new()))
    }

    pub(super) fn take(&self) -> Option<Response> {
        self.answer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}
