#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use keywright_oauth::{
    client_document::DocumentRule,
    http::{HttpErrorCode, HttpWording, Purpose},
};
use keywright_providers::{
    Capability, DiscoveryFailure, ProviderKind, message_codes,
    offers::{fapi, offers},
    presets::presets,
    settings::{self, SettingKind},
};
use keywright_vault::JournalOperation;
use regex::Regex;

use super::*;
use crate::{
    Actor, FailureCode, InputProblem, Lang, Operation,
    app::audit_action::AuditAction,
    applications::expiry_notices::THRESHOLDS,
    calls::cookies::CookieFault,
    configurations::verify::{FAILURE, FindingCode},
    doctor::Check,
    error::{
        cause::{CauseKind, FactKey, FactSource, WayAction},
        file::FileProblem,
        hints::OAUTH,
        subject::{SecretKind, Thing},
        wording::Wording,
    },
    file_kind::{FileKind, WantedFile},
    i18n::translate,
    view::{PendingState, RegisterWarningCode},
};

/// The codes of an enum.
macro_rules! all {
    ($($name:ident)+) => {
        [$($name::ALL.iter().map(|one| one.as_str()).collect::<Vec<&str>>()),+].concat()
    };
}

/// Codes of the adapters.
fn of_adapters(families: &[&str]) -> Vec<&'static str> {
    message_codes()
        .filter(|(family, _)| families.contains(family))
        .map(|(_, code)| code)
        .collect()
}

fn finding_codes() -> Vec<String> {
    let failures = all!(HttpErrorCode HttpWording DiscoveryFailure);
    let failures = failures.iter().map(|code| format!("{FAILURE}{code}"));
    let own = [all!(FindingCode), of_adapters(&["finding", "refusal"])].concat();
    own.into_iter().map(str::to_owned).chain(failures).collect()
}

fn setting_keys() -> Vec<&'static str> {
    ProviderKind::ALL
        .iter()
        .flat_map(|kind| settings::of(*kind).map(|spec| spec.key))
        .collect()
}

fn choices() -> Vec<String> {
    let specs = ProviderKind::ALL
        .iter()
        .flat_map(|kind| settings::of(*kind));
    let choices = specs.filter_map(|spec| match spec.kind {
        SettingKind::Choice(values) => Some((spec.key, values)),
        _ => None,
    });
    choices
        .flat_map(|(key, values)| values.iter().map(move |value| format!("{key}.{value}")))
        .collect()
}

/// A cut-off registration alone can be incomplete, or refused.
fn pending() -> Vec<String> {
    let mut all = vec!["register.refused".to_owned()];
    let ended =
        |state: &PendingState| matches!(state, PendingState::Done | PendingState::Discarded);
    for state in PendingState::ALL.iter().filter(|state| !ended(state)) {
        all.push(format!("register.{}", state.as_str()));
        if *state != PendingState::Incomplete {
            all.extend(["read", "change"].map(|topic| format!("{topic}.{}", state.as_str())));
        }
    }
    all
}

/// The codes of which each has a message, or of which some have one.
enum Codes {
    Each(Vec<String>),
    Some(Vec<String>),
}

fn each<T: ToString>(codes: impl IntoIterator<Item = T>) -> Codes {
    Codes::Each(codes.into_iter().map(|code| code.to_string()).collect())
}

fn some<T: ToString>(codes: impl IntoIterator<Item = T>) -> Codes {
    Codes::Some(codes.into_iter().map(|code| code.to_string()).collect())
}

fn codes(family: Family) -> Codes {
    match family {
        Family::Actor => each(all!(Actor)),
        Family::Adapted => some(ADAPTED),
        Family::Advice => each(of_adapters(&["advice", "refusal"])),
        Family::Audit => each(all!(AuditAction)),
        Family::Because => some(of_adapters(&["reason"])),
        Family::Cannot | Family::Capability => each(all!(Capability)),
        Family::Cause => each(all!(CauseKind)),
        Family::ChangeOperation => each(all!(JournalOperation)),
        Family::Choice => some(choices()),
        Family::Cookie => each(all!(CookieFault)),
        Family::DocumentRuleBroken | Family::DocumentRuleKept => each(all!(DocumentRule)),
        Family::Doctor => each(all!(Check)),
        Family::Doing => each(all!(Operation)),
        Family::ErrorHint => some(all!(FailureCode InputProblem Wording)),
        // Those two have a sentence of their surface; of the wordings two are hints alone.
        Family::ErrorMessage => each(all!(FailureCode InputProblem Wording).into_iter().filter(
            |code| !["not_confirmed", "window_failed", "clean_up_unproven"].contains(code),
        )),
        Family::ExpiryNotice => each(THRESHOLDS),
        Family::Fact => each(all!(FactKey)),
        Family::FileHint | Family::FileWanted => each(all!(WantedFile)),
        Family::FileKind => each(all!(FileKind)),
        Family::Finding => each(finding_codes()),
        Family::Fix => {
            let steps = of_adapters(&["step"]);
            let of_steps = finding_codes().into_iter().flat_map(move |code| {
                let steps = steps.clone().into_iter();
                steps
                    .map(|step| format!("{step}.{code}"))
                    .chain([code.clone()])
                    .collect::<Vec<_>>()
            });
            some(of_steps)
        }
        Family::Hint => {
            let endings = ["", "_fixed", "_manage", "_plain", "_register", "_sign_in"];
            some(
                OAUTH
                    .iter()
                    .flat_map(|code| endings.map(|ending| format!("{code}{ending}"))),
            )
        }
        Family::HintIo | Family::Io => each(all!(FileProblem)),
        Family::HintNameTaken | Family::HintNotFound => some(all!(Thing)),
        Family::HintNoEndpoint => some(all!(Capability)),
        Family::HintNoSecret => some(all!(SecretKind)),
        Family::HintNotCapable => some(all!(Capability Operation)),
        Family::KindLine | Family::KindName => {
            each(ProviderKind::ALL.iter().map(|kind| kind.as_str()))
        }
        Family::Offer => {
            let all = [offers(None), fapi(None)].concat();
            each(all.iter().map(|offer| offer.key).collect::<Vec<_>>())
        }
        Family::Pending => each(pending()),
        Family::Plan => each(of_adapters(&["plan"])),
        Family::PresetBlank => each(
            presets()
                .iter()
                .flat_map(keywright_providers::presets::Preset::blanks),
        ),
        Family::PresetNote => each(presets().iter().map(|one| one.id)),
        Family::Reason => each(of_adapters(&["reason"])),
        Family::RegisterAsk => some(all!(RegisterWarningCode)),
        Family::RegisterNote => each(all!(RegisterWarningCode)),
        Family::Secret => each([&all!(SecretKind)[..], &PLANNED].concat()),
        Family::SettingHint => some(ProviderKind::ALL.iter().flat_map(|kind| {
            let specs = settings::of(*kind);
            specs.flat_map(|spec| {
                [
                    spec.key.to_owned(),
                    format!("{}.{}", kind.as_str(), spec.key),
                ]
            })
        })),
        Family::SettingLabel => each(setting_keys()),
        Family::Shortfall => each(
            [
                &["auth_method", "grant", "scope"][..],
                &of_adapters(&["shortfall"]),
            ]
            .concat(),
        ),
        Family::Source => each(all!(FactSource)),
        Family::Step => each(of_adapters(&["step"])),
        Family::StoryAsk => each(all!(Purpose)),
        Family::Thing => each(all!(Thing)),
        Family::WayText | Family::WayTitle => each(all!(WayAction)),
    }
}

/// Credentials of planned requests that the vault holds under another name.
const PLANNED: [&str; 4] = [
    "admin_token",
    "api_key",
    "dcr_token",
    "initial_client_secret",
];
/// What can be learned of a server, and has a sentence of its own.
const ADAPTED: [&str; 21] = [
    "application_type.absent",
    "assertion_audience.issuer",
    "assertion_audience.token_endpoint",
    "client_auth.client_secret_post",
    "client_auth.raw",
    "client_secret_basic.basic_with_id",
    "client_secret_basic.client_secret_post",
    "client_secret_post.client_secret_basic",
    "endpoint_audience.endpoint",
    "endpoint_audience.issuer",
    "endpoint_audience.token_endpoint",
    "grant_types.authorization_code",
    "offline_access.absent",
    "openid.asked",
    "redirect_uris.absent",
    "redirect_uris.dummy",
    "redirect_uris.empty",
    "response_types.absent",
    "token_endpoint_auth_method.absent",
    "token_endpoint_auth_method.client_secret_basic",
    "token_endpoint_auth_method.client_secret_post",
];
/// Messages that a crate above names, with a test of its own: those of the command line, and those of the shell.
fn is_of_a_surface(key: &str, file: &str) -> bool {
    key.starts_with("cli.") || file.ends_with("desktop.yml")
}

/// Keys that must have a message, and all that may have one.
fn keys() -> (BTreeSet<String>, BTreeSet<String>) {
    let text = |key: MessageKey| key.as_str().to_owned();
    let mut needed: BTreeSet<String> = Key::ALL.iter().map(|key| text((*key).into())).collect();
    let mut known = needed.clone();
    for family in Family::ALL {
        match codes(*family) {
            Codes::Each(codes) => {
                needed.extend(codes.iter().map(|code| text(family.key(code))));
            }
            Codes::Some(codes) => known.extend(codes.iter().map(|code| text(family.key(code)))),
        }
    }
    known.extend(needed.iter().cloned());
    (needed, known)
}

/// The keys of the message files, each with its file.
fn defined() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir("messages").unwrap() {
        let path = entry.unwrap().path();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let key = line.split(':').next().unwrap_or_default();
            if !key.is_empty() && !key.starts_with([' ', '#', '_']) {
                all.insert(key.to_owned(), path.display().to_string());
            }
        }
    }
    assert!(all.len() > 1000, "only {} keys were found", all.len());
    all
}

#[test]
fn every_message_is_there_in_both_languages() {
    let defined = defined();
    let missing: Vec<String> = keys()
        .0
        .into_iter()
        .filter(|key| !defined.contains_key(key))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
    let blank = Regex::new(r"%\{[a-z_]+\}").unwrap();
    for key in defined.keys() {
        let blanks = |lang| -> BTreeSet<String> {
            let text = crate::_rust_i18n_try_translate(lang, key);
            let text = text.unwrap_or_else(|| panic!("{key} has no {lang} sentence"));
            assert!(!text.is_empty(), "{key}");
            let blanks = blank.find_iter(&text);
            blanks.map(|found| found.as_str().to_owned()).collect()
        };
        assert_eq!(
            blanks(Lang::En.tag()),
            blanks(Lang::Ja.tag()),
            "{key} fills other blanks in Japanese"
        );
    }
}

#[test]
fn every_message_is_used() {
    let (_, known) = keys();
    let unused: Vec<(String, String)> = defined()
        .into_iter()
        .filter(|(key, file)| {
            let shown = key.strip_suffix("_window").unwrap_or(key);
            let base = ["_fix", "_plain"]
                .iter()
                .find_map(|ending| shown.strip_suffix(ending));
            !known.contains(shown)
                && !base.is_some_and(|base| known.contains(base))
                && !is_of_a_surface(key, file)
        })
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn a_key_without_a_message_is_shown_as_it_is() {
    let key = MessageKey::of_text("plan.no_such_message");
    assert_eq!(translate(Lang::Ja, key, &[]), "plan.no_such_message");
}
