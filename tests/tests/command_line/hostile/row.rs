//! One hostile input: what is sent where, and what may come of it.

use super::server::Reply;

/// The endpoint that turns hostile. All others answer as they should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Discovery,
    Registration,
    Management,
    /// Registration, whose answer says where the client is managed from then on.
    Pinned,
    Token,
    Introspection,
    Revocation,
    Jwks,
    Api,
}

impl Place {
    /// Path of the endpoint.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Discovery => "/.well-known/",
            Self::Registration | Self::Pinned => "/register",
            Self::Management => "/manage",
            Self::Token => "/token",
            Self::Introspection => "/introspect",
            Self::Revocation => "/revoke",
            Self::Jwks => "/jwks",
            Self::Api => "/api",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        if self == Self::Pinned {
            return "register+read";
        }
        self.path().trim_matches(['/', '.'])
    }
}

/// What came of it, as a caller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// A success with the right values.
    Taken,
    /// Exit code 1: a fault of ours, which no row expects.
    Failed,
    /// Exit code 2.
    Usage,
    /// Exit code 3.
    Nothing,
    /// Exit code 5: the provider refused or answered with something else than it should.
    Refused,
    /// Exit code 6.
    Network,
    /// Exit code 7: kept in the journal.
    Unknown,
    /// Exit code 8.
    Security,
    /// A token whose signature and claims hold.
    Verified,
    /// A token that is shown as not valid.
    Invalid,
    /// A token whose signature could not be checked.
    Unchecked,
    /// A token that is no JWT.
    Opaque,
}

impl Class {
    pub(crate) fn of_exit(code: u8) -> Self {
        match code {
            2 => Self::Usage,
            3 | 4 => Self::Nothing,
            5 => Self::Refused,
            6 => Self::Network,
            7 => Self::Unknown,
            8 => Self::Security,
            _ => Self::Failed,
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Row of the threats that it belongs to.
    pub(crate) threat: &'static str,
    pub(crate) place: Place,
    /// What it is, in a word or two; distinct together with the place.
    pub(crate) input: String,
    pub(crate) reply: Reply,
    pub(crate) expect: Vec<Class>,
}

impl Row {
    pub(crate) fn new(
        threat: &'static str,
        place: Place,
        input: impl Into<String>,
        reply: Reply,
        expect: &[Class],
    ) -> Self {
        Self {
            threat,
            place,
            input: input.into(),
            reply,
            expect: expect.to_vec(),
        }
    }
}

/// The class of an answer that never became one.
pub(crate) fn lost(place: Place) -> Class {
    match place {
        // A creation may have been carried out, and a read may have replaced the registration token.
        Place::Registration | Place::Management => Class::Unknown,
        // A token is given anyway, its signature unchecked.
        Place::Jwks => Class::Unchecked,
        _ => Class::Network,
    }
}

/// The class of an answer that came whole and cannot be read.
pub(crate) fn unreadable(place: Place) -> Class {
    match place {
        Place::Registration | Place::Management => Class::Unknown,
        Place::Jwks => Class::Unchecked,
        // Any answer of an API is shown as it is; a revocation has no body to read.
        Place::Api | Place::Revocation => Class::Taken,
        _ => Class::Refused,
    }
}

/// The class of an answer that is as it should be.
pub(crate) fn taken(place: Place) -> Class {
    if place == Place::Jwks {
        Class::Verified
    } else {
        Class::Taken
    }
}
