//! app, without register.

use keywright_core::{
    Deletion, Discarded, Keywright, Lang,
    file_kind::WantedFile,
    rfc3339, translate,
    view::{AdoptInput, Adopted, ApplicationQuery, ApplicationView, Health, SecretRef},
};
use serde_json::{Value, json};

use super::{client_secrets, confirm, register, revealed};
use crate::{
    args::{AdoptArgs, AppCommand, Cli, HealthArg, SourceArg},
    failure::Failure,
    follow_up_commands, output,
    source::{self, Source},
    table,
    text::Key,
};

#[expect(clippy::too_many_lines, reason = "one arm a command")]
pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &AppCommand,
) -> Result<u8, Failure> {
    keywright.wait_for_changes(command.waits());
    let lang = keywright.lang();
    match command {
        AppCommand::Register(args) => return register::run(cli, keywright, args).await,
        AppCommand::List {
            query,
            config,
            health,
            limit,
        } => {
            return list(cli, keywright, query, config.as_deref(), *health, *limit);
        }
        AppCommand::Show { name, reveal } => {
            show(
                cli,
                keywright,
                &keywright.applications().get(name)?,
                *reveal,
            )?;
        }
        AppCommand::Update { name, metadata, .. } => {
            let changes = client_metadata(metadata)?;
            let before = keywright.applications().get(name)?;
            let after = keywright.registration().update(&before.id, changes).await?;
            updated(cli, keywright, &before, &after)?;
        }
        AppCommand::Rotate { name, keep_old, .. } => {
            let rotated = client_secrets::rotate(keywright, name, *keep_old).await?;
            show(cli, keywright, &rotated, false)?;
        }
        AppCommand::Secrets { name } => client_secrets::list(cli, keywright, name).await?,
        AppCommand::RemoveSecret { name, id, yes, .. } => {
            client_secrets::remove(cli, keywright, name, id, *yes).await?;
        }
        AppCommand::SetSecret {
            name,
            client_secret,
            ..
        } => {
            let one = keywright.applications().get(name)?;
            let option = "--client-secret";
            let secret = Source::parse(client_secret, option)?.read_value(cli, option)?;
            let one = keywright
                .registration()
                .set_secret(&one.id, secret.expose())
                .await?;
            show(cli, keywright, &one, false)?;
        }
        AppCommand::Rename { name, to } => {
            show(
                cli,
                keywright,
                &keywright.applications().rename(name, to)?,
                false,
            )?;
        }
        AppCommand::Refresh { name, .. } => show(
            cli,
            keywright,
            &keywright.registration().read(name).await?,
            false,
        )?,
        AppCommand::Delete { name, yes, .. } => {
            let one = keywright.applications().get(name)?;
            keywright.registration().check_deletion(&one.id)?;
            let names = [("name", &*one.name), ("config", &*one.config)];
            confirm(cli, *yes, &translate(lang, Key::AskDelete, &names))?;
            match keywright.registration().delete(&one.id).await? {
                Deletion::Deleted => done(cli, "deleted", &one.name)?,
                Deletion::AlreadyGone => set_aside(cli, lang, "deleted", &one.name, &one.id)?,
            }
        }
        AppCommand::Forget { name, yes, .. } => {
            let one = keywright.applications().get(name)?;
            let names = [("name", &*one.name), ("config", &*one.config)];
            confirm(cli, *yes, &translate(lang, Key::AskForget, &names))?;
            keywright.registration().forget(&one.id).await?;
            set_aside(cli, lang, "forgotten", &one.name, &one.id)?;
        }
        AppCommand::Restore { id } => {
            show(
                cli,
                keywright,
                &keywright.registration().restore(id)?,
                false,
            )?;
        }
        AppCommand::Adopt(args) => {
            let adopted = adopt(cli, keywright, args).await?;
            show(cli, keywright, &adopted.application, false)?;
            if let Some(warning) = &adopted.warning {
                let warning = output::escape_control_chars(warning);
                output::status(cli.quiet, &format!("! {warning}"));
            }
        }
        AppCommand::Orphans { config } => orphans(cli, keywright, config).await?,
        AppCommand::Pending => pending(cli, keywright)?,
        AppCommand::Resume { id, .. } => {
            let resumed = keywright.registration().resume(id).await?;
            let mut document = document(keywright, &resumed.application, false)?;
            document["found"] = json!(resumed.found);
            output::data(cli.json, &document, || {
                vec![output::escape_control_chars(&resumed.found)]
            })?;
        }
        AppCommand::Discard {
            id,
            keep_client,
            yes,
            ..
        } => {
            keywright.registration().check_discard(id)?;
            let question = if *keep_client {
                Key::AskDiscardKeep
            } else {
                Key::AskDiscard
            };
            confirm(cli, *yes, &translate(lang, question, &[("name", id)]))?;
            match keywright.registration().discard(id, *keep_client).await? {
                Discarded::Dropped => done(cli, "discarded", id)?,
                Discarded::Forgotten { id: forgotten } => {
                    set_aside(cli, lang, "discarded", id, &forgotten)?;
                }
                Discarded::Finished => {
                    let document = json!({ "discarded": id, "finished": true });
                    output::data(cli.json, &document, || {
                        vec![translate(lang, Key::DiscardFinished, &[])]
                    })?;
                }
            }
        }
    }
    Ok(0)
}

fn list(
    cli: &Cli,
    keywright: &Keywright,
    query: &str,
    config: Option<&str>,
    health: Option<HealthArg>,
    limit: u32,
) -> Result<u8, Failure> {
    let configuration_id = config
        .map(|name| keywright.configurations().get(name))
        .transpose()?
        .map(|one| one.id);
    let page = keywright.applications().list(&ApplicationQuery {
        text: query.to_owned(),
        configuration_id,
        health: health.map(Health::from),
        limit,
        ..ApplicationQuery::default()
    })?;
    let items = page
        .items
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<Vec<_>, _>>()?;
    output::list(
        cli.json,
        &items,
        usize::try_from(page.total).unwrap_or(usize::MAX),
        || {
            table::lines(page.items.iter().map(|row| {
                let due = row
                    .due_for_deletion_at
                    .is_some_and(|at| at <= keywright.now());
                let due = due.then(|| translate(keywright.lang(), Key::Due, &[]));
                [
                    format!("{} {}", mark(row.health), row.name),
                    row.config.clone(),
                    row.client_id.clone(),
                    due.unwrap_or_default(),
                ]
            }))
        },
    )?;
    Ok(0)
}

fn mark(health: Health) -> &'static str {
    match health {
        Health::Live => "●",
        Health::Rejected => "■",
        Health::Unknown => "○",
    }
}

/// An application as `app register` and `app show` print it. Members never disappear.
pub(crate) fn document(
    keywright: &Keywright,
    one: &ApplicationView,
    reveal: bool,
) -> Result<Value, Failure> {
    let application_id = one.id.clone();
    let secret = |secret: &SecretRef| -> Result<Value, Failure> {
        if !reveal {
            return Ok(Value::Null);
        }
        Ok(revealed(keywright, secret)?.map_or(Value::Null, |text| json!(text.expose())))
    };
    let client_secret = secret(&SecretRef::ClientSecret {
        application_id: application_id.clone(),
    })?;
    let token = secret(&SecretRef::RegistrationAccessToken { application_id })?;
    Ok(json!({
        "id": one.id,
        "name": one.name,
        "config": one.config,
        "provider": one.provider,
        "client_id": one.client_id,
        "client_secret": client_secret,
        "health": one.health,
        "requested": one.requested,
        "granted": one.granted,
        "current": one.current,
        "differences": one.metadata.iter().filter(|line| line.kind != keywright_core::view::DifferenceKind::Same).collect::<Vec<_>>(),
        "registration": { "uri": one.registration.uri, "access_token": token },
        "resources": one.resources,
        "authorization_details": keywright.tokens().remembered_details(&one.id)?,
        "labels": one.labels,
        "created_at": one.created_at,
        "client_secret_expires_at": one.client_secret_expires_at,
        "due_for_deletion_at": one.due_for_deletion_at,
    }))
}

fn show(
    cli: &Cli,
    keywright: &Keywright,
    one: &ApplicationView,
    reveal: bool,
) -> Result<(), Failure> {
    let document = document(keywright, one, reveal)?;
    output::data(cli.json, &document, || lines(one, &document))?;
    notes(cli, one);
    Ok(())
}

/// What was asked for and lost.
pub(crate) fn notes(cli: &Cli, one: &ApplicationView) {
    for note in &one.notes {
        output::status(
            cli.quiet,
            &format!("! {}", output::escape_control_chars(note)),
        );
    }
}

/// The application after an update, and what the update changed.
fn updated(
    cli: &Cli,
    keywright: &Keywright,
    before: &ApplicationView,
    after: &ApplicationView,
) -> Result<(), Failure> {
    let changed = keywright_core::changed(before, after);
    let mut document = document(keywright, after, false)?;
    document["changed"] = serde_json::to_value(&changed)?;
    output::data(cli.json, &document, || {
        let mut all = lines(after, &document);
        all.extend(changed.iter().map(|one| {
            let text = |values: &Option<Vec<String>>| {
                values
                    .as_ref()
                    .map_or_else(|| "(not set)".to_owned(), |values| values.join(" "))
            };
            output::escape_control_chars(&format!(
                "changed        {}: {} -> {}",
                one.field,
                text(&one.before),
                text(&one.after)
            ))
        }));
        if changed.is_empty() {
            all.push("changed        nothing".to_owned());
        }
        all
    })?;
    notes(cli, after);
    Ok(())
}

/// The end of a client secret.
pub(crate) fn expiry(at: Option<i64>) -> String {
    match at {
        None => "not specified".to_owned(),
        Some(0) => "never".to_owned(),
        Some(at) => rfc3339(at),
    }
}

/// An application for people.
fn lines(one: &ApplicationView, document: &Value) -> Vec<String> {
    let member = |value: &Value, held: bool| match value.as_str() {
        Some(text) => text.to_owned(),
        None if held => "••••".to_owned(),
        None => "none".to_owned(),
    };
    let mut lines = vec![
        format!("name           {}", output::escape_control_chars(&one.name)),
        format!("id             {}", one.id),
        format!(
            "configuration  {} ({})",
            output::escape_control_chars(&one.config),
            one.provider
        ),
        format!(
            "client_id      {}",
            output::escape_control_chars(&one.client_id)
        ),
        format!(
            "client_secret  {}",
            member(&document["client_secret"], one.has_secret)
        ),
        format!("secret expires {}", expiry(one.client_secret_expires_at)),
        format!(
            "auth method    {}",
            one.token_endpoint_auth_method
                .as_deref()
                .map_or_else(|| "not specified".to_owned(), output::escape_control_chars)
        ),
        format!(
            "health         {} {}",
            mark(one.health),
            document["health"].as_str().unwrap_or_default()
        ),
        format!(
            "grants         {}",
            output::escape_control_chars(&one.grant_types.join(" "))
        ),
        format!(
            "scopes         {}",
            output::escape_control_chars(&one.scopes.join(" "))
        ),
        format!(
            "resources      {}",
            output::escape_control_chars(&one.resources.join(" "))
        ),
        format!(
            "registration   {}",
            one.registration
                .uri
                .as_deref()
                .map_or_else(|| "none".to_owned(), output::escape_control_chars)
        ),
        format!(
            "reg. token     {}",
            member(
                &document["registration"]["access_token"],
                one.registration.has_access_token
            )
        ),
    ];
    lines.extend(one.due_for_deletion_at.map(|at| {
        let name = output::escape_control_chars(&follow_up_commands::quoted(one.name.clone()));
        format!(
            "delete after   {}: keywright app delete {name}",
            rfc3339(at)
        )
    }));
    lines
}

async fn adopt(cli: &Cli, keywright: &Keywright, args: &AdoptArgs) -> Result<Adopted, Failure> {
    let read = |source: &Option<SourceArg>, option: &str| -> Result<Option<String>, Failure> {
        let Some(source) = source else {
            return Ok(None);
        };
        let source = Source::parse(source, option)?;
        // A key may be a document.
        let secret = match option {
            "--client-key" => source.read(cli, option),
            _ => source.read_value(cli, option),
        };
        Ok(Some(secret?.expose().to_owned()))
    };
    // Before a secret is asked for.
    let configuration_id = keywright.configurations().get(&args.config)?.id;
    let grant_types = register::grants(&args.grants)?;
    let method = register::method(args.auth_method.as_deref())?;
    let input = AdoptInput {
        name: args.name.clone(),
        configuration_id,
        client_id: args.client_id.clone(),
        client_secret: read(&args.client_secret, "--client-secret")?,
        client_key: read(&args.client_key, "--client-key")?,
        key_id: args.key_id.clone(),
        signing_alg: args.signing_alg.clone(),
        registration_client_uri: args.registration_uri.clone(),
        registration_access_token: read(&args.registration_token, "--registration-token")?,
        token_endpoint_auth_method: method,
        scope: args.scope.clone(),
        audience: args.audience.clone(),
        resources: args.resources.clone(),
        grant_types,
        redirect_uris: args.redirect_uris.clone(),
    };
    Ok(keywright.registration().adopt(input).await?)
}

async fn orphans(cli: &Cli, keywright: &Keywright, config: &str) -> Result<(), Failure> {
    let found = keywright.configurations().orphans(config).await?;
    output::data(cli.json, &found, || {
        let mut lines = vec![format!("listed         {}", found.listed)];
        lines.extend(found.only_there.iter().map(|one| {
            output::escape_control_chars(&format!(
                "provider only  {}  {} ({})",
                one.client_id,
                one.name.as_deref().unwrap_or_default(),
                one.made_by.as_str()
            ))
        }));
        lines.extend(found.only_here.iter().map(|one| {
            output::escape_control_chars(&format!("vault only     {}  {}", one.client_id, one.name))
        }));
        lines
    })
}

fn pending(cli: &Cli, keywright: &Keywright) -> Result<(), Failure> {
    let all = keywright.registration().pending()?;
    let items = all
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<Vec<_>, _>>()?;
    output::list(cli.json, &items, all.len(), || {
        table::lines(all.iter().map(|one| {
            [
                one.id.clone(),
                one.state.as_str().to_owned(),
                one.message.clone(),
            ]
        }))
    })
}

fn done(cli: &Cli, what: &str, name: &str) -> Result<(), Failure> {
    output::data(cli.json, &json!({ what: name }), || {
        vec![output::escape_control_chars(&format!("{what}: {name}"))]
    })
}

/// Like [`done`], for what was forgotten here and can be brought back.
fn set_aside(cli: &Cli, lang: Lang, what: &str, name: &str, id: &str) -> Result<(), Failure> {
    output::data(cli.json, &json!({ what: name, "forgotten_id": id }), || {
        vec![
            output::escape_control_chars(&format!("{what}: {name}")),
            translate(lang, Key::Undo, &[("id", id)]),
        ]
    })
}

/// Members of client metadata from a file, or from standard input for `-`.
fn client_metadata(path: &str) -> Result<Value, Failure> {
    let text = source::document(path, WantedFile::ClientMetadata)?;
    serde_json::from_str(&text).map_err(|source| Failure::MetadataJson { source })
}
