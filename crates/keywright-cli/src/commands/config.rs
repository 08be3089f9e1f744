//! config and probe.

mod supported;

use std::collections::BTreeMap;

use keywright_core::{
    Configurations, ExportedConfiguration, Keywright, Lang,
    file_kind::WantedFile,
    translate,
    view::{
        CapabilityLineView, ConfigurationInput, ConfigurationView, FieldKind, FilledPresetView,
        FormField, StepState, VerdictView, VerifyStepView,
    },
};
use serde_json::{Value, json};

use super::{confirm, hosts};
use crate::{
    args::{Cli, ConfigCommand, ConfigValues, SourceArg},
    failure::Failure,
    follow_up_commands, output,
    source::{self, Source, pair},
    table,
    text::Key,
};

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &ConfigCommand,
) -> Result<u8, Failure> {
    let lang = keywright.lang();
    match command {
        ConfigCommand::Add {
            name,
            provider,
            issuer,
            preset,
            fill,
            values,
        } => {
            let start = preset
                .as_ref()
                .map(|preset| started_from(keywright, preset, fill))
                .transpose()?;
            let (typed, secrets) = read_values(cli, provider, values)?;
            let (known_issuer, mut settings) = start
                .map(|known| (known.issuer, known.settings))
                .unwrap_or_default();
            // What is typed wins over what is known of the server.
            settings.extend(typed);
            let input = ConfigurationInput {
                id: None,
                name: name.clone(),
                provider: provider.clone(),
                issuer: if issuer.is_empty() {
                    known_issuer
                } else {
                    issuer.clone()
                },
                settings,
                secrets,
            };
            save(cli, keywright, input)
        }
        ConfigCommand::Edit {
            name,
            rename,
            issuer,
            forget_adapted,
            values,
        } => {
            if *forget_adapted {
                keywright.configurations().forget_adapted(name)?;
            }
            let before = keywright.configurations().get(name)?;
            let (settings, secrets) = read_values(cli, &before.provider, values)?;
            let input = ConfigurationInput {
                id: Some(before.id),
                name: rename.clone().unwrap_or(before.name),
                provider: before.provider,
                issuer: issuer.clone().unwrap_or(before.issuer),
                settings,
                secrets,
            };
            save(cli, keywright, input)
        }
        ConfigCommand::Presets => presets(cli, keywright),
        ConfigCommand::Keys { kind } => keys(cli, keywright, kind),
        ConfigCommand::List => list(cli, keywright),
        ConfigCommand::Show { name } => supported::show(cli, keywright, name),
        ConfigCommand::Verify { name } => verify(cli, keywright, name).await,
        ConfigCommand::Confirm { name, hosts, yes } => {
            hosts::run(cli, keywright, name, hosts, *yes)
        }
        ConfigCommand::Remove { name, yes } => {
            let one = keywright.configurations().get(name)?;
            keywright.configurations().check_removal(&one.id)?;
            let question = translate(lang, Key::AskRemoveConfiguration, &[("name", &one.name)]);
            confirm(cli, *yes, &question)?;
            keywright.configurations().remove(&one.id)?;
            output::data(cli.json, &json!({ "removed": one.name }), || {
                vec![translate(lang, Key::Removed, &[("name", &one.name)])]
            })?;
            Ok(0)
        }
        ConfigCommand::Export {
            names,
            with_secrets,
        } => export(cli, keywright, names, with_secrets.as_ref()).await,
        ConfigCommand::Import { file, yes } => {
            let given = exported(file)?;
            confirm_trust(cli, lang, *yes, &given)?;
            let taken = keywright.configurations().import(given)?;
            let items = taken.iter().map(document).collect::<Result<Vec<_>, _>>()?;
            output::list(cli.json, &items, taken.len(), || {
                taken
                    .iter()
                    .map(|one| translate(lang, Key::Imported, &[("name", &one.name)]))
                    .collect()
            })?;
            Ok(0)
        }
    }
}

/// Asks before a file decides where secrets go or whom they are trusted to.
fn confirm_trust(
    cli: &Cli,
    lang: Lang,
    yes: bool,
    given: &[ExportedConfiguration],
) -> Result<(), Failure> {
    let lines: Vec<String> = given
        .iter()
        .flat_map(|one| {
            one.trusting_settings().into_iter().map(|(setting, value)| {
                let value = value.lines().next().unwrap_or_default();
                format!("{}: {setting} = {value}", one.name)
            })
        })
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    for line in &lines {
        output::status(false, line);
    }
    confirm(cli, yes, &translate(lang, Key::AskImportTrust, &[]))
}

async fn export(
    cli: &Cli,
    keywright: &Keywright,
    names: &[String],
    with_secrets: Option<&SourceArg>,
) -> Result<u8, Failure> {
    let exported = match with_secrets {
        None => keywright.configurations().export(names)?,
        Some(source) => {
            let source = Source::parse(source, "--with-secrets")?;
            let passphrase = source.read(
                cli,
                &translate(keywright.lang(), Key::PromptVaultPassphrase, &[]),
            )?;
            keywright
                .configurations()
                .export_with_secrets(names, passphrase)
                .await?
        }
    };
    output::raw(&serde_json::to_string_pretty(&exported)?);
    Ok(0)
}

/// Setting with the certificates of an authority, and the name that takes them from a file.
const CA_PEM: &str = "ca_pem";
const CA_FILE: &str = "ca_file";

/// The kind that presets are for.
const PRESET_KIND: &str = "rfc7591";

fn presets(cli: &Cli, keywright: &Keywright) -> Result<u8, Failure> {
    let all = keywright.configurations().presets(PRESET_KIND)?;
    let items = all
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<Vec<_>, _>>()?;
    output::list(cli.json, &items, all.len(), || {
        all.iter()
            .zip(table::lines(all.iter().map(|one| {
                let blanks: Vec<&str> = one.blanks.iter().map(|one| one.value.as_str()).collect();
                let blanks = blanks.join(", ");
                [one.id.clone(), format!("{} [{blanks}]", one.name)]
            })))
            .flat_map(|(one, line)| [line, format!("    {}", one.note)])
            .collect()
    })?;
    Ok(0)
}

fn started_from(
    keywright: &Keywright,
    preset: &str,
    fill: &[String],
) -> Result<FilledPresetView, Failure> {
    let values = fill
        .iter()
        .map(|text| pair(text, "--fill"))
        .map(|read| read.map(|(key, value)| (key.to_owned(), value.to_owned())))
        .collect::<Result<BTreeMap<_, _>, _>>()?;
    Ok(keywright.configurations().whole_preset(preset, &values)?)
}

fn list(cli: &Cli, keywright: &Keywright) -> Result<u8, Failure> {
    let all = keywright.configurations().list()?;
    let items = all.iter().map(document).collect::<Result<Vec<_>, _>>()?;
    output::list(cli.json, &items, all.len(), || {
        let rows = all.iter();
        table::lines(rows.map(|one| [one.name.clone(), one.provider.clone(), one.issuer.clone()]))
    })?;
    Ok(0)
}

fn save(cli: &Cli, keywright: &Keywright, input: ConfigurationInput) -> Result<u8, Failure> {
    show(cli, &keywright.configurations().save(input)?)
}

fn keys(cli: &Cli, keywright: &Keywright, kind: &str) -> Result<u8, Failure> {
    let fields = keywright.configurations().form(kind)?;
    let items = fields
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<Vec<_>, _>>()?;
    output::list(cli.json, &items, fields.len(), || {
        let rows = fields.iter().flat_map(|field| {
            let by_file = (field.key == CA_PEM).then(|| {
                let label = translate(keywright.lang(), Key::CaFile, &[]);
                ["--set".to_owned(), format!("{CA_FILE}=PATH"), label]
            });
            std::iter::once(key_row(keywright.lang(), field)).chain(by_file)
        });
        table::lines(rows)
    })?;
    Ok(0)
}

/// The option, the key and the label of a setting.
fn key_row(lang: Lang, field: &FormField) -> [String; 3] {
    let option = if field.kind == FieldKind::Secret {
        "--secret"
    } else {
        "--set"
    };
    let mut label = field.label.clone();
    if field.required {
        label.push_str(&translate(lang, Key::Required, &[]));
    }
    let choices: Vec<&str> = field.choices.iter().map(|one| one.value.as_str()).collect();
    if !choices.is_empty() {
        label = format!("{label} [{}]", choices.join(", "));
    }
    [option.to_owned(), field.key.clone(), label]
}

pub(crate) async fn probe(cli: &Cli, keywright: &Keywright, issuer: &str) -> Result<u8, Failure> {
    let found = keywright.connect().probe(issuer).await?;
    let document = json!({ "issuer": found.sheet.issuer, "provider": found.sheet.provider, "steps": found.steps, "lines": found.sheet.lines, "fapi": found.sheet.fapi, "is_resource": found.is_resource });
    output::data(cli.json, &document, || {
        let fapi = &found.sheet.fapi;
        let lang = keywright.lang();
        let title = [
            verdict(lang, fapi.verdict),
            translate(lang, Key::SheetFapi, &[]),
            String::new(),
        ];
        let rows = found.sheet.lines.iter().map(|line| capability(lang, line));
        let rows = rows.chain([title]);
        let rows = rows.chain(fapi.lines.iter().map(|line| capability(lang, line)));
        let mut lines = table::lines(rows);
        lines.insert(found.sheet.lines.len(), String::new());
        if found.is_resource {
            let address = follow_up_commands::quoted(issuer.trim().to_owned());
            let address = output::escape_control_chars(&address);
            lines.push(String::new());
            lines.push(translate(
                keywright.lang(),
                Key::ProbeConnect,
                &[("address", &address)],
            ));
        }
        lines
    })?;
    Ok(0)
}

fn capability(lang: Lang, line: &CapabilityLineView) -> [String; 3] {
    [
        verdict(lang, line.verdict),
        line.title.clone(),
        line.reason.clone(),
    ]
}

fn verdict(lang: Lang, verdict: VerdictView) -> String {
    let key = match verdict {
        VerdictView::Yes => Key::VerdictYes,
        VerdictView::Partly => Key::VerdictPartly,
        VerdictView::No => Key::VerdictNo,
        VerdictView::Unknown => Key::VerdictUnknown,
    };
    translate(lang, key, &[])
}

async fn verify(cli: &Cli, keywright: &Keywright, name: &str) -> Result<u8, Failure> {
    let status = !cli.json;
    let verified = keywright
        .configurations()
        .verify(name, |step| {
            if status && !matches!(step.state, StepState::Running | StepState::Waiting) {
                for line in step_lines(&step, keywright.lang()) {
                    output::status(cli.quiet, &line);
                }
            }
        })
        .await?;
    output::data(cli.json, &verified.report, || {
        let mut lines = Vec::new();
        // One host needs no list.
        if verified.report.hosts.len() > 1 {
            lines.extend(hosts::lines(keywright.lang(), &verified.report.hosts));
        }
        let outcome = if verified.report.ok {
            Key::VerifyOk
        } else {
            Key::VerifyFailed
        };
        lines.push(translate(keywright.lang(), outcome, &[]));
        lines
    })?;
    Ok(verified.exit_code)
}

fn step_lines(step: &VerifyStepView, lang: Lang) -> Vec<String> {
    let mark = match step.state {
        StepState::Passed => "✓",
        StepState::Warning => "!",
        StepState::Failed => "✗",
        _ => "·",
    };
    let time = step
        .elapsed_ms
        .map(|ms| format!(" ({ms} ms)"))
        .unwrap_or_default();
    let line = format!(
        "{mark} {}{time}: {}",
        step.title,
        step.message.clone().unwrap_or_default()
    );
    let is_wrong = matches!(step.state, StepState::Failed | StepState::Warning);
    let words = step.words.as_ref().filter(|_| is_wrong);
    let said = words.and_then(|words| output::server_said(words, lang));
    let below = said
        .iter()
        .chain(&step.fix)
        .map(|text| format!("    {text}"));
    std::iter::once(line).chain(below).collect()
}

/// The configurations of a file: a list, as `config export` writes it, or one alone.
fn exported(path: &str) -> Result<Vec<ExportedConfiguration>, Failure> {
    let wanted = WantedFile::Configurations;
    let text = source::document(path, wanted)?;
    let read = serde_json::from_str::<Value>(&text).and_then(|value| match value {
        // What `config list --json` prints.
        Value::Object(mut page) if page.contains_key("items") => {
            serde_json::from_value(page.remove("items").unwrap_or_default())
        }
        one @ Value::Object(_) => serde_json::from_value(one).map(|one| vec![one]),
        all => serde_json::from_value(all),
    });
    read.map_err(|error| source::unreadable(path, wanted, error))
}

/// Certificates in PEM form.
pub(super) fn authority(path: &str) -> Result<String, Failure> {
    let wanted = WantedFile::Authority;
    let text = source::document(path, wanted)?;
    if text.contains("-----BEGIN CERTIFICATE-----") {
        return Ok(text);
    }
    let missing = std::io::Error::other("it has no -----BEGIN CERTIFICATE-----");
    Err(source::unreadable(path, wanted, missing))
}

/// Keys and their values.
type Pairs = BTreeMap<String, String>;

/// Settings and secrets. All their names are checked before a file is read or a secret is asked for.
fn read_values(
    cli: &Cli,
    provider: &str,
    values: &ConfigValues,
) -> Result<(Pairs, Pairs), Failure> {
    for text in &values.set {
        let (key, _) = pair(text, "--set")?;
        Configurations::check_key(provider, if key == CA_FILE { CA_PEM } else { key }, false)?;
    }
    for keyed in &values.secret {
        Configurations::check_key(provider, keyed.pair("--secret")?.0, true)?;
    }
    let mut settings = BTreeMap::new();
    for text in &values.set {
        let (key, value) = pair(text, "--set")?;
        if key == CA_FILE {
            settings.insert(
                CA_PEM.to_owned(),
                if value.is_empty() {
                    String::new()
                } else {
                    authority(value)?
                },
            );
        } else {
            settings.insert(key.to_owned(), value.to_owned());
        }
    }
    let mut secrets = BTreeMap::new();
    for keyed in &values.secret {
        let (key, source) = keyed.pair("--secret")?;
        let value = Source::parse(&source, &format!("--secret {key}"))?.read_value(cli, key)?;
        secrets.insert(key.to_owned(), value.expose().to_owned());
    }
    Ok((settings, secrets))
}

fn document(one: &ConfigurationView) -> Result<Value, Failure> {
    Ok(serde_json::to_value(one)?)
}

fn show(cli: &Cli, one: &ConfigurationView) -> Result<u8, Failure> {
    output::data(cli.json, one, || lines(one))?;
    Ok(0)
}

/// A configuration for people.
fn lines(one: &ConfigurationView) -> Vec<String> {
    let mut lines = vec![
        format!("name      {}", output::escape_control_chars(&one.name)),
        format!("provider  {}", one.provider),
        format!("issuer    {}", one.issuer),
    ];
    lines.extend(
        one.host_forms
            .iter()
            .map(|host| format!("host      {} ({})", host.ascii, host.unicode)),
    );
    lines.extend(
        one.settings
            .iter()
            .filter(|(key, _)| !key.starts_with("adapted."))
            .map(|(key, value)| format!("{key} = {}", output::escape_control_chars(value))),
    );
    lines.extend(one.secret_keys.iter().map(|key| format!("{key} = ••••")));
    lines.extend(
        one.adapted
            .iter()
            .map(|learned| format!("adapted   {}", learned.message)),
    );
    lines
}
