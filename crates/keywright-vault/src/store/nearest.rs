//! The nearest of many names, for "did you mean".

/// The name with the fewest edits from a text, ignoring case; none where all of them are too different.
pub fn nearest_of<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    Nearest::new(text).among(names)
}

/// The same for a name with at most so many edits.
pub fn nearest_within<'a>(
    text: &str,
    edits: usize,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let nearest = Nearest {
        limit: edits,
        ..Nearest::new(text)
    };
    nearest.among(names)
}

/// Looks for the name with the fewest edits from a text, ignoring case.
pub(crate) struct Nearest {
    wanted: Vec<char>,
    best: Option<(usize, String)>,
    limit: usize,
}

impl Nearest {
    pub(crate) fn new(text: &str) -> Self {
        let wanted: Vec<char> = text.to_lowercase().chars().collect();
        // A third of the letters may differ; with more the names have nothing to do with each other.
        let limit = (wanted.len() / 3).max(1);
        Self {
            wanted,
            best: None,
            limit,
        }
    }

    fn among<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
        for name in names {
            self.offer(name);
        }
        self.found()
    }

    /// Considers one name.
    pub(crate) fn offer(&mut self, name: &str) {
        let limit = match &self.best {
            Some((0, _)) => return,
            Some((distance, _)) => distance - 1,
            None => self.limit,
        };
        let letters: Vec<char> = name.to_lowercase().chars().collect();
        if let Some(distance) = distance(&self.wanted, &letters, limit) {
            self.best = Some((distance, name.to_owned()));
        }
    }

    /// The nearest name seen.
    pub(crate) fn found(self) -> Option<String> {
        self.best.map(|(_, name)| name)
    }
}

/// The Levenshtein distance, if it is at most `limit`.
fn distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        let mut least = row[0];
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
            least = least.min(row[j + 1]);
        }
        if least > limit {
            return None;
        }
    }
    row.last().copied().filter(|&found| found <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(text: &str, names: &[&str]) -> Option<String> {
        nearest_of(text, names.iter().copied())
    }

    #[test]
    fn a_slip_of_the_finger_finds_the_name_and_a_different_word_does_not() {
        let names = ["billing-prod", "billing-test", "請求-本番"];
        assert_eq!(
            nearest("biling-prod", &names).as_deref(),
            Some("billing-prod")
        );
        assert_eq!(
            nearest("BILLING-TEST", &names).as_deref(),
            Some("billing-test")
        );
        assert_eq!(nearest("請求-本香", &names).as_deref(), Some("請求-本番"));
        assert_eq!(nearest("weather", &names), None);
    }
}
