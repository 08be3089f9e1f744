//! The secrets that are kept next to the one in use: the one before a rotation, and one that an answer brought along
//! until a token request proves it.

use keywright_oauth::secret::ClientSecret;
use keywright_providers::Registration;
use keywright_vault::{
    ApplicationRow, Owner, SECRET_CLIENT, SECRET_OFFERED, SECRET_PREVIOUS, Vault,
};

use crate::{
    CoreError,
    app::registration_record::{registration, write_handles},
    tokens::{
        Tokens,
        propagation_retry::{Obtained, TokenAttempt},
    },
};

/// The application with the secret that an answer offered, where there is one.
pub(crate) fn offered(
    vault: &Vault,
    row: &ApplicationRow,
) -> Result<Option<Registration>, CoreError> {
    with_secret(vault, row, SECRET_OFFERED)
}

fn with_secret(
    vault: &Vault,
    row: &ApplicationRow,
    name: &str,
) -> Result<Option<Registration>, CoreError> {
    let Some(secret) = vault.secret(Owner::Application(row.id), name)? else {
        return Ok(None);
    };
    let mut at = registration(vault, row)?;
    at.client_secret = Some(ClientSecret::from(&secret));
    Ok(Some(at))
}

impl Tokens<'_> {
    /// After the secret in use was refused: asks with each secret that is kept next to it. One that gets a
    /// token becomes the secret in use; the refused one takes its place.
    pub(crate) async fn try_other_secrets(
        self,
        row: &ApplicationRow,
        asking: &TokenAttempt<'_>,
    ) -> Result<Option<Obtained>, CoreError> {
        let vault = self.app.vault()?;
        let open = self.app.try_open_change(row.id)?;
        for name in [SECRET_CLIENT, SECRET_OFFERED, SECRET_PREVIOUS] {
            let Some(at) = with_secret(&vault, row, name)? else {
                continue;
            };
            let is_same = match (&at.client_secret, &asking.at.client_secret) {
                (Some(other), Some(refused)) => other.is_same(refused),
                _ => false,
            };
            if is_same {
                continue;
            }
            let other = TokenAttempt {
                provider: asking.provider,
                config: asking.config,
                http: asking.http,
                at,
                before: None,
                wish: asking.wish.clone(),
                flow: asking.flow,
            };
            let Ok(settled) = other.without_waiting().await else {
                continue;
            };
            // A change that runs knows better which secret is the current one, and so does one that ended
            // since the refused secret was read.
            if name != SECRET_CLIENT && open.is_some() {
                let owner = Owner::Application(row.id);
                let (proven, refused) = (
                    vault.secret(owner, name)?,
                    vault.secret(owner, SECRET_CLIENT)?,
                );
                let changes = [
                    (SECRET_CLIENT.to_owned(), proven),
                    (name.to_owned(), refused),
                ];
                // What was to end after the proof is in use from here on, and must not end.
                let mut handles = asking.provider.keeping_secrets();
                handles.append(&mut asking.provider.unnamed_secret());
                vault.change_application(row.id, &changes, |row| write_handles(row, &handles))?;
            }
            return Ok(Some(Obtained {
                proven: false,
                ..settled
            }));
        }
        Ok(None)
    }
}
