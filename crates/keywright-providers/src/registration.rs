//! What goes into an adapter and what a registration is made of.

use keywright_oauth::{
    authorize::CodeGrant,
    client_key::ClientKey,
    client_metadata::ClientMetadata,
    exchange::TokenExchange,
    register::{Handles, names_another},
    secret::{Assertion, ClientSecret, DeviceCode, RefreshToken, RegistrationAccessToken},
};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::OwnerTag;
use crate::message_code::MessageCode;

/// What the vault knows of one registered client.
#[derive(Debug, Clone, Default)]
pub struct Registration {
    /// Client identifier.
    pub client_id: String,
    /// Client secret.
    pub client_secret: Option<ClientSecret>,
    /// The key that the client proves itself with.
    pub client_key: Option<ClientKey>,
    /// The key that its tokens are bound to (RFC 9449).
    pub dpop_key: Option<ClientKey>,
    /// `registration_client_uri`.
    pub registration_client_uri: Option<Url>,
    /// `registration_access_token`.
    pub registration_access_token: Option<RegistrationAccessToken>,
    /// What else the provider's API needs to find it.
    pub handles: Handles,
    /// Granted or last read metadata.
    pub granted: ClientMetadata,
    /// Scopes that the user asked for at registration; none where that is not known.
    pub asked_scopes: Option<Vec<String>>,
    /// The other clients of the same configuration in the vault that `registration_client_uri` may name.
    pub other_clients: Vec<String>,
}

impl Registration {
    /// `registration_client_uri` manages another client by its own words, or by what the vault knows: it names another
    /// client that the vault holds, and not this one. Nothing is to be sent there.
    pub fn names_other_client(&self) -> bool {
        let Some(uri) = &self.registration_client_uri else {
            return false;
        };
        let names = named_by(uri);
        let is_own = names.contains(&self.client_id);
        names_another(uri, &self.client_id)
            || !is_own && self.other_clients.iter().any(|id| names.contains(id))
    }

    /// A handle that says something.
    pub fn handle(&self, name: &str) -> Option<&str> {
        self.handles
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

/// What a management address may name a client by: the last segment of its path, and each value of its query.
pub fn named_by(uri: &Url) -> Vec<String> {
    let mut segments = uri.path_segments().into_iter().flatten().rev();
    let last = segments.find(|segment| !segment.is_empty());
    // The form decoder reads a plus as a space; a path has none of its own.
    let decoded = |segment: &str| {
        let segment = segment.replace('+', "%2B");
        let mut pairs = form_urlencoded::parse(segment.as_bytes());
        pairs.next().map(|(name, _)| name.into_owned())
    };
    let query = uri.query_pairs().map(|(_, value)| value.into_owned());
    last.and_then(decoded).into_iter().chain(query).collect()
}

/// A client as the provider lists it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Client identifier.
    pub client_id: String,
    /// Its name there.
    pub name: Option<String>,
    /// When it was made, in Unix seconds.
    pub created_at: Option<i64>,
    /// Who made it, where the provider lets us mark that.
    pub owner_tag: Option<OwnerTag>,
    /// What else is needed to manage it.
    pub handles: Handles,
}

/// A secret of a client as the provider lists it, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSecret {
    /// Its identifier there.
    pub id: String,
    /// What the provider shows with it.
    pub label: Option<String>,
    /// When it was made, in Unix seconds.
    pub created_at: Option<i64>,
    /// When it ends, in Unix seconds; none where the provider does not say.
    pub expires_at: Option<i64>,
    /// The provider takes it.
    pub is_active: bool,
    /// The vault holds it as the one in use, as far as is known.
    pub is_current: bool,
}

/// What a token is asked for with.
#[derive(Debug, Clone, Default)]
pub enum WishedGrant {
    /// The client itself.
    #[default]
    ClientCredentials,
    /// A refresh token.
    RefreshToken(RefreshToken),
    /// A user who is about to be asked: the scopes and parameters are those of the authorization request.
    User,
    /// The code that a user enters on another device.
    DeviceCode(DeviceCode),
    /// The code that the user's answer had.
    AuthorizationCode(CodeGrant),
    /// An assertion of somebody else (RFC 7523 §2.1).
    JwtBearer(Assertion),
    /// A SAML assertion (RFC 7522 §2.1): XML, or that in base64.
    SamlBearer(Assertion),
    /// A token of somebody else (RFC 8693 §2.1).
    TokenExchange(Box<TokenExchange>),
}

/// What kind of token is wanted.
#[derive(Debug, Clone, Default)]
pub struct TokenWish {
    /// What it is asked for with.
    pub grant: WishedGrant,
    /// Scopes; none for those of the registration.
    pub scopes: Option<Vec<String>>,
    /// Audience.
    pub audience: Option<String>,
    /// Resources (RFC 8707).
    pub resources: Vec<String>,
    /// Authorization details (RFC 9396), as compact JSON.
    pub authorization_details: Option<String>,
}

/// The credential that a planned request carries, without its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedCredential {
    /// Header it goes into, lower-case.
    pub header: &'static str,
    /// Scheme before it, with the space: `Bearer `, `SSWS `; empty for none.
    pub scheme: &'static str,
    /// What it is: `initial_access_token`, `admin_token`, `dcr_token`, `api_key`, … (`secret.KEY` in
    /// the message files).
    pub secret: &'static str,
}

impl PlannedCredential {
    /// A bearer token of that name.
    pub const fn bearer(secret: &'static str) -> Self {
        Self {
            header: "authorization",
            scheme: "Bearer ",
            secret,
        }
    }
}

/// The body of a planned request.
#[derive(Debug, Clone, PartialEq)]
pub enum PlannedBody {
    /// None.
    Empty,
    /// JSON.
    Json(Value),
    /// A form; a field without a value holds a secret.
    Form(Vec<(&'static str, Option<String>)>),
}

/// One request that a registration will send, without secrets.
#[derive(Debug, Clone)]
pub struct PlannedStep {
    /// Step name, also used in the journal (`plan.KEY` in the message files).
    pub step: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Address, where it is known. What only an earlier answer tells stands in braces.
    pub url: Option<String>,
    /// What goes with it.
    pub credential: Option<PlannedCredential>,
    /// The body.
    pub body: PlannedBody,
}

/// What will not be granted, known before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortfall {
    /// The issuer does not list this grant.
    Grant(String),
    /// The issuer does not list this scope.
    Scope(String),
    /// The issuer does not list this way of authenticating.
    AuthMethod(String),
    /// A vendor's own warning: the code of its sentence (`shortfall.CODE`), and what it is about.
    Vendor(MessageCode, String),
}

impl Shortfall {
    /// The code of its sentence.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Grant(_) => "grant",
            Self::Scope(_) => "scope",
            Self::AuthMethod(_) => "auth_method",
            Self::Vendor(code, _) => code.as_str(),
        }
    }

    /// What it is about.
    pub fn about(&self) -> &str {
        match self {
            Self::Grant(about)
            | Self::Scope(about)
            | Self::AuthMethod(about)
            | Self::Vendor(_, about) => about,
        }
    }
}

/// The steps of a registration.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Requests in order.
    pub steps: Vec<PlannedStep>,
    /// What will not be granted.
    pub shortfalls: Vec<Shortfall>,
}
