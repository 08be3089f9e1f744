//! The arguments of `token`.

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use super::connect::{AssertionArgs, ExchangeArgs, SignInArgs};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("details").args(["authorization_details", "without_details"]))]
pub(crate) struct TokenGetArgs {
    /// Application
    pub(crate) app: String,
    /// `client_credentials`, `authorization_code`, `device_code`, `refresh_token`, `jwt-bearer`, `saml2-bearer` or `token-exchange`; default: `client_credentials`, if the client is registered for it
    #[arg(long, value_name = "GRANT")]
    pub(crate) grant: Option<String>,
    /// Scope; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(crate) scopes: Vec<String>,
    /// Audience
    #[arg(long, value_name = "AUDIENCE")]
    pub(crate) audience: Option<String>,
    /// Resource that the token is for (RFC 8707); may be repeated
    #[arg(
        long = "resource",
        value_name = "URI",
        conflicts_with = "without_resource"
    )]
    pub(crate) resources: Vec<String>,
    /// Authorization details (RFC 9396): a JSON file, or - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) authorization_details: Option<String>,
    /// Without the authorization details that the application remembers
    #[arg(long)]
    pub(crate) without_details: bool,
    /// Remember for later requests of the application: these authorization details, or none with --without-details
    #[arg(long, requires = "details")]
    pub(crate) keep_details: bool,
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
        after_help = "The arguments of a command can be read by other programs, so pass a token by standard input.\nWith authorization_code, a user signs in in the browser, unless a stored refresh token can be used.\nExample: keywright token get orders --format header | curl -H @- https://api.example.com/\nExample: keywright token get orders --grant authorization_code"
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
    /// Get the claims of the user who signed in from the provider (OpenID Connect Core 5.3); they are not stored
    #[command(after_help = "Example: keywright token userinfo orders")]
    Userinfo {
        /// Token id, or an application for its newest token
        token: String,
    },
    /// Sign the user out in the browser (OpenID Connect RP-Initiated Logout 1.0); stored tokens are kept
    #[command(after_help = "Example: keywright token sign-out orders")]
    SignOut {
        /// Token id, or an application for its newest token
        token: String,
        /// Print the address instead of opening the browser
        #[arg(long)]
        no_browser: bool,
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
    /// The value only
    Raw,
    /// An Authorization header
    Header,
    /// A line for an environment file
    Env,
    /// A curl command
    Curl,
}
