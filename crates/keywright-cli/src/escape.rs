//! What a stranger sent must not move the cursor, colour the terminal, write to its clipboard, or read
//! other than it is. Such characters are shown by their numbers; nothing is left out.

use std::fmt::Write as _;

/// A line for people is cut after this many characters; `--json` has the whole.
const LONGEST_LINE: usize = 2000;

/// One line of text, every character of it visible.
pub(crate) fn escape_control_chars(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            letter if is_hidden(letter) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out
}

/// The same, cut to a length that a person reads.
pub(crate) fn line(text: &str) -> String {
    let shown = escape_control_chars(text);
    let Some((end, _)) = shown.char_indices().nth(LONGEST_LINE) else {
        return shown;
    };
    let all = text.chars().count();
    format!("{}… ({all} characters)", &shown[..end])
}

/// The same document with every such character escaped (RFC 8259 §7). Outside of texts JSON has none.
pub(crate) fn json(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    for letter in document.chars() {
        if is_hidden(letter) {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(letter);
        }
    }
    out
}

/// Controls, direction marks, and what takes no room. Emoji are left their variation selectors.
fn is_hidden(letter: char) -> bool {
    (letter.is_control() && !matches!(letter, '\n' | '\t'))
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn t15_nothing_reaches_the_terminal_but_text() {
        let hostile = "\u{1b}[2J\u{1b}]52;c;eA==\u{7}\u{9b}31m\rgranted\nSecret: none\u{7f}";
        let shown = escape_control_chars(hostile);
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        assert!(
            shown.contains("\\u{1b}[2J") && shown.contains("\\rgranted\\nSecret"),
            "{shown}"
        );
        assert_eq!(
            escape_control_chars(&shown),
            shown,
            "what is escaped is not escaped again"
        );
    }

    #[test]
    fn t16_what_cannot_be_seen_is_shown_and_what_can_is_left() {
        assert_eq!(
            escape_control_chars("photo_\u{202e}gnp.exe"),
            "photo_\\u{202e}gnp.exe"
        );
        assert_eq!(
            escape_control_chars("adm\u{200b}in\u{e0041}"),
            "adm\\u{200b}in\\u{e0041}"
        );
        for kept in [
            "注文バッチ",
            "🔑 emoji ✂\u{fe0f}",
            "مفتاح الطلبات",
            "a\tb",
            "café",
        ] {
            assert_eq!(escape_control_chars(kept), kept);
        }
        let long = line(&"W".repeat(1_000_000));
        assert!(
            long.len() < 2100 && long.ends_with("… (1000000 characters)"),
            "{}",
            long.len()
        );
    }

    #[test]
    fn t15_json_keeps_its_meaning_and_hides_nothing() {
        let value = serde_json::json!({"a": "\u{9b}31m\u{202e}x\u{e0041}\u{7f}", "b": "注文"});
        let shown = json(&value.to_string());
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).unwrap(),
            value
        );
        assert!(
            !shown.chars().any(is_hidden) && shown.contains("注文"),
            "{shown}"
        );
    }
}
