//! What a server answers when it is as it should be.

use super::{
    row::Place,
    server::{Reply, Routes},
    tokens::{self, Minted},
};

/// Secrets that the tests look for wherever they should not be.
pub(crate) const CLIENT_SECRET: &str = "cl1ent-s3cret-of-the-hostile-table";
pub(crate) const REGISTRATION_TOKEN: &str = "reg1stration-t0ken-of-the-hostile-table";
pub(crate) const INITIAL_TOKEN: &str = "in1tial-t0ken-of-the-hostile-table";
pub(crate) const OPAQUE_TOKEN: &str = "opaque-acc3ss-t0ken-of-the-hostile-table";

/// The body of each endpoint.
pub(crate) fn body(place: Place) -> String {
    match place {
        Place::Discovery => r#"{"issuer":"ISSUER","registration_endpoint":"ISSUER/register","token_endpoint":"ISSUER/token","introspection_endpoint":"ISSUER/introspect","revocation_endpoint":"ISSUER/revoke","jwks_uri":"ISSUER/jwks","token_endpoint_auth_methods_supported":["client_secret_basic"]}"#.into(),
        Place::Registration | Place::Pinned => format!(
            r#"{{"client_id":"c1","client_secret":"{CLIENT_SECRET}","registration_access_token":"{REGISTRATION_TOKEN}","registration_client_uri":"ISSUER/manage/c1","token_endpoint_auth_method":"client_secret_basic","grant_types":["client_credentials"]}}"#
        ),
        Place::Management => r#"{"client_id":"c1","client_name":"read back","grant_types":["client_credentials"],"token_endpoint_auth_method":"client_secret_basic"}"#.into(),
        Place::Token => format!(r#"{{"access_token":"{OPAQUE_TOKEN}","token_type":"Bearer","expires_in":300}}"#),
        Place::Introspection => r#"{"active":true,"client_id":"c1"}"#.into(),
        Place::Revocation => "{}".into(),
        Place::Jwks => tokens::key_set(),
        Place::Api => r#"{"hello":"world"}"#.into(),
    }
}

/// All endpoints as they should be, except one.
pub(crate) fn routes(place: Place, hostile: Reply) -> Routes {
    let all = [
        Place::Discovery,
        Place::Registration,
        Place::Management,
        Place::Introspection,
        Place::Revocation,
        Place::Jwks,
        Place::Api,
    ];
    let mut routes: Routes = all
        .into_iter()
        .map(|one| (one.path(), Reply::json(&body(one))))
        .collect();
    routes.insert(Place::Token.path(), Reply::Token(Box::new(Minted::good())));
    routes.insert(place.path(), hostile);
    routes
}
