//! A story as one page: nothing is loaded, nothing runs, and it holds what Activity holds: no secret.

use std::fmt::Write as _;

use crate::{
    activity::{
        ActivityLog,
        types::{ExchangeView, StoryStep, StoryView},
    },
    calls::types::HeaderView,
    i18n::key::Key,
};

const LANE: u32 = 260;
const ROW: u32 = 46;
const HEAD: u32 = 60;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:1080px;margin:32px auto;padding:0 24px;\
color:#1b1b20;background:#fff}h1{font-size:22px}svg{max-width:100%;height:auto}ol{padding-left:24px}li{margin:10px 0}\
summary{cursor:pointer}pre{background:#f6f6f9;padding:12px;border-radius:6px;overflow-x:auto;font:12px/1.5 monospace;\
white-space:pre-wrap;overflow-wrap:anywhere}.i{color:#696974}.bad{color:#b8262d}footer{margin-top:32px;color:#696974;\
font-size:13px}@media(prefers-color-scheme:dark){body{background:#17171b;color:#ececf0}pre{background:#222228}\
svg{background:#fff;border-radius:8px}}";

impl ActivityLog<'_> {
    /// The page of a story.
    pub(super) fn html(self, story: &StoryView) -> String {
        let title = story
            .application
            .clone()
            .unwrap_or_else(|| "Keywright".into());
        let mut page = format!(
            "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{}</title><style>{STYLE}</style></head><body>\n\
             <h1>{}</h1>\n{}\n",
            self.app.lang().tag(),
            text(&title),
            text(&title),
            drawing(story),
        );
        if let Some(inferred) = &story.inferred {
            push(
                &mut page,
                &format!("<p class=\"i\">{}</p>\n", text(inferred)),
            );
        }
        push(&mut page, "<ol>\n");
        for step in &story.steps {
            let class = if step.failed {
                " class=\"bad\""
            } else if step.inferred {
                " class=\"i\""
            } else {
                ""
            };
            let head = format!("<b>{}</b> {}", text(&step.label), text(&step.caption));
            let shown = story
                .exchanges
                .iter()
                .find(|one| one.summary.id == step.exchange && !step.inferred);
            let Some(exchange) = shown else {
                push(&mut page, &format!("<li{class}>{head}</li>\n"));
                continue;
            };
            let (word, wire) = wire(step, exchange);
            push(
                &mut page,
                &format!(
                    "<li{class}><details><summary>{head}</summary><p class=\"i\">{}</p><pre>{}</pre></details></li>\n",
                    text(&self.app.translate(word, &[])),
                    text(&wire)
                ),
            );
        }
        push(
            &mut page,
            &format!(
                "</ol>\n<footer>{}</footer></body></html>\n",
                text(&self.app.translate(Key::StoryFooter, &[]))
            ),
        );
        page
    }
}

/// Writing to a string does not fail.
fn push(page: &mut String, part: &str) {
    let _ = page.write_str(part);
}

/// The client certificate of a request, in a line of its own.
fn certificate(one: &ExchangeView) -> String {
    one.certificate.as_ref().map_or_else(String::new, |one| {
        format!("[TLS] {}, x5t#S256 {}\n", one.subject, one.thumbprint)
    })
}

/// One side of an exchange, as it was kept.
fn wire(step: &StoryStep, one: &ExchangeView) -> (Key, String) {
    use crate::activity::types::StepSide;
    let lines = |headers: &[HeaderView]| {
        let mut lines = String::new();
        for header in headers {
            push(&mut lines, &format!("{}: {}\n", header.name, header.value));
        }
        lines
    };
    let body = |body: &Option<String>| match body {
        Some(body) if !body.is_empty() => format!("\n{body}\n"),
        _ => String::new(),
    };
    match step.side {
        StepSide::Request => (
            Key::StoryRequest,
            format!(
                "{} {}\n{}{}{}",
                one.summary.method,
                one.url,
                certificate(one),
                lines(&one.request_headers),
                body(&one.request_body)
            ),
        ),
        StepSide::Response => (
            Key::StoryResponse,
            format!(
                "HTTP {}\n{}{}",
                one.summary
                    .status
                    .map_or_else(|| "-".to_owned(), |status| status.to_string()),
                lines(&one.response_headers),
                body(&one.response_body)
            ),
        ),
    }
}

/// The sequence as a picture: self-contained, without scripts or fonts of its own.
pub(super) fn drawing(story: &StoryView) -> String {
    let lanes = u32::try_from(story.lanes.len()).unwrap_or(1);
    let rows = u32::try_from(story.steps.len()).unwrap_or(0);
    let (width, height) = (lanes * LANE, HEAD + rows * ROW + 20);
    let middle = |lane: u32| lane * LANE + LANE / 2;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" role=\"img\"><rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
    );
    for (number, lane) in (0..).zip(&story.lanes) {
        let x = middle(number);
        let _ = write!(
            svg,
            "<line x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{height}\" stroke=\"#b9b9c4\" stroke-dasharray=\"3 3\"/>\
             <text x=\"{x}\" y=\"30\" text-anchor=\"middle\" font-weight=\"600\" fill=\"#1b1b20\">{}</text>",
            HEAD - 16,
            text(&short(&lane.name))
        );
    }
    for (number, step) in (0..).zip(&story.steps) {
        let y = HEAD + number * ROW + 28;
        let (from, to) = (middle(step.from), middle(step.to));
        let colour = match (step.failed, step.status, step.inferred) {
            (true, ..) => "#b8262d",
            (false, Some(_), _) => "#187345",
            (.., true) => "#696974",
            _ => "#1b1b20",
        };
        let dashes = if step.inferred {
            " stroke-dasharray=\"5 4\""
        } else {
            ""
        };
        let tip = if to > from { to - 8 } else { to + 8 };
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"{colour}\">{}</text>\
             <line x1=\"{from}\" y1=\"{y}\" x2=\"{to}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"1.5\"{dashes}/>\
             <polygon points=\"{tip},{} {to},{y} {tip},{}\" fill=\"{colour}\"/>",
            u32::midpoint(from, to),
            y - 8,
            text(&short(&step.label)),
            y - 4,
            y + 4
        );
    }
    push(&mut svg, "</svg>");
    svg
}

fn short(name: &str) -> String {
    const LONGEST: usize = 40;
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let start: String = name.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

/// Untrusted text within HTML and SVG: markup is escaped, what XML cannot hold is left out.
fn text(source: &str) -> String {
    let mut safe = String::with_capacity(source.len());
    for c in source.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(c),
            // They turn the order of the text around.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => {}
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::types::{LaneKind, LaneView, StepSide};

    #[test]
    fn t49_an_untrusted_label_stays_text_in_a_drawing() {
        let lane = |name: &str| LaneView {
            kind: LaneKind::Api,
            name: name.into(),
            provider: None,
        };
        let story = StoryView {
            application: None,
            lanes: vec![lane("Keywright"), lane("<script>alert(1)</script>")],
            steps: vec![StoryStep {
                exchange: "1".into(),
                side: StepSide::Request,
                from: 0,
                to: 1,
                inferred: false,
                label: "GET /\"><img src=x>\u{202e}\u{0}".into(),
                status: None,
                failed: false,
                purpose: "api_call".into(),
                caption: String::new(),
            }],
            exchanges: vec![],
            inferred: None,
        };
        let svg = drawing(&story);
        assert!(svg.contains("&lt;script&gt;alert(1)"), "{svg}");
        assert!(svg.contains("GET /&quot;&gt;&lt;img src=x&gt;<"), "{svg}");
        assert_eq!(svg.matches("<text").count(), 3);
        assert!(!svg.contains("<img") && !svg.contains("<script"));
    }
}
