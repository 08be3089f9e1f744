//! token.

use std::time::Duration;

use keywright_core::{
    Keywright,
    file_kind::WantedFile,
    rfc3339, translate,
    view::{ClaimView, CopyForm, SecretRef, SignatureView, TokenView, TokenWish},
};
use serde_json::{Value, json};

use super::{given, sign_in};
use crate::{
    args::{Cli, TokenCommand, TokenFormat, TokenGetArgs},
    failure::Failure,
    output, source, table,
    text::Key,
};

/// A check of a signature that takes longer than this is given up: whoever reads the token waits for the end of the
/// program.
const CHECK_WAIT: Duration = Duration::from_secs(5);
/// Exit code of `token verify` for a token whose signature could not be checked: no key for it, or nothing that anyone
/// but its provider can read.
const NOT_CHECKED: u8 = 1;
/// Exit code of `token verify` for a token that is not valid.
const NOT_VALID: u8 = 8;

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &TokenCommand,
) -> Result<u8, Failure> {
    match command {
        TokenCommand::Get(args) => {
            let wish = TokenWish {
                application_id: args.app.clone(),
                grant: args.grant.clone(),
                scope: (!args.scopes.is_empty()).then(|| args.scopes.join(" ")),
                audience: args.audience.clone(),
                resources: args.resources.clone(),
                authorization_details: details(args)?,
                without_details: args.without_details,
                refresh: args.refresh,
            };
            let tokens = keywright.tokens();
            let given = match given::assertion(cli, keywright, &args.assertion)? {
                Some(assertion) => Some(assertion),
                None => given::exchange(cli, keywright, &args.exchange)?,
            };
            let token = if let Some(given) = given {
                tokens.get_given(&wish, given).await?
            } else if tokens.is_sign_in(&wish)? {
                Box::pin(sign_in::run(cli, keywright, &wish, &args.sign_in, args.yes)).await?
            } else {
                tokens.get(&wish).await?
            };
            if args.keep_details {
                // What the server refused is not remembered.
                tokens.remember_details(&wish)?;
            }
            get(cli, keywright, &token, args.format)?;
            if keywright_core::needs_proof(&token.token_type) {
                let blanks = [("name", &*token.application), ("detail", &token.token_type)];
                let lang = keywright.lang();
                output::status(cli.quiet, &translate(lang, Key::TokenNeedsProof, &blanks));
            }
            report_not_granted(cli, keywright, &token);
            report_invalid(cli, keywright, &token.id).await?;
        }
        TokenCommand::List { app } => {
            let all = keywright.tokens().list(app.as_deref())?;
            let items = all
                .iter()
                .map(serde_json::to_value)
                .collect::<Result<Vec<_>, _>>()?;
            output::list(cli.json, &items, all.len(), || {
                table::lines(all.iter().map(|token| {
                    [
                        token.id.clone(),
                        token.application.clone(),
                        token.expires_at.map_or_else(
                            || translate(keywright.lang(), Key::NotSpecified, &[]),
                            rfc3339,
                        ),
                        token.scope.clone().unwrap_or_default(),
                    ]
                }))
            })?;
        }
        TokenCommand::Show { token } => show(cli, &find(keywright, token)?)?,
        TokenCommand::Verify { token } => {
            let id = find(keywright, token)?.id;
            let token = keywright.tokens().verify(&id).await?;
            show(cli, &token)?;
            return Ok(match token.signature {
                SignatureView::Verified => 0,
                SignatureView::Invalid => NOT_VALID,
                SignatureView::NotChecked | SignatureView::Opaque => NOT_CHECKED,
            });
        }
        TokenCommand::Introspect { token } => {
            let id = find(keywright, token)?.id;
            show(cli, &keywright.tokens().introspect(&id).await?)?;
        }
        TokenCommand::Userinfo { token } => {
            let id = find(keywright, token)?.id;
            let seen = keywright.tokens().userinfo(&id).await?;
            output::data(cli.json, &seen, || {
                let lines = seen.claims.iter().map(claim_line);
                lines
                    .map(|line| output::escape_control_chars(&line))
                    .collect()
            })?;
        }
        TokenCommand::SignOut { token, no_browser } => {
            let id = find(keywright, token)?.id;
            let address = keywright.tokens().sign_out_address(&id)?;
            let opened = !no_browser && sign_in::opens(cli, address.as_str());
            let document = json!({ "address": address, "opened": opened });
            output::data(cli.json, &document, || {
                vec![output::escape_control_chars(address.as_str())]
            })?;
        }
        TokenCommand::Revoke { token } => {
            let id = find(keywright, token)?.id;
            show(cli, &keywright.tokens().revoke(&id).await?)?;
        }
    }
    Ok(0)
}

/// Waits for the checks of tokens that were handed out, so that their results are kept.
pub(crate) async fn finish_checks(keywright: &Keywright) {
    if tokio::time::timeout(CHECK_WAIT, keywright.tokens().checks_ended())
        .await
        .is_err()
    {
        tracing::warn!("the check of a token takes too long");
    }
}

/// Reports scopes that were requested and that the token does not have (RFC 6749 §5.1).
fn report_not_granted(cli: &Cli, keywright: &Keywright, token: &TokenView) {
    if token.not_granted.is_empty() {
        return;
    }
    let scopes = output::escape_control_chars(&token.not_granted.join(" "));
    let blanks = [("name", token.application.as_str()), ("scope", &scopes)];
    output::status(
        cli.quiet,
        &translate(keywright.lang(), Key::TokenNotGranted, &blanks),
    );
}

/// Reports a token that was printed and whose check failed.
async fn report_invalid(cli: &Cli, keywright: &Keywright, token: &str) -> Result<(), Failure> {
    finish_checks(keywright).await;
    let token = keywright.tokens().show(token)?;
    if token.signature == SignatureView::Invalid {
        let blanks = [
            ("name", token.application.as_str()),
            (
                "reason",
                token.signature_reason.as_deref().unwrap_or_default(),
            ),
            ("id", &token.id),
        ];
        output::status(
            cli.quiet,
            &translate(keywright.lang(), Key::TokenInvalid, &blanks),
        );
    }
    Ok(())
}

/// A token by its id, or the newest of an application.
fn find(keywright: &Keywright, wanted: &str) -> Result<TokenView, Failure> {
    match keywright.tokens().show(wanted) {
        Ok(token) => Ok(token),
        Err(keywright_core::CoreError::NotFound { .. }) => {
            let newest = keywright.tokens().current(wanted)?;
            newest.ok_or_else(|| {
                keywright_core::CoreError::NotFound {
                    what: keywright_core::Thing::Token,
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
            let copied = keywright.disclosure().copy(&secret, form)?;
            output::raw(copied.text.expose());
            if let Some(seconds) = copied.lives_secs {
                let address = output::escape_control_chars(&copied.address.unwrap_or_default());
                let args = [("address", &*address), ("seconds", &seconds.to_string())];
                let lang = keywright.lang();
                output::status(cli.quiet, &translate(lang, Key::TokenWithProof, &args));
            }
            return Ok(());
        }
        Some(_) => Some(keywright.disclosure().copy(&secret, CopyForm::Raw)?.text),
    };
    let expires_in = token.expires_at.map(|end| (end - keywright.now()).max(0));
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
                expires_in.map_or_else(
                    || "not specified".to_owned(),
                    |seconds| format!("{seconds} s")
                )
            ),
            output::escape_control_chars(&format!("scope         {}", scope(token))),
        ]
    })
}

/// The authorization details of a file. What is not JSON is refused together with what has another form.
fn details(args: &TokenGetArgs) -> Result<Option<Value>, Failure> {
    let Some(path) = &args.authorization_details else {
        return Ok(None);
    };
    let text = source::document(path, WantedFile::AuthorizationDetails)?;
    Ok(Some(serde_json::from_str(&text).unwrap_or_default()))
}

fn show(cli: &Cli, token: &TokenView) -> Result<(), Failure> {
    output::data(cli.json, token, || {
        let reason = token.signature_reason.clone().unwrap_or_default();
        let mut lines = vec![
            format!("id         {}", token.id),
            format!("type       {}", token.token_type),
            format!("scope      {}", scope(token)),
            format!("expires    {}", end(token)),
            format!("signature  {} {reason}", signature(token.signature)),
        ];
        lines.extend(
            token
                .resources
                .iter()
                .map(|uri| format!("resource   {uri}")),
        );
        let details = token.authorization_details.as_ref();
        lines.extend(details.map(|details| format!("details    {details}")));
        lines.extend(token.active.map(|active| format!("active     {active}")));
        for (name, at) in [("revoked", token.revoked_at), ("refused", token.refused_at)] {
            lines.extend(at.map(|at| format!("{name:<10} {}", rfc3339(at))));
        }
        lines.extend(token.claims.iter().map(claim_line));
        if let Some(identity) = &token.id_token {
            let reason = identity.signature_reason.clone().unwrap_or_default();
            lines.push(format!(
                "id token   {} {reason}",
                signature(identity.signature)
            ));
            let claims = identity.claims.iter().map(claim_line);
            lines.extend(claims.map(|line| format!("  {line}")));
        }
        lines
            .iter()
            .map(|line| output::escape_control_chars(line))
            .collect()
    })
}

fn claim_line(claim: &ClaimView) -> String {
    let note = claim.note.clone().unwrap_or_default();
    format!("{:<10} {} {note}", claim.name, shown(claim))
}

/// When a token ends.
fn end(token: &TokenView) -> String {
    token
        .expires_at
        .map_or_else(|| "not specified".to_owned(), rfc3339)
}

fn scope(token: &TokenView) -> String {
    match &token.scope {
        Some(scope) if token.scope_is_asked => format!("{scope} (as requested)"),
        Some(scope) => scope.clone(),
        None => "not specified".to_owned(),
    }
}

fn signature(state: SignatureView) -> &'static str {
    match state {
        SignatureView::Verified => "verified",
        SignatureView::Invalid => "invalid",
        SignatureView::NotChecked => "not checked",
        SignatureView::Opaque => "opaque",
    }
}

/// A claim that is a moment is shown as one.
fn shown(claim: &ClaimView) -> String {
    let is_time = matches!(
        claim.name.as_str(),
        "exp" | "iat" | "nbf" | "auth_time" | "updated_at"
    );
    match claim.value.parse::<f64>() {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a time beyond all years is shown as its number"
        )]
        Ok(seconds) if is_time => rfc3339(seconds as i64),
        _ => claim.value.clone(),
    }
}
