//! What can keep the Sandbox from starting.

/// Why the Sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Something else listens on the wished port.
    #[error("port {port} is taken")]
    PortTaken {
        /// The wished port.
        port: u16,
    },
    /// The listener could not be opened for another reason.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The wished port; 0 when any would have done.
        port: u16,
        /// The system's word.
        #[source]
        source: std::io::Error,
    },
    /// The state to restore is not one of ours, or is damaged.
    #[error("the saved state of the Sandbox cannot be read")]
    Restore {
        /// Where reading it stopped.
        #[source]
        source: serde_json::Error,
    },
    /// A key in the state to restore is not usable.
    #[error("the saved {what} of the Sandbox is not usable")]
    RestoredKey {
        /// `signing key` or `cookie key`.
        what: &'static str,
    },
    /// No new key could be made.
    #[error("cannot make a {what}")]
    MakeKey {
        /// `signing key` or `cookie key`.
        what: &'static str,
    },
    /// The gateway's HTTP client could not be built.
    #[error("cannot make the gateway's HTTP client")]
    HttpClient {
        /// The client's word.
        #[source]
        source: reqwest::Error,
    },
}
