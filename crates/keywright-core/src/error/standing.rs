//! What is known about a client whose management was refused.

/// What is known about the existence of a client that the provider refused to manage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does not exist: the provider says so, and its secret gets no token.
    Gone,
    /// It exists: its secret still gets tokens.
    Lives,
    /// Neither is proven.
    Unproven,
}
