//! Counts retired words (STYLE.md) in the tree: their number may only decrease, and clean files stay clean.
//! `retired-words.txt` holds the words, their counts and the clean files.

use std::{cmp::Ordering, collections::BTreeMap, fs};

use xshell::{Shell, cmd};

use crate::{Failure, status};

const RULES: &str = "xtask/retired-words.txt";

/// How many places of a word a message names.
const SHOWN: usize = 20;

/// Endings of the files that are searched.
const ENDINGS: &[&str] = &["md", "rs", "sql", "svelte", "toml", "ts", "yml"];

/// Not searched: lists of the words themselves, history, and what is generated.
const SKIPPED: &[&str] = &[
    "CHANGELOG.md",
    "STYLE.md",
    "docs/decisions/",
    "docs/glossary.md",
    "ui/src/lib/ipc/bindings.ts",
    "xtask/src/wording.rs",
    "_typos.toml",
];

/// Checks the files that git tracks, and new ones that it does not ignore.
pub(crate) fn check(shell: &Shell) -> Result<(), Failure> {
    let rules = Rules::parse(&shell.read_file(RULES)?)?;
    let list = cmd!(
        shell,
        "git ls-files --cached --others --exclude-standard -z"
    )
    .quiet()
    .read()?;
    let files = list
        .split('\0')
        .filter(|path| is_searched(path))
        .filter_map(|path| Some((path, fs::read_to_string(crate::root().join(path)).ok()?)));
    let findings = rules.search(files);
    let (problems, notes) = rules.compare(&findings);
    for note in notes {
        status::note(&note);
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::Checks(problems.join("\n")))
    }
}

fn is_searched(path: &str) -> bool {
    let english = path.starts_with("ui/messages/en/");
    let ending = path
        .rsplit_once('.')
        .is_some_and(|(_, ending)| ENDINGS.contains(&ending));
    (english || ending) && !SKIPPED.iter().any(|skipped| path.starts_with(skipped))
}

/// Where each word occurs: `path:line`, once per occurrence.
type Findings<'a> = BTreeMap<&'a str, Vec<(String, usize)>>;

/// The content of `retired-words.txt`.
#[derive(Debug, Default)]
struct Rules {
    /// Beginnings of the paths without any retired word.
    clean: Vec<String>,
    /// Phrases in which a retired word is ordinary English.
    allowed: Vec<String>,
    /// How often each word may occur outside clean files.
    counts: BTreeMap<String, usize>,
}

impl Rules {
    fn parse(text: &str) -> Result<Self, Failure> {
        let mut rules = Self::default();
        for line in text.lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(path) = line.strip_prefix("clean ") {
                rules.clean.push(path.to_owned());
            } else if let Some(phrase) = line.strip_prefix("allow ") {
                rules.allowed.push(phrase.to_owned());
            } else if let Some((word, count)) = line
                .split_once(" = ")
                .and_then(|(word, count)| Some((word, count.parse().ok()?)))
            {
                rules.counts.insert(word.to_owned(), count);
            } else {
                return Err(Failure::Checks(format!("{RULES}: `{line}` is not a rule")));
            }
        }
        Ok(rules)
    }

    /// Searches names and lines of files.
    fn search<'a>(&self, files: impl Iterator<Item = (&'a str, String)>) -> Findings<'_> {
        let mut findings = Findings::new();
        for (path, text) in files {
            // Most files have few of the words, and most lines none: only the others are taken apart.
            let words = among(self.counts.keys(), &format!("{path}\n{text}"));
            for (number, line) in (0..).zip(std::iter::once(path).chain(text.lines())) {
                let words = among(words.iter().copied(), line);
                if words.is_empty() {
                    continue;
                }
                let line = separated(line);
                for word in words {
                    let times = self.times(&line, word);
                    let places = findings.entry(word.as_str()).or_default();
                    places.extend((0..times).map(|_| (path.to_owned(), number)));
                }
            }
        }
        findings
    }

    /// How often a word occurs in a line outside the allowed phrases.
    fn times(&self, line: &str, word: &str) -> usize {
        let word = format!(" {word} ");
        if !line.contains(&word) {
            return 0;
        }
        let mut line = line.to_owned();
        for phrase in &self.allowed {
            line = line.replace(&format!(" {phrase} "), " | ");
        }
        line.matches(&word).count()
    }

    /// What fails, and which counts can be lowered.
    fn compare(&self, findings: &Findings<'_>) -> (Vec<String>, Vec<String>) {
        let (mut problems, mut notes) = (Vec::new(), Vec::new());
        for (word, &allowed) in &self.counts {
            let places = findings.get(word.as_str()).map_or(&[][..], Vec::as_slice);
            let is_clean = |path: &str| self.clean.iter().any(|clean| path.starts_with(clean));
            for (path, line) in places.iter().filter(|(path, _)| is_clean(path)) {
                problems.push(format!(
                    "{path}:{line}: `{word}` is a retired word, see docs/glossary.md"
                ));
            }
            let rest: Vec<_> = places.iter().filter(|(path, _)| !is_clean(path)).collect();
            match rest.len().cmp(&allowed) {
                Ordering::Greater => {
                    let shown = rest.iter().take(SHOWN);
                    let list: Vec<_> = shown.map(|(path, line)| format!("{path}:{line}")).collect();
                    let more = if rest.len() > SHOWN { " …" } else { "" };
                    problems.push(format!(
                        "`{word}` is a retired word and occurs {} times, at most {allowed} are left: {}{more}",
                        rest.len(),
                        list.join(" ")
                    ));
                }
                Ordering::Less => notes.push(format!("{RULES}: lower `{word}` to {}", rest.len())),
                Ordering::Equal => {}
            }
        }
        (problems, notes)
    }
}

/// The words whose parts all are somewhere in the text.
fn among<'a>(words: impl Iterator<Item = &'a String>, text: &str) -> Vec<&'a String> {
    let text = text.to_lowercase();
    words
        .filter(|word| word.split(' ').all(|part| text.contains(part)))
        .collect()
}

/// The line in lower case with one space around each word; the words of an identifier are apart.
/// What separates words in other ways stays, so that phrases do not reach over it.
fn separated(line: &str) -> String {
    let mut result = String::with_capacity(line.len() + 16);
    result.push(' ');
    let mut before = ' ';
    for letter in line.chars() {
        let parts = letter.is_alphabetic() != before.is_alphabetic()
            || letter.is_uppercase() && before.is_lowercase();
        if parts && !result.ends_with(' ') {
            result.push(' ');
        }
        match letter {
            '_' | ' ' if result.ends_with(' ') => {}
            '_' => result.push(' '),
            _ => result.extend(letter.to_lowercase()),
        }
        before = letter;
    }
    result.push(' ');
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Words\nclean docs/\nallow there is no\n\nanew = 1\nis no = 0\n";

    fn compared(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let rules = Rules::parse(TEXT).unwrap_or_default();
        let files = files.iter().map(|&(path, text)| (path, text.to_owned()));
        let findings = rules.search(files);
        rules.compare(&findings)
    }

    #[test]
    fn known_number_of_retired_words_passes() {
        let (problems, notes) = compared(&[("a.rs", "// Try anew; there is no need.\n")]);
        assert_eq!((problems, notes), (vec![], vec![]));
    }

    #[test]
    fn one_more_retired_word_fails_with_its_places() {
        let (problems, _) = compared(&[("a.rs", "fn begin_anew()\n"), ("b.rs", "\nlet x = Anew;")]);
        assert_eq!(
            problems,
            ["`anew` is a retired word and occurs 2 times, at most 1 are left: a.rs:1 b.rs:2"]
        );
    }

    #[test]
    fn retired_word_in_a_clean_file_fails() {
        let (problems, _) = compared(&[("docs/a.md", "Try anew.")]);
        assert_eq!(
            problems,
            ["docs/a.md:1: `anew` is a retired word, see docs/glossary.md"]
        );
    }

    #[test]
    fn retired_word_in_a_file_name_fails() {
        let (problems, _) = compared(&[("docs/anew.md", "")]);
        assert_eq!(problems.len(), 1, "{problems:?}");
    }

    #[test]
    fn fewer_retired_words_ask_for_a_lower_number() {
        let (problems, notes) = compared(&[("a.rs", "")]);
        assert_eq!(problems, [""; 0]);
        assert_eq!(notes, ["xtask/retired-words.txt: lower `anew` to 0"]);
    }

    #[test]
    fn phrases_are_found_in_identifiers() {
        for (line, times) in [
            ("fn a_file_is_no_backup()", 1),
            ("let fileIsNoBackup", 1),
            ("It is no backup, is  no.", 2),
            (
                "This is. No, there is no other. Is not; is nothing; this no",
                0,
            ),
        ] {
            let found = separated(line)
                .replace(" there is no ", " ")
                .matches(" is no ")
                .count();
            assert_eq!(found, times, "{line}");
        }
    }

    #[test]
    fn unreadable_rule_is_refused() {
        assert!(Rules::parse("anew 3").is_err());
    }

    #[test]
    fn wording_of_the_project_passes() -> Result<(), Failure> {
        let shell = Shell::new()?;
        shell.change_dir(crate::root());
        check(&shell)
    }

    #[test]
    fn history_is_not_searched() {
        assert!(is_searched("crates/a/src/b.rs") && is_searched("ui/messages/en/a.json"));
        for path in [
            "docs/decisions/0001-a.md",
            "CHANGELOG.md",
            "ui/messages/ja/a.json",
            "Cargo.lock",
        ] {
            assert!(!is_searched(path), "{path}");
        }
    }
}
