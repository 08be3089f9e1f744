//! The arguments of `vault`.

use clap::Subcommand;

use super::source::SourceArg;

#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    /// List the unlock methods of the vault
    #[command(after_help = "Example: keywright vault slots --json")]
    Slots,
    /// Change a passphrase
    #[command(after_help = "Example: keywright vault change-passphrase --new prompt")]
    ChangePassphrase {
        /// Current passphrase
        #[arg(long, value_name = "SOURCE")]
        old: Option<SourceArg>,
        /// New passphrase
        #[arg(long, value_name = "SOURCE", default_value = "prompt")]
        new: SourceArg,
    },
    /// Add a passphrase
    #[command(after_help = "Example: keywright vault add-passphrase --new prompt")]
    AddPassphrase {
        /// New passphrase
        #[arg(long, value_name = "SOURCE", default_value = "prompt")]
        new: SourceArg,
    },
    /// Add the system keyring
    #[command(after_help = "Example: keywright vault add-keyring")]
    AddKeyring,
    /// Remove an unlock method; the last one cannot be removed
    #[command(after_help = "Example: keywright vault remove-slot ID --yes")]
    RemoveSlot {
        /// Slot id, see `keywright vault slots`
        id: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Replace the database key; unlock methods stay the same
    #[command(
        after_help = "The passphrase of every passphrase slot is required. Other programs that have the vault open must unlock it again.\nExample: keywright vault rotate-key"
    )]
    RotateKey {
        /// Passphrase of a slot; may be repeated
        #[arg(long = "passphrase", value_name = "SOURCE")]
        passphrases: Vec<SourceArg>,
    },
    /// Restrict vault file permissions to the owner
    #[command(after_help = "Example: keywright vault mend")]
    Mend,
    /// Accept a rolled-back database
    #[command(after_help = "Example: keywright vault accept --yes")]
    Accept {
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}
