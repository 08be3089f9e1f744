//! app rotate, app secrets, app remove-secret: the secrets that a client has at its provider.

use keywright_core::{
    Keywright, rfc3339, translate,
    view::{ApplicationView, ClientSecretsView},
};

use super::confirm;
use crate::{args::Cli, failure::Failure, output, text::Key};

pub(crate) async fn list(cli: &Cli, keywright: &Keywright, name: &str) -> Result<(), Failure> {
    print(cli, &keywright.registration().secrets(name).await?)
}

pub(crate) async fn remove(
    cli: &Cli,
    keywright: &Keywright,
    name: &str,
    id: &str,
    yes: bool,
) -> Result<(), Failure> {
    let one = keywright.applications().get(name)?;
    let blanks = [("name", &*one.name), ("id", id)];
    let question = translate(keywright.lang(), Key::AskRemoveSecret, &blanks);
    confirm(cli, yes, &question)?;
    print(
        cli,
        &keywright.registration().remove_secret(&one.id, id).await?,
    )
}

pub(crate) async fn rotate(
    keywright: &Keywright,
    name: &str,
    keep_old: bool,
) -> Result<ApplicationView, Failure> {
    let registrar = keywright.registration();
    Ok(if keep_old {
        registrar.rotate_keeping_old(name).await?
    } else {
        registrar.rotate(name).await?
    })
}

fn print(cli: &Cli, view: &ClientSecretsView) -> Result<(), Failure> {
    output::data(cli.json, view, || {
        let lines = view.secrets.iter().map(|one| {
            let state = match (one.current, one.active) {
                (true, _) => "current",
                (false, true) => "active",
                (false, false) => "inactive",
            };
            let time = |at: Option<i64>| at.map_or_else(|| "not specified".to_owned(), rfc3339);
            let (made, end) = (time(one.created_at), time(one.expires_at));
            let label = one.label.as_deref().unwrap_or_default();
            let line = format!("{state:<9} {}  from {made} until {end}  {label}", one.id);
            output::escape_control_chars(line.trim_end())
        });
        lines.collect()
    })
}
