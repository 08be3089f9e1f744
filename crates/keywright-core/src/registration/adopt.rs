//! Take a client that exists at the provider into the vault.

use keywright_oauth::{
    client_key::ClientKey,
    client_metadata::ClientMetadata,
    mutual_tls,
    register::ClientInformation,
    secret::{ClientSecret, RegistrationAccessToken},
};
use keywright_providers::{
    Capability, Context, OwnerTag, Provider, ProviderError, Registration, TokenWish, Verdict,
};
use keywright_vault::{ApplicationRow, ConfigurationRow, Health, SECRET_CLIENT_KEYS, SecretChange};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError, Operation, ProviderLabel,
    app::{
        FlowSubject,
        audit_action::AuditAction,
        client_keys::KeyRing,
        registration_record::{
            audience_key, checked_resources, configured_resources, resources_key,
        },
    },
    applications::types::{AdoptInput, Adopted},
    configurations::{input::checked_name, verify::no_checkpoint},
    error::input_problem::InputProblem,
    i18n::key::Key,
    registration::{
        Registrar,
        given_keys::algorithm,
        journal::secrets_of,
        proof::{Proven, is_for_users},
    },
    shell_words,
};

impl Registrar<'_> {
    /// Adopts a client by its ID and, where known, its secret and management token. With a secret, a
    /// token call proves it first: a client that the provider refuses is not adopted, and a provider that fails gives a
    /// warning. Where the admin credentials let us read it without changing it, its metadata comes along.
    pub async fn adopt(self, input: AdoptInput) -> Result<Adopted, CoreError> {
        let vault = self.app.vault()?;
        let configuration = self.app.configurations().row(&input.configuration_id)?;
        let name = checked_name(&input.name)?;
        self.check_free(&name)?;
        let at = given(&input)?;
        let resources = checked_resources(&input.resources)?;
        let (configuration, provider) = self.app.configurations().discovered(configuration).await?;
        let flow = self.app.flow(FlowSubject {
            configuration: Some(configuration.id),
            application: None,
        });
        let seen = self
            .looked_up(&configuration, &provider, &at, flow.id)
            .await?;
        let metadata = match &seen {
            Some(seen) => seen.metadata.clone(),
            None => at.granted.clone(),
        };
        let mut with_metadata = at.clone();
        with_metadata.granted = metadata.clone();
        speakable(&configuration, &provider, &with_metadata, seen.is_some())?;
        let mut proof = Proof::NotTried;
        if at.client_secret.is_some() || at.client_key.is_some() {
            if let Some(seen) = &seen {
                with_metadata.handles.clone_from(&seen.handles);
            }
            let wish = TokenWish {
                audience: input.audience.clone(),
                resources: if resources.is_empty() {
                    configured_resources(&configuration)
                } else {
                    resources.clone()
                },
                ..TokenWish::default()
            };
            let may_fail = is_for_users(&with_metadata);
            let tried = self.proven(&configuration, &provider, with_metadata, wish, flow.id);
            proof = Proof::of(tried.await?, may_fail);
        }
        let proven = matches!(proof, Proof::Given);
        let mut requested = metadata.clone();
        if let Some(asked) = &at.asked_scopes {
            requested.set("scope", asked.join(" "));
        }
        let now = self.app.now();
        let row = ApplicationRow {
            id: Uuid::now_v7(),
            name,
            configuration_id: configuration.id,
            provider: configuration.provider,
            client_id: at.client_id.clone(),
            health: if proven {
                Health::Live
            } else {
                Health::Unknown
            },
            health_checked_at: proven.then_some(now),
            requested: requested.to_value(),
            granted: metadata.to_value(),
            current: None,
            current_read_at: None,
            registration_client_uri: at.registration_client_uri.as_ref().map(Url::to_string),
            registration_token_replaced_at: None,
            handles: seen
                .as_ref()
                .map(|seen| seen.handles.clone())
                .unwrap_or_default(),
            has_secret: false,
            has_registration_token: false,
            client_id_issued_at: seen.as_ref().and_then(|seen| seen.client_id_issued_at),
            client_secret_expires_at: seen.as_ref().and_then(|seen| seen.client_secret_expires_at),
            labels: Vec::new(),
            auto_refresh: false,
            created_at: now,
            updated_at: now,
            last_used_at: None,
            expires_by_ttl_at: None,
        };
        let audience = input.audience.as_deref().unwrap_or_default().trim();
        if !audience.is_empty() {
            vault.put_kv(&audience_key(row.id), &json!(audience))?;
        }
        if !resources.is_empty() {
            vault.put_kv(&resources_key(row.id), &json!(resources))?;
        }
        vault.save_application(&row, &kept_secrets(&at, now)?)?;
        self.app.audit(
            AuditAction::ApplicationAdopted,
            &row.id.to_string(),
            json!({ "name": row.name }),
        )?;
        Ok(Adopted {
            application: self.app.applications().get(&row.id.to_string())?,
            warning: match proof {
                Proof::Failed(error) => Some(self.unproven(&row.name, &error)),
                Proof::Given | Proof::NotTried => None,
            },
        })
    }

    /// That the client is in the vault and was not proven, and why.
    fn unproven(self, name: &str, error: &CoreError) -> String {
        let view = error.view(self.app.lang(), self.app.0.actor);
        let name = shell_words::quoted(name);
        let blanks = [("why", &*view.message), ("name", &*name)];
        let said = self
            .app
            .try_say_here(&Key::RegisterNoteUnproven.into(), &blanks);
        said.unwrap_or(view.message)
    }

    /// The registration as the provider has it, where reading changes nothing there.
    async fn looked_up(
        self,
        configuration: &ConfigurationRow,
        provider: &Provider,
        at: &Registration,
        flow: Uuid,
    ) -> Result<Option<ClientInformation>, CoreError> {
        let reads = provider
            .capabilities()
            .line(Capability::Read)
            .is_some_and(|line| line.verdict == Verdict::Yes);
        if !reads {
            return Ok(None);
        }
        let context = Context {
            flow,
            owner_tag: OwnerTag::default(),
            keep: &no_checkpoint,
            progress: &|_| {},
        };
        let read = provider.read(context, at).await;
        read.map(Some).map_err(|source| CoreError::Provider {
            who: ProviderLabel::of(configuration),
            doing: Operation::Read,
            source,
        })
    }
}

/// Whether a client was proven by a token request.
enum Proof {
    NotTried,
    Given,
    /// The answer says nothing of the client.
    Failed(Box<CoreError>),
}

impl Proof {
    /// `may_fail`: the server is not expected to know the grant of this client.
    fn of(tried: Proven, may_fail: bool) -> Self {
        match tried {
            Proven::Yes => Self::Given,
            Proven::Unclear(_) if may_fail => Self::NotTried,
            Proven::Unclear(error) => Self::Failed(error),
        }
    }
}

/// Nothing is taken in that no token can come from: the way to authenticate must be one that can be
/// spoken, and what it needs must be there. What the provider lets us read, it may also let us rotate.
fn speakable(
    configuration: &ConfigurationRow,
    provider: &Provider,
    at: &Registration,
    read: bool,
) -> Result<(), CoreError> {
    match provider.client_authentication(at) {
        Err(ProviderError::NoSecret { .. } | ProviderError::NoKey { .. })
            if read || at.registration_access_token.is_some() =>
        {
            Ok(())
        }
        Err(ProviderError::NoKey { method }) => Err(CoreError::Input {
            what: InputProblem::AdoptWithoutKey,
            detail: method,
        }),
        Err(ProviderError::NoSecret { method }) => Err(CoreError::Input {
            what: InputProblem::AdoptWithoutSecret,
            detail: method,
        }),
        Err(source) => Err(CoreError::Provider {
            who: ProviderLabel::of(configuration),
            doing: Operation::Token,
            source,
        }),
        Ok(_) => Ok(()),
    }
}

/// What the user knows of the client.
fn given(input: &AdoptInput) -> Result<Registration, CoreError> {
    let client_id = input.client_id.trim().to_owned();
    if client_id.is_empty() {
        return Err(CoreError::Input {
            what: InputProblem::ClientIdEmpty,
            detail: String::new(),
        });
    }
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let mut granted = ClientMetadata::default();
    if let Some(method) = filled(&input.token_endpoint_auth_method) {
        granted.set("token_endpoint_auth_method", method);
    }
    let key = client_key(input)?;
    if let Some(key) = &key {
        let method = granted.token_endpoint_auth_method();
        if !method.as_deref().is_some_and(mutual_tls::is_method) {
            granted.set("token_endpoint_auth_signing_alg", key.algorithm().as_str());
        }
        if method.is_none() {
            granted.set("token_endpoint_auth_method", "private_key_jwt");
        }
    }
    if let Some(scope) = filled(&input.scope) {
        granted.set("scope", scope);
    }
    for (member, values) in [
        ("grant_types", &input.grant_types),
        ("redirect_uris", &input.redirect_uris),
    ] {
        if !values.is_empty() {
            granted.set(member, json!(values));
        }
    }
    let uri = filled(&input.registration_client_uri)
        .map(|text| {
            Url::parse(text.trim()).map_err(|_source| CoreError::Input {
                what: InputProblem::RegistrationUri,
                detail: text.trim().to_owned(),
            })
        })
        .transpose()?;
    Ok(Registration {
        client_id,
        asked_scopes: filled(&input.scope)
            .map(|text| text.split_whitespace().map(str::to_owned).collect()),
        client_secret: filled(&input.client_secret).map(ClientSecret::new),
        client_key: key,
        registration_client_uri: uri,
        registration_access_token: filled(&input.registration_access_token)
            .map(RegistrationAccessToken::new),
        granted,
        ..Registration::default()
    })
}

/// The key of an adopted client, as its provider knows it: a key without a name is sent without one, because the name
/// that the provider gave it is not known.
fn client_key(input: &AdoptInput) -> Result<Option<ClientKey>, CoreError> {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let Some(text) = filled(&input.client_key) else {
        return Ok(None);
    };
    let wanted = filled(&input.signing_alg)
        .map(|name| algorithm(&name))
        .transpose()?;
    let key = ClientKey::import(&text, wanted)?;
    Ok(Some(match filled(&input.key_id) {
        Some(kid) => key.named(kid.trim()),
        None if key.kid() == key.thumbprint() => key.named(""),
        None => key,
    }))
}

/// The secrets of an adopted client, to be stored.
fn kept_secrets(at: &Registration, now: i64) -> Result<Vec<SecretChange>, CoreError> {
    let mut secrets = secrets_of(
        at.client_secret.as_ref(),
        at.registration_access_token.as_ref(),
    );
    if let Some(key) = &at.client_key {
        let ring = KeyRing::with(key, now)?.to_text()?;
        secrets.push((SECRET_CLIENT_KEYS.to_owned(), ring));
    }
    Ok(secrets
        .into_iter()
        .map(|(name, secret)| (name, Some(secret)))
        .collect())
}
