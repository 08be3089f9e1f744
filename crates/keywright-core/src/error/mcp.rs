//! Why an MCP server did not do it.

use keywright_oauth::error_response::ErrorResponse;

/// Why an MCP server did not do it.
#[derive(Debug, thiserror::Error)]
pub enum McpError {
    /// The server refused the request before it was read: a token is missing, not valid, or not enough.
    #[error("the server answered {}", words.status)]
    Refused {
        /// Its words, with its challenge.
        words: Box<ErrorResponse>,
    },
    /// The server answered with an error of JSON-RPC.
    #[error("the server answered with the error {code}: {message}")]
    Rpc {
        /// `code`.
        code: i64,
        /// `message`, as sent.
        message: String,
    },
    /// The answer is not one of the Model Context Protocol.
    #[error("the answer is not one of the Model Context Protocol")]
    NotMcp,
    /// The arguments of the tool are not a JSON object.
    #[error("the arguments are not a JSON object: {detail}")]
    Arguments {
        /// What is wrong.
        detail: String,
    },
}
