//! A token that an API refuses as invalid is not sent again.

use keywright_oauth::{error_response::ErrorResponse, http::Response};
use uuid::Uuid;

use crate::{CoreError, tokens::Tokens};

/// A token that is younger, and that the API refuses without calling it invalid, is not at fault: a new
/// one would be refused as well.
const FRESH_SECS: i64 = 60;
/// The token is expired, revoked or malformed (RFC 6750 §3.1).
const INVALID_TOKEN: &str = "invalid_token";

impl Tokens<'_> {
    /// Notes that an API refused a token, where its answer says so: the next call fetches a new one.
    pub(crate) fn note_refused_token(
        self,
        token: Option<Uuid>,
        response: &Response,
    ) -> Result<(), CoreError> {
        let Some(id) = token else {
            return Ok(());
        };
        let refusal = refusal(response);
        if refusal == Refusal::Other {
            return Ok(());
        }
        let now = self.app.now();
        self.app.vault()?.update_token(id, |row| {
            let fresh = now.saturating_sub(row.issued_at) < FRESH_SECS;
            if refusal == Refusal::Invalid || !fresh {
                row.refused_at = Some(now);
            }
        })?;
        Ok(())
    }
}

/// What an answer says of the bearer token that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// `invalid_token` (RFC 6750 §3.1).
    Invalid,
    /// 401, and no reason.
    NotSaid,
    /// Accepted, or refused for something that a new token does not change.
    Other,
}

fn refusal(response: &Response) -> Refusal {
    let words = ErrorResponse::of(response);
    let is = |error: &Option<String>, code: &str| {
        error
            .as_deref()
            .is_some_and(|error| error.eq_ignore_ascii_case(code))
    };
    let challenge = words.challenge.unwrap_or_default();
    if response.status >= 400 && is(&challenge.error, INVALID_TOKEN) {
        return Refusal::Invalid;
    }
    if response.status != 401 || challenge.error.is_some() {
        return Refusal::Other;
    }
    if is(&words.error, INVALID_TOKEN) {
        return Refusal::Invalid;
    }
    if is(&words.error, "insufficient_scope") || is(&words.error, "invalid_request") {
        return Refusal::Other;
    }
    // An API that asks for another kind of credential says nothing about the token.
    if challenge.scheme.is_empty() || challenge.scheme.eq_ignore_ascii_case("bearer") {
        Refusal::NotSaid
    } else {
        Refusal::Other
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, header::WWW_AUTHENTICATE};

    fn read(status: u16, challenge: Option<&str>, body: &str) -> Refusal {
        let mut headers = HeaderMap::new();
        if let Some(challenge) = challenge {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_str(challenge).unwrap());
        }
        refusal(&Response::new(
            status,
            headers,
            Bytes::copy_from_slice(body.as_bytes()),
        ))
    }

    #[test]
    fn a_token_is_invalid_where_the_api_says_so() {
        for challenge in [
            r#"Bearer error="invalid_token""#,
            r#"Bearer realm="api", error="invalid_token", error_description="expired""#,
            "bearer error=invalid_token",
            r#"Basic realm="x", Bearer error="invalid_token""#,
            // A comma and an equals sign within quotes part nothing.
            r#"Bearer realm="a, error=none", error="invalid_token""#,
        ] {
            assert_eq!(
                read(401, Some(challenge), ""),
                Refusal::Invalid,
                "{challenge}"
            );
        }
        assert_eq!(
            read(401, None, r#"{"error":"invalid_token"}"#),
            Refusal::Invalid
        );
        assert_eq!(read(401, None, "no"), Refusal::NotSaid);
        assert_eq!(
            read(401, Some("Bearer realm=\"api\""), ""),
            Refusal::NotSaid
        );
    }

    #[test]
    fn a_refusal_for_another_reason_says_nothing_of_the_token() {
        for (status, challenge, body) in [
            (401, Some(r#"Bearer error="insufficient_scope""#), ""),
            (403, Some(r#"Bearer error="insufficient_scope""#), ""),
            (401, Some(r#"Bearer error="invalid_request""#), ""),
            (401, Some("Basic realm=\"api\""), ""),
            (401, None, r#"{"error":"insufficient_scope"}"#),
            (403, None, r#"{"error":"invalid_token"}"#),
            (200, None, r#"{"error":"invalid_token"}"#),
            (500, None, ""),
        ] {
            assert_eq!(
                read(status, challenge, body),
                Refusal::Other,
                "{challenge:?} {body}"
            );
        }
    }
}
