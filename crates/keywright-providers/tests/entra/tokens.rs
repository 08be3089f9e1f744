//! Token requests, and what the sheet says.

use keywright_oauth::secret::ClientSecret;
use keywright_providers::{Capability, ProviderError, Registration, TokenWish};
use uuid::Uuid;

use crate::tenant::{APP, Journal, TENANT, Tenant, context, wanted};

#[tokio::test]
async fn a_token_is_asked_for_one_resource() {
    let tenant = Tenant::new(&[("default_resource", "api://orders")]).await;
    let flow = Uuid::now_v7();
    let at = Registration {
        client_id: APP.into(),
        client_secret: Some(ClientSecret::new("s")),
        ..Registration::default()
    };
    let provider = tenant.provider();
    let request = provider
        .token_request(&at, TokenWish::default(), flow)
        .unwrap();
    assert_eq!(request.scopes, ["api://orders/.default"]);
    assert_eq!(
        request.endpoint.path(),
        format!("/{TENANT}/oauth2/v2.0/token")
    );
    let wish = TokenWish {
        audience: Some("https://vault.azure.net".into()),
        ..TokenWish::default()
    };
    let request = provider.token_request(&at, wish, flow).unwrap();
    assert_eq!(request.scopes, ["https://vault.azure.net/.default"]);
    assert!(request.extra.is_empty(), "AADSTS901002");

    let old = format!("{}/{TENANT}/oauth2/token", tenant.server.uri());
    let tenant = Tenant::new(&[("token_endpoint", &old)]).await;
    let request = tenant
        .provider()
        .token_request(&at, TokenWish::default(), flow)
        .unwrap();
    assert!(request.scopes.is_empty());
    assert_eq!(
        request.extra,
        [("resource".to_owned(), format!("api://{APP}"))]
    );
}

#[tokio::test]
async fn the_sheet_has_every_line_and_refuses_what_entra_has_not() {
    let tenant = Tenant::new(&[]).await;
    let provider = tenant.provider();
    let sheet = provider.capabilities();
    assert_eq!(sheet.lines.len(), 16);
    let at = Registration::default();
    for capability in [Capability::Introspection, Capability::Revocation] {
        assert!(provider.can(capability, &at).is_err(), "{capability:?}");
    }
    assert!(provider.can(Capability::RotateOverlap, &at).is_ok());
    let mut config = tenant.config(&tenant.issuer());
    config.secrets.clear();
    let stranger = tenant.provider_of(config);
    assert!(stranger.can(Capability::Register, &at).is_err());
    let journal = Journal::default();
    let error = stranger
        .register(context!(journal), &wanted())
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            ProviderError::Missing {
                key: "initial_client_secret"
            }
        ),
        "{error:?}"
    );
}
