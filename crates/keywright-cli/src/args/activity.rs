//! The arguments of `activity`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum ActivityCommand {
    /// List exchanges, newest first
    #[command(after_help = "Example: keywright activity list --errors")]
    List {
        /// Text in an address
        #[arg(long, value_name = "QUERY", default_value = "")]
        query: String,
        /// Only failures and status 4xx and 5xx
        #[arg(long)]
        errors: bool,
        /// Maximum number of results
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
    /// Show one exchange, redacted
    #[command(after_help = "Example: keywright activity show ID")]
    Show {
        /// Id
        id: String,
    },
    /// Export exchanges for other tools, redacted
    #[command(after_help = "Example: keywright activity export --har keywright.har --query orders")]
    Export {
        #[command(flatten)]
        to: ExportTo,
        /// Text in an address
        #[arg(long, value_name = "QUERY", default_value = "")]
        query: String,
        /// Only failures and status 4xx and 5xx
        #[arg(long)]
        errors: bool,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct ExportTo {
    /// Write HTTP Archive 1.2
    #[arg(long, value_name = "FILE")]
    pub(crate) har: Option<PathBuf>,
    /// Write a Mermaid sequence diagram
    #[arg(long, value_name = "FILE")]
    pub(crate) mermaid: Option<PathBuf>,
}
