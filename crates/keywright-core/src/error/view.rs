//! A failure as data, in the words of the surface that shows it.

use keywright_oauth::{register::RegistrationError, words::ErrorResponse};
use keywright_providers::{ProviderError, ProviderKind};
use keywright_vault::ChangeHolder;

use super::{
    CoreError, Operation,
    code::{ErrorCode, FailureCode},
    hints::{advice_key, hint_keys, names_no_access_token},
    message_args::MessageArgs,
    place, unmanaged_key,
};
use crate::{
    Actor, Cause, ProviderLabel, SignInError,
    error::types::{ErrorView, ProviderWordsView},
    i18n::{Lang, translate, translate_filled, try_translate},
    shell_words,
};

impl CoreError {
    /// The failure as data: who, what, in whose words, and what to do next. The terminal shows commands,
    /// the window buttons.
    pub fn view(&self, lang: Lang, surface: Actor) -> ErrorView {
        let code = self.code();
        let seen = MessageArgs::of(self);
        let status = seen.answered_status();
        let status_text = status.map(|status| status.to_string()).unwrap_or_default();
        let doing = seen.doing.map_or_else(String::new, |doing| {
            translate(lang, &format!("doing.{}", doing.as_str()), &[])
        });
        let reason = reason_words(lang, seen.reason.as_deref());
        let field = place::field(self);
        let label = setting_label(lang, surface, field.as_deref());
        let what = match &label {
            Some(label) if seen.what == field.as_deref().unwrap_or_default() => label.clone(),
            _ => subject_words(lang, code, &seen.what),
        };
        let detail = match label {
            Some(label) if seen.detail == field.as_deref().unwrap_or_default() => label,
            _ => seen.detail.clone(),
        };
        let instead = place::instead(self).unwrap_or_default();
        let wait = seen.retry_after.map_or_else(String::new, |s| s.to_string());
        let scope = seen.challenged(|challenge| &challenge.scope);
        let other_scopes = seen.scopes.clone().unwrap_or_default();
        let setting = try_translate(lang, &format!("setting.{}.label", seen.endpoint), &[]);
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
        let told = |key: &str| surface_words(lang, surface, key, &blanks);
        let hint = match self {
            Self::Explained { .. } => explained
                .as_ref()
                .map(|view| Cause::hint(view, lang, surface)),
            Self::Unmanaged {
                doing: Operation::CleanUp,
                ..
            } => told("error.clean_up_unproven.hint"),
            Self::Unmanaged { standing, .. } => {
                told(&format!("error.{}.hint", unmanaged_key(*standing, status)))
            }
            Self::ChangeBusy { .. } => told("error.change_busy.hint"),
            // The provider's words are those for a token that expired.
            Self::SignIn {
                source: SignInError::NoUser { .. },
                ..
            } => told("error.userinfo_no_user.hint"),
            Self::OutcomeUnknown {
                who, doing, source, ..
            } => told(outcome_unknown_hint(who, *doing, source, &seen.target)),
            Self::NoSession { why, .. } => told(&format!("error.{}.hint", why.key())),
            _ => hint_keys(code, &seen).iter().find_map(|key| told(key)),
        };
        let advice = match self {
            Self::Unmanaged { .. } | Self::OutcomeUnknown { .. } => None,
            _ => advice_key(&seen).and_then(|key| told(&key)),
        };
        ErrorView {
            code,
            message: self.message(lang, status, &seen, &blanks),
            // A vendor's own code says more than what can be guessed.
            hint: advice.or(hint),
            status,
            provider: seen.words.map(ProviderWordsView::from),
            exchange: seen.exchange.map(|id| id.to_string()),
            cause: explained,
            field,
            instead: place::instead(self),
            interrupted: place::is_interrupted(code),
            refused: place::refused(self),
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
                &format!("error.{}.message", unmanaged_key(*standing, status)),
                blanks,
            ),
            Self::ChangeBusy { holder, .. } => translate(
                lang,
                "error.change_busy.message",
                &[
                    ("what", seen.what.as_str()),
                    ("who", &holder_name(lang, holder)),
                    ("doing", &holder_doing(lang, holder)),
                    ("process", &holder.process.to_string()),
                ],
            ),
            Self::OutcomeUnknown { source, .. } if is_placed(source) => {
                translate(lang, "error.outcome_unknown.message_placed", blanks)
            }
            Self::OutcomeUnknown { .. } if !seen.target.is_empty() => {
                translate(lang, "error.outcome_unknown.message_redirect", blanks)
            }
            Self::OutcomeUnknown { .. } if status.is_some() => {
                translate(lang, "error.outcome_unknown_status.message", blanks)
            }
            Self::NotBearer { .. } if names_no_access_token(seen) => {
                translate(lang, "error.not_bearer.message_n_a", blanks)
            }
            Self::NoSession { why, .. } => {
                translate(lang, &format!("error.{}.message", why.key()), blanks)
            }
            // The last placeholder may be empty.
            _ => translate(
                lang,
                &format!("error.{}.message", seen.wording.unwrap_or(code.as_str())),
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
) -> &'static str {
    let is_registration = doing == Operation::Register;
    if is_placed(source) {
        "hint.outcome_unknown_placed"
    } else if is_registration && !target.is_empty() {
        "hint.outcome_unknown_moved"
    } else if is_registration && !lists_clients(who.kind) {
        "hint.outcome_unknown_register"
    } else {
        "error.outcome_unknown.hint"
    }
}

/// The clients of the provider can be looked through, so that one is found again whose answer was lost.
fn lists_clients(kind: Option<ProviderKind>) -> bool {
    matches!(
        kind,
        Some(ProviderKind::Auth0 | ProviderKind::Okta | ProviderKind::Entra)
    )
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
        Actor::App => try_translate(lang, &format!("setting.{}.label", field?), &[]),
        Actor::Cli => None,
    }
}

/// What the failure is about, in words.
fn subject_words(lang: Lang, code: ErrorCode, what: &str) -> String {
    let key = match code {
        ErrorCode::Failure(FailureCode::NotCapable) => format!("cannot.{what}"),
        ErrorCode::Failure(FailureCode::NotFound) => format!("thing.{}", what.replace(' ', "_")),
        ErrorCode::Failure(FailureCode::NoSecret) => format!("secret.{what}"),
        _ => return what.to_owned(),
    };
    translate(lang, &key, &[])
}

/// Why something cannot be done.
fn reason_words(lang: Lang, reason: Option<&str>) -> String {
    reason.map_or_else(String::new, |reason| {
        translate_filled(lang, &format!("because.{reason}"), &[])
            .unwrap_or_else(|| translate(lang, &format!("reason.{reason}"), &[]))
    })
}

/// A sentence for this surface: `KEY_window` where the window has words of its own. None where a blank
/// that it needs is empty.
fn surface_words(lang: Lang, surface: Actor, key: &str, blanks: &[(&str, &str)]) -> Option<String> {
    let own = match surface {
        Actor::App => translate_filled(lang, &format!("{key}_window"), blanks),
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
    try_translate(lang, &format!("actor.{}", holder.program), &[])
        .unwrap_or_else(|| translate(lang, "actor.app", &[]))
}

fn holder_doing(lang: Lang, holder: &ChangeHolder) -> String {
    try_translate(lang, &format!("operation.{}", holder.operation), &[])
        .unwrap_or_else(|| translate(lang, "operation.change", &[]))
}
