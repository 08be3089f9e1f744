//! Takes every secret out of what is kept or shown: by name, by known value, and by look.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName};
use regex::Regex;
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::secret::REDACTED;

/// Members of JSON and fields of forms and queries that hold a secret, lower-case.
const SECRET_NAMES: &[&str] = &[
    "client_secret",
    "clientsecret",
    "registration_access_token",
    "access_token",
    "refresh_token",
    "id_token",
    "password",
    "secret",
    "secrettext",
    "client_assertion",
    "assertion",
    "code",
    "code_verifier",
    "device_code",
    "api_key",
    "apikey",
    "private_key",
    "initial_access_token",
    "initial_client_secret",
    "dcr_token",
    "subject_token",
    "actor_token",
    "software_statement_secret",
];

/// Headers whose whole value is secret; `Authorization` keeps its scheme, cookies keep their names.
const SECRET_HEADERS: &[&str] = &[
    "x-api-key",
    "apikey",
    "x-auth-token",
    "x-csrf-token",
    "dpop",
];

/// Shorter values are not searched for in text: they would blank ordinary words.
const SHORTEST: usize = 6;

/// A JWS or JWE in compact form, wherever it stands.
static COMPACT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3}").ok()
});
/// A private key in PEM (RFC 7468), also where it was cut off.
static PRIVATE_KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"-----BEGIN ([A-Z ]*)PRIVATE KEY-----(?s:.)*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)",
    )
    .ok()
});
static BEARER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b((?:bearer|basic|ssws)\s+)[A-Za-z0-9._~+/=-]{8,}").ok());

/// Free text: known values, compact tokens, private keys and credentials after their scheme.
pub fn text(text: &str, known: &[String]) -> String {
    let mut out = self::known(text, known);
    if let Some(compact) = &*COMPACT {
        out = compact.replace_all(&out, REDACTED).into_owned();
    }
    if let Some(key) = &*PRIVATE_KEY {
        out = key.replace_all(&out, REDACTED).into_owned();
    }
    if let Some(bearer) = &*BEARER {
        out = bearer
            .replace_all(&out, format!("${{1}}{REDACTED}"))
            .into_owned();
    }
    out
}

/// Known values alone.
pub(crate) fn known(text: &str, known: &[String]) -> String {
    let mut out = text.to_owned();
    for secret in known.iter().filter(|secret| secret.len() >= SHORTEST) {
        out = out.replace(secret.as_str(), REDACTED);
        // As it stands within JSON that is no whole document.
        let within_json = Value::from(secret.as_str()).to_string();
        let escaped = within_json
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        if let Some(escaped) = escaped.filter(|escaped| escaped.len() > secret.len()) {
            out = out.replace(escaped, REDACTED);
        }
    }
    out
}

fn is_secret_name(name: &str) -> bool {
    SECRET_NAMES.contains(&name.to_ascii_lowercase().as_str())
}

/// A form field: in forms, `token` (RFC 7662, RFC 7009) is a secret too.
fn is_secret_field(name: &str) -> bool {
    is_secret_name(name) || name.eq_ignore_ascii_case("token")
}

/// Where a member of JSON stands. `code` is an authorization code (RFC 6749 §4.1.2) anywhere but in
/// an object named `error`, where it says what went wrong, as in Microsoft Graph's answers.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Anywhere,
    Error,
}

impl Place {
    fn inside(self, member: &str) -> Self {
        if member == "error" { Self::Error } else { self }
    }

    fn hides(self, member: &str) -> bool {
        is_secret_name(member) && !(self == Self::Error && member == "code")
    }
}

/// JSON, member by member.
pub fn json(value: &Value, known: &[String]) -> Value {
    json_at(Place::Anywhere, value, known)
}

fn json_at(place: Place, value: &Value, known: &[String]) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(name, inner)| {
                    let kept = match inner {
                        Value::String(secret) if place.hides(name) && !secret.is_empty() => {
                            Value::String(REDACTED.to_owned())
                        }
                        Value::Number(_) if place.hides(name) && name != "code" => {
                            Value::String(REDACTED.to_owned())
                        }
                        _ => json_at(place.inside(name), inner, known),
                    };
                    (self::known(name, known), kept)
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| json_at(place, item, known))
                .collect(),
        ),
        Value::String(words) => Value::String(text(words, known)),
        Value::Number(number) => {
            let shown = number.to_string();
            if self::known(&shown, known) == shown {
                value.clone()
            } else {
                Value::String(REDACTED.to_owned())
            }
        }
        other => other.clone(),
    }
}

/// A body of any kind. JSON keeps its layout where it holds nothing to hide.
pub fn body(bytes: &[u8], known: &[String]) -> String {
    if let Ok(value) = serde_json::from_slice::<Value>(without_mark(bytes)) {
        // Secrets that the server issues in this very body may be repeated elsewhere in it.
        let mut all = known.to_vec();
        issued(&value, &mut all);
        return json(&value, &all).to_string();
    }
    let lossy = String::from_utf8_lossy(bytes);
    let shown = cut_members(&text(&lossy, known));
    // What was taken out may have been what kept it from being read.
    match serde_json::from_str::<Value>(&shown) {
        Ok(value) => json(&value, known).to_string(),
        Err(_) => shown,
    }
}

/// Without the byte order mark that some servers put before JSON.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// A JSON body that ends in the middle cannot be read, and still holds secrets.
fn cut_members(words: &str) -> String {
    static MEMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let names = SECRET_NAMES.join("|");
        Regex::new(&format!(r#"(?i)"({names})"\s*:\s*"(?:[^"\\]|\\.)*"?"#)).ok()
    });
    match &*MEMBER {
        Some(member) => member
            .replace_all(words, format!("\"$1\":\"{REDACTED}\""))
            .into_owned(),
        None => REDACTED.to_owned(),
    }
}

/// Values of secret members.
pub fn issued(value: &Value, into: &mut Vec<String>) {
    issued_at(Place::Anywhere, value, into);
}

fn issued_at(place: Place, value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                match inner {
                    Value::String(secret) if place.hides(name) => into.push(secret.clone()),
                    // A secret that is a number is taken for text.
                    Value::Number(secret) if place.hides(name) && name != "code" => {
                        into.push(secret.to_string());
                    }
                    _ => issued_at(place.inside(name), inner, into),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| issued_at(place, item, into)),
        _ => {}
    }
}

/// A form, field by field.
pub fn form(fields: &[(String, String)], known: &[String]) -> String {
    let shown = fields.iter().map(|(name, value)| {
        let value = if is_secret_field(name) {
            REDACTED.to_owned()
        } else {
            text(value, known)
        };
        (name.clone(), value)
    });
    encode(shown)
}

fn encode(fields: impl Iterator<Item = (String, String)>) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        out.append_pair(&name, &value);
    }
    out.finish().replace("%5Bredacted%5D", REDACTED)
}

/// An address: no user, no password, no secret in the query, no fragment.
pub fn url(url: &Url, known: &[String]) -> String {
    let mut shown = url.clone();
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_fragment(None);
    if url.query().is_some() {
        let fields = url.query_pairs().map(|(name, value)| {
            let value = if is_secret_field(&name) {
                REDACTED.to_owned()
            } else {
                text(&value, known)
            };
            (name.into_owned(), value)
        });
        let query = encode(fields.collect::<Vec<_>>().into_iter());
        shown.set_query(Some(&query));
    }
    text(
        &shown.to_string().replace("%5Bredacted%5D", REDACTED),
        known,
    )
}

/// Headers in order.
pub fn headers(headers: &HeaderMap, known: &[String]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), header(name, &value, known))
        })
        .collect()
}

fn header(name: &HeaderName, value: &str, known: &[String]) -> String {
    match name.as_str() {
        "authorization" | "proxy-authorization" => match value.split_once(' ') {
            Some((scheme, _)) => format!("{scheme} {REDACTED}"),
            None => REDACTED.to_owned(),
        },
        "cookie" => value
            .split("; ")
            .map(|pair| {
                pair.split_once('=').map_or_else(
                    || REDACTED.to_owned(),
                    |(name, _)| format!("{name}={REDACTED}"),
                )
            })
            .collect::<Vec<_>>()
            .join("; "),
        "set-cookie" => {
            let (pair, attributes) = value
                .split_once(';')
                .map_or((value, None), |(pair, rest)| (pair, Some(rest)));
            let name = self::known(pair.split_once('=').map_or("", |(name, _)| name), known);
            attributes.map_or_else(
                || format!("{name}={REDACTED}"),
                |rest| format!("{name}={REDACTED};{}", text(rest, known)),
            )
        }
        other if SECRET_HEADERS.contains(&other) => REDACTED.to_owned(),
        "location" => {
            Url::parse(value).map_or_else(|_| text(value, known), |parsed| url(&parsed, known))
        }
        _ => text(value, known),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn t13_a_body_that_cannot_be_read_keeps_its_secrets_to_itself() {
        for broken in [
            r#"{"client_secret":"V3ry-secret-value","#,
            r#"{"client_secret":"V3ry-\"secret-value"#,
            r#"{"client_secret":"V3ry-secret-value"} trailing"#,
            "\u{feff}{\"client_secret\":\"V3ry-secret-value\"}",
            r#"{"a":"\ud800","client_secret":"V3ry-secret-value"}"#,
        ] {
            let shown = body(broken.as_bytes(), &[]);
            assert!(!shown.contains("secret-value"), "{shown}");
        }
        let deep = format!(
            r#"{{"a":{}"client_secret":"V3ry-secret-value""#,
            "{\"b\":".repeat(200)
        );
        assert!(!body(deep.as_bytes(), &[]).contains("secret-value"));
    }

    #[test]
    fn t28_a_secret_with_quotes_is_found_as_json_writes_it_whatever_is_around_it() {
        let known = [r#"s3cr"t\"#.to_owned(), r#"qu"oted""#.to_owned()];
        for broken in [
            r#"{"a":"s3cr\"t\\","b":"s3cs3cr"t\t\u005c"}"#,
            r#"{"a":"s3cr\"t\\"#,
            r#"{"a":"qu\"oted\"" and then"#,
        ] {
            let shown = body(broken.as_bytes(), &known);
            assert!(
                !shown.contains("s3cr") && !shown.contains("oted"),
                "{shown}"
            );
        }
    }

    #[test]
    fn cookies_keep_their_names_and_attributes_only() {
        let mut map = HeaderMap::new();
        map.insert(
            "set-cookie",
            "session=abc.def; Path=/; HttpOnly".parse().unwrap(),
        );
        map.insert("cookie", "session=abc; session2=def".parse().unwrap());
        map.insert("authorization", "Basic YTpi".parse().unwrap());
        let shown = headers(&map, &[]);
        let of = |name: &str| shown.iter().find(|(n, _)| n == name).unwrap().1.clone();
        assert_eq!(of("set-cookie"), "session=[redacted]; Path=/; HttpOnly");
        assert_eq!(of("cookie"), "session=[redacted]; session2=[redacted]");
        assert_eq!(of("authorization"), "Basic [redacted]");
    }

    #[test]
    fn a_private_key_in_an_answer_is_hidden_whole_or_cut() {
        let pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEkeykeykey\n-----END RSA PRIVATE KEY-----\n";
        let whole =
            json!({"signing_keys": [{"cert": "c", "key": pem, "subject": "/CN=a"}]}).to_string();
        let shown = body(whole.as_bytes(), &[]);
        assert!(
            shown.contains("/CN=a") && !shown.contains("MIIEkeykeykey"),
            "{shown}"
        );
        let cut = &whole[..whole.find("keykey").unwrap()];
        let shown = body(cut.as_bytes(), &[]);
        assert!(!shown.contains("MIIE"), "{shown}");
    }

    #[test]
    fn a_truncated_body_hides_its_secrets_too() {
        let shown = body(br#"{"client_id":"a","client_secret":"abcdef-secret","registration_access_token":"half-of-a-tok"#, &[]);
        assert!(
            shown.contains("client_id")
                && !shown.contains("abcdef-secret")
                && !shown.contains("half-of-a-tok"),
            "{shown}"
        );
    }

    #[test]
    fn a_credential_after_its_scheme_is_removed() {
        assert!(
            COMPACT.is_some() && BEARER.is_some(),
            "the patterns compile"
        );
        assert_eq!(
            text("sent bearer abcdefgh12345 to it", &[]),
            "sent bearer [redacted] to it"
        );
        assert_eq!(
            text("Basic\tabcdefgh12345", &[]),
            "Basic\t[redacted]",
            "nothing is added to what was said"
        );
        assert!(!cut_members(r#"{"Client_Secret" : "half"#).contains("half"));
    }

    #[test]
    fn the_code_of_an_error_stays_and_the_code_of_a_grant_goes() {
        let graph = json!({"error": {
            "code": "Request_BadRequest", "message": "Request_BadRequest: no such application",
            "details": [{"code": "NoBackingApplicationObject", "target": "appId"}],
            "innerError": {"client_secret": "in-an-error-too"},
        }});
        let shown = body(graph.to_string().as_bytes(), &[]);
        assert_eq!(
            shown,
            graph.to_string().replace("in-an-error-too", REDACTED)
        );
        let grant = json!({"code": "SplxlOBeZQQYbYS6WxSbIA", "error": "none", "seen": ["SplxlOBeZQQYbYS6WxSbIA"]});
        assert!(!body(grant.to_string().as_bytes(), &[]).contains("SplxlOBeZQQYbYS6WxSbIA"));
    }

    #[test]
    fn a_secret_is_hidden_where_it_is_a_name_or_a_number() {
        let shown = body(
            br#"{"client_secret":12345678,"also":[12345678,"no 12345678"],"12345678":true}"#,
            &[],
        );
        assert!(!shown.contains("12345678"), "{shown}");
        let shown = body(
            br#"{"abcdef-secret":1,"client_secret":"abcdef-secret"}"#,
            &[],
        );
        assert!(!shown.contains("abcdef-secret"), "{shown}");
    }

    #[test]
    fn queries_and_user_parts_are_cleaned() {
        let address =
            Url::parse("https://user:pass@h/p?code=abc123&x=1&access_token=zzz#frag").unwrap();
        assert_eq!(
            url(&address, &[]),
            "https://h/p?code=[redacted]&x=1&access_token=[redacted]"
        );
    }

    proptest! {
        #[test]
        fn no_secret_survives_wherever_the_server_repeats_it(secret in "[A-Za-z0-9_~-]{8,60}", before in "[a-z ]{0,8}", after in "[a-z ]{0,8}") {
            let reply = json!({"client_id": "c1", "client_secret": secret, "note": format!("{before}{secret}{after}"), "deep": [{"x": secret}]});
            let shown = body(reply.to_string().as_bytes(), &[]);
            prop_assert!(!shown.contains(&secret), "{}", shown);
        }

        #[test]
        fn a_known_value_is_found_in_any_text(secret in "[!-~]{6,40}", words in ".{0,40}") {
            let shown = body(format!("{words}{secret}{words}").as_bytes(), std::slice::from_ref(&secret));
            prop_assert!(!shown.contains(&secret) || REDACTED.contains(&secret), "{}", shown);
        }
    }
}
