//! Checks `docs/decisions`: each record has a number, a date and a status, the index lists it, and none is missing.

use std::{collections::BTreeMap, fs, path::Path};

use crate::Failure;

const FOLDER: &str = "docs/decisions";
const INDEX: &str = "README.md";

/// Checks the records of the project.
pub(crate) fn check() -> Result<(), Failure> {
    let mut records = read(&crate::root().join(FOLDER))?;
    let index = records.remove(INDEX).unwrap_or_default();
    let problems = problems(&records, &index);
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::Checks(format!(
        "{FOLDER}: {}",
        problems.join("; ")
    )))
}

/// The text of each file by its name.
fn read(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let failed = |source| Failure::File {
        path: folder.to_owned(),
        source,
    };
    let mut records = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let text = fs::read_to_string(entry.path()).map_err(failed)?;
        records.insert(entry.file_name().to_string_lossy().into_owned(), text);
    }
    Ok(records)
}

fn problems(records: &BTreeMap<String, String>, index: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut expected = 1;
    for (name, text) in records {
        let number = name.get(..4).unwrap_or_default();
        let Some(real) = number.parse::<u32>().ok().filter(|real| *real >= expected) else {
            problems.push(format!("{name} has no number of its own"));
            continue;
        };
        for missing in expected..real {
            if !index.contains(&format!("| {missing:04} | not used |")) {
                problems.push(format!(
                    "{missing:04} is missing: a record is never deleted; list a number that was skipped as `| {missing:04} | not used |` in {INDEX}"
                ));
            }
        }
        expected = real + 1;
        let mut lines = text.lines();
        if !lines
            .next()
            .is_some_and(|title| title.starts_with(&format!("# {number}: ")))
        {
            problems.push(format!("{name} does not begin with `# {number}: TITLE`"));
        }
        if let Some(problem) = status_problem(number, lines.nth(1).unwrap_or_default(), records) {
            problems.push(format!("{name}: {problem}"));
        }
        if !index.contains(&format!("| [{number}]({name}) |")) {
            problems.push(format!("{INDEX} does not list {name}"));
        }
    }
    problems
}

/// What is wrong with the third line, `Date: YYYY-MM-DD. Status: …`.
fn status_problem(
    number: &str,
    line: &str,
    records: &BTreeMap<String, String>,
) -> Option<&'static str> {
    let Some((date, status)) = line
        .strip_prefix("Date: ")
        .and_then(|rest| rest.split_once(". Status: "))
    else {
        return Some("its third line is not `Date: YYYY-MM-DD. Status: STATUS.`");
    };
    if !is_date(date) {
        return Some("its date is not YYYY-MM-DD");
    }
    if status.starts_with("accepted.") || status.starts_with("accepted; ") {
        return None;
    }
    let Some(successor) = status.strip_prefix("superseded by [") else {
        return Some("its status is neither `accepted` nor `superseded by [NNNN](FILE)`");
    };
    let later = successor
        .split_once("](")
        .and_then(|(_, rest)| rest.split_once(')'))
        .and_then(|(file, _)| records.get(file));
    match later {
        Some(text) if text.contains(&format!("supersedes [{number}](")) => None,
        Some(_) => Some("the record that supersedes it does not say so"),
        None => Some("it is superseded by a record that does not exist"),
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str =
        "# 0001: One\n\nDate: 2026-11-24. Status: superseded by [0002](0002-b.md).\n";
    const SECOND: &str =
        "# 0002: Two\n\nDate: 2026-11-25. Status: accepted; supersedes [0001](0001-a.md).\n";

    fn index() -> String {
        "| [0001](0001-a.md) | One |\n| [0002](0002-b.md) | Two |\n".to_owned()
    }

    fn problems_of(first: &str, second: &str, index: &str) -> Vec<String> {
        let records = [("0001-a.md", first), ("0002-b.md", second)]
            .map(|(name, text)| (name.to_owned(), text.to_owned()));
        problems(&records.into(), index)
    }

    #[test]
    fn complete_records_pass() {
        assert_eq!(problems_of(FIRST, SECOND, &index()), [""; 0]);
    }

    #[test]
    fn each_fault_of_a_record_is_reported() {
        for (from, to, part) in [
            ("# 0002: Two", "# 0002 Two", "does not begin with"),
            ("Date: 2026-11-25. ", "", "its third line"),
            ("2026-11-25", "November 2026", "its date"),
            ("accepted;", "agreed;", "its status"),
            ("supersedes", "follows", "does not say so"),
        ] {
            let said = problems_of(FIRST, &SECOND.replace(from, to), &index());
            assert!(
                said.len() == 1 && said[0].contains(part),
                "{from}: {said:?}"
            );
        }
        let said = problems_of(&FIRST.replace("(0002-b", "(0003-b"), SECOND, &index());
        assert!(
            said.len() == 1 && said[0].contains("does not exist"),
            "{said:?}"
        );
        let said = problems_of(FIRST, SECOND, "| [0001](0001-a.md) | One |");
        assert_eq!(said, ["README.md does not list 0002-b.md"]);
    }

    #[test]
    fn deleted_record_is_reported() {
        let records = [("0002-b.md".to_owned(), SECOND.to_owned())].into();
        let said = problems(&records, &index());
        assert!(
            said.len() == 1 && said[0].starts_with("0001 is missing"),
            "{said:?}"
        );
        let skipped = format!("{}| 0001 | not used |\n", index());
        assert_eq!(problems(&records, &skipped), [""; 0]);
    }

    #[test]
    fn number_that_is_used_twice_is_reported() {
        let records = ["0001-a.md", "0001-b.md"].map(|name| (name.to_owned(), FIRST.to_owned()));
        let said = problems(&records.into(), &index());
        assert!(
            said.contains(&"0001-b.md has no number of its own".to_owned()),
            "{said:?}"
        );
    }

    #[test]
    fn records_of_the_project_pass() {
        let result = check();
        assert!(result.is_ok(), "{result:?}");
    }
}
