//! Authorization requests that the server wants to have before the user comes (RFC 9126).

use keywright_oauth::{authorize::PendingAuthorization, pushed};

use super::Plan;
use crate::{CoreError, tokens::Tokens};

impl Tokens<'_> {
    /// Pushes the request where the server or the registration demands it; the browser gets its name then.
    pub(super) async fn push(
        self,
        plan: &Plan,
        pending: &mut PendingAuthorization,
    ) -> Result<(), CoreError> {
        let asking = self.asking(plan)?;
        let endpoint = asking.config.pushed_request_endpoint(&asking.at.granted);
        let Some(endpoint) = endpoint.map_err(|source| plan.failed(source))? else {
            return Ok(());
        };
        pushed::push(
            &asking.http,
            &endpoint,
            &asking.request,
            &plan.endpoint,
            pending,
        )
        .await
        .map_err(|error| plan.failed(error.into()))
    }
}
