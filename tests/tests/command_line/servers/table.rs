//! The table: what became of each step, and how it is printed.

use std::fmt::Write as _;

use keywright_tests::Output;

/// What became of a step. There is no other state.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    /// The first command did it.
    First,
    /// The error of the first command named this one, and then it was done.
    AfterNamed(String),
    /// The server does not offer it, and Keywright said so in these words.
    NotOffered(String),
    /// Anything else.
    Failed(String),
}

/// A row of the table.
pub(crate) struct Row {
    /// The server.
    pub(crate) name: &'static str,
    /// A cell for each column.
    pub(crate) cells: Vec<Cell>,
}

/// Prints the table with its notes and gives what failed.
pub(crate) fn print(title: &str, columns: &[&str], rows: &[Row]) -> Vec<String> {
    let mut text = format!("\n{title}\n\n{:<28}", "");
    for column in columns {
        let _ = write!(text, " {column:<18}");
    }
    let (mut notes, mut failures) = (String::new(), Vec::new());
    for row in rows {
        let _ = write!(text, "\n{:<28}", row.name);
        for (column, cell) in columns.iter().zip(&row.cells) {
            let place = format!("{}, {column}", row.name);
            let shown = match cell {
                Cell::First => "first command",
                Cell::AfterNamed(command) => {
                    let _ = writeln!(notes, "{place}: after `{command}`");
                    "after the named"
                }
                Cell::NotOffered(words) => {
                    let _ = writeln!(notes, "{place}: not offered: {words}");
                    "not offered"
                }
                Cell::Failed(why) => {
                    failures.push(format!("{place}: {why}"));
                    "FAILED"
                }
            };
            let _ = write!(text, " {shown:<18}");
        }
    }
    eprintln!("{text}\n\n{notes}");
    failures
}

/// The command that is named as the next step: the first between backticks that begins with `keywright`, as its
/// arguments. It stands in the hint of the error, or of the answer where the gateway gave one.
pub(crate) fn named(output: &Output) -> Option<Vec<String>> {
    let document = error(output).or_else(|| serde_json::from_str(&output.out).ok())?;
    document["hint"]
        .as_str()?
        .split('`')
        .skip(1)
        .step_by(2)
        .find_map(|command| command.strip_prefix("keywright "))
        .map(arguments)
}

/// The error object, where there is one.
pub(crate) fn error(output: &Output) -> Option<serde_json::Value> {
    let document: serde_json::Value = serde_json::from_str(output.err.lines().last()?).ok()?;
    Some(document["error"].clone()).filter(serde_json::Value::is_object)
}

/// Splits as a shell does, as far as hints need it: blanks, and quotes of both kinds.
fn arguments(command: &str) -> Vec<String> {
    let (mut all, mut one, mut open, mut begun) = (Vec::new(), String::new(), None, false);
    for character in command.chars() {
        match (open, character) {
            (Some(quote), _) if character == quote => open = None,
            (None, '"' | '\'') => (open, begun) = (Some(character), true),
            (None, ' ') => {
                if begun {
                    all.push(std::mem::take(&mut one));
                }
                begun = false;
            }
            _ => {
                one.push(character);
                begun = true;
            }
        }
    }
    if begun {
        all.push(one);
    }
    all
}

#[test]
fn named_command_is_split_as_a_shell_does() {
    assert_eq!(
        arguments(r#"app forget "two words" --yes ''"#),
        ["app", "forget", "two words", "--yes", ""]
    );
}
