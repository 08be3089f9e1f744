//! The arguments of `call`.

use clap::{Args, ValueEnum};

use super::connect::SignInArgs;

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
