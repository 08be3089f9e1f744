//! A search for secret bytes in files, in every form in which they could lie there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use aho_corasick::AhoCorasick;

/// The forms in which a secret could be written: raw, UTF-16, base64 at each of its three offsets,
/// percent-encoded, hexadecimal.
pub fn plain_forms(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let mut forms = vec![
        bytes.to_vec(),
        secret.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        bytes
            .iter()
            .flat_map(|byte| format!("{byte:02x}").into_bytes())
            .collect(),
    ];
    let percent: String = bytes
        .iter()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) {
                char::from(*byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    forms.push(percent.into_bytes());
    for offset in 0..3 {
        let mut padded = vec![0_u8; offset];
        padded.extend_from_slice(bytes);
        let encoded = base64(&padded);
        // The first and last characters mix with what stands beside the secret.
        let (from, to) = (4, encoded.len().saturating_sub(4));
        if to > from + 6 {
            forms.push(encoded[from..to].to_vec());
        }
    }
    forms
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
    let mut owners = Vec::new();
    let mut forms = Vec::new();
    for (index, secret) in secrets.iter().enumerate() {
        for form in plain_forms(secret) {
            owners.push(index);
            forms.push(form);
        }
    }
    let finder = AhoCorasick::new(&forms).expect("the forms of the secrets");
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
