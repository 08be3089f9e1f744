//! An address as a QR code (ISO/IEC 18004), drawn by the page.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};
use serde::{Deserialize, Serialize};
use specta::Type;

/// Longest address that is drawn: a larger code is hard to scan from a screen.
const LONGEST: usize = 300;

/// A QR code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct QrView {
    /// Modules from side to side, without the quiet zone.
    side: u32,
    /// The dark modules as the path of an SVG image, one unit each.
    path: String,
}

/// The code of a text; none where the text is too long.
pub(crate) fn of(text: &str) -> Option<QrView> {
    if text.len() > LONGEST {
        return None;
    }
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let side = code.width();
    let mut path = String::new();
    for (row, colors) in code.to_colors().chunks(side).enumerate() {
        let mut column = 0;
        for run in colors.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                let width = run.len();
                // Writing into a string does not fail.
                let _ = write!(path, "M{column} {row}h{width}v1h-{width}z");
            }
            column += run.len();
        }
    }
    Some(QrView {
        side: side.try_into().ok()?,
        path,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_code_has_its_finder_pattern_in_three_corners() {
        let code = of("https://id.example/device?user_code=WDJB-MJHT").unwrap();
        // Version 4 at least: 17 modules and 4 for each version.
        assert!(code.side >= 29 && (code.side - 17).is_multiple_of(4));
        let right = code.side - 7;
        for corner in ["M0 0h7", &format!("M{right} 0h7"), &format!("M0 {right}h7")] {
            assert!(code.path.contains(corner), "{corner}");
        }
    }

    #[test]
    fn an_address_that_is_too_long_to_scan_has_no_code() {
        let long = format!("https://id.example/{}", "a".repeat(400));
        assert_eq!(of(&long), None);
    }
}
