//! Files that the user saves somewhere: exports and bodies.

use std::{fs::File, io::Write as _, path::Path};

use crate::CoreError;

/// Writes a file, and to the disk before it is reported.
pub(crate) fn save_file(to: &Path, bytes: &[u8]) -> Result<(), CoreError> {
    let failed = |source| CoreError::File {
        path: to.to_owned(),
        source,
    };
    let mut file = File::create(to).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.sync_all().map_err(failed)
}
