//! What is kept of an exchange: both halves, without any secret that one of them names.

use http::{HeaderMap, header::CONTENT_TYPE};
use url::Url;

use super::{Body, Exchange, redact::Redactor};

/// Bodies are kept in Activity up to this length.
const KEPT_BODY: usize = 64 * 1024;

/// The two halves as they went over the wire.
pub(super) struct Wire<'a> {
    pub(super) url: &'a Url,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a Body,
    pub(super) answer: &'a Answer,
}

/// So much of an answer as came.
#[derive(Default)]
pub(super) struct Answer {
    pub(super) status: Option<u16>,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<bytes::Bytes>,
}

/// The parts of an exchange that hold text.
struct Shown {
    url: String,
    request_headers: Vec<(String, String)>,
    request_body: Option<String>,
    response_headers: Vec<(String, String)>,
    response_body: Option<String>,
}

/// Fills the texts of an exchange. Afterwards, `hidden` knows the secrets of both halves.
pub(super) fn fill(exchange: &mut Exchange, wire: &Wire<'_>, hidden: &mut Redactor) {
    let mut found = Vec::new();
    let mut shown = shown(wire, hidden, &mut found);
    // A secret of one part may be repeated in another, in any order.
    if hidden.learn(found) {
        shown = self::shown(wire, hidden, &mut Vec::new());
    }
    exchange.url = shown.url;
    exchange.request_headers = shown.request_headers;
    exchange.request_body = shown.request_body;
    exchange.status = wire.answer.status;
    exchange.response_headers = shown.response_headers;
    exchange.response_body = shown.response_body;
}

fn shown(wire: &Wire<'_>, hidden: &Redactor, found: &mut Vec<String>) -> Shown {
    let answer = wire.answer;
    Shown {
        url: hidden.url_found(wire.url, found),
        request_headers: hidden.headers(wire.headers, found),
        request_body: sent(wire.body, hidden, found).map(cut),
        response_headers: hidden.headers(&answer.headers, found),
        response_body: answer.body.as_ref().map(|body| {
            let kind = content_type(&answer.headers);
            cut(hidden.answer(answer.status, body, kind, found))
        }),
    }
}

/// The request's body without its secrets, which are handed out.
pub(super) fn sent(body: &Body, hidden: &Redactor, found: &mut Vec<String>) -> Option<String> {
    match body {
        Body::Empty => None,
        Body::Form(fields) => Some(hidden.form(fields, found)),
        Body::Json(value) => Some(hidden.json_found(value, found).to_string()),
        Body::Raw {
            content_type,
            bytes,
        } => Some(hidden.body(bytes, content_type.as_deref(), found)),
    }
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE)?.to_str().ok()
}

fn cut(mut text: String) -> String {
    if text.len() > KEPT_BODY {
        let mut end = KEPT_BODY;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use url::form_urlencoded;
    use uuid::Uuid;

    use super::*;
    use crate::http::{Purpose, redact::tests::written};

    const NAMES: [&str; 12] = [
        "password",
        "clientSecret",
        "refresh_token",
        "api-key",
        "userPassphrase",
        "privateKey",
        "X-Amz-Signature",
        "session_token",
        "otp_code",
        "device_code",
        "Credential",
        "id_token_hint",
    ];

    fn percent(text: &str) -> String {
        let all: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        all.concat()
    }

    struct Plan {
        secret: String,
        name: &'static str,
        place: usize,
        echo: usize,
        written: usize,
        depth: usize,
    }

    /// An exchange with a secret in one place, and an echo of it in another.
    #[expect(clippy::too_many_lines, reason = "one arm a place")]
    fn planted(plan: &Plan) -> (String, Exchange) {
        let Plan { secret, name, .. } = plan;
        let mut url = Url::parse("https://h.example/p?page=kept-1").unwrap();
        let mut headers = HeaderMap::new();
        let mut body = Body::Empty;
        let mut answer = Answer {
            status: Some(400),
            ..Answer::default()
        };
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("user", "kept-2")
            .append_pair(name, secret)
            .finish();
        let mut nested = json!({ *name: secret, "user": "kept-2" });
        for depth in 0..plan.depth {
            nested = if depth % 2 == 0 {
                json!({ "data": nested })
            } else {
                json!([nested, 1])
            };
        }
        let multipart = format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{secret}\r\n--b--\r\n"
        );
        let raw = |text: &str| Body::Raw {
            content_type: None,
            bytes: text.to_owned().into(),
        };
        match plan.place {
            0 => {
                body = Body::Form(vec![
                    ("user".into(), "kept-2".into()),
                    ((*name).into(), secret.clone()),
                ]);
            }
            1 => body = Body::Json(nested),
            2 => body = raw(&form),
            3 => body = raw(&nested.to_string()),
            4 => body = raw(&multipart),
            5 => drop(headers.insert(
                "x-access-token",
                http::HeaderValue::from_bytes(secret.as_bytes()).unwrap(),
            )),
            6 => drop(headers.insert(
                "cookie",
                format!("a=1; sid={}", percent(secret)).parse().unwrap(),
            )),
            7 => drop(url.query_pairs_mut().append_pair(name, secret)),
            8 => answer.body = Some(nested.to_string().into()),
            9 => answer.body = Some(form.into()),
            10 => drop(answer.headers.insert(
                "set-cookie",
                format!("sid={}; Path=/", percent(secret)).parse().unwrap(),
            )),
            11 => drop(
                answer.headers.insert(
                    "location",
                    format!("/cb?page=kept-2&code={}#x", percent(secret))
                        .parse()
                        .unwrap(),
                ),
            ),
            _ => drop(answer.headers.insert(
                "x-session-token",
                http::HeaderValue::from_bytes(secret.as_bytes()).unwrap(),
            )),
        }
        let all = written(secret);
        let echo = all[plan.written % all.len()].clone();
        match plan.echo {
            _ if answer.body.is_some() => drop(answer.headers.insert(
                "x-note",
                http::HeaderValue::from_bytes(echo.as_bytes()).unwrap(),
            )),
            0 => answer.body = Some(format!("Blocked kept-3. Body: {echo} end").into()),
            1 => {
                answer.body = Some(
                    json!({ "message": format!("kept-3 {echo}") })
                        .to_string()
                        .into(),
                );
            }
            2 => answer.body = Some(format!("<html><p>kept-3</p><pre>{echo}</pre></html>").into()),
            _ => answer.body = Some(format!("note=kept-3&text={echo}&x=1").into()),
        }
        let mut exchange = Exchange {
            id: Uuid::nil(),
            flow: Uuid::nil(),
            purpose: Purpose::ApiCall,
            started_at_ms: 0,
            elapsed_ms: 0,
            method: "POST".into(),
            url: String::new(),
            request_headers: Vec::new(),
            request_body: None,
            certificate: None,
            status: None,
            response_headers: Vec::new(),
            response_body: None,
            error: None,
        };
        let wire = Wire {
            url: &url,
            headers: &headers,
            body: &body,
            answer: &answer,
        };
        fill(&mut exchange, &wire, &mut Redactor::default());
        (serde_json::to_string(&exchange).unwrap(), exchange)
    }

    /// Every text of an exchange, and the texts within a body of JSON.
    fn texts(exchange: &Exchange) -> Vec<String> {
        let mut all = vec![exchange.url.clone()];
        all.extend(
            exchange
                .request_headers
                .iter()
                .chain(&exchange.response_headers)
                .map(|(_, value)| value.clone()),
        );
        for body in exchange.request_body.iter().chain(&exchange.response_body) {
            all.push(body.clone());
            if let Ok(value) = serde_json::from_str::<Value>(body) {
                leaves(&value, &mut all);
            }
        }
        all
    }

    fn leaves(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::String(text) => into.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| leaves(item, into)),
            Value::Object(map) => map.values().for_each(|item| leaves(item, into)),
            _ => {}
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn t28_no_planted_secret_is_kept_in_an_exchange(
            secret in "[A-Za-z0-9]{2}[A-Za-z0-9~+/=&\" %éжß'<>_.-]{4,24}[A-Za-z0-9]{2}",
            name in 0..NAMES.len(), place in 0..13_usize, echo in 0..4_usize, written_as in 0..32_usize, depth in 0..5_usize,
        ) {
            let plan = Plan { secret, name: NAMES[name], place, echo, written: written_as, depth };
            let (whole, exchange) = planted(&plan);
            for form in written(&plan.secret) {
                let form = form.trim_end_matches('=');
                for text in texts(&exchange) {
                    prop_assert!(!text.contains(form), "{} of {} stands in {}", form, plan.secret, text);
                }
            }
            for kept in ["kept-1", if plan.place < 5 && plan.place != 4 { "kept-2" } else { "kept-1" }] {
                prop_assert!(whole.contains(kept), "{} is missing in {}", kept, whole);
            }
        }
    }
}
