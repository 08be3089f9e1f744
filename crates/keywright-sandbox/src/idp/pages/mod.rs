//! The pages that a user sees in the browser: English or Japanese, light or dark, without scripts.

mod consent;
mod device;
mod page_form;
mod words;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

pub(crate) use consent::consent;
pub(crate) use device::{DeviceStep, device};
pub(crate) use page_form::PageForm;
use words::Words;
pub(crate) use words::filled;

use super::authorize::Problem;

const STYLE: &str = include_str!("style.css");

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Japanese,
}

impl Language {
    /// The first that is spoken here: of `ui_locales` (OpenID Connect Core section 3.1.2.1), then of
    /// `Accept-Language` by weight (RFC 9110 section 12.5.4).
    pub(crate) fn of(ui_locales: Option<&str>, headers: &HeaderMap) -> Self {
        let mut asked = ui_locales.into_iter().flat_map(|tags| tags.split(' '));
        if let Some(found) = asked.find_map(Self::named) {
            return found;
        }
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let mut best: Option<(Self, f32)> = None;
        for item in accepted.split(',') {
            let (tag, weight) = item.split_once(";q=").unwrap_or((item, "1"));
            let weight = weight.trim().parse().unwrap_or(0.0);
            let Some(language) = Self::named(tag.trim()) else {
                continue;
            };
            if weight > best.map_or(0.0, |(_, weight)| weight) {
                best = Some((language, weight));
            }
        }
        best.map_or(Self::English, |(language, _)| language)
    }

    fn named(tag: &str) -> Option<Self> {
        match tag.split('-').next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "ja" => Some(Self::Japanese),
            _ => None,
        }
    }

    const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Self::English => &words::ENGLISH,
            Self::Japanese => &words::JAPANESE,
        }
    }
}

/// Text as it may stand in an element or in an attribute between double quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Marks that change the direction of what follows make one name look like another.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            one if one.is_control() => out.push(' '),
            one => out.push(one),
        }
    }
    out
}

/// A page. `body` is HTML in which everything foreign is escaped; `target` is where its form leads in
/// the end, apart from the Sandbox itself.
pub(crate) fn page(
    language: Language,
    status: StatusCode,
    title: &str,
    body: &str,
    target: Option<&str>,
) -> Response {
    let words = language.words();
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} – {product}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <main>\n<h1>{title}</h1>\n{body}\n<p class=\"note\">{note}</p>\n</main>\n</body>\n</html>\n",
        lang = language.tag(),
        title = escaped(title),
        product = escaped(words.product),
        note = escaped(words.note),
    );
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, STYLE.as_bytes());
    let csp = format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action 'self'{}; base-uri 'none'; \
         frame-ancestors 'none'",
        STANDARD.encode(digest),
        target.and_then(form_target).unwrap_or_default(),
    );
    if let Ok(csp) = HeaderValue::from_str(&csp) {
        headers.insert(header::CONTENT_SECURITY_POLICY, csp);
    }
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With `no-referrer` a browser sends `Origin: null` with the form.
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(
        header::CONTENT_LANGUAGE,
        HeaderValue::from_static(language.tag()),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    response
}

/// The source that a form may be redirected to, behind a space: browsers apply `form-action` to the
/// redirects after a form as well.
fn form_target(target: &str) -> Option<String> {
    let url = Url::parse(target).ok()?;
    let source = match url.scheme() {
        "http" | "https" => url.origin().ascii_serialization(),
        scheme => format!("{scheme}:"),
    };
    // A host may contain what ends a directive.
    (!source.contains([';', ',', '\'', ' '])).then(|| format!(" {source}"))
}

/// A page that says why a request goes no further.
pub(crate) fn problem(language: Language, status: StatusCode, why: Problem) -> Response {
    let words = language.words();
    let text = match why {
        Problem::UnknownClient => words.unknown_client,
        Problem::RedirectUri => words.redirect_uri,
        Problem::Unreadable => words.unreadable,
        Problem::PushedRequest => words.pushed_request,
        Problem::PageOver => words.page_over,
        Problem::Incomplete => words.incomplete,
        Problem::Failed => words.failed,
    };
    let body = format!("<p role=\"alert\">{}</p>", escaped(text));
    page(language, status, words.stopped, &body, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(ui_locales: Option<&str>, accepted: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
        Language::of(ui_locales, &headers)
    }

    #[test]
    fn the_language_is_the_first_wish_that_is_spoken() {
        use Language::{English, Japanese};
        for (ui_locales, accepted, wanted) in [
            (None, "", English),
            (None, "ja", Japanese),
            (None, "fr, ja-JP;q=0.5, en;q=0.4", Japanese),
            (None, "ja;q=0.1, en;q=0.9", English),
            (None, "ja;q=0", English),
            (Some("ja"), "en", Japanese),
            (Some("fr en-GB ja"), "ja", English),
            (Some("fr"), "ja", Japanese),
        ] {
            let found = language(ui_locales, accepted);
            assert_eq!(found, wanted, "{ui_locales:?} {accepted}");
        }
    }

    #[test]
    fn a_host_cannot_add_a_directive() {
        assert_eq!(
            form_target("http://127.0.0.1:9/cb?x").as_deref(),
            Some(" http://127.0.0.1:9")
        );
        assert_eq!(
            form_target("app.example:/cb").as_deref(),
            Some(" app.example:")
        );
        assert_eq!(form_target("http://a;sandbox/cb"), None);
    }

    #[test]
    fn markup_and_direction_marks_of_others_are_text() {
        let text = escaped("<b a=\"x\" c='y'>&\u{202e}\n");
        assert_eq!(text, "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp; ");
    }
}
