//! How long a passphrase would withstand guessing, and one of four words.

use keywright_vault::SecretText;

use crate::{
    CoreError,
    error::input_problem::InputProblem,
    i18n::key::Key,
    vault::{
        key_slots::KeySlots,
        types::{PassphraseLevel, PassphraseStrength},
    },
};

/// Guesses a second of an attacker who has a copy of the vault and rents a hundred machines: Argon2id takes each of
/// their cores about half a second, and each has fifty.
const GUESSES_PER_SECOND: f64 = 10_000.0;
const DAY: f64 = 86_400.0;
const YEAR: f64 = 365.0 * DAY;
/// The rest is not looked at: the estimate takes the longer the more there is.
const LONGEST: usize = 100;
const WORDS: usize = 4;

impl KeySlots<'_> {
    /// How long the passphrase would withstand someone who has a copy of the vault. It is not kept.
    pub fn passphrase_strength(self, passphrase: &SecretText) -> PassphraseStrength {
        let text: String = passphrase.expose().chars().take(LONGEST).collect();
        let text = zeroize::Zeroizing::new(text);
        let guesses = 10_f64.powf(zxcvbn::zxcvbn(&text, &["keywright"]).guesses_log10());
        let seconds = guesses / GUESSES_PER_SECOND;
        let (level, key) = match seconds {
            seconds if seconds < DAY => (PassphraseLevel::Weak, Key::PassphraseWeak),
            seconds if seconds < YEAR => (PassphraseLevel::Fair, Key::PassphraseFair),
            _ => (PassphraseLevel::Strong, Key::PassphraseStrong),
        };
        PassphraseStrength {
            level,
            text: self.app.translate(key, &[]),
        }
    }

    /// A passphrase of four words out of 2048, 44 bits, from the system's random numbers.
    ///
    /// # Errors
    ///
    /// The system has no random numbers.
    pub fn generate_passphrase(self) -> Result<SecretText, CoreError> {
        let words = bip39::Language::English.word_list();
        let mut text = zeroize::Zeroizing::new(String::new());
        for _ in 0..WORDS {
            let number = usize::from(random()?) % words.len();
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(words.get(number).copied().unwrap_or_default());
        }
        Ok(SecretText::new(text.as_str()))
    }
}

/// 2048 words divide the numbers of two bytes without a rest, so that no word is likelier.
fn random() -> Result<u16, CoreError> {
    let mut bytes = [0_u8; 2];
    getrandom::fill(&mut bytes).map_err(|error| CoreError::Input {
        what: InputProblem::NoRandomness,
        detail: error.to_string(),
    })?;
    Ok(u16::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::{Actor, Clock, Keywright, Lang, Options, VaultHome};

    fn keywright() -> Keywright {
        Keywright::new(Options {
            home: VaultHome::new("/nowhere"),
            actor: Actor::App,
            clock: Clock::system(),
            lang: Lang::En,
        })
    }

    #[test]
    fn strength_follows_what_a_guess_costs() {
        let of = |text: &str| {
            keywright()
                .key_slots()
                .passphrase_strength(&text.into())
                .level
        };
        for weak in ["", "a", "password", "Passw0rd!", "keywright", "qwertyuiop"] {
            assert_eq!(of(weak), PassphraseLevel::Weak, "{weak}");
        }
        assert_eq!(of("river lamp cobalt fifteen"), PassphraseLevel::Strong);
        assert_eq!(of(&"x9!".repeat(4000)), of(&"x9!".repeat(40)));
    }

    #[test]
    fn four_words_are_strong_each_time() {
        let keywright = keywright();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..50 {
            let words = keywright.key_slots().generate_passphrase().unwrap();
            assert_eq!(words.expose().split(' ').count(), WORDS);
            assert_eq!(
                keywright.key_slots().passphrase_strength(&words).level,
                PassphraseLevel::Strong
            );
            seen.insert(words.expose().to_owned());
        }
        assert_eq!(seen.len(), 50);
    }
}
