//! What is wrong with a file, in the user's words: those of the system are English, and one advice does not fit all.

use std::io::{Error, ErrorKind};

use crate::{
    Lang,
    codes::codes,
    i18n::{
        key::{Family, MessageKey},
        translate,
    },
};

codes! {
    /// What is wrong with a file: a phrase (`io.CODE`) and a hint (`hint.io_CODE`).
    pub(crate) enum FileProblem {
        AlreadyExists = "already_exists",
        DiskFull = "disk_full",
        InvalidName = "invalid_name",
        IsDirectory = "is_directory",
        NotDirectory = "not_directory",
        NotFound = "not_found",
        PermissionDenied = "permission_denied",
        ReadOnly = "read_only",
        TooLarge = "too_large",
    }
}

impl FileProblem {
    /// None where the system says more.
    pub(super) fn of(kind: ErrorKind) -> Option<Self> {
        Some(match kind {
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::PermissionDenied => Self::PermissionDenied,
            ErrorKind::IsADirectory => Self::IsDirectory,
            ErrorKind::NotADirectory => Self::NotDirectory,
            ErrorKind::AlreadyExists => Self::AlreadyExists,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull,
            ErrorKind::FileTooLarge => Self::TooLarge,
            ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            ErrorKind::InvalidFilename => Self::InvalidName,
            _ => return None,
        })
    }

    pub(super) fn phrase(self, lang: Lang) -> String {
        translate(lang, Family::Io.key(self.as_str()), &[])
    }
}

/// Why a file cannot be used, and the hint that fits.
pub fn file_problem(lang: Lang, error: &Error) -> (String, MessageKey) {
    match FileProblem::of(error.kind()) {
        Some(problem) => (problem.phrase(lang), Family::HintIo.key(problem.as_str())),
        None => (error.to_string(), Family::ErrorHint.key("file")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_cause_of_a_file_problem_has_its_own_words() {
        let kinds = [
            ErrorKind::NotFound,
            ErrorKind::PermissionDenied,
            ErrorKind::IsADirectory,
            ErrorKind::NotADirectory,
            ErrorKind::AlreadyExists,
            ErrorKind::StorageFull,
            ErrorKind::ReadOnlyFilesystem,
            ErrorKind::InvalidFilename,
            ErrorKind::FileTooLarge,
        ];
        for lang in [Lang::En, Lang::Ja] {
            let said: BTreeSet<String> = kinds
                .iter()
                .flat_map(|kind| {
                    let (phrase, hint) = file_problem(lang, &Error::from(*kind));
                    [phrase, translate(lang, hint, &[])]
                })
                .collect();
            assert_eq!(said.len(), 2 * kinds.len(), "{said:?}");
        }
        let other = Error::other("the cable was pulled");
        let (phrase, hint) = file_problem(Lang::Ja, &other);
        assert_eq!(
            (&*phrase, hint.as_str()),
            ("the cable was pulled", "error.file.hint")
        );
    }
}
