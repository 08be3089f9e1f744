//! The arguments of `config`.

use clap::{Args, Subcommand};

use super::source::{KeyedSourceArg, SourceArg};

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
    /// Confirm hosts that only the metadata contains; without HOST, all that `config verify` lists
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
        /// Reset the request formats that were adapted to the server (the settings adapted.…)
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
        /// Include secrets in plain text; SOURCE provides the vault passphrase again
        #[arg(long, value_name = "SOURCE")]
        with_secrets: Option<SourceArg>,
    },
    /// Import configurations
    #[command(after_help = "Example: keywright config import work.json")]
    Import {
        /// File, or - for standard input
        file: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ConfigValues {
    /// Setting; an empty value removes it
    #[arg(long = "set", value_name = "K=V")]
    pub(crate) set: Vec<String>,
    /// Secret and its source
    #[arg(long = "secret", value_name = "K=SOURCE")]
    pub(crate) secret: Vec<KeyedSourceArg>,
}
