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
/// The API that a token is for has to be named: Auth0 and servers like it.
const NO_AUDIENCE: [&str; 8] = [
    "no audience parameter",
    "audience is required",
    "audience is missing",
    "audience must be",
    "missing audience",
    "missing required parameter: audience",
    "missing parameter: audience",
    "parameter 'audience' is",
];
/// A member that a request may not have.
const NOT_WANTED: [&str; 9] = [
    "must not",
    "should not",
    "not allowed",
    "not permitted",
    "cannot be",
    "can't be",
    "read-only",
    "read only",
    "unexpected",
];
/// A client that the server does not have. Microsoft Entra ID and others say so with the code for a grant that is not
/// allowed.
const NO_CLIENT: [&str; 6] = [
    "was not found in the directory",
    "client not found",
    "unknown client",
    "no such client",
    "client does not exist",
    "client is not registered",
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

    /// The update of a registration may not have the secret (RFC 7592 §2.2 leaves it to the client to send it). One that is
    /// called wrong is not meant: a request without it could replace it.
    pub fn refuses_secret(&self) -> bool {
        let about = ["client_secret", "client secret", "clientsecret"];
        // A value that is found wrong: without it the server could make another secret.
        let value = ["empty", "blank", "differ", "verif", "match", "null"];
        matches!(self.status, 400 | 422)
            && self.says(&about)
            && self.says(&NOT_WANTED)
            && !self.says(&value)
    }

    /// A token request names no API, and the server has none to take instead.
    pub fn lacks_audience(&self) -> bool {
        matches!(self.status, 400..=403) && self.says(&NO_AUDIENCE)
    }

    /// The server does not have the client, whatever its code says.
    pub(crate) fn lacks_client(&self) -> bool {
        self.says(&NO_CLIENT)
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
    fn a_secret_that_is_not_wanted_differs_from_a_wrong_one() {
        for said in [
            "client_secret must not be included",
            "The client secret cannot be changed",
        ] {
            assert!(
                refused(400, "invalid_request", said).refuses_secret(),
                "{said}"
            );
        }
        for said in [
            "client_secret is missing",
            "client_secret does not match",
            "client_secret cannot be empty",
            "The client secret must not differ from the registered one",
            "scope is not allowed",
        ] {
            assert!(
                !refused(400, "invalid_request", said).refuses_secret(),
                "{said}"
            );
        }
    }

    #[test]
    fn a_request_without_an_api_says_so() {
        for said in [
            "No audience parameter was provided, and no default audience has been configured",
            "Audience is required",
            "Missing required parameter: audience",
        ] {
            assert!(
                refused(403, "access_denied", said).lacks_audience(),
                "{said}"
            );
        }
        for said in [
            "The audience of the assertion is wrong",
            "Invalid audience",
            "",
        ] {
            assert!(
                !refused(400, "invalid_request", said).lacks_audience(),
                "{said}"
            );
        }
    }

    #[test]
    fn a_client_that_is_not_there_differs_from_a_grant_that_is_not_allowed() {
        let said =
            "AADSTS700016: Application with identifier 'c1' was not found in the directory 'x'.";
        assert!(refused(400, "unauthorized_client", said).lacks_client());
        let said = "The client is not authorized to use this grant";
        assert!(!refused(400, "unauthorized_client", said).lacks_client());
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
