//! What the form of a configuration shows: the kinds, the fields of one, the addresses of a tenant.

use std::collections::BTreeMap;

use keywright_providers::{
    ProviderKind,
    settings::{self, SettingKind},
};

use crate::{
    CoreError,
    configurations::{
        Configurations,
        types::{FieldKind, FormChoice, FormField, KindView, PrefillView},
    },
    error::input_problem::InputProblem,
    i18n::key::Family,
    i18n::{translate, try_translate},
};

impl Configurations<'_> {
    /// Every kind of provider, in the order in which they are offered, in the user's language.
    pub fn provider_kinds(self) -> Vec<KindView> {
        ProviderKind::ALL
            .iter()
            .map(|kind| KindView {
                kind: kind.as_str().to_owned(),
                name: self.kind_name(*kind),
                line: self.app.translate(Family::KindLine.key(kind.as_str()), &[]),
            })
            .collect()
    }

    /// What a kind is called.
    pub(crate) fn kind_name(self, kind: ProviderKind) -> String {
        self.app.translate(Family::KindName.key(kind.as_str()), &[])
    }

    /// The fields of a kind's form, in the user's language.
    pub fn form(self, provider: &str) -> Result<Vec<FormField>, CoreError> {
        let kind = kind_of(provider)?;
        let lang = self.app.lang();
        Ok(settings::of(kind)
            .map(|spec| {
                let choices = match spec.kind {
                    SettingKind::Choice(values) => values,
                    _ => &[],
                };
                FormField {
                    key: spec.key.to_owned(),
                    label: translate(lang, Family::SettingLabel.key(spec.key), &[]),
                    // A kind may know more of a setting that others have too.
                    hint: try_translate(
                        lang,
                        Family::SettingHint.key(format!("{}.{}", kind.as_str(), spec.key)),
                        &[],
                    )
                    .or_else(|| try_translate(lang, Family::SettingHint.key(spec.key), &[])),
                    kind: field_kind(spec.kind),
                    required: spec.required,
                    locates: spec.locates,
                    advanced: spec.advanced,
                    multiline: spec.multiline || spec.kind == SettingKind::Multiline,
                    choices: choices
                        .iter()
                        .map(|value| FormChoice {
                            value: (*value).to_owned(),
                            label: try_translate(
                                lang,
                                Family::Choice.key(format!("{}.{value}", spec.key)),
                                &[],
                            )
                            .unwrap_or_else(|| (*value).to_owned()),
                        })
                        .collect(),
                    default: spec.default.map(str::to_owned),
                }
            })
            .collect())
    }

    /// The addresses that follow from tenant, region, domain or sub-domain, to fill the form with.
    pub fn prefill(
        provider: &str,
        settings: &BTreeMap<String, String>,
    ) -> Result<Option<PrefillView>, CoreError> {
        let kind = kind_of(provider)?;
        Ok(settings::prefill(kind, settings).map(|found| PrefillView {
            issuer: found.issuer,
            token_endpoint: found.token_endpoint,
        }))
    }
}

/// A kind of provider by its name.
pub(crate) fn kind_of(provider: &str) -> Result<ProviderKind, CoreError> {
    ProviderKind::of(provider).ok_or_else(|| {
        let known = ProviderKind::ALL.iter().map(|kind| kind.as_str());
        CoreError::unknown_name(InputProblem::UnknownProvider, provider, known)
    })
}

fn field_kind(kind: SettingKind) -> FieldKind {
    match kind {
        SettingKind::Text => FieldKind::Text,
        SettingKind::Multiline => FieldKind::Multiline,
        SettingKind::Url => FieldKind::Url,
        SettingKind::Choice(_) => FieldKind::Choice,
        SettingKind::Switch => FieldKind::Switch,
        SettingKind::Secret => FieldKind::Secret,
        SettingKind::Seconds => FieldKind::Seconds,
    }
}
