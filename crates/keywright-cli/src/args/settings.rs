//! The arguments of `settings`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Show the settings
    #[command(after_help = "Example: keywright settings show --json")]
    Show,
    /// Change settings
    #[command(
        after_help = "Entries beyond a smaller limit are deleted.\nExample: keywright settings set --activity-entries 2000 --activity-days 30"
    )]
    Set {
        /// Keep this many of the newest exchanges in Activity: 100 to 100000
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(100..=100_000))]
        activity_entries: Option<u32>,
        /// Keep the exchanges of this many days in Activity: 1 to 3650
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3_650))]
        activity_days: Option<u32>,
        /// Keep this many sessions: 10 to 10000; ended ones are deleted first, then the least recently used
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(10..=10_000))]
        sessions: Option<u32>,
        /// Lock the window after this many idle minutes: 0 for never, up to 1440
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_440))]
        auto_lock_minutes: Option<u32>,
        /// Proxy of configurations without their own: an address, direct or system
        #[arg(long, value_name = "ADDRESS")]
        proxy: Option<String>,
    },
}
