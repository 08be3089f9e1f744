//! A failure as data, in the words of the surface that shows it.

use keywright_oauth::{error_response::ErrorResponse, register::RegistrationError};
use keywright_providers::{ProviderError, ProviderKind};
use keywright_vault::ChangeHolder;

use super::{
    CoreError, Operation,
    code::{ErrorCode, FailureCode},
    hints::{advice_key, hint_keys, may_manage_as_administrator, names_no_access_token},
    message_args::MessageArgs,
    place,
    subject::Subject,
    unmanaged_wording,
    wording::Wording,
};
use crate::{
    Actor, Cause, ProviderLabel, SignInError,
    error::types::{ErrorView, ProviderWordsView},
    i18n::{
        Lang,
        key::{Family, Key, MessageKey},
        translate, translate_filled, try_translate,
    },
    shell_words,
};

/// How a command that changes a configuration begins.
const CHANGE_CONFIGURATION: &str = "keywright config edit ";

impl CoreError {
    /// The failure as data: who, what, in whose words, and what to do next. The terminal shows commands,
    /// the window buttons.
    pub fn view(&self, lang: Lang, surface: Actor) -> ErrorView {
        let code = self.code();
        let seen = MessageArgs::of(self);
        let status = seen.answered_status();
        let status_text = status.map(|status| status.to_string()).unwrap_or_default();
        let doing = seen.doing.map_or_else(String::new, |doing| {
            translate(lang, Family::Doing.key(doing.as_str()), &[])
        });
        let reason = reason_words(lang, &seen.reason);
        let field = place::field(self);
        let label = setting_label(lang, surface, field.as_deref());
        let what = match &label {
            Some(label) if seen.what == field.as_deref().unwrap_or_default() => label.clone(),
            _ => subject_words(lang, &seen),
        };
        let detail = match label {
            Some(label) if seen.detail == field.as_deref().unwrap_or_default() => label,
            _ => match seen.file_problem {
                Some(key) => key.phrase(lang),
                None => seen.detail.clone(),
            },
        };
        let instead = place::instead(self).unwrap_or_else(|| seen.nearest.clone());
        let wait = seen.retry_after.map_or_else(String::new, |s| s.to_string());
        let scope = seen.challenged(|challenge| &challenge.scope);
        let other_scopes = seen.scopes.clone().unwrap_or_default();
        let setting = try_translate(lang, Family::SettingLabel.key(&seen.endpoint), &[]);
        let [typed_target, typed_what, typed_detail, typed_scope] =
            [&seen.target, &what, &detail, &scope].map(|text| in_command(text));
        let blanks: [(&str, &str); 21] = [
            ("who", &seen.who),
            ("what", &what),
            ("detail", &detail),
            ("asked", &seen.asked),
            ("target", &seen.target),
            ("typed_target", &typed_target),
            ("typed_what", &typed_what),
            ("typed_detail", &typed_detail),
            ("typed_scope", &typed_scope),
            ("status", &status_text),
            ("doing", &doing),
            ("reason", &reason),
            ("wait", &wait),
            ("scope", &scope),
            ("app", &seen.app),
            ("config", &seen.config),
            ("instead", &instead),
            ("listed", &other_scopes.listed),
            ("command", &other_scopes.command),
            ("endpoint", &seen.endpoint),
            ("setting", setting.as_deref().unwrap_or_default()),
        ];
        let explained = match self {
            Self::Explained { cause, .. } => Some(cause.view(lang)),
            _ => None,
        };
        let told = |key: MessageKey| surface_words(lang, surface, &key, &blanks);
        let hint = match self {
            Self::Explained { .. } => explained
                .as_ref()
                .map(|view| Cause::hint(view, lang, surface)),
            Self::Unmanaged {
                doing: Operation::CleanUp,
                ..
            } => told(hint_of(Wording::CleanUpUnproven)),
            Self::Unmanaged { standing, .. } => told(hint_of(unmanaged_wording(*standing, status))),
            Self::ChangeBusy { .. } => told(hint_of(Wording::ChangeBusy)),
            // The provider's words are those for a token that expired.
            Self::SignIn {
                source: SignInError::NoUser { .. },
                ..
            } => told(Family::ErrorHint.key(code.as_str())),
            Self::OutcomeUnknown {
                who, doing, source, ..
            } => told(outcome_unknown_hint(who, *doing, source, &seen.target)),
            Self::NoSession { why, .. } => told(hint_of(why.wording())),
            _ => hint_keys(code, &seen).into_iter().find_map(told),
        };
        let hint = if may_manage_as_administrator(&seen) {
            let also = told(Key::HintNotCapableAdministrator.into());
            hint.zip(also).map(|(hint, also)| join(lang, &hint, &also))
        } else {
            hint
        };
        let advice = match self {
            Self::Unmanaged { .. } | Self::OutcomeUnknown { .. } => None,
            _ => advice_key(&seen).and_then(told),
        };
        ErrorView {
            code,
            message: self.message(lang, status, &seen, &blanks),
            // A vendor's own code says more than what can be guessed.
            hint: advice.or(hint),
            status,
            provider: seen.words.clone().map(ProviderWordsView::from),
            exchange: seen.exchange.map(|id| id.to_string()),
            cause: explained,
            field,
            instead: place::instead(self).or_else(|| nearest_typed(surface, &seen)),
            interrupted: place::is_interrupted(code),
            refused: place::refused(self),
            configuration: configuration_to_change(surface, code, &seen, &blanks),
        }
    }

    fn message(
        &self,
        lang: Lang,
        status: Option<u16>,
        seen: &MessageArgs,
        blanks: &[(&str, &str)],
    ) -> String {
        let code = self.code();
        match self {
            Self::Draft { problems } => problems
                .iter()
                .map(|problem| problem.message.as_str())
                .collect::<Vec<_>>()
                .join(" "),
            Self::Unmanaged { standing, .. } => translate(
                lang,
                message_of(unmanaged_wording(*standing, status)),
                blanks,
            ),
            Self::ChangeBusy { holder, .. } => translate(
                lang,
                message_of(Wording::ChangeBusy),
                &[
                    ("what", seen.what.as_str()),
                    ("who", &holder_name(lang, holder)),
                    ("doing", &holder_doing(lang, holder)),
                    ("process", &holder.process.to_string()),
                ],
            ),
            Self::OutcomeUnknown { source, .. } if is_placed(source) => {
                translate(lang, Key::ErrorOutcomeUnknownMessagePlaced, blanks)
            }
            Self::OutcomeUnknown { .. } if !seen.target.is_empty() => {
                translate(lang, Key::ErrorOutcomeUnknownMessageRedirect, blanks)
            }
            Self::OutcomeUnknown { .. } if status.is_some() => {
                translate(lang, message_of(Wording::OutcomeUnknownStatus), blanks)
            }
            Self::NotBearer { .. } if names_no_access_token(seen) => {
                translate(lang, Key::ErrorNotBearerMessageNA, blanks)
            }
            Self::NoSession { why, .. } => translate(lang, message_of(why.wording()), blanks),
            // The last placeholder may be empty.
            _ => translate(
                lang,
                Family::ErrorMessage.key(seen.wording.map_or(code.as_str(), Wording::as_str)),
                blanks,
            )
            .trim_end()
            .to_owned(),
        }
    }
}

/// Advice about the provider's words could lead to a second client.
fn outcome_unknown_hint(
    who: &ProviderLabel,
    doing: Operation,
    source: &ProviderError,
    target: &str,
) -> MessageKey {
    let is_registration = doing == Operation::Register;
    if is_placed(source) {
        Key::HintOutcomeUnknownPlaced.into()
    } else if is_registration && !target.is_empty() {
        Key::HintOutcomeUnknownMoved.into()
    } else if is_registration && !who.kind.is_some_and(ProviderKind::lists_clients) {
        Key::HintOutcomeUnknownRegister.into()
    } else {
        Family::ErrorHint.key(FailureCode::OutcomeUnknown.as_str())
    }
}

/// A text as a word of a command: a server may have written it. What is absent stays absent.
fn in_command(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        shell_words::quoted(text)
    }
}

/// The answer named the place of what was created, and nothing of it.
fn is_placed(source: &ProviderError) -> bool {
    matches!(
        source,
        ProviderError::Registration(RegistrationError::Placed { .. })
    )
}

/// What the form of the window calls a setting; the terminal calls it by its key.
fn setting_label(lang: Lang, surface: Actor, field: Option<&str>) -> Option<String> {
    match surface {
        Actor::App => try_translate(lang, Family::SettingLabel.key(field?), &[]),
        Actor::Cli => None,
    }
}

/// What the failure is about, in words.
fn subject_words(lang: Lang, seen: &MessageArgs) -> String {
    let key = match seen.subject {
        None => return seen.what.clone(),
        Some(Subject::Capability(capability)) => Family::Cannot.key(capability.as_str()),
        Some(Subject::Thing(thing)) => Family::Thing.key(thing.as_str()),
        Some(Subject::Secret(kind)) => Family::Secret.key(kind.as_str()),
    };
    translate(lang, key, &[])
}

fn message_of(wording: Wording) -> MessageKey {
    Family::ErrorMessage.key(wording.as_str())
}

fn hint_of(wording: Wording) -> MessageKey {
    Family::ErrorHint.key(wording.as_str())
}

/// Why something cannot be done.
fn reason_words(lang: Lang, reasons: &[MessageKey]) -> String {
    let Some((last, closer)) = reasons.split_last() else {
        return String::new();
    };
    let closer = closer
        .iter()
        .find_map(|key| translate_filled(lang, key, &[]));
    closer.unwrap_or_else(|| translate(lang, last.clone(), &[]))
}

/// What the window offers to take over; the terminal has it in the hint.
fn nearest_typed(surface: Actor, seen: &MessageArgs) -> Option<String> {
    (surface == Actor::App && !seen.nearest.is_empty()).then(|| seen.nearest.clone())
}

/// The configuration that the window opens where the hint of the terminal is a command that changes it.
fn configuration_to_change(
    surface: Actor,
    code: ErrorCode,
    seen: &MessageArgs,
    blanks: &[(&str, &str)],
) -> Option<String> {
    let hint = || {
        let mut keys = advice_key(seen).into_iter().chain(hint_keys(code, seen));
        keys.find_map(|key| translate_filled(Lang::En, &key, blanks))
    };
    let configuration = seen.configuration.clone()?;
    let opens = surface == Actor::App && hint()?.contains(CHANGE_CONFIGURATION);
    opens.then_some(configuration)
}

/// A sentence for this surface: `KEY_window` where the window has words of its own. None where a blank
/// that it needs is empty.
fn surface_words(
    lang: Lang,
    surface: Actor,
    key: &MessageKey,
    blanks: &[(&str, &str)],
) -> Option<String> {
    let own = match surface {
        Actor::App => translate_filled(lang, &key.window(), blanks),
        Actor::Cli => None,
    };
    own.or_else(|| translate_filled(lang, key, blanks))
}

impl From<ErrorResponse> for ProviderWordsView {
    fn from(words: ErrorResponse) -> Self {
        let challenge = words.challenge.unwrap_or_default();
        Self {
            status: words.status,
            error: words.error,
            description: words.description,
            scope: challenge.scope,
            resource_metadata: challenge.resource_metadata,
        }
    }
}

fn holder_name(lang: Lang, holder: &ChangeHolder) -> String {
    try_translate(lang, Family::Actor.key(&holder.program), &[])
        .unwrap_or_else(|| translate(lang, Family::Actor.key(Actor::App.as_str()), &[]))
}

fn holder_doing(lang: Lang, holder: &ChangeHolder) -> String {
    try_translate(lang, Family::ChangeOperation.key(&holder.operation), &[])
        .unwrap_or_else(|| translate(lang, Key::OperationChange, &[]))
}

/// Two sentences, one after the other.
fn join(lang: Lang, first: &str, second: &str) -> String {
    match lang {
        Lang::En => format!("{first} {second}"),
        Lang::Ja => format!("{first}{second}"),
    }
}
