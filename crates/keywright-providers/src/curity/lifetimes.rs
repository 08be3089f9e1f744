//! How long a registration access token manages its client: it reads and updates for a first part of
//! its life (28 days unless the server says otherwise), and deletes for all of it (365 days).

use keywright_oauth::{
    lenient,
    manage::{Management, ManagementCredential},
    register::ClientInformation,
};

use super::Curity;
use super::messages::reason;
use crate::{Capability, Reason, Registration};

/// Curity's member for the life of the token, in seconds from now.
const EXPIRES_IN: &str = "registration_access_token_expires_in";
/// Handle: when the token is over, in Unix seconds.
pub(super) const TOKEN_ENDS_AT: &str = "registration_token_ends_at";
/// Handle: when it stops to read and update, in Unix seconds.
pub(super) const READ_WRITE_ENDS_AT: &str = "registration_read_write_ends_at";

impl Curity {
    /// Where and with what a registration is managed, if it still can be.
    pub(super) fn manageable(
        &self,
        capability: Capability,
        at: &Registration,
    ) -> Result<Management, Reason> {
        let (Some(uri), Some(token)) = (&at.registration_client_uri, &at.registration_access_token)
        else {
            return Err(Reason::new(reason::MANAGEMENT_OFF));
        };
        let now = self.http.clock().now();
        let is_over = |handle| {
            at.handle(handle)
                .and_then(|text| text.parse::<i64>().ok())
                .is_some_and(|ends_at| ends_at <= now)
        };
        if is_over(TOKEN_ENDS_AT) {
            return Err(Reason::new(reason::REGISTRATION_TOKEN_OVER));
        }
        if capability != Capability::Delete && is_over(READ_WRITE_ENDS_AT) {
            return Err(Reason::new(reason::READ_WRITE_OVER));
        }
        Ok(Management {
            uri: uri.clone(),
            credential: ManagementCredential::Registration(token.clone()),
            client_id: at.client_id.clone(),
        })
    }

    /// Moves the lifetimes of an answer into its handles. `before` is the registration as it was.
    pub(super) fn dated(
        &self,
        mut information: ClientInformation,
        before: Option<&Registration>,
    ) -> ClientInformation {
        let now = self.http.clock().now();
        let expires_in = lenient::seconds(information.metadata.members(), EXPIRES_IN);
        // It is not metadata: sent back in an update, it would ask for a member of that name.
        information.metadata.remove(EXPIRES_IN);
        let mut ends = Vec::new();
        if let Some(token) = &information.registration_access_token {
            let before = before.and_then(|at| at.registration_access_token.as_ref());
            // A server that lets the token be used again (`reuse`) answers with the same one, whose
            // time to read and update goes on from where it was.
            let is_new = before.is_none_or(|before| !before.is_same(token));
            if let Some(secs) = expires_in {
                ends.push((TOKEN_ENDS_AT, Some(secs)));
            } else if is_new {
                ends.push((TOKEN_ENDS_AT, None));
            }
            if is_new {
                let secs = self.settings.read_write_secs;
                ends.push((READ_WRITE_ENDS_AT, secs));
            }
        }
        for (handle, secs) in ends {
            let ends_at = secs.map(|secs| now.saturating_add(secs).to_string());
            information
                .handles
                .insert(handle.to_owned(), ends_at.unwrap_or_default());
        }
        information
    }

    /// How long a client secret outlives its rotation; none where it ends at once.
    pub(super) fn overlap_secs(&self) -> Option<i64> {
        self.settings.rotated_secret_secs
    }
}
