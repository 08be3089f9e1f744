//! Activity as others read it: HAR 1.2 for tools, Mermaid for documents. Both hold what Activity holds: no secret.

use std::path::Path;

use keywright_vault as vault;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    CoreError,
    activity::{
        ActivityLog, page,
        types::{ActivityQuery, ExchangeView, ExportForm, ExportView},
    },
    app::{audit_action::AuditAction, runtime::small, saved_files::save_file},
    calls::types::HeaderView,
};

impl ActivityLog<'_> {
    /// The exchanges that the query names, oldest first, as one document. Written to the audit log.
    pub fn export(self, query: &ActivityQuery, form: ExportForm) -> Result<ExportView, CoreError> {
        let vault = self.app.vault()?;
        let rows = vault.exchanges(&vault::ExchangeQuery {
            text: query.text.clone(),
            errors_only: query.errors_only,
            offset: u64::from(query.offset),
            limit: u64::from(query.limit),
            ..vault::ExchangeQuery::default()
        })?;
        let mut exchanges = rows
            .items
            .iter()
            .map(|row| self.exchange(&row.id.to_string()))
            .collect::<Result<Vec<_>, _>>()?;
        exchanges.reverse();
        self.exported_document(&exchanges, form)
    }

    /// The exchanges of one user action as one document. Written to the audit log.
    pub fn export_flow(self, flow: &str, form: ExportForm) -> Result<ExportView, CoreError> {
        self.exported_document(&self.flow(flow)?, form)
    }

    /// The story that an exchange is in, as one document. Written to the audit log.
    pub fn export_story(self, exchange: &str, form: ExportForm) -> Result<ExportView, CoreError> {
        self.exported_document(&self.story_exchanges(exchange)?, form)
    }

    /// Writes the story that an exchange is in to a file, and to the disk before it is reported.
    pub fn save_story(self, exchange: &str, form: ExportForm, to: &Path) -> Result<(), CoreError> {
        let document = self.export_story(exchange, form)?;
        save_file(to, document.text.as_bytes())
    }

    fn exported_document(
        self,
        exchanges: &[ExchangeView],
        form: ExportForm,
    ) -> Result<ExportView, CoreError> {
        let text = match form {
            ExportForm::Har => serde_json::to_string_pretty(&har(exchanges))?,
            ExportForm::Mermaid => mermaid(exchanges),
            ExportForm::Html => self.html(&self.drawn(exchanges.to_vec())),
            ExportForm::Svg => page::drawing(&self.drawn(exchanges.to_vec())),
        };
        self.app.audit(
            AuditAction::ActivityExported,
            "",
            json!({ "form": form.as_str(), "exchanges": exchanges.len() }),
        )?;
        Ok(ExportView {
            text,
            exchanges: small(exchanges.len()),
        })
    }
}

fn har(exchanges: &[ExchangeView]) -> Value {
    json!({ "log": {
        "version": "1.2",
        "creator": { "name": "Keywright", "version": env!("CARGO_PKG_VERSION") },
        "entries": exchanges.iter().map(entry).collect::<Vec<_>>(),
    } })
}

/// What was not recorded is -1 or empty, as the format says.
fn entry(one: &ExchangeView) -> Value {
    let query: Vec<Value> = url::Url::parse(&one.url)
        .map(|url| {
            url.query_pairs()
                .map(|(name, value)| json!({ "name": name, "value": value }))
                .collect()
        })
        .unwrap_or_default();
    let mut request = json!({
        "method": one.summary.method,
        "url": one.url,
        "httpVersion": "HTTP",
        "cookies": [],
        "headers": headers(&one.request_headers),
        "queryString": query,
        "headersSize": -1,
        "bodySize": -1,
    });
    if let Some(body) = &one.request_body {
        request["postData"] =
            json!({ "mimeType": content_type(&one.request_headers), "text": body });
    }
    // A member of our own begins with an underscore, as the format says.
    if let Some(certificate) = &one.certificate {
        request["_clientCertificate"] = json!(certificate);
    }
    let body = one.response_body.as_deref().unwrap_or_default();
    let mut entry = json!({
        "startedDateTime": moment(one.summary.started_at_ms),
        "time": one.summary.elapsed_ms,
        "request": request,
        "response": {
            "status": one.summary.status.unwrap_or(0),
            "statusText": "",
            "httpVersion": "HTTP",
            "cookies": [],
            "headers": headers(&one.response_headers),
            "content": {
                "size": body.len(),
                "mimeType": content_type(&one.response_headers),
                "text": body,
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": { "send": 0, "wait": one.summary.elapsed_ms, "receive": 0 },
        "comment": one.summary.purpose,
    });
    if let Some(error) = &one.summary.error {
        entry["response"]["_error"] = json!(error);
    }
    entry
}

fn headers(all: &[HeaderView]) -> Vec<Value> {
    all.iter()
        .map(|header| json!({ "name": header.name, "value": header.value }))
        .collect()
}

fn content_type(all: &[HeaderView]) -> &str {
    all.iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-type"))
        .map_or("", |header| header.value.as_str())
}

/// RFC 3339, as HAR wants it: always with milliseconds, so that the times of entries sort as text.
#[allow(
    clippy::cast_possible_truncation,
    reason = "milliseconds since 1970 stand in a double for the window, and fit"
)]
fn moment(at_ms: f64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms as i64) * 1_000_000);
    at.ok()
        .and_then(|at| {
            let seconds = at.replace_nanosecond(0).ok()?.format(&Rfc3339).ok()?;
            let bare = seconds.strip_suffix('Z')?;
            Some(format!("{bare}.{:03}Z", at.millisecond()))
        })
        .unwrap_or_default()
}

fn mermaid(exchanges: &[ExchangeView]) -> String {
    let mut hosts: Vec<&str> = Vec::new();
    for one in exchanges {
        if !hosts.contains(&one.summary.host.as_str()) {
            hosts.push(&one.summary.host);
        }
    }
    let mut lines = vec![
        "sequenceDiagram".to_owned(),
        "    participant K as Keywright".to_owned(),
    ];
    for (number, host) in hosts.iter().enumerate() {
        lines.push(format!("    participant S{number} as {}", plain(host)));
    }
    for one in exchanges {
        let summary = &one.summary;
        let number = hosts
            .iter()
            .position(|host| *host == summary.host)
            .unwrap_or_default();
        let sent = format!("{} {}", summary.method, summary.path);
        lines.push(format!("    K->>S{number}: {}", plain(&sent)));
        let elapsed = summary.elapsed_ms;
        lines.push(match (summary.status, &summary.error) {
            (Some(status), _) => format!("    S{number}-->>K: {status}, {elapsed} ms"),
            (None, Some(error)) => format!("    S{number}--xK: {}", plain(error)),
            (None, None) => format!("    S{number}--xK: {elapsed} ms"),
        });
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Text of a stranger within a line of Mermaid: everything that could end the line, begin an entity, a comment or
/// a directive stands as an entity.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_alphanumeric() || " /._~?&=+,@!*-:".contains(c) {
                c.to_string()
            } else {
                format!("#{};", u32::from(c))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::activity::types::{ExchangeSummary, Peer};

    fn hostile(path: &str) -> ExchangeView {
        let header = |name: &str, value: &str| HeaderView::shown(name.into(), value.into());
        ExchangeView {
            summary: ExchangeSummary {
                id: "1".into(),
                flow: "2".into(),
                purpose: "api_call".into(),
                method: "GET".into(),
                host: "api.example:8443".into(),
                path: path.into(),
                status: None,
                error: Some("timeout".into()),
                elapsed_ms: 12,
                started_at_ms: 1_700_000_000_123.0,
                application: Some("=cmd|' /C calc'!A0".into()),
            },
            provider: None,
            config: None,
            peer: Peer::Api,
            url: format!("https://api.example:8443{path}"),
            request_headers: vec![header("Content-Type", "text/plain")],
            request_body: Some("\"}]}\n<script>".into()),
            certificate: None,
            response_headers: vec![],
            response_body: None,
            error_message: None,
        }
    }

    #[test]
    fn times_of_entries_sort_as_text() {
        let times = [
            1_700_000_000_000.0,
            1_700_000_000_005.0,
            1_700_000_000_120.0,
            1_700_000_001_000.0,
        ]
        .map(moment);
        assert!(times.is_sorted(), "{times:?}");
        assert_eq!(times[1], "2023-11-14T22:13:20.005Z");
    }

    #[test]
    fn t49_a_path_of_a_stranger_stays_in_its_line_of_a_diagram() {
        let path = "/a;b\nK->>S0: forged %%{init: {}}%% #35;<img src=x> \u{202e}end";
        let text = mermaid(&[hostile(path)]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "sequenceDiagram",
                "    participant K as Keywright",
                "    participant S0 as api.example:8443",
                "    K->>S0: GET /a#59;b#10;K-#62;#62;S0: forged #37;#37;#123;init: #123;#125;#125;#37;#37; #35;35#59;#60;img src=x#62; #8238;end",
                "    S0--xK: timeout",
            ]
        );
    }

    #[test]
    fn t49_a_body_of_a_stranger_stays_in_its_member_of_a_har() {
        let document = har(&[hostile("/orders?name=%3Dcmd&b=%22")]);
        let text = serde_json::to_string(&document).unwrap();
        let again: Value = serde_json::from_str(&text).unwrap();
        let entry = &again["log"]["entries"][0];
        assert_eq!(entry["request"]["postData"]["text"], "\"}]}\n<script>");
        assert_eq!(entry["request"]["queryString"][0]["value"], "=cmd");
        assert_eq!(entry["request"]["queryString"][1]["value"], "\"");
        assert_eq!(entry["startedDateTime"], "2023-11-14T22:13:20.123Z");
        assert_eq!(entry["response"]["status"], 0);
        assert_eq!(entry["response"]["_error"], "timeout");
    }
}
