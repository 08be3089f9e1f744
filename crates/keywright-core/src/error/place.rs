//! Where a failure belongs: the field of a form, the value that was probably meant, the list with the operation.

use keywright_oauth::discover::{self, DiscoveryError};
use keywright_providers::ProviderError;
use keywright_vault::VaultError;

use super::{
    CoreError,
    code::{ErrorCode, FailureCode},
    input_problem::InputProblem,
    types::RefusedPart,
};

/// The field of a form that the failure is about: `name`, `issuer`, or the key of a setting.
pub(super) fn field(error: &CoreError) -> Option<String> {
    let name = match error {
        CoreError::Vault(VaultError::NameTaken { .. }) => "name",
        CoreError::Provider {
            source: ProviderError::Discovery(DiscoveryError::InvalidIssuer { .. }),
            ..
        } => "issuer",
        CoreError::Provider {
            source: ProviderError::Address { key, .. } | ProviderError::Missing { key },
            ..
        } => key,
        CoreError::Input { what, detail }
        | CoreError::UnknownName {
            what, name: detail, ..
        } => match what {
            InputProblem::NameEmpty | InputProblem::NameLong | InputProblem::NameControl => "name",
            InputProblem::ProxyAddress | InputProblem::ProxyCredentials => "proxy",
            InputProblem::SettingAddress
            | InputProblem::SettingChoice
            | InputProblem::SettingIsSecret
            | InputProblem::SettingNotSecret
            | InputProblem::SettingSeconds
            | InputProblem::SettingCertificate
            | InputProblem::SettingUnknown => detail,
            _ => return None,
        },
        _ => return None,
    };
    Some(name.to_owned())
}

/// What was probably meant, in the place of what was typed into that field.
pub(super) fn instead(error: &CoreError) -> Option<String> {
    match error {
        CoreError::Provider {
            source: ProviderError::Discovery(DiscoveryError::InvalidIssuer { issuer, .. }),
            ..
        } => discover::suggested_issuer(issuer),
        _ => None,
    }
}

/// What was refused of a registration.
pub(super) fn refused(error: &CoreError) -> Option<RefusedPart> {
    match error {
        CoreError::Provider { who, .. } => who.refused.as_deref().cloned(),
        _ => None,
    }
}

/// An operation was cut off and waits to be finished or cleaned up.
pub(super) fn is_interrupted(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Failure(
            FailureCode::AnswerLost
                | FailureCode::ConfigurationInUse
                | FailureCode::Incomplete
                | FailureCode::JournalFailed
                | FailureCode::NoClientId
                | FailureCode::OutcomeUnknown
                | FailureCode::Unfinished
        )
    )
}
