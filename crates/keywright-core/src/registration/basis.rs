//! What a change is based on. An update replaces the whole of the metadata (RFC 7592 section 2.2), so that what
//! was changed elsewhere since the last answer would be lost: the registration is read first, where it can be.

use keywright_oauth::register::RegistrationError;
use keywright_providers::{Capability, ProviderError};
use keywright_vault::{ApplicationRow, JournalOperation};

use crate::{CoreError, Standing, app::registration_record::registration, registration::Registrar};

impl Registrar<'_> {
    /// The application with its registration as the provider has it now. The read is a change of its own in the
    /// journal, finished before this returns: a new registration access token or secret of its answer is kept
    /// whatever becomes of the change that follows. Returns the application as it is known where the provider offers
    /// no read, or is not asked to replace the whole.
    ///
    /// # Errors
    ///
    /// Those of a read: a client that is gone, an answer that was lost.
    pub(crate) async fn read_before(
        self,
        row: ApplicationRow,
        change: Capability,
    ) -> Result<ApplicationRow, CoreError> {
        let vault = self.app.vault()?;
        let at = registration(&vault, &row)?;
        let (_, provider) = self.app.configurations().provider_of(&row)?;
        let is_read = provider.replaces_metadata()
            && [change, Capability::Read]
                .into_iter()
                .all(|capability| provider.can(capability, &at).is_ok());
        if !is_read {
            return Ok(row);
        }
        match Box::pin(self.change(&row, JournalOperation::Read, None)).await {
            // The secret that an update sends along must be the current one.
            Ok(_) => Box::pin(self.prove_offered(&row.id.to_string())).await?,
            Err(error) if is_not_offered(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(vault.application(row.id)?)
    }
}

/// The server does not let this client be read, or answers a read with nothing about it, which says nothing about whether it may be changed: some let a
/// registration access token update alone, and the update itself reports a token that is refused. A client that is
/// gone and a limit of requests stop the change, too.
fn is_not_offered(error: &CoreError) -> bool {
    let source = match error {
        CoreError::Provider { source, .. } => source,
        CoreError::Unmanaged {
            source, standing, ..
        } if *standing != Standing::Gone => source,
        _ => return false,
    };
    let says_nothing = matches!(
        source,
        ProviderError::Registration(RegistrationError::SaysNothing { .. })
    );
    says_nothing
        || source
            .words()
            .is_some_and(|words| matches!(words.status, 400..=407 | 409..=428 | 430..=499 | 501))
}
