//! Chance changes of known inputs, as libFuzzer makes them.

use fastrand::Rng;

/// An input is not made longer than this.
const LONGEST: usize = 16 * 1024;

/// What breaks readers: syntax, escapes, limits of numbers, names with a meaning.
const PIECES: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\0",
    b"\n",
    b"\r\n",
    b"\x1b[31m",
    b"\xff\xfe",
    b"\xe2\x80\xae",
    b"null",
    b"true",
    b"0",
    b"-1",
    b"1e999",
    b"9223372036854775808",
    b"18446744073709551616",
    b"0.1",
    b"\"\"",
    b"[]",
    b"{}",
    b"..",
    b"//",
    b"%00",
    b"<",
    b">",
    b";",
    b"=",
    b"&",
    b"?",
    b"#",
    b"@",
    b" ",
    b"\t",
    b"\"error\":",
    b"\"code\":",
    b"\"client_secret\":",
    b"\"client_id\":",
    b"\"message\":",
    b"\"keys\":",
    b"https://",
    b"javascript:",
    b"[redacted]",
    b"Bearer ",
    b"eyJ",
    b"-----BEGIN PRIVATE KEY-----",
    b".well-known/openid-configuration",
    b"\n====\n",
];

/// One of the inputs with one to eight changes.
pub(crate) fn of(seeds: &[Vec<u8>], random: &mut Rng) -> Vec<u8> {
    let mut input = random.choice(seeds).cloned().unwrap_or_default();
    for _ in 0..random.usize(1..=8) {
        change(&mut input, seeds, random);
    }
    input.truncate(LONGEST);
    input
}

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Rng) {
    let at = random.usize(0..=input.len());
    let end = random.usize(at..=input.len().min(at + 64));
    match random.u8(0..8) {
        0 if at < input.len() => input[at] ^= 1 << random.u8(0..8),
        1 if at < input.len() => input[at] = random.u8(..),
        2 => drop(input.drain(at..end)),
        3 => {
            let part = input[at..end].to_vec();
            let to = random.usize(0..=input.len());
            input.splice(to..to, part);
        }
        4 => {
            let part = input[at..end].repeat(random.usize(1..=64));
            input.splice(at..at, part);
        }
        5 => {
            let other = random.choice(seeds).map_or(&[][..], Vec::as_slice);
            let from = random.usize(0..=other.len());
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        6 => input.truncate(at),
        _ => {
            let piece = random.choice(PIECES).copied().unwrap_or_default();
            input.splice(at..end, piece.iter().copied());
        }
    }
}
