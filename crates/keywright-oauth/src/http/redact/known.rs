//! Finds known secrets in a text, in whatever way they are written there: as they are, within JSON, HTML, a form or an
//! address (also twice), in base64 and base64url (also within a longer value, as in Basic, and in lines as in mail), in
//! hexadecimal digits, in UTF-16 and UTF-32.

use std::{collections::BTreeSet, ops::Range};

use aho_corasick::AhoCorasick;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use url::form_urlencoded;

/// Shorter values are not searched for in text: they would blank ordinary words.
pub(super) const SHORTEST: usize = 6;
/// So much of a long value is searched for; the rest is compared where it was found.
const PREFIX: usize = 48;
/// A text is read as encoded once more at most so often.
const ROUNDS: usize = 3;
/// The shortest full line of base64 in lines: PEM has 64 letters (RFC 7468 §2), mail up to 76 (RFC 2045 §6.8).
const WRAPPED: usize = 60;

/// Known secrets, ready to be searched for.
#[derive(Default)]
pub(super) struct Known {
    finder: Option<AhoCorasick>,
    /// What each pattern is the beginning of; none for base64, where the whole run of letters goes.
    whole: Vec<Option<Vec<u8>>>,
}

impl Known {
    pub(super) fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut patterns = Patterns::default();
        for value in values {
            patterns.add(value);
        }
        if patterns.begin.is_empty() {
            return Self::default();
        }
        match AhoCorasick::new(&patterns.begin) {
            Ok(finder) => Self {
                finder: Some(finder),
                whole: patterns.whole,
            },
            // More patterns than 2^31 bytes: the caps above keep it from happening.
            Err(error) => {
                tracing::warn!(%error, "known values are not searched for");
                Self::default()
            }
        }
    }

    /// Where known values are in `text`, in order of their rounds.
    pub(super) fn find(&self, text: &[u8], into: &mut Vec<Range<usize>>) {
        let Some(finder) = &self.finder else { return };
        self.find_in(finder, text, |at| at, into);
        let mut decoded = decode(text, None);
        for _ in 0..ROUNDS {
            let Some((bytes, starts)) = decoded else {
                break;
            };
            self.find_in(
                finder,
                &bytes,
                |at| starts.get(at).copied().unwrap_or(text.len()),
                into,
            );
            decoded = decode(&bytes, Some(&starts));
        }
    }

    fn find_in(
        &self,
        finder: &AhoCorasick,
        text: &[u8],
        origin: impl Fn(usize) -> usize,
        into: &mut Vec<Range<usize>>,
    ) {
        // In a text that repeats the beginning of a long value, each letter is compared once.
        let mut compared = vec![0; self.whole.len()];
        for found in finder.find_overlapping_iter(text) {
            let (mut start, mut end) = (found.start(), found.end());
            let pattern = found.pattern().as_usize();
            let compared = compared.get_mut(pattern);
            match (self.whole.get(pattern), compared) {
                (_, Some(until)) if start < *until && end <= *until => continue,
                (Some(Some(_)), Some(until)) if start < *until => {}
                (Some(Some(whole)), Some(until)) => {
                    let rest = whole.get(found.len()..).unwrap_or_default();
                    let after = text.get(end..).unwrap_or_default();
                    end += rest.iter().zip(after).take_while(|(a, b)| a == b).count();
                    *until = end;
                }
                (_, until) => {
                    while start > 0 && text.get(start - 1).copied().is_some_and(is_base64) {
                        start -= 1;
                    }
                    while text.get(end).copied().is_some_and(is_base64) {
                        end += 1;
                    }
                    if let Some(until) = until {
                        *until = end;
                    }
                }
            }
            into.push(origin(start)..origin(end));
        }
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

/// Other ways to write a value in what is then encoded as a whole: Basic at a token endpoint encodes both parts first
/// (RFC 6749 §2.3.1), and gateways repeat a form or a document of JSON in base64.
fn within_encoded(value: &[u8]) -> BTreeSet<Vec<u8>> {
    let form: String = form_urlencoded::byte_serialize(value).collect();
    let with_tilde = form.replace("%7E", "~");
    let json = serde_json::to_string(&String::from_utf8_lossy(value)).unwrap_or_default();
    let json = json
        .get(1..json.len().saturating_sub(1))
        .unwrap_or_default();
    let all = [
        form.replace('+', "%20"),
        with_tilde.replace('+', "%20"),
        json.replace('/', "\\/"),
        form,
        with_tilde,
        json.to_owned(),
    ];
    let mut all: BTreeSet<Vec<u8>> = all.map(String::into_bytes).into();
    all.remove(value);
    all
}

/// The value as programs write it: as it is, and in each encoding.
pub(super) fn encodings(value: &str) -> BTreeSet<String> {
    let plain = value.as_bytes();
    let mut all: BTreeSet<Vec<u8>> = within_encoded(plain);
    all.insert(plain.to_vec());
    let of_base64: Vec<String> = all.iter().flat_map(|one| stable_base64(one)).collect();
    let digits = hexadecimal(plain);
    let texts = all
        .into_iter()
        .map(|one| String::from_utf8_lossy(&one).into_owned());
    texts
        .chain(of_base64)
        .chain([digits.to_ascii_uppercase(), digits])
        .filter(|one| one.len() >= SHORTEST || one == value)
        .collect()
}

/// The letters of base64 and base64url that are the same whatever stands before and after the value.
fn stable_base64(value: &[u8]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for before in 0..3_usize {
        let mut padded = vec![0_u8; before];
        padded.extend_from_slice(value);
        let text = STANDARD_NO_PAD.encode(&padded);
        let first = (before * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        if let Some(stable) = text.get(first..last) {
            all.insert(stable.replace('+', "-").replace('/', "_"));
            all.insert(stable.to_owned());
        }
    }
    all
}

fn hexadecimal(value: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or_default();
    value
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[derive(Default)]
struct Patterns {
    begin: Vec<Vec<u8>>,
    whole: Vec<Option<Vec<u8>>>,
}

impl Patterns {
    fn add(&mut self, value: &str) {
        if value.len() < SHORTEST {
            return;
        }
        self.add_each_way(value.as_bytes());
        // As it reads when a text around it is read as encoded.
        let mut decoded = decode(value.as_bytes(), None);
        for _ in 0..ROUNDS {
            let Some((bytes, _)) = decoded else { break };
            self.add_each_way(&bytes);
            decoded = decode(&bytes, None);
        }
        let latin: Option<Vec<u8>> = value
            .chars()
            .map(|letter| u8::try_from(u32::from(letter)).ok())
            .collect();
        if let Some(latin) = latin.filter(|_| !value.is_ascii()) {
            self.add_plain(&latin);
        }
    }

    fn add_each_way(&mut self, value: &[u8]) {
        self.add_plain(value);
        self.add_base64(value);
        for written in within_encoded(value) {
            self.add_base64(&written);
        }
        self.add_hexadecimal(value);
    }

    fn add_hexadecimal(&mut self, value: &[u8]) {
        let digits = hexadecimal(value);
        self.push(digits.as_bytes(), true);
        self.push(digits.to_ascii_uppercase().as_bytes(), true);
    }

    fn add_plain(&mut self, value: &[u8]) {
        self.push(value, true);
        // A form writes a space as `+`, and what came from a form may be repeated as it was meant.
        for (from, to) in [(b' ', b'+'), (b'+', b' ')] {
            if value.contains(&from) {
                let other: Vec<u8> = value
                    .iter()
                    .map(|byte| if *byte == from { to } else { *byte })
                    .collect();
                self.push(&other, true);
            }
        }
    }

    fn add_base64(&mut self, value: &[u8]) {
        for letters in stable_base64(value.get(..PREFIX).unwrap_or(value)) {
            self.push(letters.as_bytes(), false);
        }
    }

    fn push(&mut self, value: &[u8], plain: bool) {
        if value.len() < SHORTEST {
            return;
        }
        self.begin
            .push(value.get(..PREFIX).unwrap_or(value).to_vec());
        self.whole.push(plain.then(|| value.to_vec()));
    }
}

/// The text with percent-encoding, references of HTML and escapes of JSON resolved once, without the zeros of UTF-16 and
/// UTF-32 and the line breaks of base64, and where each byte came from. None where there is nothing to resolve.
fn decode(text: &[u8], origin: Option<&[usize]>) -> Option<(Vec<u8>, Vec<usize>)> {
    let may_change = |byte: &u8| matches!(byte, b'%' | b'&' | b'\\' | b'\0' | b'\r' | b'\n');
    if !text.iter().any(may_change) {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut starts = Vec::with_capacity(text.len() + 1);
    let from = |at: usize| origin.map_or(at, |origin| origin.get(at).copied().unwrap_or(at));
    let mut at = 0;
    let mut changed = false;
    while let Some(&byte) = text.get(at) {
        let rest = text.get(at..).unwrap_or_default();
        let unit = match byte {
            b'%' => percent(rest),
            b'&' => reference(rest),
            b'\\' => escape(rest),
            b'\0' => Some((Vec::new(), 1)),
            b'\r' | b'\n' => line_break(text.get(..at).unwrap_or_default(), rest),
            _ => None,
        };
        let start = from(at);
        if let Some((bytes, length)) = unit {
            changed = true;
            starts.extend(std::iter::repeat_n(start, bytes.len()));
            out.extend(bytes);
            at += length;
        } else {
            starts.push(start);
            out.push(byte);
            at += 1;
        }
    }
    starts.push(from(text.len()));
    changed.then_some((out, starts))
}

/// A line break after a full line of base64.
fn line_break(before: &[u8], rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let line = before.get(before.len().checked_sub(WRAPPED)?..)?;
    let length = if rest.starts_with(b"\r\n") { 2 } else { 1 };
    line.iter()
        .all(|byte| is_base64(*byte))
        .then(|| (Vec::new(), length))
}

fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn percent(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let byte = hex(rest.get(1..3)?)?;
    Some((vec![u8::try_from(byte).ok()?], 3))
}

/// `&amp;`, `&#38;`, `&#x26;`.
fn reference(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let end = rest.iter().take(12).position(|byte| *byte == b';')?;
    let name = rest.get(1..end)?;
    let letter = match name {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        b"plus" => '+',
        b"equals" => '=',
        b"sol" => '/',
        b"num" => '#',
        b"percnt" => '%',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hex(digits)?)?,
        [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
        _ => return None,
    };
    Some((letter.to_string().into_bytes(), end + 1))
}

/// Escapes of JSON and of its kin.
fn escape(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let one = |letter: char| Some((letter.to_string().into_bytes(), 2));
    match rest.get(1)? {
        b'n' => one('\n'),
        b'r' => one('\r'),
        b't' => one('\t'),
        b'b' => one('\u{8}'),
        b'f' => one('\u{c}'),
        letter @ (b'"' | b'\'' | b'\\' | b'/') => one(char::from(*letter)),
        b'x' => Some((vec![u8::try_from(hex(rest.get(2..4)?)?).ok()?], 4)),
        b'u' => {
            let first = hex(rest.get(2..6)?)?;
            if let Some(letter) = char::from_u32(first) {
                return Some((letter.to_string().into_bytes(), 6));
            }
            let second = rest
                .get(6..12)
                .filter(|next| next.starts_with(b"\\u"))
                .and_then(|next| hex(next.get(2..)?))?;
            let high = first.checked_sub(0xd800).filter(|high| *high < 0x400)?;
            let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
            let letter = char::from_u32(0x10000 + (high << 10) + low)?;
            Some((letter.to_string().into_bytes(), 12))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::super::body;

    const SECRET: &str = "a1~b/c=D2\"é%41";

    fn hides(written: &[u8], what: &str) {
        let text = [b"bobby ".as_slice(), written, b" bobby"].concat();
        let shown = body(&text, &[SECRET.to_owned()]);
        let letters: String = shown.chars().filter(|letter| *letter != '\0').collect();
        assert_eq!(letters, "bobby [redacted] bobby", "{what}");
    }

    #[test]
    fn t28_a_known_value_is_found_in_utf_16_and_utf_32() {
        let units = |of: fn(char) -> Vec<u8>| SECRET.chars().flat_map(of).collect::<Vec<u8>>();
        hides(&units(|letter| vec![letter as u8, 0]), "UTF-16LE");
        hides(&units(|letter| vec![0, letter as u8]), "UTF-16BE");
        hides(
            &units(|letter| u32::from(letter).to_le_bytes().to_vec()),
            "UTF-32LE",
        );
        hides(
            &units(|letter| u32::from(letter).to_be_bytes().to_vec()),
            "UTF-32BE",
        );
    }

    #[test]
    fn t28_a_known_value_is_found_in_base64_of_several_lines() {
        for before in 0..80 {
            let whole = format!("{}{SECRET}{}", "x".repeat(before), "y".repeat(90));
            let encoded = STANDARD.encode(whole);
            for (width, end) in [(64, "\n"), (76, "\r\n"), (60, "\n")] {
                let lines: Vec<&str> = (0..encoded.len())
                    .step_by(width)
                    .filter_map(|at| encoded.get(at..encoded.len().min(at + width)))
                    .collect();
                hides(
                    lines.join(end).as_bytes(),
                    &format!("{before} letters before, {width} a line"),
                );
            }
        }
    }
}
