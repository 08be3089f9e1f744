//! The arguments. What each command does is said here once, for `--help`, the man page and the shells.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

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
    after_long_help = "A SOURCE of a secret is - (standard input), env:NAME, file:PATH or prompt.\n\nExit codes:\n  0    Done\n  1    Failed on this computer, or a check did not pass\n  2    Wrong usage or input\n  3    Not found\n  4    The vault is locked or does not exist\n  5    Refused by the provider or the API\n  6    The network failed\n  7    The outcome at the provider is not known; see `keywright app pending`\n  8    Refused for your safety\n  130  Interrupted\n  141  The reader of the output went away\n\nExample: keywright init --keyring auto && keywright sandbox start"
)]
pub(crate) struct Cli {
    /// One JSON document on standard output; errors as one line of JSON on standard error
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) json: bool,
    /// Never ask a question
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) no_input: bool,
    /// Only data, no talk
    #[arg(long, short, global = true, help_heading = "Everywhere")]
    pub(crate) quiet: bool,
    /// Log what happens to standard error; secrets are never logged
    #[arg(long, short, global = true, help_heading = "Everywhere")]
    pub(crate) verbose: bool,
    /// Folder of the vault
    #[arg(
        long,
        global = true,
        help_heading = "Everywhere",
        value_name = "DIR",
        env = "KEYWRIGHT_HOME"
    )]
    pub(crate) home: Option<PathBuf>,
    /// Language of messages: en or ja
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "LANG", value_parser = ["en", "ja"])]
    pub(crate) lang: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the vault
    #[command(after_help = "Example: keywright init --passphrase prompt")]
    Init {
        /// Keep a key in the keyring of the system: auto where there is one, or off
        #[arg(long, value_enum, default_value_t = KeyringUse::Auto)]
        keyring: KeyringUse,
        /// Where the passphrase comes from
        #[arg(long, value_name = "SOURCE")]
        passphrase: Option<String>,
    },
    /// Check that the vault opens; with --for, keep it open for other commands
    #[command(
        after_help = "With --for an agent holds the key of the vault until the time is over, until `keywright lock`, or\nuntil the machine sleeps or the session is locked.\nExample: keywright unlock --for 15m"
    )]
    Unlock {
        /// Hold the key this long: 90s, 15m, 8h, at most 24h
        #[arg(long = "for", value_name = "D")]
        hold: Option<String>,
    },
    /// End the agent that holds the key of the vault
    #[command(after_help = "Example: keywright lock")]
    Lock,
    /// Hold the key of the vault, which comes over standard input
    #[command(hide = true)]
    Agent {
        /// So long
        #[arg(long, value_name = "N")]
        seconds: u32,
    },
    /// Where the vault stands
    #[command(after_help = "Example: keywright status --json")]
    Status,
    /// Say what is well and what is not
    #[command(after_help = "Example: keywright doctor")]
    Doctor,
    /// What opens the vault, and its key
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Configurations of providers
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Show what an issuer can do; changes nothing there
    #[command(after_help = "Example: keywright probe https://id.example.com")]
    Probe {
        /// Issuer
        issuer: String,
    },
    /// Applications
    #[command(subcommand)]
    App(AppCommand),
    /// Tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Call an API with an application's credential
    #[command(
        after_help = "Example: keywright call GET http://127.0.0.1:8000/rfc7591/orders --app orders --auth bearer"
    )]
    Call(CallArgs),
    /// Run a command with an application's credentials in its environment
    #[command(
        after_help = "The command finds KEYWRIGHT_CLIENT_ID, KEYWRIGHT_CLIENT_SECRET and KEYWRIGHT_ACCESS_TOKEN; so does every program that\nit starts. In what it prints the secrets are masked.\nExample: keywright run --app orders -- ./deploy.sh"
    )]
    Run {
        /// Application
        #[arg(long, value_name = "APP")]
        app: String,
        /// Command and its arguments, after --
        #[arg(last = true, required = true, value_name = "CMD")]
        command: Vec<std::ffi::OsString>,
    },
    /// Sessions
    #[command(subcommand)]
    Session(SessionCommand),
    /// What went over the wire, redacted
    #[command(subcommand)]
    Activity(ActivityCommand),
    /// The built-in identity provider and API gateway
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Write the vault into one file with a passphrase of its own, while it is in use
    #[command(after_help = "Example: keywright backup keywright.backup --passphrase prompt")]
    Backup {
        /// File; an earlier backup of that name is replaced, any other file is not
        file: PathBuf,
        /// Where the passphrase of the backup comes from
        #[arg(long, value_name = "SOURCE", default_value = "prompt")]
        passphrase: String,
    },
    /// Show what a backup holds and what restoring it would change; with --yes do it
    #[command(
        after_help = "What the vault holds is replaced, after a copy of it to backups/. Where there is no vault one is made, opened by\nthe passphrase of the backup.\nExample: keywright restore keywright.backup --passphrase prompt --yes"
    )]
    Restore {
        /// Backup, or a copy that the vault made of itself in backups/
        file: PathBuf,
        /// Where the passphrase of the backup comes from
        #[arg(long, value_name = "SOURCE")]
        passphrase: Option<String>,
        /// Do it
        #[arg(long)]
        yes: bool,
    },
    /// The log of what was revealed, copied, handed out and changed
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Completion script of a shell
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
    /// List what opens the vault
    #[command(after_help = "Example: keywright vault slots --json")]
    Slots,
    /// Put a new passphrase in the place of an old one
    #[command(after_help = "Example: keywright vault change-passphrase --new prompt")]
    ChangePassphrase {
        /// The one that opens the vault now
        #[arg(long, value_name = "SOURCE")]
        old: Option<String>,
        /// The one that opens it from now on
        #[arg(long, value_name = "SOURCE", default_value = "prompt")]
        new: String,
    },
    /// Let another passphrase open the vault, too
    #[command(after_help = "Example: keywright vault add-passphrase --new prompt")]
    AddPassphrase {
        /// The other one
        #[arg(long, value_name = "SOURCE", default_value = "prompt")]
        new: String,
    },
    /// Let the keyring of the system open the vault, too
    #[command(after_help = "Example: keywright vault add-keyring")]
    AddKeyring,
    /// Remove something that opens the vault; the last one stays
    #[command(after_help = "Example: keywright vault remove-slot ID --yes")]
    RemoveSlot {
        /// Its id, see `keywright vault slots`
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Replace the key of the database; what opens the vault stays the same
    #[command(
        after_help = "Every passphrase slot needs its passphrase. Other programs that have the vault open must unlock again.\nExample: keywright vault rotate-key"
    )]
    RotateKey {
        /// The passphrase of a slot; may be given more than once
        #[arg(long = "passphrase", value_name = "SOURCE")]
        passphrases: Vec<String>,
    },
    /// Take the rights of other users away from the files of the vault
    #[command(after_help = "Example: keywright vault mend")]
    Mend,
    /// Go on with a database that is older than what was seen last
    #[command(after_help = "Example: keywright vault accept --yes")]
    Accept {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Add a configuration
    #[command(
        after_help = "Kinds: rfc7591, auth0, okta, curity, entra, http-bridge. `keywright config keys KIND` lists the settings and\nsecrets of a kind; ca_file=PATH stands for ca_pem.\nExample: keywright config add Work --provider rfc7591 --issuer https://id.example.com --secret initial_access_token=prompt"
    )]
    Add {
        /// Name
        name: String,
        /// Kind of provider
        #[arg(long, value_name = "KIND", default_value = "rfc7591")]
        provider: String,
        /// Issuer; may be left out where tenant, domain, sub-domain or preset say it
        #[arg(long, value_name = "URL", default_value = "")]
        issuer: String,
        /// Start from a known server; see `keywright config presets`
        #[arg(long, value_name = "ID")]
        preset: Option<String>,
        /// A blank of the preset
        #[arg(long = "fill", value_name = "K=V", requires = "preset")]
        fill: Vec<String>,
        #[command(flatten)]
        values: ConfigValues,
    },
    /// List known servers to start a configuration from
    #[command(
        after_help = "Example: keywright config add Work --preset keycloak --fill host=id.example.com --fill realm=main"
    )]
    Presets,
    /// List the settings and secrets of a kind of provider
    #[command(after_help = "Example: keywright config keys okta")]
    Keys {
        /// Kind
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
    /// Confirm hosts that only the server names; without HOST all that `config verify` lists
    #[command(after_help = "Example: keywright config confirm Work --yes")]
    Confirm {
        /// Name
        name: String,
        /// Hosts, with their port where one is written
        #[arg(value_name = "HOST")]
        hosts: Vec<String>,
        /// Do not ask
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
        /// Forget what was learned from what the server accepted (the settings adapted.…)
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
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Write configurations, with the names of their secrets and without the values
    #[command(after_help = "Example: keywright config export Work > work.json")]
    Export {
        /// Names; all when none is given
        names: Vec<String>,
        /// With the secrets, in plain text; SOURCE gives the passphrase of the vault again
        #[arg(long, value_name = "SOURCE")]
        with_secrets: Option<String>,
    },
    /// Take exported configurations in
    #[command(after_help = "Example: keywright config import work.json")]
    Import {
        /// File, or - for standard input
        file: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ConfigValues {
    /// A setting; an empty value removes it
    #[arg(long = "set", value_name = "K=V")]
    pub(crate) set: Vec<String>,
    /// A secret and its source
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
        /// Part of a name, client ID, configuration or label
        #[arg(long, value_name = "Q", default_value = "")]
        query: String,
        /// Only of this configuration
        #[arg(long, value_name = "C")]
        config: Option<String>,
        /// live, rejected or unknown
        #[arg(long, value_parser = ["live", "rejected", "unknown"])]
        health: Option<String>,
        /// At most this many
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,
    },
    /// Show one application
    #[command(after_help = "Example: keywright app show orders --reveal")]
    Show {
        /// Name or id
        name: String,
        /// With its secrets; written to the audit log
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
    /// Replace the client secret, where the provider can
    #[command(after_help = "Example: keywright app rotate orders")]
    Rotate {
        /// Name or id
        name: String,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Enter a client secret that was replaced outside of Keywright; one token request tests it first
    #[command(after_help = "Example: keywright app set-secret orders --client-secret prompt")]
    SetSecret {
        /// Name or id
        name: String,
        /// Where the new secret comes from
        #[arg(long, value_name = "SOURCE")]
        client_secret: String,
    },
    /// Give an application another name here; the provider keeps its `client_name`
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
    /// Delete at the provider and here
    #[command(after_help = "Example: keywright app delete orders --yes")]
    Delete {
        /// Name or id
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Forget here only; the client stays at the provider
    #[command(after_help = "Example: keywright app forget orders --yes")]
    Forget {
        /// Name or id
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Bring a forgotten application back
    #[command(after_help = "Example: keywright app restore 0199a1c2-7d3e-7f00-8000-000000000000")]
    Restore {
        /// Id, as `app delete`, `app forget` or `app discard` printed it
        id: String,
    },
    /// Take a client that exists at the provider into the vault
    #[command(
        after_help = "Example: keywright app adopt legacy --config Work --client-id abc --client-secret prompt"
    )]
    Adopt(AdoptArgs),
    /// List what is at the provider and not here, and the other way round
    #[command(after_help = "Example: keywright app orphans --config Work")]
    Orphans {
        /// Configuration
        #[arg(long, value_name = "C")]
        config: String,
    },
    /// List what was cut off
    #[command(after_help = "Example: keywright app pending --json")]
    Pending,
    /// Finish what was cut off
    #[command(after_help = "Example: keywright app resume orders")]
    Resume {
        /// Id or name
        id: String,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Clean up what was cut off; deletes a client that was created
    #[command(after_help = "Example: keywright app discard orders --yes")]
    Discard {
        /// Id or name
        id: String,
        /// Leave a client that was created at the provider
        #[arg(long)]
        keep_client: bool,
        /// Do not ask
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
    /// Grant; may be given more than once
    #[arg(long = "grant", value_name = "G")]
    pub(crate) grants: Vec<String>,
    /// Scope; may be given more than once
    #[arg(long = "scope", value_name = "S")]
    pub(crate) scopes: Vec<String>,
    /// Redirect URI; may be given more than once
    #[arg(long = "redirect-uri", value_name = "U")]
    pub(crate) redirect_uris: Vec<String>,
    /// How the client authenticates at the token endpoint
    #[arg(long, value_name = "M")]
    pub(crate) auth_method: Option<String>,
    /// Audience for token requests
    #[arg(long, value_name = "A")]
    pub(crate) audience: Option<String>,
    /// Resource that tokens are for (RFC 8707); may be given more than once
    #[arg(long = "resource", value_name = "URI")]
    pub(crate) resources: Vec<String>,
    /// Further metadata as JSON: a file, or - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) metadata: Option<String>,
    /// Label; may be given more than once
    #[arg(long = "label", value_name = "L")]
    pub(crate) labels: Vec<String>,
    /// Offer it for deletion after this time: 30m, 12h, 7d
    #[arg(long, value_name = "D")]
    pub(crate) ttl: Option<String>,
    /// Show what would be sent and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Register also where the client cannot get a token; do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// Register this many, named NAME-0001, NAME-0002, …; Ctrl C keeps what is done
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<u32>,
    /// With --count: requests at the same time
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub(crate) concurrency: u32,
}

#[derive(Debug, Args)]
pub(crate) struct AdoptArgs {
    /// Our name for it
    pub(crate) name: String,
    /// Configuration
    #[arg(long, value_name = "C")]
    pub(crate) config: String,
    /// Client identifier
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: String,
    /// Client secret
    #[arg(long, value_name = "SOURCE")]
    pub(crate) client_secret: Option<String>,
    /// Management address
    #[arg(long, value_name = "URL")]
    pub(crate) registration_uri: Option<String>,
    /// Registration access token
    #[arg(long, value_name = "SOURCE")]
    pub(crate) registration_token: Option<String>,
    /// How it authenticates
    #[arg(long, value_name = "M")]
    pub(crate) auth_method: Option<String>,
    /// Scopes to ask for
    #[arg(long, value_name = "S")]
    pub(crate) scope: Option<String>,
    /// Audience for token requests
    #[arg(long, value_name = "A")]
    pub(crate) audience: Option<String>,
    /// Resource that tokens are for (RFC 8707); may be given more than once
    #[arg(long = "resource", value_name = "URI")]
    pub(crate) resources: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Get a token, from the cache where it lasts
    #[command(
        after_help = "Example: curl -H \"$(keywright token get orders --format header)\" https://api.example.com/"
    )]
    Get {
        /// Application
        app: String,
        /// `client_credentials` or `refresh_token`
        #[arg(long, value_name = "G")]
        grant: Option<String>,
        /// Scope; may be given more than once
        #[arg(long = "scope", value_name = "S")]
        scopes: Vec<String>,
        /// Audience
        #[arg(long, value_name = "A")]
        audience: Option<String>,
        /// Resource that the token is for (RFC 8707); may be given more than once
        #[arg(long = "resource", value_name = "URI")]
        resources: Vec<String>,
        /// Fetch a new one
        #[arg(long)]
        refresh: bool,
        /// Print the value in this form; masked without
        #[arg(long, value_enum)]
        format: Option<TokenFormat>,
    },
    /// List kept tokens
    #[command(after_help = "Example: keywright token list --app orders")]
    List {
        /// Only of this application
        #[arg(long, value_name = "APP")]
        app: Option<String>,
    },
    /// Show what a token says
    #[command(after_help = "Example: keywright token show ID")]
    Show {
        /// Token id, or an application for its newest
        token: String,
    },
    /// Check the signature against the issuer's keys
    #[command(after_help = "Example: keywright token verify orders")]
    Verify {
        /// Token id, or an application for its newest
        token: String,
    },
    /// Ask the provider what it knows of the token
    #[command(after_help = "Example: keywright token introspect orders")]
    Introspect {
        /// Token id, or an application for its newest
        token: String,
    },
    /// Revoke the token at the provider
    #[command(after_help = "Example: keywright token revoke orders")]
    Revoke {
        /// Token id, or an application for its newest
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
    /// Method (GET when left out) and address
    #[arg(required = true, num_args = 1..=2, value_names = ["METHOD", "URL"])]
    pub(crate) target: Vec<String>,
    /// Application
    #[arg(long, value_name = "APP")]
    pub(crate) app: String,
    /// Kind of credential
    #[arg(long, value_enum, default_value_t = AuthWay::Bearer)]
    pub(crate) auth: AuthWay,
    /// Header
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Body: text, @FILE, or @- for standard input
    #[arg(short = 'd', long = "data", value_name = "@FILE")]
    pub(crate) data: Option<String>,
    /// Resource that the token is for (RFC 8707); may be given more than once
    #[arg(long = "resource", value_name = "URI")]
    pub(crate) resources: Vec<String>,
    /// Send it in all three ways and say what differs
    #[arg(long)]
    pub(crate) compare: bool,
    /// Exit with 5 when the API answers 4xx or 5xx, or the gateway answers with a login page
    #[arg(long)]
    pub(crate) fail: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List sessions
    #[command(after_help = "Example: keywright session list --app orders")]
    List {
        /// Only of this application
        #[arg(long, value_name = "APP")]
        app: Option<String>,
    },
    /// Take a session from a browser: a Cookie header, a HAR file or a cookies.txt file
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
        /// Cookie that makes the session; may be given more than once
        #[arg(long = "session-cookie", value_name = "NAME")]
        session_cookies: Vec<String>,
        /// Call the address first, and save nothing unless it accepts the session
        #[arg(long = "try")]
        try_it: bool,
        /// Show what would be kept and save nothing
        #[arg(long, conflicts_with = "try_it")]
        dry_run: bool,
        /// File; standard input when left out
        #[arg(value_name = "FILE", default_value = "-")]
        file: String,
    },
    /// Show a session, when it ends and what was seen of it
    #[command(after_help = "Example: keywright session show ID")]
    Show {
        /// Id
        id: String,
    },
    /// Forget a session here
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
        /// Part of an address
        #[arg(long, value_name = "Q", default_value = "")]
        query: String,
        /// Only failures and 4xx, 5xx
        #[arg(long)]
        errors: bool,
        /// At most this many
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
    /// Show one exchange, redacted
    #[command(after_help = "Example: keywright activity show ID")]
    Show {
        /// Id
        id: String,
    },
    /// Write exchanges, redacted, for other tools
    #[command(after_help = "Example: keywright activity export --har keywright.har --query orders")]
    Export {
        #[command(flatten)]
        to: ExportTo,
        /// Part of an address
        #[arg(long, value_name = "Q", default_value = "")]
        query: String,
        /// Only failures and 4xx, 5xx
        #[arg(long)]
        errors: bool,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct ExportTo {
    /// As HTTP Archive 1.2
    #[arg(long, value_name = "FILE")]
    pub(crate) har: Option<PathBuf>,
    /// As a sequence diagram
    #[arg(long, value_name = "FILE")]
    pub(crate) mermaid: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check that no line was changed, removed or moved; exits with 8 when one was
    #[command(after_help = "Example: keywright audit verify")]
    Verify,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Start it, print its issuers and its gateway, then serve until interrupted
    #[command(after_help = "Example: keywright sandbox start --json")]
    Start {
        /// Port of the identity provider; 0 takes a free one
        #[arg(long, value_name = "N", default_value_t = 0)]
        port: u16,
        /// Registration needs an initial access token
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
