//! Elements of XML that hold text alone. No document is parsed: an error is read, and nothing is believed.

use serde_json::{Map, Value};

use super::page::{entities, looks_like_html};

/// So many elements are read.
const MOST: usize = 64;
/// A name is at most this long.
const LONGEST_NAME: usize = 64;

/// The texts by the local names of their elements, the first of each; none where the text is not XML.
pub(super) fn elements(text: &str) -> Option<Map<String, Value>> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if !text.starts_with('<') || !text.ends_with('>') || looks_like_html(text) {
        return None;
    }
    let mut found = Map::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<').filter(|_| found.len() < MOST) {
        rest = after;
        let Some((tag, content)) = after.split_once('>') else {
            break;
        };
        let name = tag.split(char::is_whitespace).next().unwrap_or_default();
        let is_element = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && !tag.ends_with('/')
            && name.len() <= LONGEST_NAME;
        if !is_element {
            continue;
        }
        let (inner, closed) = match content.trim_start().strip_prefix("<![CDATA[") {
            Some(data) => match data.split_once("]]>") {
                Some((data, after)) => (data.to_owned(), after),
                None => break,
            },
            None => match content.find('<') {
                Some(end) => {
                    let (inner, after) = content.split_at(end);
                    (entities(inner), after)
                }
                None => break,
            },
        };
        let is_closed = closed
            .trim_start()
            .strip_prefix("</")
            .is_some_and(|closing| closing.starts_with(name));
        if is_closed && !inner.trim().is_empty() {
            let local = name.rsplit(':').next().unwrap_or(name);
            found
                .entry(local)
                .or_insert_with(|| Value::String(inner.trim().to_owned()));
        }
        rest = content;
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_read_by_the_names_of_their_elements() {
        let read = |text: &str| elements(text).map(Value::Object);
        assert_eq!(
            read(
                "<?xml version=\"1.0\"?><ams:fault xmlns:ams=\"u\"><ams:code>900901</ams:code>\
                 <ams:message>Invalid &lt;Credentials&gt;</ams:message><a/><empty> </empty></ams:fault>"
            ),
            Some(json!({ "code": "900901", "message": "Invalid <Credentials>" }))
        );
        assert_eq!(
            read("<e><faultstring><![CDATA[a <b> c]]></faultstring></e>"),
            Some(json!({ "faultstring": "a <b> c" }))
        );
        for other in [
            "",
            "{}",
            "<p>",
            "text",
            "<html><p>x</p></html>",
            "<a></a>",
            "a <b>c</b>",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "<[<>/a-c!\\[\\]CDATA: é]*>") {
            let _ = elements(&text);
        }
    }
}
