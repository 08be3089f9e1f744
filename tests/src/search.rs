//! A search for secret bytes in files and texts, in every form in which they could lie there.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use aho_corasick::AhoCorasick;

/// The forms in which a secret could be written: raw, UTF-16, hexadecimal, percent-encoded, form-encoded,
/// within JSON, XML or HTML, base64 and base64url at each of its three offsets.
pub fn plain_forms(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let utf16 = |to_bytes: fn(u16) -> [u8; 2]| secret.encode_utf16().flat_map(to_bytes).collect();
    let mut forms: Vec<Vec<u8>> = vec![
        bytes.to_vec(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ];
    let hexadecimal = hex::encode(bytes);
    let json = serde_json::to_string(secret).expect("a text");
    let json = json[1..json.len() - 1].to_owned();
    let html = secret
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let texts = [
        hexadecimal.to_uppercase(),
        hexadecimal,
        json.replace('/', "\\/"),
        ascii(&json),
        json,
        html.replace('\'', "&#x27;"),
        html,
    ];
    forms.extend(texts.map(String::into_bytes));
    for text in [
        percent(secret, b"-_.~", "%20"),
        percent(secret, b"-_.*", "+"),
        percent(secret, b"", "%20"),
    ] {
        forms.push(lower_codes(&text).into_bytes());
        forms.push(text.into_bytes());
    }
    forms.extend(base64_forms(bytes));
    forms.sort();
    forms.dedup();
    forms
}

/// The forms in which bytes that are no text could be written, such as a key.
pub fn byte_forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hexadecimal = hex::encode(bytes);
    let mut forms = base64_forms(bytes);
    forms.push(bytes.to_vec());
    forms.push(hexadecimal.to_uppercase().into_bytes());
    forms.push(hexadecimal.into_bytes());
    forms
}

fn base64_forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for offset in 0..3 {
        let mut padded = vec![0_u8; offset];
        padded.extend_from_slice(bytes);
        let encoded = base64(&padded);
        // The first and last characters mix with what stands next to the secret.
        let (from, to) = (4, encoded.len().saturating_sub(4));
        if to > from + 6 {
            let stable = encoded[from..to].to_vec();
            let for_url = |byte: &u8| match byte {
                b'+' => b'-',
                b'/' => b'_',
                other => *other,
            };
            forms.push(stable.iter().map(for_url).collect());
            forms.push(stable);
        }
    }
    forms
}

/// Percent-encoded, but for letters, digits and what is `kept`.
fn percent(text: &str, kept: &[u8], space: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b' ' => space.to_owned(),
            _ if byte.is_ascii_alphanumeric() || kept.contains(&byte) => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The two digits after each `%` in lower case.
fn lower_codes(text: &str) -> String {
    let mut digits = 0;
    text.chars()
        .map(|letter| {
            if letter == '%' {
                digits = 2;
                return letter;
            }
            if digits == 0 {
                return letter;
            }
            digits -= 1;
            letter.to_ascii_lowercase()
        })
        .collect()
}

/// With every other letter than ASCII as an escape of JSON.
fn ascii(json: &str) -> String {
    let mut out = String::new();
    for letter in json.chars() {
        if letter.is_ascii() {
            out.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}").expect("a string takes everything");
        }
    }
    out
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0_u32, |group, byte| (group << 8) | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for index in 0..=chunk.len() {
            let letter = (group >> (18 - 6 * index)) & 63;
            out.push(LETTERS[usize::try_from(letter).expect("six bits")]);
        }
    }
    out
}

/// Files below a folder, or the one file, that hold one of the secrets in any form; with the secret's number.
pub fn files_with(folder: &Path, secrets: &[String]) -> Vec<(PathBuf, usize)> {
    let forms: Vec<_> = secrets.iter().map(|secret| plain_forms(secret)).collect();
    files_with_forms(folder, &forms)
}

/// The same for secrets whose forms are given.
pub fn files_with_forms(folder: &Path, secrets: &[Vec<Vec<u8>>]) -> Vec<(PathBuf, usize)> {
    let mut owners = Vec::new();
    for (index, forms) in secrets.iter().enumerate() {
        owners.extend(forms.iter().map(|_| index));
    }
    let finder = AhoCorasick::new(secrets.iter().flatten()).expect("the forms of the secrets");
    let mut found = Vec::new();
    let mut paths = vec![folder.to_path_buf()];
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path).expect("the folder can be listed") {
                paths.push(entry.expect("an entry").path());
            }
            continue;
        }
        // A socket or a link to nothing has no bytes.
        if !path.is_file() {
            continue;
        }
        let bytes = fs::read(&path).expect("the file can be read");
        for hit in finder.find_overlapping_iter(&bytes) {
            found.push((path.clone(), owners[hit.pattern().as_usize()]));
        }
    }
    found
}
