//! Options that take the source of a secret. The secret itself may have been typed there instead.

use std::fmt;

use clap::{ArgMatches, Command};

use crate::{failure::Failure, source};

/// Value name of an option that takes a source. Every option with this name or the next one is checked.
const SOURCE: &str = "SOURCE";
/// Value name of an option that takes a key and the source of its secret.
const KEYED_SOURCE: &str = "K=SOURCE";

/// What was typed as a source. It may be a secret and is not shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SourceArg(String);

impl SourceArg {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for SourceArg {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for SourceArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SourceArg")
    }
}

/// What was typed as a key and a source.
#[derive(Clone)]
pub(crate) struct KeyedSourceArg(String);

impl KeyedSourceArg {
    /// The key and the source.
    ///
    /// # Errors
    /// No key, or no equals sign.
    pub(crate) fn pair(&self, option: &str) -> Result<(&str, SourceArg), Failure> {
        let (key, source) = source::pair(&self.0, option)?;
        Ok((key, SourceArg(source.to_owned())))
    }
}

impl From<String> for KeyedSourceArg {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for KeyedSourceArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedSourceArg")
    }
}

/// A source that was typed, and the option as messages name it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TypedSource {
    pub(crate) option: String,
    pub(crate) source: SourceArg,
}

/// Every source that was typed, of the command and its subcommands.
pub(super) fn typed_sources(command: &Command, matches: &ArgMatches) -> Vec<TypedSource> {
    let mut typed = Vec::new();
    for arg in command.get_arguments() {
        let (is_source, is_keyed) = (
            has_value_name(arg, SOURCE),
            has_value_name(arg, KEYED_SOURCE),
        );
        if !is_source && !is_keyed {
            continue;
        }
        let option = match arg.get_long() {
            Some(long) => format!("--{long}"),
            None => arg.get_id().to_string(),
        };
        let values = matches.get_raw(arg.get_id().as_str()).unwrap_or_default();
        for value in values {
            let text = value.to_string_lossy();
            let (option, source) = match text.split_once('=') {
                Some((key, source)) if is_keyed => (format!("{option} {key}"), source),
                _ => (option.clone(), text.as_ref()),
            };
            typed.push(TypedSource {
                option,
                source: SourceArg(source.to_owned()),
            });
        }
    }
    if let Some((name, matches)) = matches.subcommand()
        && let Some(command) = command.find_subcommand(name)
    {
        typed.extend(typed_sources(command, matches));
    }
    typed
}

fn has_value_name(arg: &clap::Arg, wanted: &str) -> bool {
    arg.get_value_names()
        .is_some_and(|names| names.iter().any(|name| name.as_str() == wanted))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use std::any::TypeId;

    use clap::CommandFactory as _;

    use super::*;
    use crate::args::Cli;

    /// Every argument of a command and its subcommands, after the words that lead to it.
    fn arguments(command: &Command, path: &[String]) -> Vec<(Vec<String>, clap::Arg)> {
        let mut all: Vec<_> = command
            .get_arguments()
            .map(|arg| (path.to_vec(), arg.clone()))
            .collect();
        for subcommand in command.get_subcommands() {
            let mut path = path.to_vec();
            path.push(subcommand.get_name().to_owned());
            all.extend(arguments(subcommand, &path));
        }
        all
    }

    #[test]
    fn t37_every_option_that_takes_a_source_is_looked_at() {
        const TYPED: &str = "TYPED-SECRET-7731";
        let mut options = Vec::new();
        for (path, arg) in arguments(&Cli::command(), &["keywright".to_owned()]) {
            let name = format!("{} {}", path.join(" "), arg.get_id());
            // A source is only read from these types, so an option with another value name would be missed.
            let is_type = |id: TypeId| arg.get_value_parser().type_id() == id;
            let (is_source, is_keyed) = (
                is_type(TypeId::of::<SourceArg>()),
                is_type(TypeId::of::<KeyedSourceArg>()),
            );
            assert_eq!(has_value_name(&arg, SOURCE), is_source, "{name}");
            assert_eq!(has_value_name(&arg, KEYED_SOURCE), is_keyed, "{name}");
            if !is_source && !is_keyed {
                continue;
            }
            let value = if is_keyed {
                format!("key={TYPED}")
            } else {
                TYPED.to_owned()
            };
            let typed = match arg.get_long() {
                Some(long) => vec![format!("--{long}"), value],
                None => vec![value],
            };
            // Arguments that are required as well do not matter here.
            let mut command = Cli::command().ignore_errors(true);
            let matches = command
                .try_get_matches_from_mut(path.iter().chain(&typed))
                .unwrap();
            let found = typed_sources(&command, &matches);
            let one = found.iter().find(|one| one.source.as_str() == TYPED);
            let option = &one
                .unwrap_or_else(|| panic!("{name} is not looked at"))
                .option;
            let failure = source::refuse_typed_secrets(&found).unwrap_err();
            assert_eq!(failure.exit_code(), 2, "{name}");
            assert!(
                !format!("{failure} {failure:?} {found:?}").contains(TYPED),
                "{name}"
            );
            options.push(format!("{} {option}", path[1..].join(" ")));
        }
        for known in [
            "app register --client-key",
            "app adopt --client-key",
            "key import --key",
            "config add --secret key",
        ] {
            assert!(
                options.iter().any(|option| option == known),
                "{known} in {options:?}"
            );
        }
    }
}
