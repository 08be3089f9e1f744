//! Rows whose columns stay below each other, also with Japanese, whose letters are two columns wide.

use unicode_width::UnicodeWidthStr as _;

use crate::output::escape_control_chars;

/// A cell that is wider moves its own row alone.
const WIDEST: usize = 48;
/// Between two columns.
const GAP: &str = "  ";

/// Lines of rows, every cell but the last padded to its column. What cannot be seen is escaped first.
pub(crate) fn lines<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> Vec<String> {
    let rows: Vec<[String; N]> = rows
        .into_iter()
        .map(|row| row.map(|cell| escape_control_chars(&cell)))
        .collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            let own = cell.width();
            if own <= WIDEST {
                *width = own.max(*width);
            }
        }
    }
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width())));
        line.push_str(GAP);
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_begin_below_each_other_in_any_script() {
        let row = |one: &str, two: &str, three: &str| [one, two, three].map(str::to_owned);
        let lines = lines([
            row("Curity staging", "curity", "https://a.example"),
            row("接続設定", "rfc7591", "https://b.example"),
            row("a\u{1b}[2J", "", "https://c.example"),
            row(&"long ".repeat(20), "x", "https://d.example"),
        ]);
        let at: Vec<usize> = lines
            .iter()
            .map(|line| line.split("https://").next().unwrap_or_default().width())
            .collect();
        assert_eq!(at[0], at[1], "{lines:?}");
        assert_eq!(at[0], at[2], "{lines:?}");
        assert!(at[3] > at[0], "{lines:?}");
        assert!(
            lines[0].starts_with("Curity staging  curity   https"),
            "{lines:?}"
        );
        assert!(
            !lines.iter().any(|line| line.contains('\u{1b}')),
            "{lines:?}"
        );
    }

    #[test]
    fn an_empty_last_cell_leaves_no_blanks() {
        assert_eq!(lines([["a".to_owned(), String::new()]]), ["a"]);
        assert_eq!(lines::<2>([]), Vec::<String>::new());
    }
}
