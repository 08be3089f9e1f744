//! Authorization requests that the client signs (RFC 9101), and answers that the server signs (JARM).

use keywright_oauth::{
    authorize::{
        PendingAuthorization,
        signed_answer::{self, SignedAnswerProblem},
    },
    client_key::{ClientKey, KeyAlgorithm, KeyError},
    jwks::Jwks,
    lenient, request_object,
    server_metadata::ServerMetadata,
};

use super::{asking::Asking, plan::Plan};
use crate::{CoreError, SignInError, tokens::Tokens};

/// What the answers of a server are checked with that signs them.
pub(super) struct SignedAnswers {
    keys: Option<Jwks>,
    client_id: String,
}

impl SignedAnswers {
    /// The plain query that an answer stands for.
    pub(super) fn read(
        &self,
        query: &str,
        issuer: &str,
        now: i64,
    ) -> Result<String, SignedAnswerProblem> {
        signed_answer::read(query, self.keys.as_ref(), issuer, &self.client_id, now)
    }
}

impl Tokens<'_> {
    /// The keys for signed answers, where they are asked for. The user is not sent away before they are there.
    pub(super) async fn signed_answers(
        self,
        plan: &Plan,
        asking: &Asking,
    ) -> Result<Option<SignedAnswers>, CoreError> {
        let server = asking.config.metadata.as_ref();
        if !signed_answer::is_used(server, &asking.at.granted) {
            return Ok(None);
        }
        let configurations = self.app.configurations();
        let keys = match configurations.key_set_uri(&plan.row)? {
            Some(uri) => configurations.fetch_keys(&plan.row, &uri).await?,
            None => None,
        };
        Ok(Some(SignedAnswers {
            keys,
            client_id: plan.row.client_id.clone(),
        }))
    }

    /// Signs the request where the server or the registration wants that.
    pub(super) fn sign_request(
        self,
        plan: &Plan,
        asking: &Asking,
        pending: &mut PendingAuthorization,
    ) -> Result<(), CoreError> {
        let client = &asking.at.granted;
        let server = asking.config.metadata.as_ref();
        if !server.is_some_and(ServerMetadata::requires_signed_requests)
            && !request_object::is_used_by(client)
        {
            return Ok(());
        }
        let named = lenient::text(client.members(), request_object::SIGNING_ALG);
        let key = asking.at.client_key.as_ref().ok_or(CoreError::SignIn {
            who: plan.who.clone(),
            source: SignInError::NoRequestKey,
        })?;
        let key = signing_as(key, named.as_deref())?;
        let issuer = &plan.from.issuer;
        request_object::sign(pending, &plan.endpoint, &key, issuer, self.app.now())?;
        Ok(())
    }
}

/// The key with the registered algorithm.
fn signing_as(key: &ClientKey, named: Option<&str>) -> Result<ClientKey, KeyError> {
    match named.and_then(KeyAlgorithm::named) {
        Some(algorithm) => key.signing_with(algorithm),
        None => Ok(key.clone()),
    }
}
