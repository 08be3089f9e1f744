//! What a file is that was handed in for something else: text as editors save it, and the files of other
//! tools, recognised so that an error can name them.

use serde_json::{Map, Value};

use crate::codes::codes;

/// Bytes that are not text in UTF-8 or in UTF-16 with a byte order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not text in UTF-8 or UTF-16")]
pub struct NotText;

codes! {
    /// A file of another tool, or of Keywright for another purpose.
    #[allow(missing_docs, reason = "the name of each is in messages/files.yml")]
    pub enum FileKind {
        Asyncapi = "asyncapi",
        Binary = "binary",
        Bitwarden = "bitwarden",
        BrowserCookies = "browser_cookies",
        Bruno = "bruno",
        Certificate = "certificate",
        Configurations = "configurations",
        Cookies = "cookies",
        Curl = "curl",
        Der = "der",
        Empty = "empty",
        Env = "env",
        GoogleClient = "google_client",
        GoogleServiceAccount = "google_service_account",
        Gzip = "gzip",
        Har = "har",
        Hoppscotch = "hoppscotch",
        Html = "html",
        HttpResponse = "http_response",
        Ini = "ini",
        Insomnia = "insomnia",
        JsonLines = "json_lines",
        JsonValue = "json_value",
        Jwk = "jwk",
        Jwks = "jwks",
        Jwt = "jwt",
        KeycloakAdapter = "keycloak_adapter",
        KeycloakClient = "keycloak_client",
        KeycloakRealm = "keycloak_realm",
        Openapi = "openapi",
        Pdf = "pdf",
        Pem = "pem",
        PostmanCollection = "postman_collection",
        PostmanEnvironment = "postman_environment",
        PrivateKey = "private_key",
        Saml = "saml",
        ServerMetadata = "server_metadata",
        Sqlite = "sqlite",
        ThunderClient = "thunder_client",
        TokenResponse = "token_response",
        VaultHeader = "vault_header",
        Xml = "xml",
        Yaml = "yaml",
        Zip = "zip",
    }
}

codes! {
    /// What was wanted. Its words are in the message files as `file_wanted.KEY`.
    pub enum WantedFile {
        /// What `config export` writes.
        Configurations = "configurations",
        /// Client metadata (RFC 7591 §2).
        ClientMetadata = "client_metadata",
        /// Authorization details (RFC 9396 §2).
        AuthorizationDetails = "authorization_details",
        /// Certificates of an authority, PEM.
        Authority = "authority",
        /// What `backup` writes.
        Backup = "backup",
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

/// What the bytes are, where they are a file of another tool, or of Keywright for another purpose. Client metadata is
/// none of these.
pub fn recognise(bytes: &[u8]) -> Option<FileKind> {
    if let Some(kind) = binary(bytes) {
        return Some(kind);
    }
    let Ok(text) = decode(bytes) else {
        return Some(FileKind::Binary);
    };
    let text = text.trim();
    if text.is_empty() {
        return Some(FileKind::Empty);
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(members)) => object(&members),
        Ok(Value::Array(items)) => list(&items),
        Ok(_) => Some(FileKind::JsonValue),
        Err(_) if text.starts_with('{') && text.lines().all(is_json_object) => {
            Some(FileKind::JsonLines)
        }
        Err(_) if text.starts_with(['{', '[']) && !is_ini(text) => None,
        Err(_) => plain(text),
    }
}

fn binary(bytes: &[u8]) -> Option<FileKind> {
    const BEGINNINGS: &[(&[u8], FileKind)] = &[
        (b"PK\x03\x04", FileKind::Zip),
        (b"\x1f\x8b", FileKind::Gzip),
        (b"SQLite format 3\0", FileKind::Sqlite),
        (b"%PDF", FileKind::Pdf),
        (b"\x30\x82", FileKind::Der),
    ];
    let found = BEGINNINGS
        .iter()
        .find(|(begin, _)| bytes.starts_with(begin));
    found.map(|(_, kind)| *kind)
}

fn object(members: &Map<String, Value>) -> Option<FileKind> {
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
        () if is_postman => FileKind::PostmanCollection,
        () if has("_postman_variable_scope") => FileKind::PostmanEnvironment,
        () if has("__export_format") || text("type").contains("insomnia") => FileKind::Insomnia,
        () if inner("log", "entries").is_some() => FileKind::Har,
        () if has("openapi") || has("swagger") => FileKind::Openapi,
        () if has("asyncapi") => FileKind::Asyncapi,
        () if google => FileKind::GoogleClient,
        () if text("type") == "service_account" => FileKind::GoogleServiceAccount,
        () if has("realm") && has("auth-server-url") => FileKind::KeycloakAdapter,
        () if has("realm") && (has("clients") || has("roles") || has("sslRequired")) => {
            FileKind::KeycloakRealm
        }
        () if has("clientId") && has("protocol") => FileKind::KeycloakClient,
        () if has("encrypted") && has("items") => FileKind::Bitwarden,
        () if has("collectionName") || text("clientName") == "Thunder Client" => {
            FileKind::ThunderClient
        }
        () if has("issuer") && (has("token_endpoint") || has("authorization_endpoint")) => {
            FileKind::ServerMetadata
        }
        () if has("keys") && members.get("keys").is_some_and(is_key_list) => FileKind::Jwks,
        () if has("kty") => FileKind::Jwk,
        () if has("access_token") => FileKind::TokenResponse,
        () if has("provider") && has("issuer") => FileKind::Configurations,
        () if has("kdf") && has("slots") => FileKind::VaultHeader,
        () => return None,
    })
}

fn is_key_list(keys: &Value) -> bool {
    keys.as_array()
        .is_some_and(|keys| keys.iter().all(|key| key.get("kty").is_some()))
}

fn list(items: &[Value]) -> Option<FileKind> {
    let all = |name: &str| !items.is_empty() && items.iter().all(|item| item.get(name).is_some());
    Some(match () {
        () if all("provider") && all("issuer") => FileKind::Configurations,
        () if all("domain") && all("value") => FileKind::BrowserCookies,
        () if all("clientId") => FileKind::KeycloakClient,
        () if all("v") && all("requests") => FileKind::Hoppscotch,
        () => return None,
    })
}

fn plain(text: &str) -> Option<FileKind> {
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
        () if text.contains("-----BEGIN CERTIFICATE-----") => FileKind::Certificate,
        () if text.contains("PRIVATE KEY-----") => FileKind::PrivateKey,
        () if text.contains("-----BEGIN ") => FileKind::Pem,
        () if begins("HTTP/1.") || begins("HTTP/2") || has_header("set-cookie:") => {
            FileKind::HttpResponse
        }
        () if begins("<!doctype html") || begins("<html") => FileKind::Html,
        () if text.contains("EntityDescriptor") && begins("<") => FileKind::Saml,
        () if begins("<") => FileKind::Xml,
        () if begins("# Netscape HTTP Cookie File") || begins("# HTTP Cookie File") => {
            FileKind::Cookies
        }
        () if begins("curl ") => FileKind::Curl,
        () if begins("meta {") || has_line("meta {") => FileKind::Bruno,
        () if has_line("openapi:") || has_line("swagger:") => FileKind::Openapi,
        () if has_line("type: collection.insomnia") => FileKind::Insomnia,
        () if begins("eyJ") && text.split('.').count() == 3 => FileKind::Jwt,
        () if every_line(is_env_line) => FileKind::Env,
        () if is_ini(text) => FileKind::Ini,
        () if begins("---") || every_line(is_yaml_line) => FileKind::Yaml,
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
            let found = recognise(file.as_bytes()).map(FileKind::as_str);
            assert_eq!(found, Some(kind), "{file}");
        }
        assert_eq!(recognise(b"\x00\xff\x01"), Some(FileKind::Binary));
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
}
