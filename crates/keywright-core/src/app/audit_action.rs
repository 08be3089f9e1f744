//! What the audit log records.

use crate::{app::types::AuditKind, codes::codes};

codes! {
    /// What a line of the audit log is about; the code is in the vault and in a saved log.
    pub(crate) enum AuditAction {
        SecretRevealed = "secret_revealed",
        SecretCopied = "secret_copied",
        CredentialHandedOut = "credential_handed_out",
        SecretsExported = "secrets_exported",
        CredentialUsed = "credential_used",
        ApplicationAdopted = "application_adopted",
        ApplicationChanged = "application_changed",
        ApplicationDeleted = "application_deleted",
        ApplicationForgotten = "application_forgotten",
        ApplicationRegistered = "application_registered",
        ApplicationRenamed = "application_renamed",
        ClientKeyRemoved = "client_key_removed",
        ClientKeyReplaced = "client_key_replaced",
        ConfigurationAdded = "configuration_added",
        ConfigurationChanged = "configuration_changed",
        ConfigurationRemoved = "configuration_removed",
        ConfigurationVerified = "configuration_verified",
        PendingDiscarded = "pending_discarded",
        SecretEntered = "secret_entered",
        SecretRetired = "secret_retired",
        SecretRotated = "secret_rotated",
        SessionForgotten = "session_forgotten",
        SessionImported = "session_imported",
        TokenRevoked = "token_revoked",
        ActivityExported = "activity_exported",
        AgentStarted = "agent_started",
        BackupMade = "backup_made",
        ConfigurationsExported = "configurations_exported",
        KeyRotated = "key_rotated",
        KeyringAdded = "keyring_added",
        KeyringRemoved = "keyring_removed",
        PassphraseRemoved = "passphrase_removed",
        PassphraseSet = "passphrase_set",
        PermissionsRepaired = "permissions_mended",
        RollbackNoticed = "rollback_noticed",
        StateAccepted = "state_accepted",
        VaultCreated = "vault_created",
        VaultRestored = "vault_restored",
        VaultUnlocked = "vault_unlocked",
    }
}

impl AuditAction {
    /// The kind that the list filters by.
    pub(crate) fn kind(self) -> AuditKind {
        match self {
            Self::SecretRevealed
            | Self::SecretCopied
            | Self::CredentialHandedOut
            | Self::SecretsExported => AuditKind::Secrets,
            Self::CredentialUsed => AuditKind::Calls,
            Self::ApplicationAdopted
            | Self::ApplicationChanged
            | Self::ApplicationDeleted
            | Self::ApplicationForgotten
            | Self::ApplicationRegistered
            | Self::ApplicationRenamed
            | Self::ClientKeyRemoved
            | Self::ClientKeyReplaced
            | Self::ConfigurationAdded
            | Self::ConfigurationChanged
            | Self::ConfigurationRemoved
            | Self::ConfigurationVerified
            | Self::PendingDiscarded
            | Self::SecretEntered
            | Self::SecretRetired
            | Self::SecretRotated
            | Self::SessionForgotten
            | Self::SessionImported
            | Self::TokenRevoked => AuditKind::Changes,
            Self::ActivityExported
            | Self::AgentStarted
            | Self::BackupMade
            | Self::ConfigurationsExported
            | Self::KeyRotated
            | Self::KeyringAdded
            | Self::KeyringRemoved
            | Self::PassphraseRemoved
            | Self::PassphraseSet
            | Self::PermissionsRepaired
            | Self::RollbackNoticed
            | Self::StateAccepted
            | Self::VaultCreated
            | Self::VaultRestored
            | Self::VaultUnlocked => AuditKind::Vault,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::{collections::BTreeSet, fs};

    use super::*;

    #[test]
    fn every_action_has_a_message() {
        let mut told = BTreeSet::new();
        for file in fs::read_dir("messages").unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            told.extend(text.lines().filter_map(|line| {
                let (action, _) = line.strip_prefix("audit.")?.split_once(':')?;
                Some(action.to_owned())
            }));
        }
        let all = AuditAction::ALL.iter();
        let all: BTreeSet<String> = all.map(|action| action.as_str().to_owned()).collect();
        assert_eq!(all, told);
    }
}
