//! Client grants: what opens one API, with some of its scopes, to one client.

use http::Method;
use keywright_oauth::{
    client_metadata::ClientMetadata, http::Purpose, lenient, register::ClientInformation,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Auth0, handle, management::is_gone};
use crate::{ProviderError, Registration, api::Call};

/// More grants than a page holds no client has; those left over end with the client.
const PAGE: &str = "100";

/// A grant as Auth0 answers it.
#[derive(Debug, Clone)]
pub(super) struct ApiGrant {
    id: String,
    audience: Option<String>,
    /// None where it is for all scopes of the API.
    scopes: Option<Vec<String>>,
    /// Auth0's own: nobody may delete it.
    is_system: bool,
}

impl ApiGrant {
    fn read(members: &Map<String, Value>) -> Option<Self> {
        Some(Self {
            id: lenient::text(members, "id")?,
            audience: lenient::text(members, "audience"),
            scopes: lenient::list(members, "scope"),
            is_system: lenient::flag(members, "is_system") == Some(true),
        })
    }

    /// Writes it into what is kept of the client: its scopes are the client's.
    pub(super) fn note(&self, information: &mut ClientInformation) {
        let handles = &mut information.handles;
        handles.insert(handle::GRANT_ID.into(), self.id.clone());
        if let Some(audience) = &self.audience {
            handles.insert(handle::GRANT_AUDIENCE.into(), audience.clone());
        }
        let scopes = self.scopes.clone().unwrap_or_default();
        information.metadata.set("scope", scopes.join(" "));
    }
}

/// Takes the grant over that is known of the client already.
pub(super) fn carry(at: &Registration, information: &mut ClientInformation) {
    if let Some(scope) = at.granted.members().get("scope") {
        information.metadata.set("scope", scope.clone());
    }
}

impl Auth0 {
    /// The API that a client is to be opened for: as wanted, else as `known` of it, else as set; none
    /// where it cannot have tokens of its own.
    pub(super) fn api_for(
        &self,
        wanted: &ClientMetadata,
        granted: &ClientMetadata,
        known: Option<&str>,
    ) -> Option<String> {
        let alone = granted
            .grant_types()
            .is_some_and(|grants| grants.iter().any(|grant| grant == "client_credentials"));
        if !alone {
            return None;
        }
        lenient::text(wanted.members(), "audience")
            .or_else(|| known.map(str::to_owned))
            .or_else(|| self.settings.audience.clone())
    }

    /// Grants an API to a client.
    pub(super) async fn create_grant(
        &self,
        client_id: &str,
        audience: &str,
        scopes: &[String],
        flow: Uuid,
    ) -> Result<ApiGrant, ProviderError> {
        let call = Call {
            body: Some(grant_body(client_id, audience, scopes)),
            ..self.request(Method::POST, Purpose::Registration, &["client-grants"])?
        };
        let answer = self.ask(call, flow).await?;
        Ok(ApiGrant {
            id: answer.needed("id")?,
            audience: Some(
                answer
                    .text("audience")
                    .unwrap_or_else(|| audience.to_owned()),
            ),
            scopes: lenient::list(&answer.members, "scope"),
            is_system: false,
        })
    }

    /// Changes the scopes of a grant.
    pub(super) async fn change_grant(
        &self,
        id: &str,
        scopes: &[String],
        flow: Uuid,
    ) -> Result<ApiGrant, ProviderError> {
        let call = Call {
            body: Some(json!({ "scope": scopes })),
            ..self.request(
                Method::PATCH,
                Purpose::UpdateRegistration,
                &["client-grants", id],
            )?
        };
        let answer = self.ask(call, flow).await?;
        Ok(ApiGrant {
            id: id.to_owned(),
            audience: answer.text("audience"),
            scopes: lenient::list(&answer.members, "scope"),
            is_system: false,
        })
    }

    /// The grants of a client, of one API or of all.
    pub(super) async fn grants_of(
        &self,
        client_id: &str,
        audience: Option<&str>,
        flow: Uuid,
    ) -> Result<Vec<ApiGrant>, ProviderError> {
        let mut call = self.request(Method::GET, Purpose::ReadRegistration, &["client-grants"])?;
        {
            let mut query = call.url.query_pairs_mut();
            if let Some(audience) = audience {
                query.append_pair("audience", audience);
            }
            query.append_pair("client_id", client_id);
            query.append_pair("include_totals", "true");
            query.append_pair("per_page", PAGE);
        }
        let answer = self.ask(call, flow).await?;
        // A bare list where totals are not included, an object around it where they are.
        let items = match answer.members.get("client_grants") {
            Some(Value::Array(items)) => items,
            _ => &answer.items,
        };
        Ok(items
            .iter()
            .filter_map(Value::as_object)
            .filter_map(ApiGrant::read)
            .collect())
    }

    /// Ends every grant of a client: the one that is known, else those that are found.
    pub(super) async fn delete_grants(
        &self,
        at: &Registration,
        flow: Uuid,
    ) -> Result<(), ProviderError> {
        let ids: Vec<String> = match at.handle(handle::GRANT_ID) {
            Some(id) => vec![id.to_owned()],
            None => self
                .grants_of(&at.client_id, None, flow)
                .await?
                .into_iter()
                .filter(|grant| !grant.is_system)
                .map(|grant| grant.id)
                .collect(),
        };
        for id in ids {
            let call = self.request(
                Method::DELETE,
                Purpose::DeleteRegistration,
                &["client-grants", &id],
            )?;
            match self.ask(call, flow).await {
                Ok(_) => {}
                Err(error) if is_gone(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// What grants an API to a client.
pub(super) fn grant_body(client_id: &str, audience: &str, scopes: &[String]) -> Value {
    json!({ "client_id": client_id, "audience": audience, "scope": scopes })
}
