//! A search for secret bytes in files, in every form in which they could lie there.

use std::{
    fs,
    path::{Path, PathBuf},
};

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

/// Files below a folder that hold one of the secrets in any form.
pub fn files_with(folder: &Path, secrets: &[String]) -> Vec<(PathBuf, usize)> {
    let forms: Vec<(usize, Vec<u8>)> = secrets
        .iter()
        .enumerate()
        .flat_map(|(index, secret)| {
            plain_forms(secret)
                .into_iter()
                .map(move |form| (index, form))
        })
        .collect();
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).expect("the file can be read");
            for (index, form) in &forms {
                if contains(&bytes, form) {
                    found.push((path.clone(), *index));
                }
            }
        }
    }
    found
}

fn contains(bytes: &[u8], form: &[u8]) -> bool {
    !form.is_empty() && bytes.windows(form.len()).any(|window| window == form)
}
