//! cimd.

use keywright_core::{DocumentDraft, Keywright};

use crate::{
    args::{CimdCommand, Cli},
    failure::Failure,
    output,
};

/// Exit code for a document that a server would refuse.
const REFUSED: u8 = 1;

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &CimdCommand,
) -> Result<u8, Failure> {
    match command {
        CimdCommand::Write {
            address,
            name,
            redirect_uris,
            scopes,
            client_uri,
            logo_uri,
        } => {
            let draft = DocumentDraft {
                name: name.clone(),
                redirect_uris: redirect_uris.clone(),
                grant_types: ["authorization_code", "refresh_token"]
                    .map(str::to_owned)
                    .to_vec(),
                scopes: scopes.clone(),
                client_uri: client_uri.clone(),
                logo_uri: logo_uri.clone(),
            };
            let document = keywright.connect().write_document(address, &draft)?;
            let text = serde_json::to_string_pretty(&document)?;
            output::data(cli.json, &document, || output::lines(&text).collect())?;
            Ok(0)
        }
        CimdCommand::Check { address } => {
            let report = keywright.connect().check_document(address).await?;
            output::data(cli.json, &report, || {
                let checks = report.checks.iter();
                checks
                    .map(|check| {
                        let mark = match check.passed {
                            Some(true) => "✓",
                            Some(false) => "✗",
                            None => "·",
                        };
                        format!("{mark} {}", check.message)
                    })
                    .collect()
            })?;
            Ok(if report.ok { 0 } else { REFUSED })
        }
    }
}
