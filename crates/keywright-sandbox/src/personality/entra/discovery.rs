//! The discovery document of the tenant: no registration endpoint, no grant types.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::answer::{StsError, StsRefusal};
use super::{SELF, TENANT, first_issuer, resource};
use crate::state::Shared;

/// `GET /entra/{tenant}/.well-known/openid-configuration`: the document of version 1.
pub(super) async fn first_document(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
) -> Result<Json<Value>, StsRefusal> {
    if tenant != TENANT {
        return Err(StsError::UnknownTenant(tenant).at(&shared));
    }
    let base = SELF.base(&shared);
    let mut document = common(&shared, &tenant);
    let issuer = if shared.faults(SELF).wrong_issuer {
        SELF.named_issuer(&shared)
    } else {
        first_issuer(&shared)
    };
    for (name, value) in [
        ("issuer", issuer),
        ("token_endpoint", format!("{base}/{tenant}/oauth2/token")),
        ("jwks_uri", format!("{base}/{tenant}/discovery/keys")),
        (
            "authorization_endpoint",
            format!("{base}/{tenant}/oauth2/authorize"),
        ),
    ] {
        document[name] = json!(value);
    }
    Ok(Json(document))
}

/// `GET /entra/{tenant}/v2.0/.well-known/openid-configuration`
pub(super) async fn document(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
) -> Result<Json<Value>, StsRefusal> {
    let base = SELF.base(&shared);
    let issuer = match tenant.as_str() {
        TENANT => SELF.named_issuer(&shared),
        // The document of all tenants has a place to fill, to the letter.
        "common" | "organizations" => format!("{base}/{{tenantid}}/v2.0"),
        _ => return Err(StsError::UnknownTenant(tenant).at(&shared)),
    };
    let mut document = common(&shared, &tenant);
    document["issuer"] = json!(issuer);
    Ok(Json(document))
}

fn common(shared: &Shared, tenant: &str) -> Value {
    let base = SELF.base(shared);
    json!({
        "token_endpoint": format!("{base}/{tenant}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": [
            "client_secret_post", "private_key_jwt", "client_secret_basic",
        ],
        "jwks_uri": format!("{base}/{tenant}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": null,
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("{}/oidc/userinfo", resource::graph(shared)),
        "authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{base}/{tenant}/oauth2/v2.0/logout"),
        "kerberos_endpoint": format!("{base}/{tenant}/kerberos"),
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
            "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr",
            "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email",
        ],
        "tenant_region_scope": "WW",
        "cloud_instance_name": "127.0.0.1",
        "cloud_graph_host_name": "127.0.0.1",
        "msgraph_host": "127.0.0.1",
        "rbac_url": base,
    })
}
