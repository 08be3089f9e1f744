//! A configuration as a person entered it: checked, and written into its row.

use std::collections::BTreeMap;

use keywright_oauth::discover;
use keywright_providers::{
    ProviderKind,
    settings::{self, ADAPTED, SettingKind, SettingProblem, key},
};
use keywright_vault::{ConfigurationRow, SecretChange, SecretText, VerifyState};
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError, ProviderLabel,
    app::preferences::proxy_error,
    configurations::{form::kind_of, types::ConfigurationInput},
    error::input_problem::InputProblem,
    file_kind,
};

/// Longest name of anything.
pub(crate) const LONGEST_NAME: usize = 200;

/// The row of a configuration that is new, and its secrets.
pub(crate) fn new_row(checked: &Checked, now: i64) -> (ConfigurationRow, Vec<SecretChange>) {
    let mut row = ConfigurationRow {
        id: Uuid::now_v7(),
        name: String::new(),
        provider: checked.kind.as_str().to_owned(),
        issuer: checked.issuer.clone(),
        settings: BTreeMap::new(),
        secret_keys: Vec::new(),
        metadata: None,
        capabilities: None,
        verify: None,
        verified_at: None,
        verify_state: VerifyState::Unknown,
        created_at: now,
        updated_at: now,
    };
    // An export carries what was learned of its server.
    let learned = checked.input.settings.iter();
    let learned =
        learned.filter(|(key, value)| key.starts_with(ADAPTED) && !value.trim().is_empty());
    row.settings
        .extend(learned.map(|(key, value)| (key.clone(), file_kind::trimmed(value).to_owned())));
    checked.change(&mut row, now);
    (row, checked.secret_changes())
}

/// A configuration with nothing wrong in it.
pub(crate) struct Checked {
    kind: ProviderKind,
    /// Its name, as it will be saved.
    pub(crate) name: String,
    issuer: String,
    pub(super) input: ConfigurationInput,
}

impl Checked {
    /// Writes what was entered into the row as it is stored now.
    pub(super) fn change(&self, row: &mut ConfigurationRow, now: i64) {
        let unchanged = row.issuer == self.issuer
            && self.input.settings.iter().all(|(key, value)| {
                // The limits of a gateway say nothing about the provider.
                settings::is_of_sessions(key)
                    || row.settings.get(key).map_or("", String::as_str) == value.trim()
            });
        if !unchanged {
            // What was learned of another address says nothing about this one.
            if row.issuer != self.issuer {
                row.metadata = None;
                row.settings.retain(|key, _| !key.starts_with(ADAPTED));
            }
            row.verify_state = VerifyState::Unknown;
        }
        row.name.clone_from(&self.name);
        row.issuer.clone_from(&self.issuer);
        row.updated_at = now;
        for (key, value) in &self.input.settings {
            if value.trim().is_empty() {
                row.settings.remove(key);
            } else if !key.starts_with(ADAPTED) {
                // A form sends back what it was opened with: it may forget what was learned, and not bring it back.
                let value = file_kind::trimmed(value);
                row.settings.insert(key.clone(), value.to_owned());
            }
        }
        for (key, value) in &self.input.secrets {
            row.secret_keys.retain(|known| known != key);
            if !value.is_empty() {
                row.secret_keys.push(key.clone());
            }
        }
    }

    /// The secrets that were entered; an empty one is removed.
    pub(super) fn secret_changes(&self) -> Vec<SecretChange> {
        let entered = self.input.secrets.iter();
        entered
            .map(|(key, value)| {
                let kept = !value.is_empty();
                let secret = kept.then(|| SecretText::new(file_kind::trimmed(value)));
                (key.clone(), secret)
            })
            .collect()
    }
}

/// Checks all that can be said of a configuration without the vault.
pub(crate) fn checked(input: ConfigurationInput) -> Result<Checked, CoreError> {
    let kind = kind_of(&input.provider)?;
    let name = checked_name(&input.name)?;
    let input = with_addresses(kind, input);
    let issuer = discover::pasted(&input.issuer).to_owned();
    if Url::parse(&issuer).is_ok_and(|url| !url.username().is_empty() || url.password().is_some()) {
        return Err(CoreError::Input {
            what: InputProblem::UrlSecret,
            detail: String::new(),
        });
    }
    discover::issuer_of(&issuer).map_err(|source| CoreError::Provider {
        who: ProviderLabel {
            name: name.clone(),
            kind: Some(kind),
            ..ProviderLabel::default()
        },
        doing: crate::Operation::Discover,
        source: source.into(),
    })?;
    for (key, value, secret) in input
        .settings
        .iter()
        .map(|(key, value)| (key, value, false))
        .chain(input.secrets.iter().map(|(key, value)| (key, value, true)))
    {
        checked_key(kind, key, secret)?;
        settings::check(kind, key, value, secret).map_err(|problem| match problem {
            SettingProblem::Proxy(_) => setting_error(value, problem),
            _ => setting_error(key, problem),
        })?;
    }
    Ok(Checked {
        kind,
        name,
        issuer,
        input,
    })
}

/// Fills the issuer and the token endpoint in, where they are left out and a tenant says them.
fn with_addresses(kind: ProviderKind, mut input: ConfigurationInput) -> ConfigurationInput {
    if input.issuer.trim().is_empty()
        && let Some(found) = settings::prefill(kind, &input.settings)
    {
        input.issuer = found.issuer;
        input
            .settings
            .entry(key::TOKEN_ENDPOINT.to_owned())
            .or_insert(found.token_endpoint);
    }
    input
}

/// A name of ours: one line, not empty, of a sane length. Any script and any emoji is welcome.
pub(crate) fn checked_name(name: &str) -> Result<String, CoreError> {
    let name = name.trim();
    let problem = |what| {
        Err(CoreError::Input {
            what,
            detail: LONGEST_NAME.to_string(),
        })
    };
    if name.is_empty() {
        return problem(InputProblem::NameEmpty);
    }
    if name.chars().count() > LONGEST_NAME {
        return problem(InputProblem::NameLong);
    }
    if name.chars().any(char::is_control) {
        return problem(InputProblem::NameControl);
    }
    Ok(name.to_owned())
}

/// A key that the kind has, and that is given as what it is: a setting or a secret.
pub(super) fn checked_key(kind: ProviderKind, key: &str, secret: bool) -> Result<(), CoreError> {
    // An empty value is always right, so that what remains is about the key.
    settings::check(kind, key, "", secret).map_err(|problem| match problem {
        SettingProblem::UnknownKey => unknown_setting(kind, key, secret),
        _ => setting_error(key, problem),
    })
}

/// A setting that a kind does not have, with the nearest one that can be given in the same way.
fn unknown_setting(kind: ProviderKind, key: &str, secret: bool) -> CoreError {
    let known = settings::of(kind).filter(|spec| (spec.kind == SettingKind::Secret) == secret);
    CoreError::unknown_name(
        InputProblem::SettingUnknown,
        key,
        known.map(|spec| spec.key),
    )
}

fn setting_error(key: &str, problem: SettingProblem) -> CoreError {
    let what = match problem {
        SettingProblem::UnknownKey => InputProblem::SettingUnknown,
        SettingProblem::IsSecret => InputProblem::SettingIsSecret,
        SettingProblem::NotSecret => InputProblem::SettingNotSecret,
        SettingProblem::NotAddress => InputProblem::SettingAddress,
        SettingProblem::Credentials => InputProblem::UrlSecret,
        SettingProblem::NotChoice => InputProblem::SettingChoice,
        SettingProblem::NotSeconds => InputProblem::SettingSeconds,
        SettingProblem::NotCertificate => InputProblem::SettingCertificate,
        SettingProblem::Proxy(problem) => proxy_error(problem),
    };
    CoreError::Input {
        what,
        detail: key.to_owned(),
    }
}
