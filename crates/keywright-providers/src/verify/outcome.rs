//! What a step of Verify found, and what each failure is for it.

use keywright_oauth::{
    error_response::ErrorResponse,
    http::{HttpError, HttpWording},
    register::RegistrationError,
    token::TokenError,
};
use uuid::Uuid;

use crate::messages::finding;
use crate::{Finding, ProviderError, StepState, verify::FailureKind};

/// What a step found.
pub(crate) struct Outcome {
    pub(crate) state: StepState,
    pub(crate) finding: Finding,
    pub(crate) words: Option<ErrorResponse>,
    pub(super) exchange: Option<Uuid>,
}

impl Outcome {
    pub(crate) fn new(state: StepState, finding: Finding) -> Self {
        Self {
            state,
            finding,
            words: None,
            exchange: None,
        }
    }

    pub(crate) fn seen(mut self, exchange: Option<Uuid>) -> Self {
        self.exchange = exchange;
        self
    }

    pub(crate) fn said(mut self, words: ErrorResponse) -> Self {
        self.words = Some(words);
        self
    }
}

/// A failure of an operation at the provider: of the wire, or a refusal in its own words.
pub(crate) fn failed(error: &ProviderError) -> (FailureKind, Outcome) {
    match error {
        ProviderError::Registration(RegistrationError::Http(error))
        | ProviderError::Token(TokenError::Http(error))
        | ProviderError::Admin {
            source: TokenError::Http(error),
        }
        | ProviderError::Http(error) => wire(error),
        ProviderError::Registration(RegistrationError::Refused {
            words, exchange, ..
        })
        | ProviderError::Token(TokenError::Refused {
            words, exchange, ..
        })
        | ProviderError::Admin {
            source: TokenError::Refused {
                words, exchange, ..
            },
        } => refused(words, *exchange),
        ProviderError::Missing { key } => (
            FailureKind::Refused,
            Outcome::new(
                StepState::Failed,
                Finding::vendor(finding::SETTING_MISSING, &[("setting", key)]),
            ),
        ),
        ProviderError::AdminKey { .. } => (
            FailureKind::Refused,
            Outcome::new(StepState::Failed, Finding::vendor(finding::ADMIN_KEY, &[])),
        ),
        _ => (
            FailureKind::Refused,
            Outcome::new(StepState::Failed, Finding::AnswersOddly),
        ),
    }
}

/// A refusal in the server's words.
pub(crate) fn refused(words: &ErrorResponse, exchange: Uuid) -> (FailureKind, Outcome) {
    let status = words.status.to_string();
    let outcome = Outcome::new(
        StepState::Failed,
        Finding::vendor(finding::REFUSED, &[("status", &status)]),
    );
    (
        FailureKind::Refused,
        outcome.said(words.clone()).seen(Some(exchange)),
    )
}

/// A failure of the wire.
pub(crate) fn wire(error: &HttpError) -> (FailureKind, Outcome) {
    let kind = if error.is_security() {
        FailureKind::Security
    } else {
        FailureKind::Network
    };
    let detail = match error {
        HttpError::Tls { reason, .. } => Some(reason.clone()),
        HttpError::Redirect { to, .. } => to.clone(),
        _ => None,
    };
    let finding = Finding::Failure {
        code: error
            .wording()
            .map_or_else(|| error.code(), HttpWording::as_str)
            .to_owned(),
        subject: error.host().unwrap_or_default().to_owned(),
        detail,
    };
    (
        kind,
        Outcome::new(StepState::Failed, finding).seen(error.exchange()),
    )
}
