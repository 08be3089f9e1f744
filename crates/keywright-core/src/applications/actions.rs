//! What can be done with one application, said before it is tried.

use keywright_oauth::http::HttpPolicy;
use keywright_providers::{
    Capability, CapabilitySheet, Provider, ProviderError, Reason, Registration, Verdict,
    settings::key,
};
use keywright_vault::{ApplicationRow, ConfigurationRow};

use crate::{
    CoreError, Keywright,
    app::registration_record::registration,
    applications::{
        Applications,
        types::{ActionState, ApplicationAction},
    },
    configurations::capabilities::reason_words,
    i18n::key::Key,
};

impl Applications<'_> {
    /// Every action, with the reason why not or what to know before.
    pub(crate) fn actions(
        self,
        row: &ApplicationRow,
        configuration: &ConfigurationRow,
    ) -> Result<Vec<ActionState>, CoreError> {
        let provider = self.app.configurations().provider(configuration)?;
        let obstacle = self.app.tokens().obstacle(row, configuration)?;
        let deciding = ActionPolicy {
            keywright: self.app,
            who: &configuration.name,
            sheet: provider.capabilities(),
            unconfirmed: self.unconfirmed_host(row, configuration)?,
            at: registration(&*self.app.vault()?, row)?,
            provider,
        };
        Ok(vec![
            deciding.managed(ApplicationAction::Read, Capability::Read),
            deciding.managed(ApplicationAction::Update, Capability::Update),
            deciding.managed(ApplicationAction::Rotate, Capability::Rotate),
            deciding.secrets(),
            deciding.managed(ApplicationAction::Delete, Capability::Delete),
            ActionState {
                action: ApplicationAction::Token,
                available: obstacle.is_none(),
                reason: obstacle,
            },
            deciding.offered(ApplicationAction::Introspect, Capability::Introspection),
            deciding.offered(ApplicationAction::Revoke, Capability::Revocation),
        ])
    }

    /// The host of the management address, where the user has not confirmed it.
    fn unconfirmed_host(
        self,
        row: &ApplicationRow,
        configuration: &ConfigurationRow,
    ) -> Result<Option<String>, CoreError> {
        let config = self.app.configurations().provider_config(configuration)?;
        Ok(row
            .registration_client_uri
            .as_deref()
            .and_then(|text| url::Url::parse(text).ok())
            .map(|url| HttpPolicy::host_of(&url))
            .filter(|host| !config.is_confirmed(host)))
    }
}

/// What decides whether something can be done with one application.
struct ActionPolicy<'a> {
    keywright: &'a Keywright,
    who: &'a str,
    provider: Provider,
    sheet: CapabilitySheet,
    at: Registration,
    unconfirmed: Option<String>,
}

impl ActionPolicy<'_> {
    /// A change at the provider: not where it refuses it for this registration, nor at a host that the
    /// user has not confirmed. What is done only in part says how.
    fn managed(&self, action: ApplicationAction, capability: Capability) -> ActionState {
        self.at_the_provider(action, self.refusal(capability), self.note(capability))
    }

    /// The list of secrets, and the removal of one: not every provider with an overlap lists them.
    fn secrets(&self) -> ActionState {
        let refused = self.refused(self.provider.can_list_secrets(&self.at));
        let note = self.note(Capability::RotateOverlap);
        self.at_the_provider(ApplicationAction::Secrets, refused, note)
    }

    fn at_the_provider(
        &self,
        action: ApplicationAction,
        refused: Option<String>,
        note: Option<String>,
    ) -> ActionState {
        let unconfirmed = self.unconfirmed.as_deref().filter(|_| refused.is_none());
        let available = refused.is_none() && unconfirmed.is_none();
        let reason = match (refused.as_ref(), unconfirmed) {
            (Some(_), _) => refused,
            (None, Some(host)) => Some(self.keywright.translate(
                Key::ActionUnconfirmed,
                &[
                    ("who", host),
                    ("detail", &self.keywright.setting_name(key::CONFIRMED_HOSTS)),
                ],
            )),
            (None, None) => note,
        };
        ActionState {
            action,
            available,
            reason,
        }
    }

    /// Something at an endpoint of the provider.
    fn offered(&self, action: ApplicationAction, capability: Capability) -> ActionState {
        let absent = self
            .sheet
            .line(capability)
            .is_some_and(|line| line.verdict == Verdict::No);
        let reason = if absent {
            Some(
                self.keywright
                    .translate(Key::ActionNotOffered, &[("who", self.who)]),
            )
        } else {
            self.refusal(capability)
        };
        ActionState {
            action,
            available: reason.is_none(),
            reason,
        }
    }

    /// Why the provider does not do it with this registration.
    fn refusal(&self, capability: Capability) -> Option<String> {
        self.refused(self.provider.can(capability, &self.at))
    }

    fn refused(&self, can: Result<(), ProviderError>) -> Option<String> {
        match can {
            Ok(()) => None,
            Err(ProviderError::NotCapable { reason, .. }) if reason == Reason::PER_REGISTRATION => {
                Some(
                    self.keywright
                        .translate(Key::ActionNoRegistrationToken, &[]),
                )
            }
            Err(ProviderError::NotCapable { reason, .. }) => Some(self.why(&reason)),
            Err(ProviderError::Endpoint { text, .. }) => Some(self.keywright.translate(
                Key::ActionRegistrationUriUnreadable,
                &[("who", self.who), ("detail", &text)],
            )),
            Err(error) => Some(error.to_string()),
        }
    }

    /// What to know before it is done.
    fn note(&self, capability: Capability) -> Option<String> {
        let verdict = |capability| self.sheet.line(capability).map(|line| line.verdict);
        if capability == Capability::Rotate
            && matches!(
                verdict(Capability::RotateOverlap),
                Some(Verdict::Yes | Verdict::Partly)
            )
        {
            return Some(self.keywright.translate(Key::ActionRotateOverlap, &[]));
        }
        let line = self.sheet.line(capability)?;
        if line.verdict != Verdict::Partly || line.reason == Reason::PER_REGISTRATION {
            return None;
        }
        if line.reason == Reason::ON_UPDATE_ONLY {
            return Some(self.keywright.translate(Key::ActionRotateByUpdate, &[]));
        }
        Some(self.why(&line.reason))
    }

    fn why(&self, reason: &Reason) -> String {
        reason_words(self.keywright.lang(), reason)
    }
}
