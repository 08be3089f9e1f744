//! The arguments of `key`.

use clap::Subcommand;

use super::source::SourceArg;

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List the keys of an application, without the private parts
    #[command(
        after_help = "Example: keywright key list orders\nExample: keywright key list orders --jwks > jwks.json"
    )]
    List {
        /// Application
        app: String,
        /// Print the public keys as a JWK set, to publish it at a `jwks_uri`
        #[arg(long)]
        jwks: bool,
    },
    /// Generate the first key of an application and change its authentication to `private_key_jwt`
    #[command(after_help = "Example: keywright key make orders --alg ES256")]
    Make {
        /// Application
        app: String,
        /// ES256, EdDSA, PS256 or RS256; the first that the server lists if omitted
        #[arg(long, value_name = "ALG")]
        alg: Option<String>,
    },
    /// Import a private key in PEM format, with its certificates if it has any, or in JWK format; the previous key stays in
    /// the key set
    #[command(
        after_help = "One token request tests the key before it replaces the one in use.\nExample: keywright key import orders --key file:orders.pem\nExample: keywright key import orders --key prompt --published --key-id 2026-11"
    )]
    Import {
        /// Application
        app: String,
        /// Source of the private key
        #[arg(long, value_name = "SOURCE")]
        key: SourceArg,
        /// ES256, EdDSA, PS256 or RS256, if the key does not determine it
        #[arg(long, value_name = "ALG")]
        alg: Option<String>,
        /// Key identifier (`kid`), if the key does not contain it
        #[arg(long, value_name = "KID", allow_hyphen_values = true)]
        key_id: Option<String>,
        /// The provider already has the key: do not change the registration
        #[arg(long)]
        published: bool,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Replace the key with a new one; the previous key stays in the key set until it is removed
    #[command(
        after_help = "If the provider reads the keys from a `jwks_uri`, the first call generates the key. Publish the output of\n`keywright key list APP --jwks` there, then run the command again with --published.\nExample: keywright key rotate orders"
    )]
    Rotate {
        /// Application
        app: String,
        /// ES256, EdDSA, PS256 or RS256; that of the previous key if omitted
        #[arg(long, value_name = "ALG")]
        alg: Option<String>,
        /// The new key is published: test it and use it from now on
        #[arg(long)]
        published: bool,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
    /// Remove an unused key from the registration and from the vault
    #[command(after_help = "Example: keywright key remove orders KID --yes")]
    Remove {
        /// Application
        app: String,
        /// Key identifier or thumbprint, see `keywright key list`
        #[arg(allow_hyphen_values = true)]
        kid: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
        /// Wait while another command changes this application
        #[arg(long)]
        wait: bool,
    },
}

impl KeyCommand {
    /// The command waits for another change of the same application.
    pub(crate) fn waits(&self) -> bool {
        match self {
            Self::Import { wait, .. } | Self::Rotate { wait, .. } | Self::Remove { wait, .. } => {
                *wait
            }
            Self::List { .. } | Self::Make { .. } => false,
        }
    }
}
