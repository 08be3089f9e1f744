//! The demo users. They are made up, and there is nothing to prove: the page asks who signs in.

use serde_json::{Map, Value, json};

/// A demo user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User {
    /// What it is chosen by.
    pub(crate) name: &'static str,
    /// `sub` of its tokens. Not the name: clients must not take one for the other.
    pub(crate) subject: &'static str,
    /// `name` (OpenID Connect Core section 5.1).
    pub(crate) full_name: &'static str,
}

/// All there are. The first one is chosen at first.
pub(crate) const USERS: [User; 3] = [
    User {
        name: "alice",
        subject: "demo-user-1",
        full_name: "Alice Demo",
    },
    User {
        name: "bob",
        subject: "demo-user-2",
        full_name: "Bob Demo",
    },
    User {
        name: "carol",
        subject: "demo-user-3",
        full_name: "Carol Demo",
    },
];

impl User {
    /// The one with this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        USERS.iter().find(|user| user.name == name)
    }

    /// Where mail to it would go; nothing is sent there (RFC 2606 section 3).
    pub(crate) fn email(&self) -> String {
        format!("{}@example.com", self.name)
    }

    /// The claims that a scope opens (OpenID Connect Core section 5.4).
    pub(crate) fn claims(&self, scope: &[&str]) -> Map<String, Value> {
        let mut claims = Map::from_iter([("sub".to_owned(), json!(self.subject))]);
        if scope.contains(&"profile") {
            claims.insert("name".to_owned(), json!(self.full_name));
            claims.insert("preferred_username".to_owned(), json!(self.name));
        }
        if scope.contains(&"email") {
            claims.insert("email".to_owned(), json!(self.email()));
            claims.insert("email_verified".to_owned(), json!(true));
        }
        claims
    }
}
