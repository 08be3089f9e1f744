//! Secrets come from standard input, the environment, a file or a prompt; never from an argument.

use std::{env::VarError, io::Read};

use keywright_core::{
    CoreError, SecretText,
    file_kind::{self, FileKind, WantedFile},
    reference,
};
use zeroize::Zeroize as _;

use crate::{
    args::{Cli, SourceArg, TypedSource},
    failure::Failure,
    secret_problem::SecretProblem,
    text::Key,
};

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
    pub(crate) fn parse(source: &SourceArg, option: &str) -> Result<Self, Failure> {
        match source.as_str() {
            "-" => Ok(Self::Stdin),
            "prompt" => Ok(Self::Prompt),
            text => match text.split_once(':') {
                Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
                Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.to_owned())),
                _ => Err(Failure::SecretArgument {
                    option: option.to_owned(),
                }),
            },
        }
    }

    /// The secret alone. A file that holds it among other things would be sent as a whole.
    pub(crate) fn read_value(&self, cli: &Cli, question: &str) -> Result<SecretText, Failure> {
        let text = self.read(cli, question)?;
        if is_document(text.expose()) {
            return Err(SecretProblem::Document.into());
        }
        Ok(text)
    }

    /// The secret, without its last line end.
    pub(crate) fn read(&self, cli: &Cli, question: &str) -> Result<SecretText, Failure> {
        let not_text = |path: &str| SecretProblem::NotText { place: shown(path) };
        let text = match self {
            Self::Stdin => decoded(&mut bytes_of("-")?).map_err(|_source| not_text("-"))?,
            Self::Env(name) => variable(name)?,
            Self::File(path) => decoded(&mut bytes_of(path)?).map_err(|_source| not_text(path))?,
            Self::Prompt if cli.no_input => {
                return Err(Failure::NoInput {
                    question: question.to_owned(),
                });
            }
            Self::Prompt => rpassword::prompt_password(format!("{question}: "))
                .map_err(|error| unanswered(question, &error))?,
        };
        let text = text
            .trim_start_matches('\u{feff}')
            .trim_end_matches(['\n', '\r']);
        if text.is_empty() {
            return Err(SecretProblem::Empty.into());
        }
        if let Some(found) = reference::find(text) {
            return Err(Failure::Core(CoreError::Input {
                what: keywright_core::InputProblem::Reference,
                detail: found.text,
            }));
        }
        Ok(SecretText::new(text))
    }
}

/// The value of an environment variable.
pub(crate) fn variable(name: &str) -> Result<String, Failure> {
    std::env::var(name).map_err(|source| {
        let name = name.to_owned();
        let problem = match source {
            VarError::NotPresent => SecretProblem::NotSet { name },
            VarError::NotUnicode(_) => SecretProblem::VariableNotText { name },
        };
        problem.into()
    })
}

/// Why a question has no answer: it was interrupted, or no terminal is attached.
fn unanswered(question: &str, error: &std::io::Error) -> Failure {
    const NO_SUCH_DEVICE: i32 = 6;
    let has_no_terminal = error.kind() == std::io::ErrorKind::NotFound
        || error.raw_os_error() == Some(NO_SUCH_DEVICE);
    if error.kind() == std::io::ErrorKind::Interrupted {
        Failure::Interrupted
    } else if has_no_terminal {
        Failure::NoTerminal {
            question: question.to_owned(),
        }
    } else {
        Failure::Source {
            detail: format!("prompt: {error}"),
        }
    }
}

/// What holds a secret among other things: a JSON object other than a key (RFC 7517), or a line that begins with the name of
/// the secret.
fn is_document(text: &str) -> bool {
    let text = text.trim();
    let text = text.strip_prefix("export ").unwrap_or(text);
    let parted = text.split_once('=').or_else(|| text.split_once(": "));
    let is_name = parted.is_some_and(|(name, _)| {
        let name = name.trim().to_ascii_lowercase();
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && ["client_secret", "access_token"]
                .iter()
                .any(|end| name.ends_with(end))
    });
    let is_object = text.starts_with('{') && text.ends_with('}') && text.contains('"');
    // A key is an object as well (RFC 7517 §4.1).
    let is_key = || {
        let document = serde_json::from_str::<serde_json::Value>(text);
        document.is_ok_and(|document| document.get("kty").is_some())
    };
    is_name || (is_object && !is_key())
}

/// More than any document, key or body to send has: a device would fill the memory.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The bytes of a file, or of standard input for `-`.
pub(crate) fn bytes_of(path: &str) -> Result<Vec<u8>, Failure> {
    let read = if path == "-" {
        bounded(std::io::stdin())
    } else {
        std::fs::File::open(path).and_then(bounded)
    };
    read.map_err(|source| Failure::File {
        path: shown(path),
        source,
    })
}

fn bounded(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        bytes.zeroize();
        return Err(std::io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// Enough of a file to say what it is: a backup may be larger than the memory.
pub(crate) fn beginning_of(path: &std::path::Path) -> std::io::Result<Vec<u8>> {
    const ENOUGH: u64 = 4 * 1024 * 1024;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(ENOUGH)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a secret; the bytes it came in are wiped.
fn decoded(bytes: &mut Vec<u8>) -> Result<String, file_kind::NotText> {
    let text = file_kind::decode(bytes);
    bytes.zeroize();
    text
}

/// The text of a document, without its byte order mark. A file of another tool is refused by its name.
pub(crate) fn document(path: &str, wanted: WantedFile) -> Result<String, Failure> {
    let bytes = bytes_of(path)?;
    let is_wanted = |kind: FileKind| {
        matches!(
            (wanted, kind),
            (WantedFile::Configurations, FileKind::Configurations)
                | (WantedFile::Authority, FileKind::Certificate)
        )
    };
    if let Some(kind) = file_kind::recognise(&bytes).filter(|kind| !is_wanted(*kind)) {
        return Err(Failure::ForeignFile {
            path: shown(path),
            kind,
            wanted,
        });
    }
    file_kind::decode(&bytes).map_err(|source| unreadable(path, wanted, source))
}

/// A document that cannot be read as what was wanted.
pub(crate) fn unreadable(
    path: &str,
    wanted: WantedFile,
    source: impl std::error::Error + Send + Sync + 'static,
) -> Failure {
    Failure::UnreadableFile {
        path: shown(path),
        wanted,
        source: Box::new(source),
    }
}

fn shown(path: &str) -> String {
    if path == "-" {
        "standard input".to_owned()
    } else {
        path.to_owned()
    }
}

/// `KEY=VALUE`, split at the first equals sign.
pub(crate) fn pair<'a>(text: &'a str, option: &str) -> Result<(&'a str, &'a str), Failure> {
    text.split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| Failure::Usage {
            key: Key::UsagePair,
            detail: option.to_owned(),
        })
}

/// Seconds of 90s, 30m, 12h or 7d, or of a bare number.
pub(crate) fn length_of_time(option: &str, text: &str) -> Result<i64, Failure> {
    let wrong = || Failure::Usage {
        key: Key::UsageTime,
        detail: option.to_owned(),
    };
    let (number, unit) = match text.chars().last() {
        Some('s') => (text.trim_end_matches('s'), 1),
        Some('m') => (text.trim_end_matches('m'), 60),
        Some('h') => (text.trim_end_matches('h'), 3600),
        Some('d') => (text.trim_end_matches('d'), 86_400),
        _ => (text, 1),
    };
    let number: i64 = number
        .parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(wrong)?;
    number.checked_mul(unit).ok_or_else(wrong)
}

/// Refuses a secret that was typed where a source is expected.
///
/// # Errors
/// Refuses the first value that does not name a source; the error names its option.
pub(crate) fn refuse_typed_secrets(sources: &[TypedSource]) -> Result<(), Failure> {
    for typed in sources {
        Source::parse(&typed.source, &typed.option)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn parsed(text: &str, option: &str) -> Result<Source, Failure> {
        Source::parse(&SourceArg::from(text.to_owned()), option)
    }

    #[test]
    fn a_document_differs_from_a_secret() {
        for text in [
            "client_secret=abc",
            "export OAUTH_CLIENT_SECRET=\"abc\"",
            "REGISTRATION_ACCESS_TOKEN = abc",
            "client_secret: abc",
            "{\"client_secret\": \"abc\"}",
        ] {
            assert!(is_document(text), "{text}");
        }
        for secret in [
            "abc",
            "a=b",
            "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
            "{x}",
            "secret=",
            "p: q",
        ] {
            assert!(!is_document(secret), "{secret}");
        }
    }

    #[test]
    fn t37_a_secret_typed_as_an_argument_is_refused_and_not_repeated() {
        let failure = parsed("s3cr3t-value", "--secret initial_access_token").unwrap_err();
        assert!(!format!("{failure} {failure:?}").contains("s3cr3t"));
        assert_eq!(failure.exit_code(), 2);
        assert_eq!(
            parsed("env:TOKEN", "x").unwrap(),
            Source::Env("TOKEN".into())
        );
        assert_eq!(
            parsed("file:/a:b", "x").unwrap(),
            Source::File("/a:b".into())
        );
        assert!(parsed("env:", "x").is_err());
    }
}
