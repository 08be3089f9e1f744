//! The file of a backup: a line that names format and program, a line with the sealed manifest, the database.
//!
//! The database is an SQLCipher file under a random key of its own. Key and manifest are sealed
//! (XChaCha20-Poly1305) under a key that Argon2id makes from the passphrase; the first line is sealed with them.
//! The manifest holds length and SHA-256 of the database, so that nothing of the file can be changed, cut or added.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::contents::Contents;
use crate::error::BackupProblem;
use crate::keys::kdf::{KdfParams, Key};
use crate::{SecretText, VaultError};

/// The newest format this build reads, and the one it writes.
pub(super) const FORMAT: u32 = 1;
const NAME: &str = "keywright-backup";
/// The first line is shorter, in bytes.
const LONGEST_NAME: u64 = 128;
/// The line with the sealed manifest is shorter, in bytes.
const LONGEST_HEAD: u64 = 16 * 1024;
const PIECE: usize = 64 * 1024;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The vault it was made of.
    pub(super) vault_id: Uuid,
    /// Unix seconds.
    pub(super) created_at: i64,
    /// Version of the program that made it.
    pub(super) program: String,
    /// Migrations the database has seen.
    pub(super) schema: u32,
    pub(super) contents: Contents,
    /// The line at which the audit log was broken when the backup was made.
    pub(super) audit_broken_at: Option<u64>,
    /// Of the database, in bytes.
    pub(super) length: u64,
    /// Of the database, in hex.
    pub(super) sha256: String,
}

/// The second line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    kdf: KdfParams,
    /// Base64 of 24 bytes.
    nonce: String,
    /// Base64 of the key of the database and the manifest, sealed.
    sealed: String,
}

/// Writes a whole backup file from an encrypted database; `database` is read from where it stands.
pub(super) fn write(
    out: &mut File,
    passphrase: &SecretText,
    manifest: &Manifest,
    key: &Key,
    database: &mut File,
) -> Result<(), VaultError> {
    if passphrase.is_empty() {
        return Err(VaultError::EmptyPassphrase);
    }
    let name = format!("{NAME} {FORMAT} {}\n", manifest.program);
    let kdf = KdfParams::calibrated()?;
    let sealing = kdf.derive(passphrase)?;
    let mut nonce = [0u8; 24];
    getrandom::fill(&mut nonce)?;
    let mut plain = Zeroizing::new(key.to_vec());
    plain.extend_from_slice(&serde_json::to_vec(manifest)?);
    let payload = Payload {
        msg: &plain,
        aad: name.as_bytes(),
    };
    let cipher = XChaCha20Poly1305::new(sealing.as_slice().into());
    let Ok(sealed) = cipher.encrypt(XNonce::from_slice(&nonce), payload) else {
        return Err(VaultError::KeyWrap);
    };
    let mut head = serde_json::to_vec(&Head {
        kdf,
        nonce: STANDARD.encode(nonce),
        sealed: STANDARD.encode(sealed),
    })?;
    head.push(b'\n');
    let written = out
        .write_all(name.as_bytes())
        .and_then(|()| out.write_all(&head))
        .and_then(|()| io::copy(database, out));
    written.map(drop).map_err(broken_off)
}

/// An open backup file, standing at the first byte of its database.
pub(super) struct Opened {
    pub(super) manifest: Manifest,
    pub(super) key: Key,
    reader: BufReader<File>,
}

/// The first line: whether this is a backup, and of a format that can be read.
fn name_of(reader: &mut BufReader<File>) -> Result<String, VaultError> {
    let line = line_of(reader, LONGEST_NAME)?;
    let Ok(text) = str::from_utf8(&line) else {
        return Err(BackupProblem::Foreign.into());
    };
    let mut words = text.trim_end_matches('\n').split(' ');
    let (name, format, program) = (words.next(), words.next(), words.next());
    let format: u32 = match (name, format.map(str::parse), words.next()) {
        (Some(NAME), Some(Ok(format)), None) if format > 0 => format,
        _ => return Err(BackupProblem::Foreign.into()),
    };
    if format > FORMAT {
        return Err(BackupProblem::Newer {
            program: program.unwrap_or_default().to_owned(),
        }
        .into());
    }
    Ok(text.to_owned())
}

/// Whether the file is a backup, of any format.
pub(super) fn is_backup(path: &Path) -> Result<bool, VaultError> {
    let file = File::open(path).map_err(VaultError::io(path))?;
    match name_of(&mut BufReader::new(file)) {
        Ok(_) | Err(VaultError::Backup(BackupProblem::Newer { .. })) => Ok(true),
        Err(VaultError::Backup(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Opens the file and its manifest with the passphrase. Nothing of the database is read yet.
pub(super) fn open(path: &Path, passphrase: &SecretText) -> Result<Opened, VaultError> {
    let file = File::open(path).map_err(VaultError::io(path))?;
    let length = file.metadata().map_err(VaultError::io(path))?.len();
    let mut reader = BufReader::with_capacity(PIECE, file);
    let name = name_of(&mut reader)?;
    let line = line_of(&mut reader, LONGEST_HEAD)?;
    let damaged = |what| VaultError::Backup(BackupProblem::Damaged { what });
    let Ok(head) = serde_json::from_slice::<Head>(&line) else {
        return Err(damaged("its head"));
    };
    let (Ok(nonce), Ok(sealed)) = (STANDARD.decode(&head.nonce), STANDARD.decode(&head.sealed))
    else {
        return Err(damaged("its head"));
    };
    if nonce.len() != 24 {
        return Err(damaged("its head"));
    }
    let sealing = head.kdf.derive(passphrase)?;
    let cipher = XChaCha20Poly1305::new(sealing.as_slice().into());
    let payload = Payload {
        msg: &sealed,
        aad: name.as_bytes(),
    };
    let Ok(plain) = cipher.decrypt(XNonce::from_slice(&nonce), payload) else {
        return Err(BackupProblem::NotOpened.into());
    };
    let plain = Zeroizing::new(plain);
    let mut key = Key::default();
    let Some((first, rest)) = plain.split_at_checked(key.len()) else {
        return Err(damaged("its manifest"));
    };
    key.copy_from_slice(first);
    let manifest: Manifest = serde_json::from_slice(rest)?;
    let head_length = (name.len() + line.len()) as u64;
    if length != head_length + manifest.length {
        return Err(damaged("its length"));
    }
    Ok(Opened {
        manifest,
        key,
        reader,
    })
}

impl Opened {
    /// Writes the database into a file and compares it with the manifest.
    pub(super) fn extract(&mut self, into: &mut File) -> Result<(), VaultError> {
        let mut hasher = Sha256::new();
        let mut piece = vec![0u8; PIECE];
        let mut left = self.manifest.length;
        while left > 0 {
            let wanted = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
            let piece = &mut piece[..wanted];
            self.reader.read_exact(piece).map_err(broken_off)?;
            hasher.update(&*piece);
            into.write_all(piece).map_err(broken_off)?;
            left -= wanted as u64;
        }
        into.sync_all().map_err(broken_off)?;
        if hex::encode(hasher.finalize()) == self.manifest.sha256 {
            Ok(())
        } else {
            Err(BackupProblem::Damaged {
                what: "its database",
            }
            .into())
        }
    }
}

/// SHA-256 in hex and length of a file, which stands at its beginning afterwards.
pub(super) fn measure(file: &mut File) -> Result<(String, u64), VaultError> {
    let mut hasher = Sha256::new();
    let measured = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| io::copy(file, &mut hasher));
    let length = measured.map_err(broken_off)?;
    file.seek(SeekFrom::Start(0)).map_err(broken_off)?;
    Ok((hex::encode(hasher.finalize()), length))
}

/// A line with its end, if it is not longer than this; a file of something else may have no line end for long.
fn line_of(reader: &mut BufReader<File>, longest: u64) -> Result<Vec<u8>, VaultError> {
    let mut line = Vec::new();
    reader
        .by_ref()
        .take(longest)
        .read_until(b'\n', &mut line)
        .map_err(broken_off)?;
    if line.ends_with(b"\n") {
        Ok(line)
    } else {
        Err(BackupProblem::Foreign.into())
    }
}

fn broken_off(source: io::Error) -> VaultError {
    BackupProblem::BrokenOff(source).into()
}
