//! Hides known secrets in a stream of bytes, wherever the pieces it comes in are cut.

use std::io::{self, Read, Write};

use keywright_core::SecretText;

/// Replaces a secret. Its length reveals nothing.
const MASK: &[u8] = "••••".as_bytes();
/// Read at once, in bytes.
const PIECE: usize = 8 * 1024;

/// Copies everything, each secret masked. What might be the beginning of a secret waits for what follows it; all
/// else goes out at once.
pub(crate) fn copy(
    from: &mut impl Read,
    to: &mut impl Write,
    secrets: &[SecretText],
) -> io::Result<()> {
    let secrets = Secrets::of(secrets);
    let mut waiting = Vec::new();
    let mut piece = [0u8; PIECE];
    loop {
        let read = match from.read(&mut piece) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        waiting.extend_from_slice(&piece[..read]);
        let (shown, rest) = masked(&waiting, &secrets, read == 0);
        to.write_all(&shown)?;
        to.flush()?;
        waiting = rest;
        if read == 0 {
            return Ok(());
        }
    }
}

/// Secrets by their first byte: most bytes of an output begin none.
struct Secrets<'a>([Vec<&'a [u8]>; 256]);

impl<'a> Secrets<'a> {
    fn of(secrets: &'a [SecretText]) -> Self {
        let mut by_first = [const { Vec::new() }; 256];
        for secret in secrets {
            let secret = secret.expose().as_bytes();
            if let Some(first) = secret.first() {
                by_first[usize::from(*first)].push(secret);
            }
        }
        Self(by_first)
    }

    fn beginning_with(&self, byte: u8) -> &[&'a [u8]] {
        &self.0[usize::from(byte)]
    }
}

/// What can be shown, and what has to wait; at the end nothing waits.
fn masked(bytes: &[u8], secrets: &Secrets<'_>, at_end: bool) -> (Vec<u8>, Vec<u8>) {
    let mut shown = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let likely = secrets.beginning_with(bytes[at]);
        // A secret may begin with another one: the longest that can still come is waited for.
        let goes_on = |secret: &&[u8]| secret.len() > rest.len() && secret.starts_with(rest);
        if !at_end && likely.iter().any(goes_on) {
            return (shown, rest.to_vec());
        }
        let whole = likely
            .iter()
            .filter(|secret| rest.starts_with(secret))
            .max_by_key(|secret| secret.len());
        if let Some(secret) = whole {
            shown.extend_from_slice(MASK);
            at += secret.len();
            continue;
        }
        shown.push(bytes[at]);
        at += 1;
    }
    (shown, Vec::new())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// Gives its bytes in pieces of this length.
    struct InPieces<'a>(&'a [u8], usize);

    impl Read for InPieces<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(into.len());
            into[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    #[test]
    fn t37_a_secret_is_masked_however_the_output_is_cut() {
        let secrets: Vec<SecretText> = ["s3cr3t", "s3cr3t-longer", ""].map(SecretText::from).into();
        let text = b"a s3cr3t b s3cr3t-longer c s3cr s3s3cr3t\xff s3cr3";
        let wanted = "a •••• b •••• c s3cr s3••••".as_bytes().to_vec();
        let wanted = [wanted.as_slice(), b"\xff s3cr3"].concat();
        for length in [text.len(), 100, 7] {
            let mut shown = Vec::new();
            copy(&mut InPieces(text, length), &mut shown, &secrets).unwrap();
            assert_eq!(shown, wanted, "in pieces of {length}");
        }
    }

    #[test]
    fn t37_a_secret_is_masked_in_each_encoding() {
        let secret = "s3~c/r=e\"t%";
        let secrets = keywright_core::encodings(&secret.into());
        for written in [
            "s3~c/r=e\"t%",
            "s3%7Ec%2Fr%3De%22t%25",
            "s3~c/r=e\\\"t%",
            "73337e632f723d65227425",
        ] {
            let mut shown = Vec::new();
            copy(&mut written.as_bytes(), &mut shown, &secrets).unwrap();
            assert_eq!(shown, MASK, "{written}");
        }
        // Of Basic, at most the letters that also hold a part of what stands around the secret remain.
        for (client, basic) in [
            ("c", "YzpzM35jL3I9ZSJ0JQ=="),
            ("c-1", "Yy0xOnMzfmMvcj1lInQl"),
            ("client", "Y2xpZW50OnMzfmMvcj1lInQl"),
        ] {
            let mut shown = Vec::new();
            copy(&mut basic.as_bytes(), &mut shown, &secrets).unwrap();
            let rest: String = String::from_utf8(shown).unwrap().replace("••••", "");
            assert!(rest.len() <= client.len() * 2 + 4, "{rest}");
        }
    }

    #[test]
    fn what_cannot_be_a_secret_goes_out_at_once() {
        let secrets = [SecretText::from("s3cr3t")];
        let secrets = Secrets::of(&secrets);
        let (shown, waiting) = masked(b"Password: ", &secrets, false);
        assert_eq!(
            (shown.as_slice(), waiting.as_slice()),
            (&b"Password: "[..], &b""[..])
        );
        let (shown, waiting) = masked(b"x s3c", &secrets, false);
        assert_eq!(
            (shown.as_slice(), waiting.as_slice()),
            (&b"x "[..], &b"s3c"[..])
        );
    }
}
