//! Register and resume: the application, its secret, its service principal, and its App ID URI. Each
//! step is kept before the next is sent, and a later run sends only what is missing.

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::Purpose,
    lenient,
    register::{ClientInformation, Handles, RegistrationError},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    Entra, certificates,
    graph::{Ask, is_lag_of_application, listed, quoted},
    keys::{handle, step},
    scope,
    tenant_endpoints::TenantEndpoints,
    translate,
};
use crate::{Context, ProviderError, Registration, api::Answer};

/// What Graph does not keep, and the registration does.
pub(super) struct Agreed {
    pub(super) method: Option<String>,
    pub(super) scope: Option<String>,
}

impl Agreed {
    /// Of a new client.
    fn wanted(entra: &Entra, wanted: &ClientMetadata) -> Self {
        Self {
            method: Some(translate::method(wanted)),
            scope: Some(scope::wanted(&entra.settings, wanted)),
        }
    }

    /// Of a client that is registered.
    pub(super) fn of(entra: &Entra, at: &Registration) -> Self {
        let granted = at.granted.scopes().filter(|scopes| !scopes.is_empty());
        Self {
            method: at.granted.token_endpoint_auth_method(),
            scope: granted
                .map(|scopes| scopes.join(" "))
                .or_else(|| Some(scope::configured(&entra.settings))),
        }
    }
}

/// An application as Graph answered it.
pub(super) fn information(
    application: &Map<String, Value>,
    answer: &Answer,
    agreed: Agreed,
) -> Result<ClientInformation, RegistrationError> {
    let missing = RegistrationError::NoClientId {
        words: None,
        status: answer.status,
        exchange: answer.exchange,
    };
    let Some(client_id) = lenient::text(application, "appId") else {
        return Err(missing);
    };
    let mut handles = Handles::new();
    if let Some(id) = lenient::text(application, "id") {
        handles.insert(handle::OBJECT_ID.to_owned(), id);
    }
    let scope = agreed.scope.map(|scope| scope::filled(&scope, &client_id));
    Ok(ClientInformation {
        client_secret: None,
        client_id_issued_at: lenient::time(application, "createdDateTime"),
        client_secret_expires_at: None,
        registration_client_uri: None,
        registration_access_token: None,
        metadata: translate::metadata(application, agreed.method, scope),
        handles,
        status: answer.status,
        elapsed_ms: answer.elapsed_ms,
        exchange: answer.exchange,
        client_id,
    })
}

/// A step that is still to do, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Secret,
    ServicePrincipal,
    AppIdUri,
}

impl Missing {
    fn step(self) -> &'static str {
        match self {
            Self::Secret => step::SECRET,
            Self::ServicePrincipal => step::SERVICE_PRINCIPAL,
            Self::AppIdUri => step::APP_ID_URI,
        }
    }
}

impl Entra {
    pub(crate) async fn register(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let version = TenantEndpoints::of(&self.config)?.version;
        let body = translate::application(wanted, version, context.owner_tag);
        // A refused admin client must not look like an application that may have been made.
        self.admin_token(context.flow).await?;
        context.sending(step::APPLICATION)?;
        let ask = Ask::post("applications", Purpose::Registration, Value::Object(body));
        let answer = self.graph(ask, context.flow).await?;
        let agreed = Agreed::wanted(self, wanted);
        let mut made = information(&answer.members, &answer, agreed)?;
        certificates::carry(wanted, &mut made);
        keep_time(&mut made, handle::CREATED_AT, self.http.clock().now());
        context.so_far(step::APPLICATION, &made)?;
        self.finish(context, wanted, made).await
    }

    pub(crate) async fn resume(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
        so_far: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        let object_id = self.object_id(so_far, context.flow).await?;
        let ask = Ask::get(
            format!("applications/{object_id}"),
            Purpose::ReadRegistration,
        );
        let since = time_of(&so_far.handles, handle::CREATED_AT);
        let answer = self.graph_fresh(ask, since, context.flow).await?;
        let agreed = Agreed::wanted(self, wanted);
        let mut made = information(&answer.members, &answer, agreed)?;
        made.handles.extend(so_far.handles.clone());
        certificates::carry(wanted, &mut made);
        if let (None, Some(issued)) = (since, made.client_id_issued_at) {
            keep_time(&mut made, handle::CREATED_AT, issued);
        }
        made.client_secret.clone_from(&so_far.client_secret);
        let current = so_far.handle(handle::KEY_ID);
        for password in translate::passwords(&answer.members) {
            if Some(password.key_id.as_str()) == current {
                made.client_secret_expires_at = password.ends_at;
            } else if so_far.client_secret.is_none() && translate::has_secret(wanted) {
                // Its answer was lost: nobody knows this secret, and nobody ever will.
                context.sending(step::SECRET)?;
                self.remove_password(&object_id, &password.key_id, context.flow)
                    .await?;
            }
        }
        self.finish(context, wanted, made).await
    }

    async fn finish(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
        mut made: ClientInformation,
    ) -> Result<ClientInformation, ProviderError> {
        let missing = self.missing(wanted, &made);
        let Some(last) = missing.last().copied() else {
            context.done(step::APPLICATION, &made)?;
            return Ok(made);
        };
        for next in missing {
            context.sending(next.step())?;
            match next {
                Missing::Secret => self.give_secret(&mut made, context.flow).await?,
                Missing::ServicePrincipal => {
                    self.give_service_principal(&mut made, context.flow).await?;
                }
                Missing::AppIdUri => self.give_app_id_uri(&mut made, context.flow).await?,
            }
            if next == last {
                context.done(next.step(), &made)?;
            } else {
                context.so_far(next.step(), &made)?;
            }
        }
        Ok(made)
    }

    fn missing(&self, wanted: &ClientMetadata, made: &ClientInformation) -> Vec<Missing> {
        let has = |name: &str| {
            made.handles
                .get(name)
                .is_some_and(|value| !value.is_empty())
        };
        let mut missing = Vec::new();
        if made.client_secret.is_none() && translate::has_secret(wanted) {
            missing.push(Missing::Secret);
        }
        if !has(handle::SERVICE_PRINCIPAL) {
            missing.push(Missing::ServicePrincipal);
        }
        if self.needs_app_id_uri(wanted) && !has(handle::APP_ID_URI) {
            missing.push(Missing::AppIdUri);
        }
        missing
    }

    /// A client that asks tokens for itself must be a resource by that name.
    pub(super) fn needs_app_id_uri(&self, wanted: &ClientMetadata) -> bool {
        !translate::is_public(wanted) && scope::is_own(&scope::wanted(&self.settings, wanted))
    }

    async fn give_service_principal(
        &self,
        made: &mut ClientInformation,
        flow: Uuid,
    ) -> Result<(), ProviderError> {
        let body = json!({ "appId": made.client_id });
        let ask = Ask::post("servicePrincipals", Purpose::Admin, body);
        let since = time_of(&made.handles, handle::CREATED_AT);
        let lags = is_lag_of_application;
        let principal = match self.graph_until_known(ask, since, lags, flow).await {
            Ok(answer) => answer.needed("id")?,
            Err(ProviderError::Registration(error)) if is_there_already(&error) => {
                self.service_principal(&made.client_id, flow).await?
            }
            Err(error) => return Err(error),
        };
        made.handles
            .insert(handle::SERVICE_PRINCIPAL.to_owned(), principal);
        Ok(())
    }

    /// The service principal of an application, whose first answer was lost.
    async fn service_principal(
        &self,
        client_id: &str,
        flow: Uuid,
    ) -> Result<String, ProviderError> {
        let filter = format!(
            "$filter=servicePrincipalNames/any(c:c%20eq%20'{}')",
            quoted(client_id)
        );
        let ask = Ask::get("servicePrincipals", Purpose::Admin).query(filter);
        let answer = self.graph(ask, flow).await?;
        let id = listed(&answer)
            .first()
            .and_then(|principal| lenient::text(principal, "id"));
        Ok(id.ok_or(RegistrationError::NoClientId {
            words: None,
            status: answer.status,
            exchange: answer.exchange,
        })?)
    }

    async fn give_app_id_uri(
        &self,
        made: &mut ClientInformation,
        flow: Uuid,
    ) -> Result<(), ProviderError> {
        let object_id = object_id_of(made)?;
        let uri = scope::filled(scope::OWN, &made.client_id);
        let mut body = Map::new();
        body.insert("identifierUris".into(), json!([uri]));
        let ask = Ask::patch(
            format!("applications/{object_id}"),
            Purpose::UpdateRegistration,
            body,
        );
        let since = time_of(&made.handles, handle::CREATED_AT);
        self.graph_fresh(ask, since, flow).await?;
        made.handles.insert(handle::APP_ID_URI.to_owned(), uri);
        Ok(())
    }
}

/// The object id, without which no path can be written.
pub(super) fn object_id_of(made: &ClientInformation) -> Result<&str, RegistrationError> {
    let known = made.handles.get(handle::OBJECT_ID).map(String::as_str);
    known
        .filter(|id| !id.is_empty())
        .ok_or(RegistrationError::NoClientId {
            words: None,
            status: made.status,
            exchange: made.exchange,
        })
}

pub(super) fn keep_time(made: &mut ClientInformation, name: &str, now: i64) {
    made.handles.insert(name.to_owned(), now.to_string());
}

/// A time among the handles, in Unix seconds.
pub(super) fn time_of(handles: &Handles, name: &str) -> Option<i64> {
    handles.get(name)?.parse().ok()
}

/// The service principal was made by a request whose answer was lost.
fn is_there_already(error: &RegistrationError) -> bool {
    matches!(error, RegistrationError::Refused { words, .. }
        if words.status == 409 || words.error.as_deref() == Some("Request_MultipleObjectsWithSameKeyValue"))
}
