//! Client ID metadata documents: written, and checked as a server would check them.

use std::collections::BTreeSet;

use http::Method;
use keywright_oauth::{
    client_document::{self, DocumentDraft, DocumentRule, Fetched},
    client_metadata::ClientMetadata,
    http::{HttpPolicy, Purpose, Request},
    lenient,
};
use serde_json::{Map, Value};

use super::{
    Connect,
    types::{DocumentCheck, DocumentReport},
};
use crate::{
    CoreError,
    app::FlowSubject,
    calls,
    error::input_problem::InputProblem,
    i18n::key::{Family, Key},
};

impl Connect<'_> {
    /// The document of a public client at this address, ready to be published there.
    ///
    /// # Errors
    ///
    /// `document_address` where the address cannot be a client identifier.
    pub fn write_document(
        self,
        address: &str,
        draft: &DocumentDraft,
    ) -> Result<Map<String, Value>, CoreError> {
        let address = address.trim();
        if !client_document::is_address(address) {
            return Err(CoreError::Input {
                what: InputProblem::DocumentAddress,
                detail: address.to_owned(),
            });
        }
        Ok(client_document::write(address, draft))
    }

    /// Fetches a document and checks it as a server would. No redirect is followed.
    ///
    /// # Errors
    ///
    /// `document_address`, and every failure of the network.
    pub async fn check_document(self, address: &str) -> Result<DocumentReport, CoreError> {
        let (checks, _) = self.checked_document(address).await?;
        Ok(DocumentReport {
            client_id: address.trim().to_owned(),
            ok: checks.iter().all(|check| check.passed == Some(true)),
            checks,
        })
    }

    /// The checks, and the metadata where it could be read.
    pub(super) async fn checked_document(
        self,
        address: &str,
    ) -> Result<(Vec<DocumentCheck>, Option<ClientMetadata>), CoreError> {
        let address = address.trim();
        let url = calls::address(address)?;
        let host = HttpPolicy::host_of(&url);
        let policy = HttpPolicy {
            secret_hosts: Some(BTreeSet::from([host.clone()])),
            https_only: url.scheme() == "https",
            ..HttpPolicy::default()
        };
        let failed = |source| CoreError::Api {
            who: host.clone(),
            source,
        };
        let http = self.app.client(policy).map_err(failed)?;
        let flow = self.app.flow(FlowSubject::default());
        let mut request = Request::new(Method::GET, url, Purpose::Discovery, flow.id);
        request.keep_redirects = true;
        let response = http.send(request).await.map_err(failed)?;
        let fetched = Fetched {
            status: response.status,
            content_type: response.header("content-type").unwrap_or_default(),
            body: &response.body,
        };
        let known = client_document::check(address, fetched);
        let checks = DocumentRule::ALL.iter().map(|rule| {
            let found = known.iter().find(|(one, _)| one == rule);
            self.document_check(*rule, found.map(|(_, holds)| *holds))
        });
        let document = lenient::object(&response.body).ok();
        Ok((checks.collect(), document.map(ClientMetadata::from_answer)))
    }

    fn document_check(self, rule: DocumentRule, passed: Option<bool>) -> DocumentCheck {
        let name = rule.as_str();
        let key = match passed {
            None => Key::ConnectDocumentOpen.into(),
            Some(true) => Family::DocumentRuleKept.key(name),
            Some(false) => Family::DocumentRuleBroken.key(name),
        };
        DocumentCheck {
            rule: name.to_owned(),
            passed,
            message: self.app.translate(key, &[]),
        }
    }
}
