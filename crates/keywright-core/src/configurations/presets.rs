//! Presets of configurations: known servers that speak RFC 7591.

use std::collections::BTreeMap;

use keywright_providers::presets::{Preset, presets};

use crate::{
    CoreError,
    configurations::{
        Configurations,
        form::kind_of,
        types::{FilledPresetView, FormChoice, PresetView},
    },
    error::input_problem::InputProblem,
    i18n::key::Family,
};

impl Configurations<'_> {
    /// The servers that a configuration of a kind can start from, in the user's language.
    pub fn presets(self, provider: &str) -> Result<Vec<PresetView>, CoreError> {
        let kind = kind_of(provider)?;
        if !kind.is_standard() {
            return Ok(Vec::new());
        }
        Ok(presets().iter().map(|one| self.preset_view(one)).collect())
    }

    fn preset_view(self, preset: &Preset) -> PresetView {
        PresetView {
            id: preset.id.to_owned(),
            name: preset.name.to_owned(),
            note: self.app.translate(Family::PresetNote.key(preset.id), &[]),
            blanks: preset
                .blanks()
                .into_iter()
                .map(|blank| FormChoice {
                    value: blank.to_owned(),
                    label: self.app.translate(Family::PresetBlank.key(blank), &[]),
                })
                .collect(),
        }
    }

    /// A preset with its blanks filled; none while one of them is not.
    pub fn fill_preset(
        wanted: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<Option<FilledPresetView>, CoreError> {
        let filled = preset_of(wanted)?.fill(values);
        Ok(filled.map(|filled| FilledPresetView {
            issuer: filled.issuer,
            settings: filled.settings,
        }))
    }

    /// A preset with all its blanks filled; an error names those that are not.
    pub fn whole_preset(
        self,
        wanted: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<FilledPresetView, CoreError> {
        let preset = preset_of(wanted)?;
        let blanks = preset.blanks();
        if let Some(stranger) = values.keys().find(|key| !blanks.contains(key.as_str())) {
            return Err(CoreError::unknown_name(
                InputProblem::PresetBlankUnknown,
                stranger,
                blanks,
            ));
        }
        Self::fill_preset(wanted, values)?.ok_or_else(|| CoreError::Input {
            what: InputProblem::PresetBlank,
            detail: blanks.into_iter().collect::<Vec<_>>().join(", "),
        })
    }
}

fn preset_of(wanted: &str) -> Result<&'static Preset, CoreError> {
    presets()
        .iter()
        .find(|one| one.id == wanted)
        .ok_or_else(|| {
            let known = presets().iter().map(|one| one.id);
            CoreError::unknown_name(InputProblem::PresetUnknown, wanted, known)
        })
}
