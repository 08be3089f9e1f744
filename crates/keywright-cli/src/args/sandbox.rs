//! The arguments of `sandbox`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Start the Sandbox, print its issuers and APIs, and run until interrupted
    #[command(after_help = "Example: keywright sandbox start --json")]
    Start {
        /// Port of the identity provider; 0 uses a free port
        #[arg(long, value_name = "N", default_value_t = 0)]
        port: u16,
        /// Require an initial access token for registration
        #[arg(long)]
        initial_access_token: bool,
    },
}
