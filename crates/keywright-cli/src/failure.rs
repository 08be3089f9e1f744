//! Failures of the command line itself, and those of the core.

use keywright_core::{CoreError, Lang, say, view::ErrorView};

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
    /// A question would have to be asked.
    #[error("a question would have to be asked: {question}")]
    NoInput {
        /// The question.
        question: String,
    },
    /// The arguments do not fit together.
    #[error("{detail}")]
    Usage {
        /// What is wrong.
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
    /// The agent.
    #[error(transparent)]
    Agent(#[from] crate::agent::AgentError),
    /// A document that cannot be read or written as JSON.
    #[error("{source}")]
    Json {
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
    /// Exit code (DESIGN section 8).
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Core(error) => error.exit_code(),
            Self::SecretArgument { .. }
            | Self::Source { .. }
            | Self::NoInput { .. }
            | Self::Usage { .. }
            | Self::Json { .. } => 2,
            Self::Agent(error) if error.is_suspicious() => 8,
            Self::Agent(_) | Self::Sandbox(_) | Self::File { .. } | Self::Runtime { .. } => 1,
        }
    }

    /// As data.
    pub(crate) fn view(&self, lang: Lang) -> ErrorView {
        let (code, what, detail) = match self {
            Self::Core(error) => return error.view(lang),
            Self::SecretArgument { option } => ("secret_argument", String::new(), option.clone()),
            Self::Source { detail } => ("source", String::new(), detail.clone()),
            Self::NoInput { question } => ("no_input", String::new(), question.clone()),
            Self::Usage { detail } => ("usage", String::new(), detail.clone()),
            Self::Sandbox(error) => ("sandbox", String::new(), error.to_string()),
            Self::File { path, source } => ("file", path.clone(), source.to_string()),
            Self::Agent(error) if error.is_suspicious() => {
                ("agent_refused", String::new(), error.to_string())
            }
            Self::Agent(error) => ("agent", String::new(), error.to_string()),
            Self::Json { source } => ("metadata_json", String::new(), source.to_string()),
            Self::Runtime { source } => ("usage", String::new(), source.to_string()),
        };
        let blanks = [("detail", detail.as_str()), ("what", what.as_str())];
        ErrorView {
            code: code.to_owned(),
            message: say(lang, &format!("error.{code}.message"), &blanks),
            hint: Some(say(lang, &format!("error.{code}.hint"), &blanks)),
            status: None,
            provider: None,
            exchange: None,
        }
    }
}
