//! Verify: what was tried, how long it took, what the server said.

mod outcome;
pub(crate) mod runner;

use std::{borrow::Cow, collections::BTreeMap};

use crate::message_code::MessageCode;
use crate::messages::step;
use keywright_oauth::codes;
use keywright_oauth::error_response::ErrorResponse;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A step: a stable key, whose title is in the message files as `step.KEY`. Each adapter names its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepName(Cow<'static, str>);

impl StepName {
    /// A step of that key.
    pub(crate) const fn new(code: MessageCode) -> Self {
        Self(Cow::Borrowed(code.as_str()))
    }

    /// Stable name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The metadata document is there.
    pub const DISCOVERY: Self = Self::new(step::DISCOVERY);
    /// It names the issuer asked for.
    pub const ISSUER: Self = Self::new(step::ISSUER);
    /// Its endpoints are at hosts that the user named.
    pub const HOSTS: Self = Self::new(step::HOSTS);
    /// There is a place to register at.
    pub const REGISTRATION_ENDPOINT: Self = Self::new(step::REGISTRATION_ENDPOINT);
    /// What opens registration.
    pub const INITIAL_ACCESS_TOKEN: Self = Self::new(step::INITIAL_ACCESS_TOKEN);
    /// The admin client of the configuration gets a token.
    pub const ADMIN_TOKEN: Self = Self::new(step::ADMIN_TOKEN);
    /// The vendor's own API answers.
    pub const ADMIN_API: Self = Self::new(step::ADMIN_API);
    /// The admin client may do what registering needs.
    pub const PERMISSIONS: Self = Self::new(step::PERMISSIONS);
    /// A client gets a token by itself.
    pub const GRANTS: Self = Self::new(step::GRANTS);
    /// The token endpoint answers as one.
    pub const TOKEN_ENDPOINT: Self = Self::new(step::TOKEN_ENDPOINT);
    /// The key set can be read.
    pub const SIGNING_KEYS: Self = Self::new(step::SIGNING_KEYS);
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Under way.
    Running,
    /// Passed.
    Passed,
    /// Passed, with something to know.
    Warning,
    /// Failed.
    Failed,
    /// Not tried: an earlier step failed, or it does not apply.
    Skipped,
}

/// What was found. The words for each are in the message files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// The document was found at this address.
    DocumentAt {
        /// Address.
        url: String,
    },
    /// The issuer is the one asked for.
    IssuerMatches,
    /// Another issuer answered.
    IssuerDiffers {
        /// Named by the document.
        answered: String,
    },
    /// A failure of discovery or of the wire, by its stable code.
    Failure {
        /// Stable code of the error catalogue.
        code: String,
        /// Host or address, to name.
        subject: String,
        /// What the TLS library or a web page said.
        detail: Option<String>,
    },
    /// All endpoints are at named hosts.
    HostsNamed,
    /// These hosts must be confirmed.
    HostsToConfirm {
        /// The hosts.
        hosts: String,
    },
    /// An endpoint is at this address.
    EndpointAt {
        /// Address.
        url: String,
    },
    /// No endpoint is named.
    EndpointMissing,
    /// An initial access token is set; only a registration can prove it.
    TokenSet,
    /// None is set; only a registration can tell whether one is needed.
    TokenNotSet,
    /// The token endpoint refused an empty request, as it should.
    RefusesStrangers,
    /// The token endpoint answered in another way than a token endpoint does.
    AnswersOddly,
    /// Usable keys.
    Keys {
        /// How many can check a signature.
        usable: usize,
        /// How many there are.
        total: usize,
    },
    /// No key set is named.
    NoKeySet,
    /// An earlier step failed.
    NotTried,
    /// What a vendor's adapter found: the key of its sentence (`finding.KEY`, and `fix.KEY` for what
    /// to do about it), and the blanks to fill.
    Told {
        /// Key.
        key: Cow<'static, str>,
        /// Blanks by name.
        #[serde(default)]
        blanks: BTreeMap<String, String>,
    },
}

impl Finding {
    /// What a vendor's adapter found.
    pub(crate) fn vendor(code: MessageCode, blanks: &[(&str, &str)]) -> Self {
        Self::Told {
            key: Cow::Borrowed(code.as_str()),
            blanks: blanks
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }
}

codes! {
    /// Codes of [`Finding::Failure`] beyond those of the wire: what is wrong with a metadata document.
    pub enum DiscoveryFailure {
        /// The issuer is not an address.
        InvalidIssuer = "invalid_issuer",
        /// No document was found.
        NotFound = "discovery_not_found",
        /// The document is something else.
        NotMetadata = "not_metadata",
        /// The server refused.
        Status = "discovery_status",
        /// The server wants https.
        WantsTls = "discovery_wants_tls",
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyStep {
    /// Which.
    pub name: StepName,
    /// How it stands.
    pub state: StepState,
    /// Time it took.
    pub elapsed_ms: Option<u64>,
    /// What was found.
    pub finding: Option<Finding>,
    /// The server's words.
    pub words: Option<ErrorResponse>,
    /// The recorded exchange.
    pub exchange: Option<Uuid>,
}

impl VerifyStep {
    /// A step that has not begun.
    pub fn waiting(name: StepName) -> Self {
        Self {
            name,
            state: StepState::Waiting,
            elapsed_ms: None,
            finding: None,
            words: None,
            exchange: None,
        }
    }
}

/// All steps, and what was learned on the way.
#[derive(Debug, Clone)]
pub struct Verification {
    /// The steps in order.
    pub steps: Vec<VerifyStep>,
    /// Metadata found, to be kept with the configuration.
    pub metadata: Option<keywright_oauth::server_metadata::ServerMetadata>,
    /// Hosts that the user must confirm.
    pub unconfirmed_hosts: Vec<String>,
    /// A failure that the wire or discovery caused, for the exit code.
    pub failure: Option<FailureKind>,
}

/// Who is to blame for a failed verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The provider refused or lacks something.
    Refused,
    /// The network.
    Network,
    /// We refused, for the user's safety.
    Security,
}

impl Verification {
    /// No step failed.
    pub fn ok(&self) -> bool {
        self.steps
            .iter()
            .all(|step| step.state != StepState::Failed)
    }

    /// A step has something to know.
    pub fn warns(&self) -> bool {
        self.steps
            .iter()
            .any(|step| step.state == StepState::Warning)
    }
}
