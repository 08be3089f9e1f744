//! The steps of the main job that a fault can hit.

use keywright_core::view::ApplicationView;

/// What the command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Register,
    Update,
    Rotate,
    Read,
    Delete,
    Token,
}

impl Step {
    pub(super) const ALL: [Self; 6] = [
        Self::Register,
        Self::Update,
        Self::Rotate,
        Self::Read,
        Self::Delete,
        Self::Token,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Update => "update",
            Self::Rotate => "rotate",
            Self::Read => "read",
            Self::Delete => "delete",
            Self::Token => "token",
        }
    }

    /// The provider of this application can do it.
    pub(super) fn can_be_done_with(self, application: &ApplicationView) -> bool {
        self == Self::Register
            || application
                .actions
                .iter()
                .any(|action| action.action.as_str() == self.name() && action.available)
    }

    /// The arguments of the command; `change` is a file with metadata, `aim` what the API asks of a client.
    pub(super) fn arguments(
        self,
        name: &str,
        config: &str,
        change: &str,
        aim: &[String],
    ) -> Vec<String> {
        let fixed: &[&str] = match self {
            Self::Register => &["app", "register", name, "--config", config],
            Self::Update => &["app", "update", name, "--metadata", change],
            Self::Rotate => &["app", "rotate", name],
            Self::Read => &["app", "refresh", name],
            Self::Delete => &["app", "delete", name, "--yes"],
            Self::Token => &["token", "get", name, "--refresh", "--format", "raw"],
        };
        let mut all: Vec<String> = fixed.iter().map(|text| (*text).to_owned()).collect();
        if self == Self::Register {
            all.extend(["--grant".into(), "client_credentials".into()]);
            all.extend_from_slice(aim);
        }
        all
    }
}
