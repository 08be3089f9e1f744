//! Secrets in free text whose name is in another place than before a sign: in a table, over a block, before an arrow.

use std::{ops::Range, sync::LazyLock};

use regex::bytes::{Captures, Regex};

use super::{names::Meaning, scan::meaning};

/// `[access_token] => …` of PHP, `:access_token=>"…"` of Ruby, and arrows of people.
static ARROW: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?-u)([A-Za-z0-9_.$ -]{0,63}[A-Za-z0-9_])["'\]]{0,2}[ \t]*[=-]>[ \t]*["']?([^\s"',;)}\]<>]+)"#,
    )
    .ok()
});
/// `<th>Client secret</th><td>…</td>`, and other elements with a label.
static CELL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i-u)>\s*([A-Z][A-Z0-9 _-]{1,62}?)\s*:?\s*</(?:th|td|dt|label|b|strong|span|p|div|code|h[1-6])>\s*(?:<[^<>]{1,200}>\s*){0,4}([^<>\s]+)",
    )
    .ok()
});
/// `| client_secret | … |`.
static COLUMN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?-u)\|[ \t]*([A-Za-z][A-Za-z0-9 _-]{1,62}?)[ \t]*\|[ \t]*([^|\s]+)[ \t]*\|").ok()
});
/// `curl -u id:…`.
static USER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?-u)(?:^|\s)(?:-u|--user)[ \t=]?["']?[^\s:"']{1,256}:([^\s"']+)"#).ok()
});

/// The patterns compile.
#[cfg(test)]
pub(super) fn is_ready() -> bool {
    [&ARROW, &CELL, &COLUMN, &USER]
        .iter()
        .all(|one| one.is_some())
}

/// Where such secrets are in a text.
pub(super) fn find(text: &[u8], into: &mut Vec<Range<usize>>) {
    for labelled in [&*ARROW, &*CELL, &*COLUMN].into_iter().flatten() {
        into.extend(
            labelled
                .captures_iter(text)
                .filter_map(|found| of_label(&found)),
        );
    }
    for user in USER.iter() {
        let passwords = user.captures_iter(text).filter_map(|found| found.get(1));
        into.extend(passwords.map(|found| found.range()));
    }
    blocks(text, into);
    columns(text, into);
}

/// The value of a label that names a secret. A word without a digit is prose: the heading of the next column, or code.
fn of_label(found: &Captures<'_>) -> Option<Range<usize>> {
    let (label, value) = (found.get(1)?, found.get(2)?);
    let is_value = value.len() >= 6 && value.as_bytes().iter().any(u8::is_ascii_digit);
    let names_secret = matches!(
        meaning(label.as_bytes()),
        Meaning::Secret | Meaning::Records
    );
    (is_value && names_secret).then(|| value.range())
}

/// Lines of a block of YAML (`password: >-`), which are indented deeper than its name.
fn blocks(text: &[u8], into: &mut Vec<Range<usize>>) {
    let indent = |line: &[u8]| line.iter().take_while(|byte| **byte == b' ').count();
    let mut open: Option<usize> = None;
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let content = line.trim_ascii();
        let begin = at;
        at += line.len();
        if let Some(outer) = open {
            if content.is_empty() || indent(line) > outer {
                let from = begin + (line.len() - line.trim_ascii_start().len());
                into.push(from..from + content.len());
                continue;
            }
            open = None;
        }
        let Some(colon) = content.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, rest) = content.split_at(colon);
        let opens = matches!(
            rest.get(1..).map(<[u8]>::trim_ascii),
            Some([b'|' | b'>', ..])
        );
        if opens && rest.len() < 8 && is_secret(name) {
            open = Some(indent(line));
        }
    }
}

/// Columns of CSV whose heading names a secret.
fn columns(text: &[u8], into: &mut Vec<Range<usize>>) {
    let mut lines = text.split_inclusive(|byte| *byte == b'\n');
    let Some(first) = lines.next() else { return };
    let Some(sign) = [b',', b';', b'\t']
        .into_iter()
        .find(|sign| first.contains(sign))
    else {
        return;
    };
    let heading = cells(first, sign);
    let is_heading = |byte: &u8| byte.is_ascii_alphanumeric() || b" _-.".contains(byte);
    let is_plain = heading.iter().all(|cell| {
        let cell = first.get(cell.clone()).unwrap_or_default();
        !cell.is_empty() && cell.iter().all(is_heading)
    });
    let secret: Vec<usize> = heading
        .iter()
        .enumerate()
        .filter(|(_, cell)| is_secret(first.get((*cell).clone()).unwrap_or_default()))
        .map(|(index, _)| index)
        .collect();
    if !is_plain || secret.is_empty() {
        return;
    }
    let mut at = first.len();
    for line in lines {
        let row = cells(line, sign);
        if row.len() == heading.len() {
            let of_row = secret.iter().filter_map(|index| row.get(*index));
            into.extend(of_row.map(|cell| at + cell.start..at + cell.end));
        }
        at += line.len();
    }
}

/// The cells of a line, without the quotes around them.
fn cells(line: &[u8], sign: u8) -> Vec<Range<usize>> {
    let line = line.trim_ascii_end();
    let mut all = Vec::new();
    let (mut begin, mut quoted) = (0, false);
    for (index, byte) in line.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            _ if *byte == sign && !quoted => {
                all.push(begin..index);
                begin = index + 1;
            }
            _ => {}
        }
    }
    all.push(begin..line.len());
    all.into_iter()
        .map(|cell| {
            let bytes = line.get(cell.clone()).unwrap_or_default();
            let is_quoted = bytes.len() > 1 && bytes.starts_with(b"\"") && bytes.ends_with(b"\"");
            if is_quoted {
                cell.start + 1..cell.end - 1
            } else {
                cell
            }
        })
        .collect()
}

fn is_secret(name: &[u8]) -> bool {
    matches!(meaning(name), Meaning::Secret | Meaning::Records)
}

#[cfg(test)]
mod tests {
    use super::super::text;

    #[test]
    fn t28_a_secret_is_found_wherever_its_name_is() {
        assert!(super::is_ready());
        for (written, hidden) in [
            (
                "Array ( [x] => bobby [access_token] => pl4nted-1 )",
                "pl4nted-1",
            ),
            (r#"{:x=>"bobby", :access_token=>"pl4nted-1"}"#, "pl4nted-1"),
            ("bobby: api key -> pl4nted-1", "pl4nted-1"),
            (
                "<tr><th>Client secret</th><td>pl4nted-1</td><td>bobby",
                "pl4nted-1",
            ),
            (
                "<dt>Access token:</dt>\n <dd><code>pl4nted-1</code></dd>bobby",
                "pl4nted-1",
            ),
            ("| x | bobby |\n| client_secret | pl4nted-1 |", "pl4nted-1"),
            ("curl -u bobby:pl4nted-1 https://a.example", "pl4nted-1"),
            ("a:\n  password: >-\n    pl4nted-1\n  x: bobby", "pl4nted-1"),
            (
                "name,password,mail\nbobby,\"pl4nted,1\",b@a.example\n",
                "pl4nted,1",
            ),
            ("<input type=password value='pl4nted'>bobby", "pl4nted"),
        ] {
            let shown = text(written, &[]);
            assert!(!shown.contains(hidden), "{shown}");
            assert!(shown.contains("bobby"), "{shown}");
        }
    }

    #[test]
    fn t28_labels_and_prose_stay_readable() {
        for written in [
            "<tr><th>Token</th><th>Expires</th></tr><tr><td>Token type</td><td>Bearer1</td></tr>",
            "tokens.map(token => token.id)",
            "| token | expires |\n| --- | --- |",
            "name,user\nbobby,b1\n",
            "<!-- token --> 12345678",
            "the password: see\n  page 12",
            "curl -u bobby https://a.example:8080",
        ] {
            assert_eq!(text(written, &[]), written);
        }
    }
}
