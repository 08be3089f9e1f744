//! The arguments of `session`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List sessions
    #[command(after_help = "Example: keywright session list --app orders")]
    List {
        /// Only those of this application
        #[arg(long, value_name = "APP")]
        app: Option<String>,
    },
    /// Import a session from a browser: a Cookie header, a HAR file or a cookies.txt file
    #[command(
        after_help = "Example: keywright session import --app orders --url https://api.example.com/orders --try cookies.txt"
    )]
    Import {
        /// Application that will use it
        #[arg(long, value_name = "APP")]
        app: String,
        /// Address that the cookies are for
        #[arg(long, value_name = "URL")]
        url: String,
        /// Name of the session cookie; may be repeated
        #[arg(long = "session-cookie", value_name = "NAME")]
        session_cookies: Vec<String>,
        /// Call the address first, and save the session only if it is accepted
        #[arg(long = "try")]
        try_it: bool,
        /// Show what would be saved, without saving it
        #[arg(long, conflicts_with = "try_it")]
        dry_run: bool,
        /// File (default: standard input)
        #[arg(value_name = "FILE", default_value = "-")]
        file: String,
    },
    /// Show a session, its expiry and its history
    #[command(after_help = "Example: keywright session show ID")]
    Show {
        /// Id
        id: String,
    },
    /// Forget a session
    #[command(after_help = "Example: keywright session forget ID")]
    Forget {
        /// Id
        id: String,
    },
}
