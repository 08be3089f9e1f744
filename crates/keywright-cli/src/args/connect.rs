//! The arguments of what leads from an address to a token.

use clap::{Args, Subcommand};

use super::source::SourceArg;

/// How a user signs in.
#[derive(Debug, Args)]
pub(crate) struct SignInArgs {
    /// Sign-in: print the address instead of opening the browser
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Sign-in: read the final address in the browser from standard input instead of listening for it
    #[arg(long)]
    pub(crate) paste: bool,
    /// Sign-in: how long to wait for the user: 90s, 5m
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    pub(crate) timeout: String,
    /// Sign-in: omit the resource, also from later sign-ins, because the server refuses it in the browser
    #[arg(long)]
    pub(crate) without_resource: bool,
}

/// The assertion of an assertion grant.
#[derive(Debug, Args)]
pub(crate) struct AssertionArgs {
    /// Source of the assertion of jwt-bearer (RFC 7523) or saml2-bearer (RFC 7522)
    #[arg(long, value_name = "SOURCE", conflicts_with = "assertion_app")]
    pub(crate) assertion: Option<SourceArg>,
    /// Application whose newest token is the assertion of jwt-bearer, for example an ID-JAG
    #[arg(long, value_name = "APP")]
    pub(crate) assertion_app: Option<String>,
}

/// The tokens of a token exchange (RFC 8693).
#[derive(Debug, Args)]
pub(crate) struct ExchangeArgs {
    /// Source of the subject token of token-exchange (RFC 8693)
    #[arg(long, value_name = "SOURCE", conflicts_with = "subject_app")]
    pub(crate) subject_token: Option<SourceArg>,
    /// Application whose newest token is the subject token of token-exchange
    #[arg(long, value_name = "APP")]
    pub(crate) subject_app: Option<String>,
    /// Type of the subject token: `access_token`, `id_token`, jwt, saml2 or a URI
    #[arg(long, value_name = "TYPE", default_value = "access_token")]
    pub(crate) subject_token_type: String,
    /// Source of the actor token of token-exchange
    #[arg(long, value_name = "SOURCE")]
    pub(crate) actor_token: Option<SourceArg>,
    /// Type of the actor token
    #[arg(long, value_name = "TYPE", default_value = "access_token")]
    pub(crate) actor_token_type: String,
    /// Type of token to request: `access_token`, id-jag, … or a URI
    #[arg(long, value_name = "TYPE")]
    pub(crate) requested_token_type: Option<String>,
}

/// How the client is known to the authorization server.
#[derive(Debug, Args)]
pub(crate) struct IdentityArgs {
    /// Client ID of a manually registered client
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) client_id: Option<String>,
    /// Source of its client secret
    #[arg(long, value_name = "SOURCE", requires = "client_id")]
    pub(crate) client_secret: Option<SourceArg>,
    /// Source of its private key for `private_key_jwt`, PEM or JWK
    #[arg(long, value_name = "SOURCE", requires = "client_id")]
    pub(crate) client_key: Option<SourceArg>,
    /// Signature of `private_key_jwt`: ES256, EdDSA, PS256 or RS256
    #[arg(long, value_name = "ALG", requires = "client_key")]
    pub(crate) signing_alg: Option<String>,
    /// Address of a client ID metadata document to use as the client ID
    #[arg(long, value_name = "URL", conflicts_with = "client_id")]
    pub(crate) client_document: Option<String>,
    /// Grant; selected from the metadata of the server if omitted
    #[arg(long, value_name = "GRANT")]
    pub(crate) grant: Option<String>,
    /// Scope; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(crate) scopes: Vec<String>,
    #[command(flatten)]
    pub(crate) assertion: AssertionArgs,
    /// File with the certificate of the server or of its certificate authority (PEM)
    #[arg(long, value_name = "PATH")]
    pub(crate) ca_file: Option<String>,
    /// Issuer, if the API specifies several or none
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ConnectArgs {
    /// Address of an API, an MCP server, an issuer or a metadata document
    pub(crate) address: String,
    /// Application name; the host of the address if omitted
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) identity: IdentityArgs,
    /// Show what was found, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) sign_in: SignInArgs,
    /// Do not ask for confirmation
    #[arg(long)]
    pub(crate) yes: bool,
}

/// An MCP server and the application that calls it.
#[derive(Debug, Args)]
pub(crate) struct McpServerArgs {
    /// Application; the one connected to the address if omitted
    #[arg(long, value_name = "APP")]
    pub(crate) app: Option<String>,
    #[command(flatten)]
    pub(crate) identity: IdentityArgs,
    #[command(flatten)]
    pub(crate) sign_in: SignInArgs,
    /// Do not ask for confirmation
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum McpCommand {
    /// List the tools of an MCP server; connects to it first if necessary
    #[command(after_help = "Example: keywright mcp tools https://mcp.example.com/mcp")]
    Tools {
        /// Address of the MCP server
        address: String,
        #[command(flatten)]
        server: McpServerArgs,
    },
    /// Call a tool of an MCP server; connects to it first if necessary
    #[command(
        after_help = "Exits with 5 if the tool reports an error.\nExample: keywright mcp call https://mcp.example.com/mcp weather '{\"city\":\"Berlin\"}'"
    )]
    Call {
        /// Address of the MCP server
        address: String,
        /// Tool name
        tool: String,
        /// Tool arguments as JSON
        #[arg(default_value = "{}")]
        arguments: String,
        #[command(flatten)]
        server: McpServerArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CimdCommand {
    /// Print a client ID metadata document for an address where you will publish it
    #[command(
        after_help = "Example: keywright cimd write https://app.example.com/client.json --name Reports > client.json"
    )]
    Write {
        /// Address of the document, which is the client ID
        address: String,
        /// Name that users see when they sign in
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Redirect URI; may be repeated
        #[arg(
            long = "redirect-uri",
            value_name = "URI",
            default_value = "http://127.0.0.1/callback"
        )]
        redirect_uris: Vec<String>,
        /// Scope; may be repeated
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// Home page of the client
        #[arg(long, value_name = "URL")]
        client_uri: Option<String>,
        /// Logo of the client
        #[arg(long, value_name = "URL")]
        logo_uri: Option<String>,
    },
    /// Fetch a client ID metadata document and check it as a server would; exits with 1 if a check fails
    #[command(after_help = "Example: keywright cimd check https://app.example.com/client.json")]
    Check {
        /// Address of the document
        address: String,
    },
}
