//! The arguments of `app`.

use clap::{Args, Subcommand, ValueEnum};
use keywright_core::view::Health;

use super::source::SourceArg;

/// A state of an application, as `--health` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HealthArg {
    Live,
    Rejected,
    Unknown,
}

impl From<HealthArg> for Health {
    fn from(wanted: HealthArg) -> Self {
        match wanted {
            HealthArg::Live => Self::Live,
            HealthArg::Rejected => Self::Rejected,
            HealthArg::Unknown => Self::Unknown,
        }
    }
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
        #[arg(long, value_name = "QUERY", default_value = "")]
        query: String,
        /// Only applications of this configuration
        #[arg(long, value_name = "CONFIG")]
        config: Option<String>,
        /// Only applications in this state
        #[arg(long)]
        health: Option<HealthArg>,
        /// Maximum number of results
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,
    },
    /// Show one application
    #[command(after_help = "Example: keywright app show orders --reveal")]
    Show {
        /// Application name or id
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
        /// Application name or id
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
        /// Application name or id
        name: String,
        /// Keep the secrets before the new one at the provider, if it allows several; see `keywright app secrets`
        #[arg(long)]
        keep_old: bool,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// List the secrets that a client has at the provider, if it allows several (Entra, Okta)
    #[command(after_help = "Example: keywright app secrets orders")]
    Secrets {
        /// Name or id
        name: String,
    },
    /// Remove an unused secret at the provider
    #[command(
        after_help = "Example: keywright app remove-secret orders 5e3ac2b0-6a5d-4f6e-9d1c-1c3f0b7a2e11 --yes"
    )]
    RemoveSecret {
        /// Name or id
        name: String,
        /// Identifier of the secret, see `keywright app secrets`
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Enter a client secret that was replaced outside Keywright, after testing it with a token request
    #[command(after_help = "Example: keywright app set-secret orders --client-secret prompt")]
    SetSecret {
        /// Application name or id
        name: String,
        /// Source of the new secret
        #[arg(long, value_name = "SOURCE")]
        client_secret: SourceArg,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Rename an application in the vault; its `client_name` at the provider stays the same
    #[command(after_help = "Example: keywright app rename orders orders-old")]
    Rename {
        /// Application name or id
        name: String,
        /// New name
        to: String,
    },
    /// Read the registration from the provider
    #[command(after_help = "Example: keywright app refresh orders --json")]
    Refresh {
        /// Application name or id
        name: String,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Delete at the provider and in the vault
    #[command(after_help = "Example: keywright app delete orders --yes")]
    Delete {
        /// Application name or id
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
        /// Application name or id
        name: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Restore a forgotten application
    #[command(after_help = "Example: keywright app restore 0199a1c2-7d3e-7f00-8000-000000000000")]
    Restore {
        /// Id printed by `app forget` or `app delete`
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
        #[arg(long, value_name = "CONFIG")]
        config: String,
    },
    /// List interrupted operations
    #[command(after_help = "Example: keywright app pending --json")]
    Pending,
    /// Finish an interrupted operation
    #[command(after_help = "Example: keywright app resume orders")]
    Resume {
        /// Operation id or application name
        id: String,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Discard an interrupted operation; deletes a client that was created
    #[command(after_help = "Example: keywright app discard orders --yes")]
    Discard {
        /// Operation id or application name
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
            | Self::SetSecret { wait, .. }
            | Self::RemoveSecret { wait, .. }
            | Self::Refresh { wait, .. }
            | Self::Delete { wait, .. }
            | Self::Forget { wait, .. }
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
    #[arg(long, value_name = "CONFIG")]
    pub(crate) config: String,
    /// Grant; may be repeated
    #[arg(long = "grant", value_name = "GRANT")]
    pub(crate) grants: Vec<String>,
    /// Scope; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(crate) scopes: Vec<String>,
    /// Redirect URI; may be repeated
    #[arg(long = "redirect-uri", value_name = "URI")]
    pub(crate) redirect_uris: Vec<String>,
    /// Authentication method at the token endpoint: `client_secret_basic`, `client_secret_post`,
    /// `client_secret_jwt`, `private_key_jwt`, `tls_client_auth`, `self_signed_tls_client_auth`, none
    #[arg(long, value_name = "METHOD")]
    pub(crate) auth_method: Option<String>,
    /// Signature of `private_key_jwt`: ES256, EdDSA, PS256 or RS256; default: the first that the server lists
    #[arg(long, value_name = "ALG")]
    pub(crate) signing_alg: Option<String>,
    /// Source of the private key, PEM (with its certificates for `tls_client_auth`) or JWK; generated if omitted
    #[arg(long, value_name = "SOURCE", conflicts_with = "count")]
    pub(crate) client_key: Option<SourceArg>,
    /// Key identifier (`kid`) of --client-key
    #[arg(
        long,
        value_name = "KID",
        allow_hyphen_values = true,
        requires = "client_key"
    )]
    pub(crate) key_id: Option<String>,
    /// URL where you publish the public key, sent instead of the key
    #[arg(long, value_name = "URL")]
    pub(crate) jwks_uri: Option<String>,
    /// Bind tokens to a key of the application (`DPoP`, RFC 9449)
    #[arg(long)]
    pub(crate) dpop: bool,
    /// Audience for token requests
    #[arg(long, value_name = "AUDIENCE")]
    pub(crate) audience: Option<String>,
    /// Resource that tokens are for (RFC 8707); may be repeated
    #[arg(long = "resource", value_name = "URI")]
    pub(crate) resources: Vec<String>,
    /// Additional metadata as JSON: a file, or - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) metadata: Option<String>,
    /// Label; may be repeated
    #[arg(long = "label", value_name = "LABEL")]
    pub(crate) labels: Vec<String>,
    /// Mark as due for deletion after this time: 30m, 12h, 7d
    #[arg(long, value_name = "DURATION")]
    pub(crate) ttl: Option<String>,
    /// Show what would be sent, without sending it
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Register without confirmation, even if the client cannot get a token
    #[arg(long)]
    pub(crate) yes: bool,
    /// Register this many applications, named NAME-0001, NAME-0002, …; Ctrl C keeps those already registered
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
    #[arg(long, value_name = "CONFIG")]
    pub(crate) config: String,
    /// Client ID
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) client_id: String,
    /// Source of the client secret
    #[arg(long, value_name = "SOURCE")]
    pub(crate) client_secret: Option<SourceArg>,
    /// Source of the private key, PEM (with its certificates for `tls_client_auth`) or JWK
    #[arg(long, value_name = "SOURCE")]
    pub(crate) client_key: Option<SourceArg>,
    /// Key identifier (`kid`) registered at the provider
    #[arg(
        long,
        value_name = "KID",
        allow_hyphen_values = true,
        requires = "client_key"
    )]
    pub(crate) key_id: Option<String>,
    /// Signature of `private_key_jwt`: ES256, EdDSA, PS256 or RS256
    #[arg(long, value_name = "ALG", requires = "client_key")]
    pub(crate) signing_alg: Option<String>,
    /// Client configuration endpoint (`registration_client_uri`)
    #[arg(long, value_name = "URL")]
    pub(crate) registration_uri: Option<String>,
    /// Source of the registration access token
    #[arg(long, value_name = "SOURCE")]
    pub(crate) registration_token: Option<SourceArg>,
    /// Authentication method at the token endpoint
    #[arg(long, value_name = "METHOD")]
    pub(crate) auth_method: Option<String>,
    /// Scopes to request
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Option<String>,
    /// Audience for token requests
    #[arg(long, value_name = "AUDIENCE")]
    pub(crate) audience: Option<String>,
    /// Resource that tokens are for (RFC 8707); may be repeated
    #[arg(long = "resource", value_name = "URI")]
    pub(crate) resources: Vec<String>,
    /// Grant that it is registered for; may be repeated
    #[arg(long = "grant", value_name = "GRANT")]
    pub(crate) grants: Vec<String>,
    /// Redirect URI that it is registered with; may be repeated
    #[arg(long = "redirect-uri", value_name = "URI")]
    pub(crate) redirect_uris: Vec<String>,
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory as _};

    use crate::args::Cli;

    fn refusing(command: &Command, found: &mut Vec<String>) {
        for one in command.get_arguments() {
            let is_of_a_server = ["client_id", "key_id", "kid"].contains(&one.get_id().as_str());
            if is_of_a_server && !one.is_allow_hyphen_values_set() {
                found.push(format!("{} {}", command.get_name(), one.get_id()));
            }
        }
        for one in command.get_subcommands() {
            refusing(one, found);
        }
    }

    #[test]
    fn identifiers_that_a_server_chose_may_begin_with_a_hyphen() {
        let mut found = Vec::new();
        refusing(&Cli::command(), &mut found);
        assert_eq!(found, [""; 0]);
    }
}
