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
/// `<th>Client secret</th><td>…</td>`, `<key>clientSecret</key><string>…</string>` and other elements with a label.
static CELL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i-u)>\s*([A-Z][A-Z0-9 _-]{1,62}?)\s*:?\s*</(?:th|td|dt|key|name|label|b|strong|span|p|div|code|h[1-6])>\s*(?:<[^<>]{1,200}>\s*){0,4}([^<>\s]+)",
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

/// What is below a secret name in YAML: the lines of a block (`password: >-`), of a list or of an object, and the
/// `value` after a `name` that is one.
fn blocks(text: &[u8], into: &mut Vec<Range<usize>>) {
    let mut open: Option<(usize, Meaning)> = None;
    let mut is_named = false;
    let mut at = 0;
    for whole in text.split_inclusive(|byte| *byte == b'\n') {
        let line = Line::read(whole, at);
        at += whole.len();
        let member = line.member(text);
        if let Some((outer, above)) = open {
            let is_below = line.indent > outer || (line.is_item && line.indent == outer);
            let is_value = member
                .as_ref()
                .is_none_or(|(name, _)| name.eq_ignore_ascii_case(b"value"));
            if !line.content.is_empty() && !is_below {
                open = None;
            } else if above == Meaning::Secret || is_value {
                into.push(member.map_or(line.content, |(_, value)| value));
                continue;
            }
        }
        let Some((name, value)) = member else {
            is_named = false;
            continue;
        };
        let written = text.get(value.clone()).unwrap_or_default();
        if is_named && name.eq_ignore_ascii_case(b"value") {
            into.push(value);
            is_named = false;
            continue;
        }
        let names_another = matches!(name.to_ascii_lowercase().as_slice(), b"name" | b"key");
        is_named = names_another && is_secret(written.trim_ascii());
        let is_block = written.len() < 7 && matches!(written.first(), Some(b'|' | b'>'));
        let is_word = name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte));
        if is_secret(name) && (is_block || (written.is_empty() && is_word)) {
            let above = if is_block {
                Meaning::Secret
            } else {
                meaning(name)
            };
            open = Some((line.indent, above));
        }
    }
}

/// A line of YAML.
struct Line {
    /// Blanks before it.
    indent: usize,
    /// Begins with `- `.
    is_item: bool,
    /// Where its text is, without the blanks around it and without `- `.
    content: Range<usize>,
}

impl Line {
    fn read(line: &[u8], at: usize) -> Self {
        let indent = line.iter().take_while(|byte| **byte == b' ').count();
        let content = line.trim_ascii();
        let item = content.strip_prefix(b"- ").map(<[u8]>::trim_ascii_start);
        let length = item.unwrap_or(content).len();
        let end = at + line.trim_ascii_end().len();
        Self {
            indent,
            is_item: item.is_some(),
            content: end - length.min(end)..end,
        }
    }

    /// Its name, and where its value is.
    fn member<'a>(&self, text: &'a [u8]) -> Option<(&'a [u8], Range<usize>)> {
        let content = text.get(self.content.clone())?;
        let colon = content.iter().position(|byte| *byte == b':')?;
        let (name, rest) = content.split_at_checked(colon)?;
        let value = rest.get(1..)?.trim_ascii_start();
        Some((name, self.content.end - value.len()..self.content.end))
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
            ("a:\n  passwords:\n    - pl4nted\n  x: bobby", "pl4nted"),
            ("passwords:\n- pl4nted\nx: bobby", "pl4nted"),
            (
                "- name: API_KEY\n  value: pl4nted\n- name: x\n  value: bobby",
                "pl4nted",
            ),
            ("client_secret:\n  value: pl4nted\nx: bobby", "pl4nted"),
            (
                "<entry key=\"password\">pl4nted</entry><entry key=\"x\">bobby</entry>",
                "pl4nted",
            ),
            (
                "<property name=\"password\"><value>pl4nted</value></property><x>bobby</x>",
                "pl4nted",
            ),
            (
                "<key>clientSecret</key>\n<string>pl4nted</string><key>x</key><string>bobby</string>",
                "pl4nted",
            ),
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
            "Your new password:\n  has twelve letters",
            "- name: token\n- name: x\n  value: y",
            "curl -u bobby https://a.example:8080",
        ] {
            assert_eq!(text(written, &[]), written);
        }
    }
}
