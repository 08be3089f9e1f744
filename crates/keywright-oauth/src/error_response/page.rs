//! Web pages that came in the place of data.

/// Is this a web page rather than data?
pub fn looks_like_html(text: &str) -> bool {
    let mut start = text.trim_start_matches('\u{feff}').trim_start();
    // A comment or an XML declaration may stand before the first tag.
    loop {
        let after = match start {
            _ if start.starts_with("<!--") => start.split_once("-->"),
            _ if start.starts_with("<?xml") => start.split_once("?>"),
            _ => None,
        };
        let Some((_, rest)) = after else { break };
        start = rest.trim_start();
    }
    let begin: String = start
        .chars()
        .take(15)
        .collect::<String>()
        .to_ascii_lowercase();
    [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<title",
        "<meta",
        "<script",
    ]
    .iter()
    .any(|tag| begin.starts_with(tag))
}

/// The title of a web page and its first heading, where that says something else: many titles are no more than `Error`.
pub(super) fn heading(text: &str) -> Option<String> {
    let mut found = ["title", "h1"].iter().filter_map(|tag| {
        let inner = element(text, tag)?;
        let plain = entities(&without_tags(&inner));
        let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        (!words.is_empty()).then_some(words)
    });
    let (first, second) = (found.next()?, found.next());
    match second {
        Some(heading) if !first.contains(&heading) && !heading.contains(&first) => {
            Some(format!("{first}: {heading}"))
        }
        Some(heading) if heading.len() > first.len() => Some(heading),
        _ => Some(first),
    }
}

/// What stands within the first element of that name.
fn element(text: &str, tag: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let begin = format!("<{tag}");
    let mut from = 0;
    loop {
        let at = from + lower.get(from..)?.find(&begin)? + begin.len();
        let rest = lower.get(at..)?;
        if rest.starts_with('>') || rest.starts_with(char::is_whitespace) {
            let inner = at + rest.find('>')? + 1;
            let end = inner + lower.get(inner..)?.find(&format!("</{tag}"))?;
            return Some(text.get(inner..end)?.to_owned());
        }
        from = at;
    }
}

fn without_tags(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .filter(|letter| {
            let shown = !inside && *letter != '<';
            inside = *letter == '<' || (inside && *letter != '>');
            shown
        })
        .collect()
}

pub(super) fn entities(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (name, letter)| {
        text.replace(name, letter)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_known_by_its_first_tag() {
        for page in [
            "<!DOCTYPE html><html>",
            "\u{feff}\n <!-- proxy --> <HTML lang=en>",
            "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"x\">",
            "<title>x</title>",
        ] {
            assert!(looks_like_html(page), "{page}");
        }
        for other in ["", "{}", "<error/>", "html", "<日本語の要素だけの文書です>"] {
            assert!(!looks_like_html(other), "{other}");
        }
    }

    #[test]
    fn the_heading_of_a_page_is_plain_text() {
        let of = |page: &str| heading(page).unwrap_or_default();
        assert_eq!(
            of("<title data-x=\"1\">Sign in\n &amp; go</title>"),
            "Sign in & go"
        );
        assert_eq!(
            of("<title></title><h1 class=a>Log <b>in</b></h1>"),
            "Log in"
        );
        assert_eq!(
            of("<title>Error</title><h1>Registration blocked</h1>"),
            "Error: Registration blocked"
        );
        assert_eq!(
            of("<title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>"),
            "502 Bad Gateway"
        );
        assert_eq!(of("<titles>no</titles>"), "");
        assert_eq!(of("<title>cut"), "");
    }
}
