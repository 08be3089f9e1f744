//! What the provider is asked of a token: its state by introspection; and its revocation.

use std::vec;

use keywright_oauth::{
    http::{HttpClient, redact},
    introspect, revoke,
    server_metadata::{INTROSPECTION_ENDPOINT, REVOCATION_ENDPOINT},
    token::{ClientAuth, TokenError},
};
use keywright_providers::{
    Capability, RememberedAudience, audiences_at, client_auth_at, client_auth_setting,
    other_client_auth,
};
use keywright_vault::{ApplicationRow, TokenRow};
use serde_json::{Value, json};
use url::Url;

use crate::{
    CoreError, Operation, ProviderLabel,
    app::{FlowSubject, audit_action::AuditAction, registration_record::registration},
    tokens::{Tokens, types::TokenView},
};

impl Tokens<'_> {
    /// Asks the provider what it knows of the token (RFC 7662).
    pub async fn introspect(self, wanted: &str) -> Result<TokenView, CoreError> {
        let token = self.row(wanted)?;
        let mut asked = self.ask_about(&token, Operation::Introspect)?;
        let value = self.secret(&token)?;
        let text = value.expose();
        let flow = self.app.flow(asked.subject());
        let answer = loop {
            let Asked { http, endpoint, .. } = &asked;
            let outcome =
                introspect::introspect(http, endpoint, &asked.client_authentication, text, flow.id)
                    .await;
            match outcome {
                Ok(answer) => break answer,
                Err(error) if asked.has_another_way(&error) => {}
                Err(source) => {
                    let Asked {
                        application, who, ..
                    } = asked;
                    return Err(self.app.explained(
                        &application,
                        who,
                        Operation::Introspect,
                        source.into(),
                    ));
                }
            }
        };
        self.keep_client_auth(asked.application.configuration_id, asked.adapted)?;
        let now = self.app.now();
        // Some servers repeat the token.
        let introspected = redact::json(&Value::Object(answer.members), &[text.to_owned()]);
        let token = self.app.vault()?.update_token(token.id, |row| {
            row.introspected = Some(introspected);
            row.introspected_at = Some(now);
        })?;
        self.view(&token)
    }

    /// Revokes the token at the provider (RFC 7009).
    pub async fn revoke(self, wanted: &str) -> Result<TokenView, CoreError> {
        let token = self.row(wanted)?;
        let mut asked = self.ask_about(&token, Operation::Revoke)?;
        let value = self.secret(&token)?;
        let flow = self.app.flow(asked.subject());
        loop {
            let Asked { http, endpoint, .. } = &asked;
            let outcome = revoke::revoke(
                http,
                endpoint,
                &asked.client_authentication,
                value.expose(),
                flow.id,
            )
            .await;
            match outcome {
                Ok(_exchange) => break,
                Err(error) if asked.has_another_way(&error) => {}
                Err(source) => {
                    let Asked {
                        application, who, ..
                    } = asked;
                    return Err(self.app.explained(
                        &application,
                        who,
                        Operation::Revoke,
                        source.into(),
                    ));
                }
            }
        }
        self.keep_client_auth(asked.application.configuration_id, asked.adapted)?;
        self.app.vault()?.mark_revoked(token.id, self.app.now())?;
        self.app.audit(
            AuditAction::TokenRevoked,
            &asked.application.id.to_string(),
            json!({ "name": asked.application.name }),
        )?;
        self.show(&token.id.to_string())
    }

    fn ask_about(self, token: &TokenRow, doing: Operation) -> Result<Asked, CoreError> {
        let vault = self.app.vault()?;
        let application = vault.application(token.application_id)?;
        let configuration = vault.configuration(application.configuration_id)?;
        let config = self.app.configurations().provider_config(&configuration)?;
        let who = ProviderLabel::of(&configuration).about(&application.name);
        let (name, capability) = if doing == Operation::Introspect {
            (INTROSPECTION_ENDPOINT, Capability::Introspection)
        } else {
            (REVOCATION_ENDPOINT, Capability::Revocation)
        };
        let endpoint = config.needed_endpoint(name, capability);
        let endpoint = endpoint.map_err(|source| CoreError::Provider {
            who: who.clone(),
            doing,
            source,
        })?;
        let at = registration(&vault, &application)?;
        let mut client_authentication = self
            .app
            .configurations()
            .provider(&configuration)?
            .client_authentication(&at)
            .map_err(|source| self.app.explained(&application, who.clone(), doing, source))?;
        let presents = client_authentication.certificate.is_some();
        let endpoint = config.at_certificate(name, endpoint, presents);
        let listed = config.metadata.as_ref().and_then(|metadata| {
            let own = if doing == Operation::Introspect {
                &metadata.introspection_endpoint_auth_methods_supported
            } else {
                &metadata.revocation_endpoint_auth_methods_supported
            };
            own.as_deref()
        });
        client_authentication.client_auth =
            client_auth_at(&config, listed, client_authentication.client_auth);
        let http = self.app.configurations().http(&config, &who.name)?;
        let way = client_authentication.client_auth;
        let mut audiences = audiences_at(&config, way, &endpoint).into_iter();
        if let Some((audience, _)) = audiences.next() {
            client_authentication.assertion.audience = audience;
        }
        let others = other_client_auth(&config, &at, way);
        Ok(Asked {
            who,
            application,
            endpoint,
            client_authentication,
            others: others.into_iter(),
            audiences,
            adapted: None,
            http,
        })
    }
}

/// What is needed to ask a provider about a token.
struct Asked {
    who: ProviderLabel,
    application: ApplicationRow,
    endpoint: Url,
    client_authentication: introspect::ClientAuthentication,
    /// Ways to authenticate that are left to try.
    others: vec::IntoIter<ClientAuth>,
    /// Audiences of the assertion that are left to try.
    audiences: vec::IntoIter<RememberedAudience>,
    /// The setting that remembers what is tried of these.
    adapted: Option<(String, String)>,
    http: HttpClient,
}

impl Asked {
    fn subject(&self) -> FlowSubject {
        FlowSubject {
            configuration: Some(self.application.configuration_id),
            application: Some(self.application.id),
        }
    }

    /// The credentials may have been misread, and there is another way to write them: the next request
    /// uses it.
    fn has_another_way(&mut self, error: &TokenError) -> bool {
        let client = &mut self.client_authentication;
        if let ClientAuth::Basic(encoding) = client.client_auth
            && client.client_secret.is_some()
            && error.misses_client_id()
        {
            client.client_auth = ClientAuth::BasicWithId(encoding);
            return true;
        }
        if error.misses_client_secret() && !client.repeats_in_form {
            client.repeats_in_form = true;
            return true;
        }
        if error.is_refused_client()
            && let Some(way) = self.others.next()
        {
            client.client_auth = way;
            self.adapted = Some(client_auth_setting(way));
        } else if error.may_refuse_assertion()
            && let Some((audience, setting)) = self.audiences.next()
        {
            client.assertion.audience = audience;
            self.adapted = Some(setting);
        } else {
            return false;
        }
        true
    }
}
