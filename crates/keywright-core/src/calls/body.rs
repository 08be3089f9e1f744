//! The body of an answer as it came: text in its own encoding, or bytes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use encoding_rs::{Encoding, UTF_8};

/// A body to show.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) text: String,
    /// `base64`, or the name of the encoding it came in; none for UTF-8.
    pub(crate) encoding: Option<String>,
    pub(crate) is_json: bool,
}

/// Decodes a body by its `Content-Type`. JSON is UTF-8 whatever that says (RFC 8259 §8.1). Bytes that are no text are
/// written in base64, so that none is lost.
pub(crate) fn shown(bytes: &[u8], content_type: Option<&str>) -> Shown {
    let utf8 = std::str::from_utf8(bytes);
    if let Ok(text) = utf8
        && is_json(text)
    {
        return Shown {
            text: text.to_owned(),
            encoding: None,
            is_json: true,
        };
    }
    if let Some(named) = charset(content_type).filter(|named| *named != UTF_8)
        && !bytes.is_ascii()
        && let Some(text) = named.decode_without_bom_handling_and_without_replacement(bytes)
    {
        return Shown {
            is_json: is_json(&text),
            text: text.into_owned(),
            encoding: Some(named.name().to_ascii_lowercase()),
        };
    }
    match utf8 {
        Ok(text) => Shown {
            text: text.to_owned(),
            encoding: None,
            is_json: false,
        },
        Err(_) => Shown {
            text: STANDARD.encode(bytes),
            encoding: Some("base64".to_owned()),
            is_json: false,
        },
    }
}

fn is_json(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn charset(content_type: Option<&str>) -> Option<&'static Encoding> {
    let (_, parameters) = content_type?.split_once(';')?;
    let label = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches(['"', '\'']))
    })?;
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(bytes: &[u8], content_type: &str) -> (String, Option<String>, bool) {
        let shown = shown(bytes, Some(content_type));
        (shown.text, shown.encoding, shown.is_json)
    }

    #[test]
    fn a_body_is_shown_as_it_came() {
        let some = |text: &str| Some(text.to_owned());
        for (bytes, content_type, text, encoding, json) in [
            (
                &b"caf\xe9"[..],
                "text/plain; charset=iso-8859-1",
                "café",
                some("windows-1252"),
                false,
            ),
            (
                b"caf\xe9",
                "text/plain; charset=\"ISO-8859-15\"",
                "café",
                some("iso-8859-15"),
                false,
            ),
            (
                b"\x93\xfa\x96\x7b",
                "text/html;charset=Shift_JIS",
                "日本",
                some("shift_jis"),
                false,
            ),
            (b"caf\xe9", "text/plain", "Y2Fm6Q==", some("base64"), false),
            (
                b"caf\xe9",
                "text/plain; charset=nonsense",
                "Y2Fm6Q==",
                some("base64"),
                false,
            ),
            (
                b"\x00\xff\xfe",
                "application/octet-stream",
                "AP/+",
                some("base64"),
                false,
            ),
            ("café".as_bytes(), "text/plain", "café", None, false),
            (
                b"plain",
                "text/plain; charset=iso-8859-1",
                "plain",
                None,
                false,
            ),
            (
                "{\"a\":\"é\"}".as_bytes(),
                "application/json; charset=iso-8859-1",
                "{\"a\":\"é\"}",
                None,
                true,
            ),
            (
                "\u{feff}{}".as_bytes(),
                "application/json",
                "\u{feff}{}",
                None,
                true,
            ),
            (
                b"{\"a\":\"\xe9\"}",
                "application/json; charset=latin1",
                "{\"a\":\"é\"}",
                some("windows-1252"),
                true,
            ),
            (b"", "text/plain", "", None, false),
        ] {
            assert_eq!(
                tried(bytes, content_type),
                (text.to_owned(), encoding, json),
                "{content_type}"
            );
        }
    }
}
