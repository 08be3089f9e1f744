//! Finds many names in a text at once.

use std::cmp::Reverse;

use aho_corasick::AhoCorasick;
use url::form_urlencoded::byte_serialize;

/// Shown where a text cannot be searched.
const HIDDEN: &str = "…";

/// One way in which a name is written, and what is shown for it.
#[derive(Debug)]
struct Form {
    text: String,
    ignores_case: bool,
    pseudonym: String,
}

/// Finds any of the names, the longest first, where they are not a part of a longer one.
#[derive(Debug)]
pub(super) struct Finder {
    /// None where it could not be built.
    search: Option<AhoCorasick>,
    forms: Vec<Form>,
}

impl Finder {
    /// For names with their pseudonyms; `true` for a name that is the same in upper and lower case. Of two equal names
    /// the first one counts.
    pub(super) fn new<'a>(names: impl Iterator<Item = (&'a str, &'a str, bool)>) -> Self {
        let mut forms = Vec::new();
        for (name, pseudonym, ignores_case) in names {
            for text in written(name) {
                forms.push(Form {
                    text,
                    ignores_case,
                    pseudonym: pseudonym.to_owned(),
                });
            }
        }
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(forms.iter().map(|form| &form.text));
        if let Err(error) = &search {
            tracing::warn!(%error, "names cannot be searched for");
        }
        Self {
            search: search.ok(),
            forms,
        }
    }

    /// The text with all names replaced.
    pub(super) fn replace(&self, text: &str) -> String {
        let Some(search) = &self.search else {
            return HIDDEN.to_owned();
        };
        let mut found: Vec<_> = search.find_overlapping_iter(text).collect();
        found.sort_by_key(|one| (one.start(), Reverse(one.end()), one.pattern()));
        let mut shown = String::new();
        let mut rest = 0;
        for one in found {
            let Some(form) = self.forms.get(one.pattern().as_usize()) else {
                continue;
            };
            let is_written = form.ignores_case || text.get(one.range()) == Some(form.text.as_str());
            if one.start() < rest || !is_written || !is_whole(text, one.start(), one.end()) {
                continue;
            }
            shown.push_str(text.get(rest..one.start()).unwrap_or_default());
            shown.push_str(&form.pseudonym);
            rest = one.end();
        }
        shown.push_str(text.get(rest..).unwrap_or_default());
        shown
    }
}

/// A name as it is, in a form, and in an address, there with digits in both cases.
fn written(name: &str) -> Vec<String> {
    let form: String = byte_serialize(name.as_bytes()).collect();
    let address = form.replace('+', "%20");
    let mut forms = vec![name.to_owned()];
    for text in [form, address] {
        forms.push(in_lower_case(&text));
        forms.push(text);
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// With the digits of percent-encoding in lower case.
fn in_lower_case(text: &str) -> String {
    let mut digits = 0_u8;
    text.chars()
        .map(|letter| {
            if letter == '%' {
                digits = 2;
            } else if digits > 0 {
                digits -= 1;
                return letter.to_ascii_lowercase();
            }
            letter
        })
        .collect()
}

/// Not a part of a longer name. What is percent-encoded before it may separate it from that.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let (Some(before), Some(after)) = (text.get(..start), text.get(end..)) else {
        return false;
    };
    let is_free = before
        .chars()
        .next_back()
        .is_none_or(|letter| !(letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-')))
        || before.get(start.saturating_sub(3)..).is_some_and(|last| {
            ["%2f", "%40", "%3d", "%20"].contains(&last.to_ascii_lowercase().as_str())
        });
    let mut next = after.chars();
    let goes_on = match next.next() {
        Some('.') => next.next().is_some_and(char::is_alphanumeric),
        Some(letter) => letter.is_alphanumeric() || matches!(letter, '_' | '-'),
        None => false,
    };
    is_free && !goes_on
}
