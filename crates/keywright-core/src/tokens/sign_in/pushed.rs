//! Authorization requests that the server wants to have before the user comes (RFC 9126).

use keywright_oauth::{
    authorize::PendingAuthorization,
    pushed::{self, PUSHED_REQUEST_ENDPOINT},
};

use super::{
    asking::{Asking, Audiences},
    plan::Plan,
};
use crate::{CoreError, tokens::Tokens};

impl Tokens<'_> {
    /// Pushes the request where the server or the registration demands it; the browser gets its name then.
    pub(super) async fn push(
        self,
        plan: &Plan,
        mut asking: Asking,
        pending: &mut PendingAuthorization,
    ) -> Result<(), CoreError> {
        let endpoint = asking.config.pushed_request_endpoint(&asking.at.granted);
        let Some(endpoint) = endpoint.map_err(|source| plan.failed(source))? else {
            return Ok(());
        };
        let presents = asking.request.certificate.is_some();
        let endpoint = asking
            .config
            .at_certificate(PUSHED_REQUEST_ENDPOINT, endpoint, presents);
        let mut audiences = Audiences::of(&mut asking, &endpoint);
        loop {
            let Asking { http, request, .. } = &asking;
            match pushed::push(http, &endpoint, request, &plan.endpoint, pending).await {
                Ok(()) => break,
                Err(error) if audiences.next(&mut asking, &error) => {}
                Err(error) => return Err(plan.failed(error.into())),
            }
        }
        self.keep_client_auth(plan.row.configuration_id, audiences.adapted)
    }
}
