//! The body of an answer, as a file.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{CoreError, app::saved_files::save_file, calls::Calls};

impl Calls<'_> {
    /// Saves a body as [`crate::view::CallView`] shows it: text, or the bytes behind base64.
    pub fn save_body(self, body: &str, in_base64: bool, to: &Path) -> Result<(), CoreError> {
        let bytes = in_base64.then(|| STANDARD.decode(body).ok()).flatten();
        save_file(to, bytes.as_deref().unwrap_or(body.as_bytes()))
    }
}
