//! Who may use the organisation's APIs: its API token, or an access token of its own authorization
//! server with the scope that the operation needs.

use axum::http::{HeaderMap, Method, header};

use super::answer::ApiRefusal;
use super::{READ_ONLY, SELF, organisation};
use crate::idp;
use crate::state::Shared;
use crate::state::keys::same_secret;

/// Lets the request in, or says why not.
pub(super) fn admitted(
    shared: &Shared,
    method: &Method,
    headers: &HeaderMap,
    scope: &str,
) -> Result<(), ApiRefusal> {
    let credential = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .ok_or(ApiRefusal::NoSession)?;
    let (scheme, token) = credential.split_once(' ').ok_or(ApiRefusal::BadToken)?;
    if scheme.eq_ignore_ascii_case("ssws") {
        let admin = shared.admins.of(SELF);
        if !admin.is_some_and(|admin| same_secret(token.trim(), &admin.secret)) {
            return Err(ApiRefusal::BadToken);
        }
    } else {
        let claims = idp::bearer(headers)
            .and_then(|token| idp::live_token(shared, SELF, token))
            .filter(|claims| claims.aud == organisation(shared))
            .ok_or(ApiRefusal::BadToken)?;
        if !claims.scope().contains(&scope) {
            return Err(ApiRefusal::Forbidden);
        }
    }
    // What the administrator behind the credential may do, whatever the scopes say.
    let only_reads = shared.faults(SELF).vendor(READ_ONLY) > 0;
    if only_reads && *method != Method::GET {
        return Err(ApiRefusal::Forbidden);
    }
    Ok(())
}
