//! Private keys that the user has already: their text, their algorithm and their name.

use std::{fs::File, io::Read as _, path::Path};

use keywright_oauth::client_key::{ClientKey, KeyAlgorithm, KeyError};
use keywright_vault::SecretText;
use zeroize::Zeroizing;

use crate::{CoreError, error::input_problem::InputProblem, file_kind};

/// More than any private key has, in bytes.
const LARGEST_KEY: u64 = 256 * 1024;

/// An algorithm by its name.
pub fn algorithm(name: &str) -> Result<KeyAlgorithm, CoreError> {
    KeyAlgorithm::named(name).ok_or_else(|| {
        let known = KeyAlgorithm::ALL.iter().map(|algorithm| algorithm.as_str());
        CoreError::unknown_name(InputProblem::SigningAlg, name, known)
    })
}

/// A private key in PEM or JWK form, with the algorithm and the name that the user gives it.
pub fn import(
    text: &str,
    signing_alg: Option<&str>,
    kid: Option<&str>,
) -> Result<ClientKey, CoreError> {
    let key = ClientKey::import(text, signing_alg.map(algorithm).transpose()?)?;
    Ok(match kid {
        Some(kid) => key.named(kid),
        None => key,
    })
}

/// The text of a file that holds a private key. The bytes that were read are wiped.
///
/// # Errors
///
/// `file` where it cannot be read, `key_not_a_key` where it is too large or no text.
pub fn key_file(path: &Path) -> Result<SecretText, CoreError> {
    let mut bytes = Zeroizing::new(Vec::new());
    let read = File::open(path).and_then(|file| file.take(LARGEST_KEY).read_to_end(&mut bytes));
    read.map_err(|source| CoreError::File {
        path: path.to_owned(),
        source,
    })?;
    let text = file_kind::decode(&bytes).map_err(|_not_text| KeyError::NotAKey)?;
    Ok(SecretText::new(text))
}
