//! The arguments. Each command is described here once, for `--help`, the man page and the shells.

mod connect;
mod key;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use connect::{
    AssertionArgs, CimdCommand, ConnectArgs, ExchangeArgs, IdentityArgs, McpCommand, McpServerArgs,
    SignInArgs,
};
pub(crate) use key::KeyCommand;

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
    after_long_help = "A SOURCE of a secret is - (standard input), env:NAME, file:PATH or prompt.\n\nExit codes:\n  0    Success\n  1    Failed on this computer, or a check failed\n  2    Invalid usage or input\n  3    Not found\n  4    The vault is locked or does not exist\n  5    Refused by the provider or the API\n  6    Network error\n  7    The outcome at the provider is unknown; see `keywright app pending`\n  8    Refused for security reasons\n  130  Interrupted\n  141  The reader of the output closed the pipe\n\nExample: keywright init --keyring auto && keywright sandbox start"
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
        passphrase: Option<String>,
    },
    /// Check that the vault can be unlocked; with --for, keep it unlocked for other commands
    #[command(
        after_help = "With --for, an agent holds the key of the vault until the time has passed, until `keywright lock`, or\nuntil the machine sleeps or the session is locked.\nExample: keywright unlock --for 15m"
    )]
    Unlock {
        /// How long to hold the key: 90s, 15m, 8h; at most 24h
        #[arg(long = "for", value_name = "D")]
        hold: Option<String>,
    },
    /// Stop the agent that holds the key of the vault
    #[command(after_help = "Example: keywright lock")]
    Lock,
    /// Hold the key of the vault, which comes over standard input
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
    /// Show what an issuer supports; changes nothing there
    #[command(after_help = "Example: keywright probe https://id.example.com")]
    Probe {
        /// Issuer
        issuer: String,
    },
    /// Manage applications
    #[command(subcommand)]
    App(AppCommand),
    /// Connect to an API, an MCP server or an issuer by its address: find out who protects it, register, and get a token
    #[command(
        after_help = "Shows who issues tokens for the address, how clients are known there, and what will be done; then asks once.\nCredentials of one issuer never go to another.\nExample: keywright connect https://mcp.example.com/mcp\nExample: keywright connect https://api.example.com --client-id ID --client-secret prompt"
    )]
    Connect(ConnectArgs),
    /// Write and check client ID metadata documents
    #[command(subcommand)]
    Cimd(CimdCommand),
    /// List and call the tools of an MCP server
    #[command(subcommand)]
    Mcp(McpCommand),
    /// Manage the keys that applications authenticate with (`private_key_jwt`)
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
        command: Vec<std::ffi::OsString>,
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
        passphrase: String,
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
        passphrase: Option<String>,
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
pub(crate) enum VaultCommand {
    /// List the unlock methods of the vault
    #[command(after_help = "Example: keywright vault slots --json")]
    Slots,
    /// Change a passphrase
    #[command(after_help = "Example: keywright vault change-passphrase --new prompt")]
    ChangePassphrase {
        /// Current passphrase
        #[arg(long, value_name = "SOURCE")]
        old: Option<String>,
        /// New passphrase
        #[arg(long, value_name = "SOURCE", default_value = "prompt")]
        new: String,
    },
    /// Add a passphrase
    #[command(after_help = "Example: keywright vault add-passphrase --new prompt")]
    AddPassphrase {
        /// New passphrase
        #[arg(long, value_name = "SOURCE", default_value = "prompt")]
        new: String,
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
        passphrases: Vec<String>,
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

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Add a configuration
    #[command(
        after_help = "Kinds: rfc7591, auth0, okta, curity, entra, http-bridge. `keywright config keys KIND` lists the settings and\nsecrets of a kind; ca_file=PATH reads ca_pem from a file.\nExample: keywright config add Work --provider rfc7591 --issuer https://id.example.com --secret initial_access_token=prompt"
    )]
    Add {
        /// Name
        name: String,
        /// Provider kind
        #[arg(long, value_name = "KIND", default_value = "rfc7591")]
        provider: String,
        /// Issuer; optional if a tenant, domain, subdomain or preset determines it
        #[arg(long, value_name = "URL", default_value = "")]
        issuer: String,
        /// Preset of a known server, see `keywright config presets`
        #[arg(long, value_name = "ID")]
        preset: Option<String>,
        /// Value for a preset placeholder
        #[arg(long = "fill", value_name = "K=V", requires = "preset")]
        fill: Vec<String>,
        #[command(flatten)]
        values: ConfigValues,
    },
    /// List presets for known servers
    #[command(
        after_help = "Example: keywright config add Work --preset keycloak --fill host=id.example.com --fill realm=main"
    )]
    Presets,
    /// List the settings and secrets of a provider kind
    #[command(after_help = "Example: keywright config keys okta")]
    Keys {
        /// Provider kind
        kind: String,
    },
    /// List configurations
    #[command(after_help = "Example: keywright config list --json")]
    List,
    /// Show one configuration
    #[command(after_help = "Example: keywright config show Work")]
    Show {
        /// Name
        name: String,
    },
    /// Check a configuration against its server, step by step
    #[command(after_help = "Example: keywright config verify Work")]
    Verify {
        /// Name
        name: String,
    },
    /// Confirm hosts that only the server names; without HOST, all that `config verify` lists
    #[command(after_help = "Example: keywright config confirm Work --yes")]
    Confirm {
        /// Name
        name: String,
        /// Hosts, with the port if the address has one
        #[arg(value_name = "HOST")]
        hosts: Vec<String>,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Change a configuration
    #[command(after_help = "Example: keywright config edit Work --set basic_encoding=raw")]
    Edit {
        /// Name
        name: String,
        /// New name
        #[arg(long, value_name = "NAME")]
        rename: Option<String>,
        /// New issuer
        #[arg(long, value_name = "URL")]
        issuer: Option<String>,
        /// Reset the request forms that were adapted to the server (the settings adapted.…)
        #[arg(long)]
        forget_adapted: bool,
        #[command(flatten)]
        values: ConfigValues,
    },
    /// Remove a configuration that no application uses
    #[command(after_help = "Example: keywright config remove Work --yes")]
    Remove {
        /// Name
        name: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Export configurations with the names of their secrets, without the values
    #[command(after_help = "Example: keywright config export Work > work.json")]
    Export {
        /// Names; all if none is given
        names: Vec<String>,
        /// Include secrets in plain text; SOURCE provides the passphrase of the vault again
        #[arg(long, value_name = "SOURCE")]
        with_secrets: Option<String>,
    },
    /// Import configurations
    #[command(after_help = "Example: keywright config import work.json")]
    Import {
        /// File, or - for standard input
        file: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ConfigValues {
    /// Setting; an empty value removes it
    #[arg(long = "set", value_name = "K=V")]
    pub(crate) set: Vec<String>,
    /// Secret and its source
    #[arg(long = "secret", value_name = "K=SOURCE")]
    pub(crate) secret: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AppCommand {
    /// Register an application
    #[command(
        after_help = "Example: keywright app register orders --config Work --grant client_credentials --scope orders:read"
    )]
    Register(RegisterArgs),
    /// List applications
    #[command(after_help = "Example: keywright app list --query orders --json")]
    List {
        /// Text in a name, client ID, configuration or label
        #[arg(long, value_name = "Q", default_value = "")]
        query: String,
        /// Only applications of this configuration
        #[arg(long, value_name = "C")]
        config: Option<String>,
        /// Only applications in this state
        #[arg(long, value_parser = ["live", "rejected", "unknown"])]
        health: Option<String>,
        /// Maximum number of results
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,
    },
    /// Show one application
    #[command(after_help = "Example: keywright app show orders --reveal")]
    Show {
        /// Name or id
        name: String,
        /// Show secrets; recorded in the audit log
        #[arg(long)]
        reveal: bool,
    },
    /// Change the registration at the provider
    #[command(
        after_help = "Example: echo '{\"client_name\":\"Orders 2\"}' | keywright app update orders --metadata -"
    )]
    Update {
        /// Name or id
        name: String,
        /// JSON members to change (null removes one, "" sends it empty): a file, or - for standard input
        #[arg(long, value_name = "FILE")]
        metadata: String,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Rotate the client secret, if the provider supports it
    #[command(after_help = "Example: keywright app rotate orders")]
    Rotate {
        /// Name or id
        name: String,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Enter a client secret that was replaced outside Keywright, after testing it with a token request
    #[command(after_help = "Example: keywright app set-secret orders --client-secret prompt")]
    SetSecret {
        /// Name or id
        name: String,
        /// Source of the new secret
        #[arg(long, value_name = "SOURCE")]
        client_secret: String,
    },
    /// Rename an application in the vault; its `client_name` at the provider stays the same
    #[command(after_help = "Example: keywright app rename orders orders-old")]
    Rename {
        /// Name or id
        name: String,
        /// New name
        to: String,
    },
    /// Read the registration from the provider
    #[command(after_help = "Example: keywright app refresh orders --json")]
    Refresh {
        /// Name or id
        name: String,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Delete at the provider and in the vault
    #[command(after_help = "Example: keywright app delete orders --yes")]
    Delete {
        /// Name or id
        name: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Remove from the vault only; the client stays at the provider
    #[command(after_help = "Example: keywright app forget orders --yes")]
    Forget {
        /// Name or id
        name: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Restore a forgotten application
    #[command(after_help = "Example: keywright app restore 0199a1c2-7d3e-7f00-8000-000000000000")]
    Restore {
        /// Id, as `app delete`, `app forget` or `app discard` printed it
        id: String,
    },
    /// Add an existing client of the provider to the vault
    #[command(
        after_help = "Example: keywright app adopt legacy --config Work --client-id abc --client-secret prompt"
    )]
    Adopt(AdoptArgs),
    /// List clients that exist only at the provider or only in the vault
    #[command(after_help = "Example: keywright app orphans --config Work")]
    Orphans {
        /// Configuration
        #[arg(long, value_name = "C")]
        config: String,
    },
    /// List interrupted operations
    #[command(after_help = "Example: keywright app pending --json")]
    Pending,
    /// Finish an interrupted operation
    #[command(after_help = "Example: keywright app resume orders")]
    Resume {
        /// Id or name
        id: String,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Clean up an interrupted operation; deletes a client that was created
    #[command(after_help = "Example: keywright app discard orders --yes")]
    Discard {
        /// Id or name
        id: String,
        /// Keep a client that was created at the provider
        #[arg(long)]
        keep_client: bool,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
}

impl AppCommand {
    /// The command waits for another change of the same application.
    pub(crate) fn waits(&self) -> bool {
        match self {
            Self::Update { wait, .. }
            | Self::Rotate { wait, .. }
            | Self::Refresh { wait, .. }
            | Self::Delete { wait, .. }
            | Self::Resume { wait, .. }
            | Self::Discard { wait, .. } => *wait,
            _ => false,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    /// Name, sent as `client_name`
    pub(crate) name: String,
    /// Configuration
    #[arg(long, value_name = "C")]
    pub(crate) config: String,
    /// Grant; may be repeated
    #[arg(long = "grant", value_name = "G")]
    pub(crate) grants: Vec<String>,
    /// Scope; may be repeated
    #[arg(long = "scope", value_name = "S")]
    pub(crate) scopes: Vec<String>,
    /// Redirect URI; may be repeated
    #[arg(long = "redirect-uri", value_name = "U")]
    pub(crate) redirect_uris: Vec<String>,
    /// Authentication method at the token endpoint: `client_secret_basic`, `client_secret_post`,
    /// `client_secret_jwt`, `private_key_jwt`, none
    #[arg(long, value_name = "M")]
    pub(crate) auth_method: Option<String>,
    /// Signature of `private_key_jwt`: ES256, EdDSA, PS256 or RS256; the first that the server lists if omitted
    #[arg(long, value_name = "ALG")]
    pub(crate) signing_alg: Option<String>,
    /// Source of the private key for `private_key_jwt`, PEM or JWK; generated if omitted
    #[arg(long, value_name = "SOURCE", conflicts_with = "count")]
    pub(crate) client_key: Option<String>,
    /// Key identifier (`kid`) of --client-key
    #[arg(long, value_name = "KID", requires = "client_key")]
    pub(crate) key_id: Option<String>,
    /// Address where you publish the public key, instead of sending it
    #[arg(long, value_name = "URL")]
    pub(crate) jwks_uri: Option<String>,
    /// Bind tokens to a key of the application (`DPoP`, RFC 9449)
    #[arg(long)]
    pub(crate) dpop: bool,
    /// Audience for token requests
    #[arg(long, value_name = "A")]
    pub(crate) audience: Option<String>,
    /// Resource that tokens are for (RFC 8707); may be repeated
    #[arg(long = "resource", value_name = "URI")]
    pub(crate) resources: Vec<String>,
    /// Additional metadata as JSON: a file, or - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) metadata: Option<String>,
    /// Label; may be repeated
    #[arg(long = "label", value_name = "L")]
    pub(crate) labels: Vec<String>,
    /// Mark as due for deletion after this time: 30m, 12h, 7d
    #[arg(long, value_name = "D")]
    pub(crate) ttl: Option<String>,
    /// Show what would be sent, without sending it
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Register without confirmation, even if the client cannot get a token
    #[arg(long)]
    pub(crate) yes: bool,
    /// Number to register, named NAME-0001, NAME-0002, …; Ctrl C keeps those already registered
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<u32>,
    /// With --count: concurrent requests
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub(crate) concurrency: u32,
}

#[derive(Debug, Args)]
pub(crate) struct AdoptArgs {
    /// Name in the vault
    pub(crate) name: String,
    /// Configuration
    #[arg(long, value_name = "C")]
    pub(crate) config: String,
    /// Client ID
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: String,
    /// Source of the client secret
    #[arg(long, value_name = "SOURCE")]
    pub(crate) client_secret: Option<String>,
    /// Source of the private key for `private_key_jwt`, PEM or JWK
    #[arg(long, value_name = "SOURCE")]
    pub(crate) client_key: Option<String>,
    /// Key identifier (`kid`) that the provider knows the key by
    #[arg(long, value_name = "KID", requires = "client_key")]
    pub(crate) key_id: Option<String>,
    /// Signature of `private_key_jwt`: ES256, EdDSA, PS256 or RS256
    #[arg(long, value_name = "ALG", requires = "client_key")]
    pub(crate) signing_alg: Option<String>,
    /// Client configuration endpoint (`registration_client_uri`)
    #[arg(long, value_name = "URL")]
    pub(crate) registration_uri: Option<String>,
    /// Source of the registration access token
    #[arg(long, value_name = "SOURCE")]
    pub(crate) registration_token: Option<String>,
    /// Authentication method at the token endpoint
    #[arg(long, value_name = "M")]
    pub(crate) auth_method: Option<String>,
    /// Scopes to request
    #[arg(long, value_name = "S")]
    pub(crate) scope: Option<String>,
    /// Audience for token requests
    #[arg(long, value_name = "A")]
    pub(crate) audience: Option<String>,
    /// Resource that tokens are for (RFC 8707); may be repeated
    #[arg(long = "resource", value_name = "URI")]
    pub(crate) resources: Vec<String>,
    /// Grant that it is registered for; may be repeated
    #[arg(long = "grant", value_name = "G")]
    pub(crate) grants: Vec<String>,
    /// Redirect URI that it is registered with; may be repeated
    #[arg(long = "redirect-uri", value_name = "URI")]
    pub(crate) redirect_uris: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct TokenGetArgs {
    /// Application
    pub(crate) app: String,
    /// `client_credentials`, `authorization_code`, `device_code`, `refresh_token`, `jwt-bearer` or `token-exchange`; the first unless the client is registered for others alone
    #[arg(long, value_name = "G")]
    pub(crate) grant: Option<String>,
    /// Scope; may be repeated
    #[arg(long = "scope", value_name = "S")]
    pub(crate) scopes: Vec<String>,
    /// Audience
    #[arg(long, value_name = "A")]
    pub(crate) audience: Option<String>,
    /// Resource that the token is for (RFC 8707); may be repeated
    #[arg(long = "resource", value_name = "URI")]
    pub(crate) resources: Vec<String>,
    /// Request a new token
    #[arg(long)]
    pub(crate) refresh: bool,
    #[command(flatten)]
    pub(crate) assertion: AssertionArgs,
    #[command(flatten)]
    pub(crate) exchange: ExchangeArgs,
    /// Print the value in this format; masked if omitted
    #[arg(long, value_enum)]
    pub(crate) format: Option<TokenFormat>,
    #[command(flatten)]
    pub(crate) sign_in: SignInArgs,
    /// Sign-in: do not ask for confirmation where the server does not list PKCE with S256
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Get a token, from the cache if one is still valid
    #[command(
        after_help = "The arguments of a command can be read by other programs, so give a token by standard input.\nWith authorization_code, a user signs in in the browser, unless a refresh token serves.\nExample: keywright token get orders --format header | curl -H @- https://api.example.com/\nExample: keywright token get orders --grant authorization_code"
    )]
    Get(Box<TokenGetArgs>),
    /// List stored tokens
    #[command(after_help = "Example: keywright token list --app orders")]
    List {
        /// Only those of this application
        #[arg(long, value_name = "APP")]
        app: Option<String>,
    },
    /// Show the contents of a token
    #[command(after_help = "Example: keywright token show ID")]
    Show {
        /// Token id, or an application for its newest token
        token: String,
    },
    /// Verify the signature with the issuer's keys; exits with 8 if the token is not valid, with 1 if it cannot be checked
    #[command(after_help = "Example: keywright token verify orders")]
    Verify {
        /// Token id, or an application for its newest token
        token: String,
    },
    /// Introspect the token at the provider
    #[command(after_help = "Example: keywright token introspect orders")]
    Introspect {
        /// Token id, or an application for its newest token
        token: String,
    },
    /// Revoke the token at the provider
    #[command(after_help = "Example: keywright token revoke orders")]
    Revoke {
        /// Token id, or an application for its newest token
        token: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TokenFormat {
    /// The value alone
    Raw,
    /// An Authorization header
    Header,
    /// A line for an environment file
    Env,
    /// A curl command
    Curl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuthWay {
    ClientCredentials,
    Bearer,
    Session,
}

#[derive(Debug, Args)]
pub(crate) struct CallArgs {
    /// Method (default: GET) and address
    #[arg(required = true, num_args = 1..=2, value_names = ["METHOD", "URL"])]
    pub(crate) target: Vec<String>,
    /// Application
    #[arg(long, value_name = "APP")]
    pub(crate) app: String,
    /// Credential to send
    #[arg(long, value_enum, default_value_t = AuthWay::Bearer)]
    pub(crate) auth: AuthWay,
    /// Header: NAME: VALUE, @FILE or @- with one on each line, env:NAME, `file:PATH`. A secret value is read by
    /// NAME: env:NAME or `NAME: file:PATH`
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub(crate) headers: Vec<String>,
    /// Body: text, @FILE, @- for standard input, env:NAME or `file:PATH`. A file is sent as it is
    #[arg(
        short = 'd',
        long = "data",
        value_name = "BODY",
        allow_hyphen_values = true
    )]
    pub(crate) data: Option<String>,
    /// Resource that the token is for (RFC 8707); may be repeated
    #[arg(long = "resource", value_name = "URI")]
    pub(crate) resources: Vec<String>,
    /// Send the call with all three credentials and compare the responses
    #[arg(long)]
    pub(crate) compare: bool,
    /// Exit with 5 if the API answers 4xx or 5xx, or the gateway answers with a login page
    #[arg(long)]
    pub(crate) fail: bool,
    #[command(flatten)]
    pub(crate) sign_in: SignInArgs,
    /// Get a token with a wider scope without asking, if the API requires one
    #[arg(long)]
    pub(crate) yes: bool,
}

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

#[derive(Debug, Subcommand)]
pub(crate) enum ActivityCommand {
    /// List exchanges, newest first
    #[command(after_help = "Example: keywright activity list --errors")]
    List {
        /// Text in an address
        #[arg(long, value_name = "Q", default_value = "")]
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
        #[arg(long, value_name = "Q", default_value = "")]
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

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check that no line was changed, removed or moved; exits with 8 if one was
    #[command(after_help = "Example: keywright audit verify")]
    Verify,
}

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
        /// Keep this many sessions: 10 to 10000; ended ones go first, then those not used for longest
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

impl Command {
    /// Every option that takes a source of a secret, with what was typed.
    pub(crate) fn sources(&self) -> Vec<(String, String)> {
        let given = |option: &str, text: &Option<String>| {
            text.as_ref().map(|text| (option.to_owned(), text.clone()))
        };
        match self {
            Self::Init { passphrase, .. } | Self::Restore { passphrase, .. } => {
                given("--passphrase", passphrase).into_iter().collect()
            }
            Self::Config(ConfigCommand::Export { with_secrets, .. }) => {
                given("--with-secrets", with_secrets).into_iter().collect()
            }
            Self::Backup { passphrase, .. } => {
                vec![("--passphrase".to_owned(), passphrase.clone())]
            }
            Self::Config(
                ConfigCommand::Add { values, .. } | ConfigCommand::Edit { values, .. },
            ) => values
                .secret
                .iter()
                .map(|pair| match pair.split_once('=') {
                    Some((key, source)) => (format!("--secret {key}"), source.to_owned()),
                    None => ("--secret".to_owned(), pair.clone()),
                })
                .collect(),
            Self::App(AppCommand::Adopt(adopt)) => {
                let all = [
                    given("--client-secret", &adopt.client_secret),
                    given("--registration-token", &adopt.registration_token),
                ];
                all.into_iter().flatten().collect()
            }
            Self::Connect(ConnectArgs { identity, .. })
            | Self::Mcp(
                McpCommand::Tools {
                    server: McpServerArgs { identity, .. },
                    ..
                }
                | McpCommand::Call {
                    server: McpServerArgs { identity, .. },
                    ..
                },
            ) => [
                given("--client-secret", &identity.client_secret),
                given("--client-key", &identity.client_key),
                given("--assertion", &identity.assertion.assertion),
            ]
            .into_iter()
            .flatten()
            .collect(),
            Self::Token(TokenCommand::Get(get)) => [
                given("--assertion", &get.assertion.assertion),
                given("--subject-token", &get.exchange.subject_token),
                given("--actor-token", &get.exchange.actor_token),
            ]
            .into_iter()
            .flatten()
            .collect(),
            Self::App(AppCommand::SetSecret { client_secret, .. }) => {
                vec![("--client-secret".to_owned(), client_secret.clone())]
            }
            Self::Vault(command) => command.sources(),
            _ => Vec::new(),
        }
    }
}

impl VaultCommand {
    fn sources(&self) -> Vec<(String, String)> {
        match self {
            Self::ChangePassphrase { old, new } => old
                .iter()
                .map(|old| ("--old".to_owned(), old.clone()))
                .chain([("--new".to_owned(), new.clone())])
                .collect(),
            Self::AddPassphrase { new } => vec![("--new".to_owned(), new.clone())],
            Self::RotateKey { passphrases } => passphrases
                .iter()
                .map(|text| ("--passphrase".to_owned(), text.clone()))
                .collect(),
            _ => Vec::new(),
        }
    }
}
