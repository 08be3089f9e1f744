//! The arguments. Each command is described here once, for `--help`, the man page and the shells.

mod activity;
mod app;
mod call;
mod config;
mod connect;
mod key;
mod sandbox;
mod session;
mod settings;
mod source;
mod token;
mod vault;

use std::{ffi::OsString, path::PathBuf};

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use activity::{ActivityCommand, ExportTo};
pub(crate) use app::{AdoptArgs, AppCommand, HealthArg, RegisterArgs};
pub(crate) use call::{AuthWay, CallArgs};
pub(crate) use config::{ConfigCommand, ConfigValues};
pub(crate) use connect::{
    AssertionArgs, CimdCommand, ConnectArgs, ExchangeArgs, IdentityArgs, McpCommand, McpServerArgs,
    SignInArgs,
};
pub(crate) use key::KeyCommand;
pub(crate) use sandbox::SandboxCommand;
pub(crate) use session::SessionCommand;
pub(crate) use settings::SettingsCommand;
pub(crate) use source::{SourceArg, TypedSource};
pub(crate) use token::{TokenCommand, TokenFormat, TokenGetArgs};
pub(crate) use vault::VaultCommand;

/// Register OAuth clients at your identity provider, keep their secrets in an encrypted vault on
/// this computer, and use them: client credentials, bearer tokens and session cookies.
#[derive(Debug, Parser)]
#[command(
    name = "keywright",
    version,
    propagate_version = true,
    max_term_width = 100
)]
#[command(
    after_help = "A SOURCE of a secret is - (standard input), env:NAME, file:PATH or prompt.\nExample: keywright init --keyring auto && keywright sandbox start",
    after_long_help = "A SOURCE of a secret is - (standard input), env:NAME, file:PATH or prompt.\n\nEnvironment:\n  KEYWRIGHT_HOME             Vault folder\n  KEYWRIGHT_PASSPHRASE_FILE  File with the vault passphrase\n\nExit codes:\n  0    Success\n  1    Failed on this computer, or a check failed\n  2    Invalid usage or input\n  3    Not found\n  4    The vault is locked or does not exist, or the passphrase is wrong\n  5    Refused by the provider or the API\n  6    Network error\n  7    The outcome at the provider is unknown; see `keywright app pending`\n  8    Refused for security reasons\n  130  Interrupted\n  141  The reader of the output closed the pipe\n\nExample: keywright init --keyring auto && keywright sandbox start"
)]
pub(crate) struct Cli {
    /// Print one JSON document to standard output, and errors as one line of JSON to standard error
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) json: bool,
    /// Never prompt for input
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) no_input: bool,
    /// Suppress status messages
    #[arg(long, short, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// Log to standard error; secrets are never logged
    #[arg(long, short, global = true, help_heading = "Global options")]
    pub(crate) verbose: bool,
    /// Vault folder
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        value_name = "DIR",
        env = "KEYWRIGHT_HOME"
    )]
    pub(crate) home: Option<PathBuf>,
    /// Language of messages: en or ja
    #[arg(long, global = true, help_heading = "Global options", value_name = "LANG", value_parser = ["en", "ja"])]
    pub(crate) lang: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Parses the arguments. The sources of secrets among them are returned as well, to be checked before anything is done.
    ///
    /// # Errors
    /// Invalid usage, or a request for help or the version.
    pub(crate) fn parse_arguments(
        arguments: &[OsString],
    ) -> Result<(Self, Vec<TypedSource>), clap::Error> {
        let mut command = Self::command();
        let mut matches = command.try_get_matches_from_mut(arguments)?;
        let sources = source::typed_sources(&command, &matches);
        let cli =
            Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))?;
        Ok((cli, sources))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create the vault
    #[command(after_help = "Example: keywright init --passphrase prompt")]
    Init {
        /// Store a key in the system keyring: auto (if one is available) or off
        #[arg(long, value_enum, default_value_t = KeyringUse::Auto)]
        keyring: KeyringUse,
        /// Source of the passphrase
        #[arg(long, value_name = "SOURCE")]
        passphrase: Option<SourceArg>,
    },
    /// Check that the vault can be unlocked; with --for, keep it unlocked for other commands
    #[command(
        after_help = "With --for, an agent holds the vault key until the time has passed, until `keywright lock`, or\nuntil the machine sleeps or the session is locked.\nExample: keywright unlock --for 15m"
    )]
    Unlock {
        /// How long to keep the vault unlocked, for example 15m; at most 24h
        #[arg(long = "for", value_name = "DURATION")]
        hold: Option<String>,
    },
    /// Stop the agent that holds the vault key
    #[command(after_help = "Example: keywright lock")]
    Lock,
    /// Run the agent; reads the vault key from standard input
    #[command(hide = true)]
    Agent {
        /// Lifetime in seconds
        #[arg(long, value_name = "N")]
        seconds: u32,
    },
    /// Show vault status
    #[command(after_help = "Example: keywright status --json")]
    Status,
    /// Check for problems
    #[command(after_help = "Example: keywright doctor")]
    Doctor,
    /// Manage unlock methods and the database key
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Manage provider configurations
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Show what an issuer supports; changes nothing at the provider
    #[command(after_help = "Example: keywright probe https://id.example.com")]
    Probe {
        /// Issuer
        issuer: String,
    },
    /// Manage applications
    #[command(subcommand)]
    App(AppCommand),
    /// Connect to an API, an MCP server or an issuer by its address: find its authorization server, register a client and get a token
    #[command(
        after_help = "Shows the issuer, how clients are identified and the planned steps, then asks once.\nCredentials of one issuer are never sent to another.\nExample: keywright connect https://mcp.example.com/mcp\nExample: keywright connect https://api.example.com --client-id ID --client-secret prompt"
    )]
    Connect(ConnectArgs),
    /// Write and check client ID metadata documents
    #[command(subcommand)]
    Cimd(CimdCommand),
    /// List and call the tools of an MCP server
    #[command(subcommand)]
    Mcp(McpCommand),
    /// Manage the keys and certificates that applications authenticate with (`private_key_jwt`, mTLS)
    #[command(subcommand)]
    Key(KeyCommand),
    /// Get and manage tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Call an API with the credential of an application
    #[command(
        after_help = "Example: keywright call GET http://127.0.0.1:8000/rfc7591/orders --app orders --auth bearer\nExample: keywright call POST https://api.example.com/orders --app orders -H 'X-Api-Key: env:API_KEY' -d @order.json"
    )]
    Call(CallArgs),
    /// Run a command with the credentials of an application in its environment
    #[command(
        after_help = "The command receives KEYWRIGHT_CLIENT_ID, KEYWRIGHT_CLIENT_SECRET and KEYWRIGHT_ACCESS_TOKEN, as does every\nprogram that it starts. Secrets in its output are masked.\nExample: keywright run --app orders -- ./deploy.sh"
    )]
    Run {
        /// Application
        #[arg(long, value_name = "APP")]
        app: String,
        /// Command and its arguments, after --
        #[arg(last = true, required = true, value_name = "CMD")]
        command: Vec<OsString>,
    },
    /// Manage sessions
    #[command(subcommand)]
    Session(SessionCommand),
    /// Show and export recorded HTTP exchanges, redacted
    #[command(subcommand)]
    Activity(ActivityCommand),
    /// Run the built-in identity provider and API gateway
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Back up the vault to a file with its own passphrase, while the vault is in use
    #[command(after_help = "Example: keywright backup keywright.backup --passphrase prompt")]
    Backup {
        /// Backup file; an earlier backup is replaced, any other file is not
        file: PathBuf,
        /// Source of the passphrase of the backup
        #[arg(long, value_name = "SOURCE", default_value = "prompt")]
        passphrase: SourceArg,
    },
    /// Show what a backup contains and what restoring it would change; with --yes, restore it
    #[command(
        after_help = "The contents of the vault are replaced after a copy is saved in backups/. If there is no vault, one is created with\nthe passphrase of the backup.\nExample: keywright restore keywright.backup --passphrase prompt --yes"
    )]
    Restore {
        /// Backup file, or an automatic copy in backups/
        file: PathBuf,
        /// Source of the passphrase of the backup
        #[arg(long, value_name = "SOURCE")]
        passphrase: Option<SourceArg>,
        /// Restore the backup
        #[arg(long)]
        yes: bool,
    },
    /// Verify the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Show and change settings
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// Print the completion script of a shell
    #[command(after_help = "Example: keywright completion bash > /etc/bash_completion.d/keywright")]
    Completion {
        /// bash, zsh, fish, …
        shell: Shell,
    },
    /// Write the man pages
    #[command(hide = true)]
    Man {
        /// Folder
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyringUse {
    Auto,
    Off,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check that no line was changed, removed or moved; exits with 8 if one was
    #[command(after_help = "Example: keywright audit verify")]
    Verify,
}
