//! key: the keys that applications authenticate with.

use keywright_core::{
    ClientKey, KeyPublication, Keywright, NewKey, import_key, key_algorithm, rfc3339, translate,
    view::{ClientKeysView, KeyState},
};

use super::confirm;
use crate::{
    args::{Cli, KeyCommand, SourceArg},
    failure::Failure,
    output,
    source::Source,
    table,
    text::Key,
};

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &KeyCommand,
) -> Result<u8, Failure> {
    keywright.wait_for_changes(command.waits());
    let registrar = keywright.registration();
    let view = match command {
        KeyCommand::List { app, jwks } => {
            let view = registrar.keys(app)?;
            if *jwks {
                output::data(cli.json, &view.jwks, || {
                    let text = serde_json::to_string_pretty(&view.jwks).unwrap_or_default();
                    output::lines(&text).collect()
                })?;
                return Ok(0);
            }
            view
        }
        KeyCommand::Make { app, alg } => {
            registrar.first_key(app, algorithm(alg.as_deref())?).await?
        }
        KeyCommand::Import {
            app,
            key,
            alg,
            key_id,
            published,
            ..
        } => {
            // Before a key is asked for.
            registrar.keys(app)?;
            let key = import(cli, key, "--key", alg.as_deref(), key_id.as_deref())?;
            registrar
                .new_key(app, NewKey::Imported(key), publication(*published))
                .await?
        }
        KeyCommand::Rotate {
            app,
            alg,
            published,
            ..
        } => {
            let algorithm = algorithm(alg.as_deref())?;
            registrar
                .rotate_key(app, algorithm, publication(*published))
                .await?
        }
        KeyCommand::Remove { app, kid, yes, .. } => {
            registrar.check_key_removal(app, kid)?;
            let names = [("name", app.as_str()), ("kid", kid.as_str())];
            let question = translate(keywright.lang(), Key::AskRemoveKey, &names);
            confirm(cli, *yes, &question)?;
            registrar.remove_key(app, kid).await?
        }
    };
    print(cli, keywright, &view)?;
    Ok(0)
}

/// A private key from its source.
pub(crate) fn import(
    cli: &Cli,
    source: &SourceArg,
    option: &str,
    alg: Option<&str>,
    kid: Option<&str>,
) -> Result<ClientKey, Failure> {
    let text = Source::parse(source, option)?.read(cli, option)?;
    Ok(import_key(text.expose(), alg, kid)?)
}

fn algorithm(name: Option<&str>) -> Result<Option<keywright_core::KeyAlgorithm>, Failure> {
    Ok(name.map(key_algorithm).transpose()?)
}

fn publication(is_published: bool) -> KeyPublication {
    if is_published {
        KeyPublication::Done
    } else {
        KeyPublication::Update
    }
}

fn print(cli: &Cli, keywright: &Keywright, view: &ClientKeysView) -> Result<(), Failure> {
    output::data(cli.json, view, || {
        table::lines(view.keys.iter().map(|key| {
            let state = match key.state {
                KeyState::Pending => "pending",
                KeyState::Current => "current",
                KeyState::Old => "old",
            };
            let kid = if key.kid.is_empty() {
                &key.id
            } else {
                &key.kid
            };
            let certificate = key.certificate.as_ref().map_or_else(String::new, |one| {
                format!("  {} (until {})", one.subject, rfc3339(one.not_after))
            });
            [
                state.to_owned(),
                key.alg.clone(),
                rfc3339(key.created_at),
                format!("{kid}{certificate}"),
            ]
        }))
    })?;
    let say = |key: Key, blanks: &[(&str, &str)]| {
        let line = translate(keywright.lang(), key, blanks);
        output::status(cli.quiet, &output::escape_control_chars(&line));
    };
    let name = crate::follow_up_commands::quoted(view.application.clone());
    if view.keys.is_empty() {
        say(Key::NoKeys, &[("name", &name)]);
    }
    if let Some(pending) = view.keys.iter().find(|key| key.state == KeyState::Pending) {
        match &view.jwks_uri {
            Some(uri) => say(Key::KeyPublish, &[("name", &name), ("uri", uri)]),
            None => say(Key::KeyPending, &[("name", &name), ("kid", &pending.kid)]),
        }
    }
    if let Some(old) = view.keys.iter().find(|key| key.state == KeyState::Old) {
        say(Key::KeyOld, &[("name", &name), ("kid", &old.kid)]);
    }
    Ok(())
}
