//! Words of a command as a shell reads them (POSIX.1-2017, Shell Command Language, 2.2).

/// The word in single quotes, where it holds anything that a shell or a reader could take for more.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./@:+=,%".contains(letter);
    // zsh takes `=name` for the path of a program.
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_take_it_apart() {
        for (word, typed) in [
            ("orders", "orders"),
            ("id.example/a:b", "id.example/a:b"),
            ("my app", "'my app'"),
            ("it's", r"'it'\''s'"),
            ("$(x)", "'$(x)'"),
            ("=ls", "'=ls'"),
            ("~/x", "'~/x'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), typed);
        }
    }
}
