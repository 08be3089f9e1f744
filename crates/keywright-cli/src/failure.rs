//! Failures of the command line itself, and those of the core.

use keywright_core::{
    Actor, CoreError, ErrorCode, FailureCode, Family, InputProblem, Lang,
    file_kind::{FileKind, WantedFile},
    file_problem, json_problem, translate,
    view::ErrorView,
};

use crate::{secret_problem::SecretProblem, text::Key};

/// A command to type next, and the sentence that it stands in.
#[derive(Debug)]
pub(crate) struct NextCommand {
    /// The sentence.
    pub(crate) key: Key,
    /// The command, between backticks.
    pub(crate) command: String,
}

impl NextCommand {
    /// The sentence.
    pub(crate) fn translate(&self, lang: Lang) -> String {
        translate(lang, self.key, &[("command", &self.command)])
    }
}

/// Why a command did not do it.
#[derive(Debug, thiserror::Error)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one failure a run of the command"
)]
pub(crate) enum Failure {
    /// The core.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// A secret was typed as an argument.
    #[error("a secret was given as an argument: {option}")]
    SecretArgument {
        /// The option, without its value.
        option: String,
    },
    /// A source of a secret cannot be read.
    #[error("{detail}")]
    Source {
        /// What is wrong, without the secret.
        detail: String,
    },
    /// A secret cannot be used as it was entered.
    #[error(transparent)]
    SecretInput(#[from] SecretProblem),
    /// A question would have to be asked.
    #[error("a question would have to be asked: {question}")]
    NoInput {
        /// The question.
        question: String,
    },
    /// A question cannot be asked: no terminal is attached.
    #[error("no terminal is attached to ask: {question}")]
    NoTerminal {
        /// The question.
        question: String,
    },
    /// Ctrl C at a question.
    #[error("interrupted")]
    Interrupted,
    /// The answer to a question was not yes.
    #[error("not confirmed")]
    NotConfirmed,
    /// A failure whose next step is a command that is known here.
    #[error("{source}")]
    Next {
        /// What failed.
        source: Box<Failure>,
        /// What to type.
        next: NextCommand,
    },
    /// The arguments do not fit together.
    #[error("{key:?} {detail}")]
    Usage {
        /// The sentence.
        key: Key,
        /// What the sentence names.
        detail: String,
    },
    /// The Sandbox.
    #[error(transparent)]
    Sandbox(#[from] keywright_sandbox::SandboxError),
    /// A file.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file of another tool, or of Keywright for another purpose.
    #[error("{path} is a file of another kind: {}", kind.as_str())]
    ForeignFile {
        /// The file.
        path: String,
        /// What it is.
        kind: FileKind,
        /// What was wanted.
        wanted: WantedFile,
    },
    /// A file that cannot be read as what was wanted.
    #[error("{path}: {source}")]
    UnreadableFile {
        /// The file.
        path: String,
        /// What was wanted.
        wanted: WantedFile,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The agent.
    #[error(transparent)]
    Agent(#[from] crate::agent::AgentError),
    /// Client metadata that cannot be read as JSON.
    #[error("{source}")]
    MetadataJson {
        /// Why.
        source: serde_json::Error,
    },
    /// A result that cannot be written as JSON.
    #[error("{source}")]
    Output {
        /// Why.
        #[from]
        source: serde_json::Error,
    },
    /// No threads to work with.
    #[error("{source}")]
    Runtime {
        /// Why.
        source: std::io::Error,
    },
}

impl Failure {
    /// Exit code, as `keywright --help` lists them.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Core(error) => error.exit_code(),
            Self::Next { source, .. } => source.exit_code(),
            Self::SecretArgument { .. }
            | Self::Source { .. }
            | Self::SecretInput(_)
            | Self::NoInput { .. }
            | Self::NoTerminal { .. }
            | Self::NotConfirmed
            | Self::Usage { .. }
            | Self::ForeignFile { .. }
            | Self::UnreadableFile { .. }
            | Self::MetadataJson { .. } => 2,
            Self::Interrupted => 130,
            Self::Agent(error) if error.is_suspicious() => 8,
            Self::Agent(_)
            | Self::Sandbox(_)
            | Self::File { .. }
            | Self::Output { .. }
            | Self::Runtime { .. } => 1,
        }
    }

    /// What was written to is a pipe that nobody reads any more, such as `--har /dev/stdout | head`.
    pub(crate) fn is_reader_gone(&self) -> bool {
        matches!(self, Self::File { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe)
    }

    /// As data.
    pub(crate) fn view(&self, lang: Lang) -> ErrorView {
        let mut asked = None;
        let (code, what, detail): (ErrorCode, String, String) = match self {
            Self::Core(error) => return error.view(lang, Actor::Cli),
            Self::Next { source, next } => {
                return ErrorView {
                    hint: Some(next.translate(lang)),
                    ..source.view(lang)
                };
            }
            Self::SecretArgument { option } => (
                FailureCode::SecretArgument.into(),
                String::new(),
                option.clone(),
            ),
            Self::Source { detail } => (FailureCode::Source.into(), String::new(), detail.clone()),
            Self::SecretInput(problem) => {
                let message = [("detail", &*problem.phrase(lang))];
                let message = translate(lang, Family::ErrorMessage.key("source"), &message);
                let hint = Some(problem.hint(lang));
                return ErrorView::of_surface(FailureCode::Source, message, hint);
            }
            Self::NoInput { question } => {
                (FailureCode::NoInput.into(), String::new(), question.clone())
            }
            Self::NoTerminal { question } => (
                FailureCode::NoTerminal.into(),
                String::new(),
                question.clone(),
            ),
            // Whoever said no needs no advice.
            Self::NotConfirmed | Self::Interrupted => {
                let message = translate(lang, Key::NotConfirmed, &[]);
                return ErrorView::of_surface(FailureCode::NotConfirmed, message, None);
            }
            Self::Usage { key, detail } => {
                let detail = translate(lang, *key, &[("detail", detail)]);
                (FailureCode::Usage.into(), String::new(), detail)
            }
            Self::Sandbox(error) => (
                FailureCode::Sandbox.into(),
                String::new(),
                error.to_string(),
            ),
            Self::File { path, source } => {
                let (detail, hint) = file_problem(lang, source);
                let blanks = [("what", path.as_str()), ("detail", detail.as_str())];
                let message = translate(lang, Family::ErrorMessage.key("file"), &blanks);
                let hint = Some(translate(lang, hint, &[]));
                return ErrorView::of_surface(FailureCode::File, message, hint);
            }
            Self::ForeignFile { path, kind, wanted } => {
                asked = Some(wanted.as_str());
                let kind = translate(lang, Family::FileKind.key(kind.as_str()), &[]);
                (FailureCode::ForeignFile.into(), path.clone(), kind)
            }
            Self::UnreadableFile {
                path,
                wanted,
                source,
            } => {
                asked = Some(wanted.as_str());
                let detail = match source.downcast_ref::<serde_json::Error>() {
                    Some(error) => json_problem(lang, error),
                    None => source.to_string(),
                };
                (FailureCode::UnreadableFile.into(), path.clone(), detail)
            }
            Self::Agent(error) if error.is_suspicious() => (
                FailureCode::AgentRefused.into(),
                String::new(),
                error.to_string(),
            ),
            Self::Agent(error) => (FailureCode::Agent.into(), String::new(), error.to_string()),
            Self::MetadataJson { source } => {
                let detail = json_problem(lang, source);
                (InputProblem::MetadataJson.into(), String::new(), detail)
            }
            Self::Output { source } => (
                FailureCode::Output.into(),
                String::new(),
                source.to_string(),
            ),
            Self::Runtime { source } => (
                FailureCode::Runtime.into(),
                String::new(),
                source.to_string(),
            ),
        };
        let wanted = asked.map(|file| translate(lang, Family::FileWanted.key(file), &[]));
        let blanks = [
            ("detail", detail.as_str()),
            ("what", what.as_str()),
            ("asked", wanted.as_deref().unwrap_or_default()),
        ];
        let hint = asked.map_or_else(
            || Family::ErrorHint.key(code.as_str()),
            |file| Family::FileHint.key(file),
        );
        let message = translate(lang, Family::ErrorMessage.key(code.as_str()), &blanks);
        ErrorView::of_surface(code, message, Some(translate(lang, hint, &blanks)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_threads_are_not_wrong_usage() {
        let source = std::io::Error::from(std::io::ErrorKind::OutOfMemory);
        let failure = Failure::Runtime { source };
        assert_eq!(failure.exit_code(), 1);
        let view = failure.view(Lang::En);
        assert_eq!(view.code.as_str(), "runtime");
        assert!(
            view.message
                .starts_with("Could not start the worker threads")
        );
    }

    #[test]
    fn unwritable_result_is_not_blamed_on_metadata() {
        let failure = Failure::from(serde_json::Error::io(std::io::Error::other("x")));
        assert_eq!(failure.exit_code(), 1);
        assert_eq!(failure.view(Lang::En).code.as_str(), "output");
    }
}
