//! Answers in another character set. JSON is UTF-8 (RFC 8259 §8.1); some servers write Latin-1 and say so.

use encoding_rs::Encoding;
use http::header::CONTENT_TYPE;

use super::record::Answer;

/// Writes a body in UTF-8 that is in the character set which its `Content-Type` names, and not in UTF-8.
pub(super) fn into_utf8(answer: &mut Answer) {
    let Some(body) = &answer.body else { return };
    if std::str::from_utf8(body).is_ok() {
        return;
    }
    let kind = answer.headers.get(CONTENT_TYPE);
    let named = kind.and_then(|kind| charset(kind.to_str().ok()?));
    let text = named.and_then(|set| set.decode_without_bom_handling_and_without_replacement(body));
    if let Some(text) = text {
        answer.body = Some(text.into_owned().into());
    }
}

fn charset(content_type: &str) -> Option<&'static Encoding> {
    let label = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches(['"', '\'']))
    })?;
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn read(kind: &str, body: &'static [u8]) -> Vec<u8> {
        let mut answer = Answer {
            body: Some(body.into()),
            ..Answer::default()
        };
        answer.headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        into_utf8(&mut answer);
        answer.body.unwrap().to_vec()
    }

    #[test]
    fn a_body_is_read_in_the_set_that_it_names() {
        assert_eq!(
            read("application/json; charset=\"ISO-8859-1\"", b"\xfc"),
            "ü".as_bytes()
        );
        assert_eq!(
            read("application/json;charset=iso-8859-1", "ü".as_bytes()),
            "ü".as_bytes()
        );
        for kind in [
            "application/json",
            "application/json; charset=utf-8",
            "a/b; charset=x",
        ] {
            assert_eq!(read(kind, b"\xfc"), b"\xfc", "{kind}");
        }
    }
}
