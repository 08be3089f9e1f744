//! The nearest of many names, for "did you mean".

/// The name with the fewest edits from a text, ignoring case, else the only one that begins with it; none where all of
/// them are too different.
pub fn nearest_of<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    Nearest::new(text).among(names).found()
}

/// The name with the fewest edits from a text, at most `edits` of them, ignoring case.
pub fn nearest_within<'a>(
    text: &str,
    edits: usize,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let nearest = Nearest {
        limit: edits,
        ..Nearest::new(text)
    };
    nearest.among(names).best.map(|(_, name)| name)
}

/// Looks for the name with the fewest edits from a text, ignoring case. Two neighbouring letters in the wrong order are
/// one edit.
pub(crate) struct Nearest {
    wanted: String,
    letters: usize,
    best: Option<(usize, String)>,
    limit: usize,
    continued: Continued,
}

/// The names that begin with the text.
enum Continued {
    None,
    Once(String),
    Often,
}

/// Shorter texts begin too many names.
const SHORTEST_BEGINNING: usize = 3;

impl Nearest {
    pub(crate) fn new(text: &str) -> Self {
        let wanted = text.to_lowercase();
        let letters = wanted.chars().count();
        Self {
            wanted,
            letters,
            best: None,
            // A third of the letters may differ; with more the names have nothing to do with each other.
            limit: (letters / 3).max(1),
            continued: Continued::None,
        }
    }

    fn among<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        for name in names {
            self.offer(name);
        }
        self
    }

    /// Considers one name.
    pub(crate) fn offer(&mut self, name: &str) {
        let limit = match &self.best {
            Some((0, _)) => return,
            Some((distance, _)) => distance - 1,
            None => self.limit,
        };
        let lower = name.to_lowercase();
        if self.letters >= SHORTEST_BEGINNING && lower.starts_with(&self.wanted) {
            self.continued = match self.continued {
                Continued::None => Continued::Once(name.to_owned()),
                Continued::Once(_) | Continued::Often => Continued::Often,
            };
        }
        if lower.chars().count().abs_diff(self.letters) > limit {
            return;
        }
        let distance = strsim::osa_distance(&self.wanted, &lower);
        if distance <= limit {
            self.best = Some((distance, name.to_owned()));
        }
    }

    /// The nearest name seen, else the only one that begins with the text.
    pub(crate) fn found(self) -> Option<String> {
        match (self.best, self.continued) {
            (Some((_, name)), _) | (None, Continued::Once(name)) => Some(name),
            (None, Continued::None | Continued::Often) => None,
        }
    }
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

    #[test]
    fn two_letters_in_the_wrong_order_are_one_slip() {
        assert_eq!(nearest("Mien", &["Mine", "Yours"]).as_deref(), Some("Mine"));
    }

    #[test]
    fn a_beginning_finds_the_only_name_that_continues_it() {
        let kinds = ["rfc7591", "auth0", "http-bridge"];
        assert_eq!(nearest("rfc", &kinds).as_deref(), Some("rfc7591"));
        assert_eq!(nearest("HTTP", &kinds).as_deref(), Some("http-bridge"));
        assert_eq!(nearest("rf", &kinds), None);
        assert_eq!(nearest("billing", &["billing-prod", "billing-test"]), None);
    }

    #[test]
    fn a_beginning_is_more_than_a_slip() {
        assert_eq!(nearest_within("client", 2, ["client_credentials"]), None);
    }
}
