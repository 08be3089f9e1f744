//! token.

use keywright_core::{
    Keywright,
    view::{CopyForm, SecretRef, TokenView, TokenWish},
};
use serde_json::json;

use crate::{
    args::{Cli, TokenCommand, TokenFormat},
    failure::Failure,
    output,
};

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &TokenCommand,
) -> Result<u8, Failure> {
    match command {
        TokenCommand::Get {
            app,
            grant,
            scopes,
            audience,
            resources,
            refresh,
            format,
        } => {
            let wish = TokenWish {
                application_id: app.clone(),
                grant: grant.clone(),
                scope: (!scopes.is_empty()).then(|| scopes.join(" ")),
                audience: audience.clone(),
                resources: resources.clone(),
                refresh: *refresh,
            };
            let token = keywright.token_get(&wish).await?;
            get(cli, keywright, &token, *format)?;
        }
        TokenCommand::List { app } => {
            let all = keywright.tokens(app.as_deref())?;
            let items = all
                .iter()
                .map(serde_json::to_value)
                .collect::<Result<Vec<_>, _>>()?;
            output::list(cli.json, &items, all.len(), || {
                all.iter()
                    .map(|token| {
                        output::visible(&format!(
                            "{}  {:<24} {}",
                            token.id,
                            token.application,
                            token.scope.clone().unwrap_or_default()
                        ))
                    })
                    .collect()
            })?;
        }
        TokenCommand::Show { token } => show(cli, &find(keywright, token)?)?,
        TokenCommand::Verify { token } => {
            let id = find(keywright, token)?.id;
            show(cli, &keywright.token_verify(&id).await?)?;
        }
        TokenCommand::Introspect { token } => {
            let id = find(keywright, token)?.id;
            show(cli, &keywright.token_introspect(&id).await?)?;
        }
        TokenCommand::Revoke { token } => {
            let id = find(keywright, token)?.id;
            show(cli, &keywright.token_revoke(&id).await?)?;
        }
    }
    Ok(0)
}

/// A token by its id, or the newest of an application.
fn find(keywright: &Keywright, wanted: &str) -> Result<TokenView, Failure> {
    match keywright.token(wanted) {
        Ok(token) => Ok(token),
        Err(keywright_core::CoreError::NotFound { .. }) => {
            let newest = keywright.token_current(wanted)?;
            newest.ok_or_else(|| {
                keywright_core::CoreError::NotFound {
                    what: "token",
                    name: wanted.to_owned(),
                    nearest: None,
                }
                .into()
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// Without a form the value stays in the vault; with one it is printed, and written to the audit log.
fn get(
    cli: &Cli,
    keywright: &Keywright,
    token: &TokenView,
    format: Option<TokenFormat>,
) -> Result<(), Failure> {
    let secret = SecretRef::AccessToken {
        token_id: token.id.clone(),
    };
    let value = match format {
        None => None,
        Some(form) if !cli.json => {
            let form = match form {
                TokenFormat::Raw => CopyForm::Raw,
                TokenFormat::Header => CopyForm::Header,
                TokenFormat::Env => CopyForm::EnvWithValue,
                TokenFormat::Curl => CopyForm::CurlWithValue,
            };
            output::raw(keywright.copy_value(&secret, form)?.0.expose());
            return Ok(());
        }
        Some(_) => Some(keywright.copy_value(&secret, CopyForm::Raw)?.0),
    };
    let expires_in = token.expires_at.map(|end| end - keywright.now());
    let document = json!({
        "access_token": value.as_ref().map(keywright_core::SecretText::expose),
        "token_type": token.token_type,
        "expires_in": expires_in,
        "scope": token.scope,
        "from_cache": token.from_cache,
        "id": token.id,
    });
    output::data(cli.json, &document, || {
        vec![
            format!(
                "access_token  {}••••",
                token.preview.clone().unwrap_or_default()
            ),
            format!("token_type    {}", token.token_type),
            format!(
                "expires_in    {}",
                expires_in.map_or_else(|| "not said".to_owned(), |seconds| format!("{seconds} s"))
            ),
            output::visible(&format!(
                "scope         {}",
                token.scope.clone().unwrap_or_default()
            )),
        ]
    })
}

fn show(cli: &Cli, token: &TokenView) -> Result<(), Failure> {
    output::data(cli.json, token, || {
        let mut lines = vec![
            format!("id         {}", token.id),
            format!(
                "signature  {:?} {}",
                token.signature,
                token.signature_reason.clone().unwrap_or_default()
            ),
        ];
        lines.extend(token.active.map(|active| format!("active     {active}")));
        lines.extend(token.revoked_at.map(|at| format!("revoked    {at}")));
        lines.extend(token.claims.iter().map(|claim| {
            output::visible(&format!(
                "{:<10} {} {}",
                claim.name,
                claim.value,
                claim.note.clone().unwrap_or_default()
            ))
        }));
        lines
    })
}
