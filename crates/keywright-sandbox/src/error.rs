//! What can keep the Sandbox from starting.

/// Why the Sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Something else listens on the wished port.
    #[error("port {port} is already in use")]
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
    #[error("could not read the saved state of the Sandbox")]
    Restore {
        /// Where reading it stopped.
        #[source]
        source: serde_json::Error,
    },
    /// A key in the state to restore is not usable.
    #[error("the saved {what} of the Sandbox cannot be used")]
    RestoredKey {
        /// `signing key` or `cookie key`.
        what: &'static str,
    },
    /// No new key could be made.
    #[error("could not create a {what}")]
    MakeKey {
        /// `signing key` or `cookie key`.
        what: &'static str,
    },
    /// The gateway's HTTP client could not be built.
    #[error("could not create the HTTP client of the gateway")]
    HttpClient {
        /// The client's word.
        #[source]
        source: reqwest::Error,
    },
}
