//! What a refusal means where servers have words for it and no code.

use http::{HeaderMap, header::ALLOW};

use super::ErrorResponse;

/// The path or the method of the request is not known, in the words of oidc-provider and of common frameworks.
const NO_METHOD: [&str; 4] = [
    "not allowed method",
    "method not allowed",
    "method not supported",
    "unsupported method",
];
/// A client for client credentials acts as a user, and none is assigned to it: Salesforce, Keycloak, and servers that
/// bind a client to a user of their own.
const NO_USER: [&str; 5] = [
    "no client credentials user",
    "service account",
    "no active bound user",
    "run as user",
    "run-as user",
];
/// A grant that the token endpoint does not have, where its check of the form refuses it: the MCP Python SDK.
const NO_GRANT: [&str; 3] = ["does not match any", "not supported", "unsupported"];
/// A port for TLS that was asked over plain http: nginx, servers in Go, Apache httpd, Tomcat.
const WANTS_TLS: [&str; 4] = [
    "http request was sent to https port",
    "http request to an https server",
    "speaking plain http to an ssl-enabled server",
    "combination of host and port requires tls",
];

impl ErrorResponse {
    /// The server speaks TLS at this port, and the request went over plain http.
    pub fn wants_tls(&self) -> bool {
        self.status == 400 && self.says(&WANTS_TLS)
    }

    /// The server does not offer the operation: its method is not allowed at this address (RFC 9110 §15.5.6).
    pub fn lacks_method(&self) -> bool {
        match self.status {
            405 | 501 => true,
            404 => self.says(&NO_METHOD),
            _ => false,
        }
    }

    /// The client is known, and has no user that it could act as.
    pub fn lacks_user(&self) -> bool {
        matches!(self.status, 400..=403) && self.says(&NO_USER)
    }

    /// The token endpoint does not have the grant, said with another code than `unsupported_grant_type`.
    pub fn lacks_grant(&self) -> bool {
        self.error.as_deref() == Some("invalid_request")
            && self.says(&["grant_type", "grant type"])
            && self.says(&NO_GRANT)
    }

    fn says(&self, phrases: &[&str]) -> bool {
        let said = self.description.as_deref().unwrap_or_default();
        let said = said.to_ascii_lowercase();
        phrases.iter().any(|phrase| said.contains(phrase))
    }
}

/// `Allow` (RFC 9110 §10.2.1) names PATCH and not PUT.
pub(super) fn allows_patch_alone(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ALLOW).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let names: Vec<&str> = lines
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .collect();
    let allows = |method: &str| names.iter().any(|one| one.eq_ignore_ascii_case(method));
    allows("PATCH") && !allows("PUT")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderValue;
    use serde_json::json;

    use super::*;
    use crate::http::Response;

    fn refused(status: u16, error: &str, said: &str) -> ErrorResponse {
        let body = json!({ "error": error, "error_description": said });
        ErrorResponse::read(status, body.to_string().as_bytes())
    }

    #[test]
    fn a_tls_port_asked_over_plain_http_says_so() {
        for said in [
            "400 The plain HTTP request was sent to HTTPS port",
            "Client sent an HTTP request to an HTTPS server.",
            "Reason: You're speaking plain HTTP to an SSL-enabled server port.",
            "Bad Request: This combination of host and port requires TLS.",
        ] {
            assert!(refused(400, "", said).wants_tls(), "{said}");
        }
        assert!(!refused(400, "invalid_request", "https is required").wants_tls());
    }

    #[test]
    fn a_grant_that_the_form_refuses_is_not_offered() {
        let said = "Input tag 'client_credentials' found using 'grant_type' does not match any of the expected tags";
        assert!(refused(400, "invalid_request", said).lacks_grant());
        assert!(refused(400, "invalid_request", "Unsupported grant type").lacks_grant());
        assert!(!refused(400, "invalid_request", "grant_type is missing").lacks_grant());
        assert!(!refused(400, "invalid_grant", said).lacks_grant());
    }

    #[test]
    fn only_a_405_that_names_patch_alone_asks_for_it() {
        let refused = |status: u16, lines: &[&'static str]| {
            let lines = lines.iter().map(|line| HeaderValue::from_static(line));
            let headers: HeaderMap = lines.map(|line| (ALLOW, line)).collect();
            ErrorResponse::of(&Response::new(status, headers, Bytes::new()))
        };
        for lines in [
            &["GET, PATCH, DELETE"][..],
            &["get,patch"],
            &["GET", "PATCH"],
        ] {
            assert!(refused(405, lines).wants_patch, "{lines:?}");
        }
        for lines in [
            &[][..],
            &["GET, DELETE"],
            &["GET, PUT, PATCH"],
            &["PATCHES"],
        ] {
            assert!(!refused(405, lines).wants_patch, "{lines:?}");
        }
        for status in [400, 404, 501] {
            assert!(!refused(status, &["PATCH"]).wants_patch, "{status}");
        }
    }

    #[test]
    fn an_operation_not_offered_differs_from_a_gone_client() {
        let route = "unrecognized route or not allowed method (PUT on /reg/c1)";
        assert!(refused(404, "invalid_request", route).lacks_method());
        assert!(refused(405, "method_not_allowed", "").lacks_method());
        assert!(!refused(404, "invalid_token", "no such client").lacks_method());
        assert!(!refused(404, "no_route", "no Route matched with those values").lacks_method());
        assert!(!refused(401, "invalid_request", route).lacks_method());
    }

    #[test]
    fn a_client_without_a_user_differs_from_wrong_credentials() {
        for (error, said) in [
            ("invalid_grant", "no client credentials user enabled"),
            (
                "unauthorized_client",
                "Client not enabled to retrieve service account",
            ),
            ("invalid_client", "Service client has no active bound user."),
        ] {
            assert!(refused(400, error, said).lacks_user(), "{said}");
        }
        for said in ["Client authentication failed", "user not found", ""] {
            assert!(!refused(401, "invalid_client", said).lacks_user(), "{said}");
        }
    }
}
