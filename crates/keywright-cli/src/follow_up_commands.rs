//! Commands to type next, for hints.

use keywright_core::{
    Keywright,
    view::{CallAuth, CallInput, SessionQuery},
};

use crate::{failure::NextCommand, text::Key};

/// The command as it was typed, without the options that scripts add, and with `--yes` at its end.
pub(crate) fn answered_yes() -> NextCommand {
    let typed = std::env::args_os()
        .skip(1)
        .map(|one| one.to_string_lossy().into_owned())
        .filter(|one| one != "--json" && one != "--no-input");
    NextCommand {
        key: Key::AnswerYes,
        command: command(typed.chain(["--yes".to_owned()])),
    }
}

/// What opens a session again that has ended, in the way in which it was opened; none where none has ended.
pub(crate) fn open_session(keywright: &Keywright, input: &CallInput) -> Option<NextCommand> {
    let query = SessionQuery {
        live: Some(false),
        application_id: Some(input.application_id.clone()),
        limit: 100,
        ..SessionQuery::default()
    };
    let ended = keywright.sessions().list(&query).ok()?.items;
    let session = ended
        .into_iter()
        .filter(|one| is_below(&input.url, &one.origin))
        .max_by_key(|one| one.last_used_at)?;
    let (key, words) = if session.imported {
        let words = ["session", "import", "--app", &session.application, "--url"];
        (Key::ImportSession, words.to_vec())
    } else {
        let way = match session.made_with {
            CallAuth::ClientCredentials => "client-credentials",
            CallAuth::Bearer | CallAuth::Session => "bearer",
        };
        let words = ["call", "--app", &session.application, "--auth", way];
        (Key::OpenSession, words.to_vec())
    };
    let words = words.into_iter().chain([input.url.as_str()]);
    Some(NextCommand {
        key,
        command: command(words.map(str::to_owned)),
    })
}

fn is_below(url: &str, origin: &str) -> bool {
    url.strip_prefix(origin)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

fn command(arguments: impl Iterator<Item = String>) -> String {
    let quoted: Vec<String> = arguments.map(quoted).collect();
    format!("`keywright {}`", quoted.join(" "))
}

/// As a shell takes it.
pub(crate) fn quoted(argument: String) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:=@,+%".contains(letter);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_is_quoted_where_a_shell_needs_it() {
        let words = [
            "app",
            "forget",
            "two words",
            "it's",
            "",
            "https://a.example/?b=c",
        ];
        assert_eq!(
            command(words.iter().map(|&word| word.to_owned())),
            r"`keywright app forget 'two words' 'it'\''s' '' 'https://a.example/?b=c'`"
        );
    }
}
