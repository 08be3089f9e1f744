//! Secrets come from standard input, the environment, a file or a prompt; never from an argument.

use std::io::Read;

use keywright_core::SecretText;

use crate::{args::Cli, failure::Failure};

/// Where a secret is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// `-`
    Stdin,
    /// `env:NAME`
    Env(String),
    /// `file:PATH`
    File(String),
    /// `prompt`
    Prompt,
}

impl Source {
    /// Reads what was typed after an option. Anything that is no source is taken for the secret
    /// itself, and refused without being repeated.
    pub(crate) fn parse(text: &str, option: &str) -> Result<Self, Failure> {
        match text {
            "-" => Ok(Self::Stdin),
            "prompt" => Ok(Self::Prompt),
            _ => match text.split_once(':') {
                Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
                Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.to_owned())),
                _ => Err(Failure::SecretArgument {
                    option: option.to_owned(),
                }),
            },
        }
    }

    /// The secret, without its last line end.
    pub(crate) fn read(&self, cli: &Cli, question: &str) -> Result<SecretText, Failure> {
        let wrong = |detail: String| Failure::Source { detail };
        let text = match self {
            Self::Stdin => {
                let mut text = String::new();
                std::io::stdin()
                    .read_to_string(&mut text)
                    .map_err(|source| wrong(format!("standard input: {source}")))?;
                text
            }
            Self::Env(name) => std::env::var(name)
                .map_err(|source| wrong(format!("environment variable {name}: {source}")))?,
            Self::File(path) => std::fs::read_to_string(path).map_err(|source| Failure::File {
                path: path.clone(),
                source,
            })?,
            Self::Prompt if cli.no_input => {
                return Err(Failure::NoInput {
                    question: question.to_owned(),
                });
            }
            Self::Prompt => rpassword::prompt_password(format!("{question}: "))
                .map_err(|source| wrong(format!("prompt: {source}")))?,
        };
        let text = text.trim_end_matches(['\n', '\r']);
        if text.is_empty() {
            return Err(wrong("it is empty".into()));
        }
        Ok(SecretText::new(text))
    }
}

/// `KEY=VALUE`, split at the first equals sign.
pub(crate) fn pair<'a>(text: &'a str, option: &str) -> Result<(&'a str, &'a str), Failure> {
    text.split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| Failure::Usage {
            detail: format!("{option} takes KEY=VALUE"),
        })
}

/// Looks at every option that takes a source before anything is done.
pub(crate) fn refuse_secret_arguments(cli: &Cli) -> Result<(), Failure> {
    for (option, text) in cli.command.sources() {
        Source::parse(&text, &option)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn t37_a_secret_typed_as_an_argument_is_refused_and_not_repeated() {
        let failure = Source::parse("s3cr3t-value", "--secret initial_access_token").unwrap_err();
        assert!(!format!("{failure} {failure:?}").contains("s3cr3t"));
        assert_eq!(failure.exit_code(), 2);
        assert_eq!(
            Source::parse("env:TOKEN", "x").unwrap(),
            Source::Env("TOKEN".into())
        );
        assert_eq!(
            Source::parse("file:/a:b", "x").unwrap(),
            Source::File("/a:b".into())
        );
        assert!(Source::parse("env:", "x").is_err());
    }
}
