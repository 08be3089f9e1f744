//! What one attempt at a passphrase costs with a slot that this build makes: passes, memory and milliseconds, as one
//! line of JSON. The rest of opening a vault takes a few milliseconds and is measured with it.

use std::time::Instant;

use keywright_vault::{NewSlots, Unlock, Vault, VaultError, VaultHome};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const ATTEMPTS: usize = 5;
const PASSPHRASE: &str = "bench";

fn main() -> Result<(), VaultError> {
    let folder = tempfile::tempdir().map_err(|source| VaultError::Io {
        path: std::env::temp_dir(),
        source,
    })?;
    let home = VaultHome::new(folder.path().join("vault"));
    let new = NewSlots {
        keyring: None,
        passphrase: Some(PASSPHRASE.into()),
    };
    Vault::create(&home, new, NOW)?.close()?;
    let path = home.paths().header;
    let text = std::fs::read(&path).map_err(|source| VaultError::Io { path, source })?;
    let header: Value = serde_json::from_slice(&text)?;
    let derivation = &header["slots"][0]["kdf"];

    let mut times = Vec::new();
    for _ in 0..ATTEMPTS {
        let begun = Instant::now();
        Vault::open(&home, Unlock::Passphrase(PASSPHRASE.into()), NOW)?.close()?;
        times.push(begun.elapsed().as_millis());
    }
    times.sort_unstable();
    let line = json!({
        "passes": derivation["iterations"],
        "memory_kib": derivation["memory_kib"],
        "lanes": derivation["lanes"],
        "least_ms": times.first(),
        "median_ms": times.get(ATTEMPTS / 2),
        "most_ms": times.last(),
    });
    #[expect(clippy::print_stdout, reason = "the result of this program")]
    {
        println!("{line}");
    }
    Ok(())
}
