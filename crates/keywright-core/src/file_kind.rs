//! What a file is that was handed in for something else: text as editors save it, and the files of other
//! tools, recognised so that an error can name them.

use serde_json::{Map, Value};

/// Bytes that are not text in UTF-8 or in UTF-16 with a byte order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not text in UTF-8 or UTF-16")]
pub struct NotText;

/// What was wanted. Its words are in the message files as `file_wanted.KEY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantedFile {
    /// What `config export` writes.
    Configurations,
    /// Client metadata (RFC 7591 §2).
    ClientMetadata,
    /// Authorization details (RFC 9396 §2).
    AuthorizationDetails,
    /// Certificates of an authority, PEM.
    Authority,
    /// What `backup` writes.
    Backup,
}

impl WantedFile {
    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configurations => "configurations",
            Self::ClientMetadata => "client_metadata",
            Self::AuthorizationDetails => "authorization_details",
            Self::Authority => "authority",
            Self::Backup => "backup",
        }
    }
}

/// The text of a file: UTF-8 or UTF-16, without its byte order mark.
pub fn decode(bytes: &[u8]) -> Result<String, NotText> {
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, odd) = rest.as_chunks::<2>();
        if !odd.is_empty() {
            return Err(NotText);
        }
        let units = pairs.iter().map(|pair| unit(*pair));
        char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .map_err(|_unpaired| NotText)
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

/// Pasted text without the spaces and the byte order mark around it.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

fn utf8(bytes: &[u8]) -> Result<String, NotText> {
    String::from_utf8(bytes.to_vec()).map_err(|_invalid| NotText)
}

/// The key of what the bytes are (`file_kind.KEY` in the message files), where they are a file of another
/// tool, or of Keywright for another purpose. Client metadata is none of these.
pub fn recognise(bytes: &[u8]) -> Option<&'static str> {
    if let Some(kind) = binary(bytes) {
        return Some(kind);
    }
    let Ok(text) = decode(bytes) else {
        return Some("binary");
    };
    let text = text.trim();
    if text.is_empty() {
        return Some("empty");
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(members)) => object(&members),
        Ok(Value::Array(items)) => list(&items),
        Ok(_) => Some("json_value"),
        Err(_) if text.starts_with('{') && text.lines().all(is_json_object) => Some("json_lines"),
        Err(_) if text.starts_with(['{', '[']) && !is_ini(text) => None,
        Err(_) => plain(text),
    }
}

fn binary(bytes: &[u8]) -> Option<&'static str> {
    const BEGINNINGS: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", "zip"),
        (b"\x1f\x8b", "gzip"),
        (b"SQLite format 3\0", "sqlite"),
        (b"%PDF", "pdf"),
        (b"\x30\x82", "der"),
    ];
    let found = BEGINNINGS
        .iter()
        .find(|(begin, _)| bytes.starts_with(begin));
    found.map(|(_, kind)| *kind)
}

fn object(members: &Map<String, Value>) -> Option<&'static str> {
    let has = |name: &str| members.contains_key(name);
    let text = |name: &str| {
        members
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let inner = |name: &str, member: &str| members.get(name)?.get(member).cloned();
    let is_postman = inner("info", "_postman_id").is_some()
        || inner("info", "schema")
            .and_then(|schema| Some(schema.as_str()?.contains("getpostman.com")))
            .unwrap_or_default();
    let google = ["installed", "web"]
        .iter()
        .any(|kind| inner(kind, "client_id").is_some());
    Some(match () {
        () if is_postman => "postman_collection",
        () if has("_postman_variable_scope") => "postman_environment",
        () if has("__export_format") || text("type").contains("insomnia") => "insomnia",
        () if inner("log", "entries").is_some() => "har",
        () if has("openapi") || has("swagger") => "openapi",
        () if has("asyncapi") => "asyncapi",
        () if google => "google_client",
        () if text("type") == "service_account" => "google_service_account",
        () if has("realm") && has("auth-server-url") => "keycloak_adapter",
        () if has("realm") && (has("clients") || has("roles") || has("sslRequired")) => {
            "keycloak_realm"
        }
        () if has("clientId") && has("protocol") => "keycloak_client",
        () if has("encrypted") && has("items") => "bitwarden",
        () if has("collectionName") || text("clientName") == "Thunder Client" => "thunder_client",
        () if has("issuer") && (has("token_endpoint") || has("authorization_endpoint")) => {
            "server_metadata"
        }
        () if has("keys") && members.get("keys").is_some_and(is_key_list) => "jwks",
        () if has("kty") => "jwk",
        () if has("access_token") => "token_response",
        () if has("provider") && has("issuer") => "configurations",
        () if has("kdf") && has("slots") => "vault_header",
        () => return None,
    })
}

fn is_key_list(keys: &Value) -> bool {
    keys.as_array()
        .is_some_and(|keys| keys.iter().all(|key| key.get("kty").is_some()))
}

fn list(items: &[Value]) -> Option<&'static str> {
    let all = |name: &str| !items.is_empty() && items.iter().all(|item| item.get(name).is_some());
    Some(match () {
        () if all("provider") && all("issuer") => "configurations",
        () if all("domain") && all("value") => "browser_cookies",
        () if all("clientId") => "keycloak_client",
        () if all("v") && all("requests") => "hoppscotch",
        () => return None,
    })
}

fn plain(text: &str) -> Option<&'static str> {
    let begins = |start: &str| {
        text.get(..start.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(start))
    };
    let has_line = |start: &str| text.lines().any(|line| line.starts_with(start));
    // As a browser shows it, or curl with `-v`.
    let has_header = |name: &str| {
        let mut lines = text.lines().map(|line| line.trim_start_matches(['<', ' ']));
        lines.any(|line| line.to_ascii_lowercase().starts_with(name))
    };
    let every_line = |fits: fn(&str) -> bool| {
        let mut lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .peekable();
        lines.peek().is_some() && lines.all(fits)
    };
    Some(match () {
        () if text.contains("-----BEGIN CERTIFICATE-----") => "certificate",
        () if text.contains("PRIVATE KEY-----") => "private_key",
        () if text.contains("-----BEGIN ") => "pem",
        () if begins("HTTP/1.") || begins("HTTP/2") || has_header("set-cookie:") => "http_response",
        () if begins("<!doctype html") || begins("<html") => "html",
        () if text.contains("EntityDescriptor") && begins("<") => "saml",
        () if begins("<") => "xml",
        () if begins("# Netscape HTTP Cookie File") || begins("# HTTP Cookie File") => "cookies",
        () if begins("curl ") => "curl",
        () if begins("meta {") || has_line("meta {") => "bruno",
        () if has_line("openapi:") || has_line("swagger:") => "openapi",
        () if has_line("type: collection.insomnia") => "insomnia",
        () if begins("eyJ") && text.split('.').count() == 3 => "jwt",
        () if every_line(is_env_line) => "env",
        () if is_ini(text) => "ini",
        () if begins("---") || every_line(is_yaml_line) => "yaml",
        () => return None,
    })
}

fn is_json_object(line: &str) -> bool {
    serde_json::from_str::<Map<String, Value>>(line).is_ok()
}

fn is_env_line(line: &str) -> bool {
    let line = line.strip_prefix("export ").unwrap_or(line);
    line.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
    })
}

fn is_ini(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default().trim();
    let name = first.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    name.is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.contains(['"', ','])
    })
}

fn is_yaml_line(line: &str) -> bool {
    line.starts_with("- ") || line.contains(": ") || line.ends_with(':')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::fs;

    use regex::Regex;

    use super::*;

    #[test]
    fn text_is_read_without_its_mark() {
        let plain = "{\"a\": \"é\"}\r\n";
        let units = || plain.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            plain.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", plain.as_bytes()].concat(),
            [&b"\xff\xfe"[..], &little].concat(),
            [&b"\xfe\xff"[..], &big].concat(),
        ] {
            assert_eq!(decode(&bytes).unwrap(), plain);
        }
        for wrong in [&b"\xff\xfe{"[..], b"\xff\xfe\x00\xd8", b"a\xff", b"\x80"] {
            assert_eq!(decode(wrong), Err(NotText));
        }
    }

    #[test]
    fn files_of_other_tools_are_recognised() {
        for (file, kind) in [
            (
                r#"{"info":{"_postman_id":"1","name":"x","schema":"https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},"item":[]}"#,
                "postman_collection",
            ),
            (
                r#"{"id":"1","name":"dev","values":[],"_postman_variable_scope":"environment"}"#,
                "postman_environment",
            ),
            (
                r#"{"_type":"export","__export_format":4,"resources":[]}"#,
                "insomnia",
            ),
            ("type: collection.insomnia.rest/5.0\nname: x\n", "insomnia"),
            (r#"{"log":{"version":"1.2","entries":[]}}"#, "har"),
            (r#"{"openapi":"3.1.0","paths":{}}"#, "openapi"),
            ("openapi: 3.0.3\ninfo:\n  title: x\n", "openapi"),
            (r#"{"realm":"main","clients":[]}"#, "keycloak_realm"),
            (
                r#"{"clientId":"a","protocol":"openid-connect"}"#,
                "keycloak_client",
            ),
            (
                r#"{"realm":"m","auth-server-url":"u","resource":"r"}"#,
                "keycloak_adapter",
            ),
            (
                r#"{"installed":{"client_id":"a","auth_uri":"u"}}"#,
                "google_client",
            ),
            (r#"{"web":{"client_id":"a"}}"#, "google_client"),
            (
                r#"{"type":"service_account","private_key":"x"}"#,
                "google_service_account",
            ),
            (
                r#"{"issuer":"https://a","token_endpoint":"https://a/t"}"#,
                "server_metadata",
            ),
            (r#"{"keys":[{"kty":"RSA"}]}"#, "jwks"),
            (
                r#"[{"domain":"a","value":"b","name":"c"}]"#,
                "browser_cookies",
            ),
            (
                r#"[{"name":"a","provider":"rfc7591","issuer":"https://a"}]"#,
                "configurations",
            ),
            ("-----BEGIN CERTIFICATE-----\nMII", "certificate"),
            ("-----BEGIN EC PRIVATE KEY-----\nMII", "private_key"),
            ("PK\u{3}\u{4}rest", "zip"),
            ("<!DOCTYPE html><title>Sign in</title>", "html"),
            ("<?xml version=\"1.0\"?><EntityDescriptor/>", "saml"),
            ("# Netscape HTTP Cookie File\n", "cookies"),
            ("meta {\n  name: x\n}\n", "bruno"),
            ("# keys\nexport CLIENT_ID=a\nCLIENT_SECRET=b=c\n", "env"),
            ("[default]\nkey = value\n", "ini"),
            ("name: a\nissuer: https://a\n", "yaml"),
            ("Set-Cookie: sid=1; Path=/; HttpOnly\n", "http_response"),
            (
                "Set-Cookie: sid=1; Path=/\nSet-Cookie: b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT\n",
                "http_response",
            ),
            (
                "< content-type: text/html\n< set-cookie: sid=1\n",
                "http_response",
            ),
            (
                "HTTP/1.1 200 OK\nContent-Type: text/html\n",
                "http_response",
            ),
            ("HTTP/2 302\nlocation: https://a\n", "http_response"),
            ("{\"a\":1}\n{\"b\":2}\n", "json_lines"),
            (" \r\n", "empty"),
            ("\"text\"", "json_value"),
        ] {
            assert_eq!(recognise(file.as_bytes()), Some(kind), "{file}");
        }
        assert_eq!(recognise(b"\x00\xff\x01"), Some("binary"));
    }

    #[test]
    fn client_metadata_is_not_taken_for_another_file() {
        for file in [
            r#"{"client_name":"a","grant_types":["client_credentials"]}"#,
            r#"{"software_id":"orders","contacts":[]}"#,
            r#"{"client_id":"a","client_secret":"b","redirect_uris":[]}"#,
            r#"{"jwks":{"keys":[{"kty":"RSA"}]},"client_uri":"https://a"}"#,
            "{}",
            "{broken",
            "[\"a\",",
        ] {
            assert_eq!(recognise(file.as_bytes()), None, "{file}");
        }
    }

    #[test]
    fn every_kind_of_file_has_its_words() {
        let source = fs::read_to_string("src/file_kind.rs").unwrap();
        let body = &source[..source.find("mod tests").unwrap()];
        let kinds =
            Regex::new(r#"=> (?:\{\s*)?"([a-z_0-9]+)"|Some\("([a-z_]+)"\)|, "([a-z]+)"\),"#)
                .unwrap();
        let words = fs::read_to_string("messages/files.yml").unwrap();
        let mut seen = 0;
        for found in kinds.captures_iter(body) {
            let kind = found.iter().skip(1).flatten().next().unwrap().as_str();
            let wanted = format!("file_kind.{kind}:");
            let asked = format!("file_wanted.{kind}:");
            assert!(words.contains(&wanted) || words.contains(&asked), "{kind}");
            seen += 1;
        }
        assert!(seen > 35, "{seen}");
    }
}
