//! Tells a secret from what servers show in its place.

/// What is written in place of a secret, without the signs around it.
const PLACEHOLDERS: &[&str] = &[
    "null",
    "nil",
    "none",
    "undefined",
    "n/a",
    "hidden",
    "redacted",
    "masked",
    "filtered",
    "omitted",
    "removed",
    "encrypted",
    "hashed",
    "protected",
    "confidential",
    "sensitive",
    "not shown",
    "not available",
    "unavailable",
    "sensitive value",
    "value hidden",
    "secret hidden",
    "write only",
    "write-only",
];

/// How the stored form of a password begins, where it is hashed. The crypt(3) forms with a version
/// (`$2b$`, `$argon2id$`, `$6$`) are told apart by [`is_crypt`].
const HASHES: &[&str] = &[
    "pbkdf2", "bcrypt$", "bcrypt_", "scrypt:", "scrypt$", "argon2", "sha1$", "sha224$", "sha256$",
    "sha384$", "sha512$", "sha256:", "sha512:", "sha-256:", "sha-512:", "md5$", "{ssha", "{sha",
    "{smd5}", "{md5}", "{crypt}", "{bcrypt}", "{scrypt}", "{argon2", "{pbkdf2", "{x-",
];

/// Nothing that a client can authenticate with: stars, a placeholder or a hash in place of the secret.
///
/// Strict enough for generated secrets: a random text of 20 printable characters is taken for a mask
/// less than once in a million.
pub fn is_masked(text: &str) -> bool {
    let text = text.trim();
    let chars: Vec<char> = text.chars().collect();
    chars.is_empty()
        || is_placeholder(text)
        || is_hash(text)
        || is_crypt(text)
        || is_of_one_sign(&chars)
        || has_a_run_of_signs(&chars)
        || is_cut(text)
}

fn is_placeholder(text: &str) -> bool {
    let around: &[char] = &[
        '<', '>', '[', ']', '(', ')', '{', '}', '*', '"', '\'', '-', '_', '#', '%', '$', ' ',
    ];
    let bare = text.trim_matches(around).to_lowercase();
    let is_bracketed =
        bare.len() < text.len() && matches!(bare.as_str(), "secret" | "client_secret");
    is_bracketed || PLACEHOLDERS.contains(&bare.as_str())
}

fn is_hash(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    HASHES.iter().any(|start| lower.starts_with(start))
}

/// `$ID$…` of crypt(3) and the PHC string format: an identifier of few lower-case letters and digits, at
/// least one more part, and no sign that these formats do not have: a random secret may begin like one.
fn is_crypt(text: &str) -> bool {
    let of_the_format = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '$' | '.' | '/' | '=' | ',' | '+' | '-' | '_')
    };
    let mut parts = text.split('$');
    let (Some(""), Some(id), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    if !text.chars().all(of_the_format) {
        return false;
    }
    let named = matches!(
        id,
        "1" | "2"
            | "2a"
            | "2b"
            | "2x"
            | "2y"
            | "5"
            | "6"
            | "7"
            | "y"
            | "gy"
            | "sha1"
            | "apr1"
            | "scrypt"
    ) || id.starts_with("argon2")
        || id.starts_with("pbkdf2")
        || id.starts_with("bcrypt");
    named && (!rest.is_empty() || parts.next().is_some())
}

fn is_sign(c: char) -> bool {
    matches!(
        c,
        '*' | '•'
            | '●'
            | '∙'
            | '·'
            | '∗'
            | '＊'
            | '◦'
            | '⬤'
            | '█'
            | '▪'
            | '■'
            | '▒'
            | '░'
            | '…'
            | '⋯'
    )
}

/// The same sign throughout: `xxxx`, `----`, `****`, `....`.
fn is_of_one_sign(chars: &[char]) -> bool {
    let same = chars.iter().all(|c| c == &chars[0]);
    let sign = |c: char| is_sign(c) || matches!(c, 'x' | 'X' | '-' | '_' | '.' | '#' | '?' | '0');
    same && (is_sign(chars[0]) || (sign(chars[0]) && chars.len() >= 3))
}

/// Signs that stand for what is hidden: `abc***`, `****1042`, `ab••••yz`, `xxxxxxxx1042`. They hide a good
/// part of the text; a random secret may have a few of them in a row.
fn has_a_run_of_signs(chars: &[char]) -> bool {
    let (mut longest, mut run, mut last) = (0, 0, '\0');
    for c in chars {
        let counts = is_sign(*c) || matches!(c, 'x' | 'X' | '#');
        run = if counts && *c == last {
            run + 1
        } else {
            usize::from(counts)
        };
        last = *c;
        let needed = match c {
            'x' | 'X' | '#' => 6,
            '*' => 4,
            _ => 2,
        };
        if run >= needed {
            longest = longest.max(run);
        }
    }
    let at_an_end =
        |chars: &mut dyn Iterator<Item = &char>| chars.take(3).filter(|c| **c == '*').count() == 3;
    if at_an_end(&mut chars.iter()) || at_an_end(&mut chars.iter().rev()) {
        longest = longest.max(3);
    }
    longest * 4 >= chars.len() && longest > 0 || chars.contains(&'…')
}

/// A beginning or an end with dots in place of the rest: `abc...`, `...1042`, `s3c...042`.
fn is_cut(text: &str) -> bool {
    const LONGEST_REST: usize = 12;
    let rest = text.replace("...", "");
    rest.len() < text.len() && rest.chars().count() <= LONGEST_REST
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn f18_a_random_secret_with_signs_is_a_secret() {
        for text in [
            "YfL****NADlWZjqqSl6oA#83N8tBW6ab",
            "***LO7mNADlWZjqqSl6oA#83N8tBW6ab",
            "$5$LO7m$b*NADlWZjqqSl6oA#83N8tBW",
            "YfLO7mNADlWZjqqSl6oA83N8tB######",
        ] {
            assert!(!is_masked(text), "{text}");
        }
    }

    #[test]
    fn f18_what_stands_in_place_of_a_secret_is_no_secret() {
        for text in [
            "",
            " ",
            "*",
            "***",
            "**********",
            "••••",
            "●●●●●●●●",
            "xxxx",
            "XXXXXXXX",
            "xxxx…",
            "----",
            "....",
            "null",
            "NULL",
            "undefined",
            "None",
            "REDACTED",
            "[redacted]",
            "<redacted>",
            "[hidden]",
            "(hidden)",
            "***REDACTED***",
            "{{redacted}}",
            "[FILTERED]",
            "(sensitive value)",
            "<secret>",
            "abc***",
            "***xyz",
            "s3cr****1042",
            "ab••••yz",
            "xxxxxxxxxxxx1042",
            "########",
            "s3cr...",
            "...1042",
            "s3c...042",
            "abc…",
            "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
            "$2y$10$abcdefghijklmnopqrstuv",
            "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
            "$6$rounds=5000$salt$hash",
            "$pbkdf2-sha256$29000$x$y",
            "pbkdf2_sha256$600000$salt$hash=",
            "pbkdf2:sha256:600000$salt$hash",
            "{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3",
            "{bcrypt}$2a$10$x",
            "scrypt:32768:8:1$salt$hash",
            "sha256$salt$hash",
            "bcrypt$2b$12$x",
            "argon2$argon2id$v=19",
        ] {
            assert!(is_masked(text), "{text}");
        }
    }

    #[test]
    fn secrets_of_real_providers_are_secrets() {
        for text in [
            "s3cret-of-c-1042",
            "tGn8Q~1x-Kb3.abcdEFGH_ijklMNOPqrstUVWXyz",
            "gX1fBat3bV",
            "cf136dc3c1fc93f31185e5885805d",
            "s",
            "x",
            "secret",
            "12345678",
            "a-client-secret",
            "p4$$w0rd",
            "$ecret",
            "xxx-not-masked",
            "none-of-your-business",
            "secret-1",
            "a.b.c",
            "YHgwSGtLNj*2",
            "2b$12$nothash",
            "test..secret",
            "sha-fish",
            "AAAAAAAA",
            "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ] {
            assert!(!is_masked(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn generated_secrets_are_secrets(text in "[A-Za-z0-9_~.-]{24,64}") {
            prop_assume!(!text.contains("xxxxxx") && !text.contains("XXXXXX"));
            prop_assert!(!is_masked(&text), "{}", text);
        }
    }
}
