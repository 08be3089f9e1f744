//! What the provider says of the user behind a token, and where that user signs out.

use http::Method;
use keywright_oauth::{
    http::{Purpose, Request},
    token::TokenError,
    userinfo::{self, END_SESSION_ENDPOINT, USERINFO_ENDPOINT, UserinfoError},
};
use keywright_providers::{Capability, ProviderConfig, ProviderError};
use keywright_vault::{ApplicationRow, TokenRow};
use serde_json::{Map, Value};
use url::Url;

use crate::{
    CoreError, Operation, ProviderLabel, SignInError,
    app::FlowSubject,
    tokens::{
        CLIENT_GRANT, Tokens,
        types::{ClaimView, UserinfoView},
    },
};

impl Tokens<'_> {
    /// Asks the provider for the claims of the user (OpenID Connect Core §5.3). They are shown and not kept.
    pub async fn userinfo(self, wanted: &str) -> Result<UserinfoView, CoreError> {
        let token = self.row(wanted)?;
        let (application, who, config) = self.provider_of(&token)?;
        let presented = self.presented(&token, &application.name)?;
        let endpoint = config.needed_endpoint(USERINFO_ENDPOINT, Capability::Userinfo);
        let endpoint = endpoint.map_err(|source| CoreError::Provider {
            who: who.clone(),
            doing: Operation::Userinfo,
            source,
        })?;
        let http = self.app.configurations().http(&config, &who.name)?;
        let flow = self.app.flow(FlowSubject {
            configuration: Some(application.configuration_id),
            application: Some(application.id),
        });
        let subject = subject(&token);
        let mut request = Request::new(Method::GET, endpoint, Purpose::Userinfo, flow.id);
        presented.on(&mut request);
        let answer = userinfo::userinfo(&http, &request, subject.as_deref()).await;
        match answer {
            Ok(claims) => Ok(userinfo_view(claims)),
            Err(UserinfoError::OtherUser) => Err(CoreError::SignIn {
                who,
                source: SignInError::OtherUser,
            }),
            Err(UserinfoError::Encrypted {
                encryption,
                exchange,
            }) => Err(CoreError::SignIn {
                who,
                source: SignInError::UserinfoEncrypted {
                    encryption,
                    exchange,
                },
            }),
            Err(UserinfoError::Token(source)) => Err(userinfo_refused(who, &token, source)),
        }
    }

    /// The address at which a user signs out in the browser (OpenID Connect RP-Initiated Logout 1.0 §2). The ID token
    /// is not kept, so that the provider asks the user whom it means.
    pub fn sign_out_address(self, wanted: &str) -> Result<Url, CoreError> {
        let token = self.row(wanted)?;
        let (application, who, config) = self.provider_of(&token)?;
        let failed = |source| CoreError::Provider {
            who: who.clone(),
            doing: Operation::SignOut,
            source,
        };
        let mut address = config
            .needed_endpoint(END_SESSION_ENDPOINT, Capability::SignOut)
            .map_err(failed)?;
        let policy = config.http_policy();
        policy
            .check_opened(&address)
            .map_err(|source| failed(source.into()))?;
        address
            .query_pairs_mut()
            .append_pair("client_id", &application.client_id);
        Ok(address)
    }

    fn provider_of(
        self,
        token: &TokenRow,
    ) -> Result<(ApplicationRow, ProviderLabel, ProviderConfig), CoreError> {
        let vault = self.app.vault()?;
        let application = vault.application(token.application_id)?;
        let configuration = vault.configuration(application.configuration_id)?;
        let config = self.app.configurations().provider_config(&configuration)?;
        let who = ProviderLabel::of(&configuration).about(&application.name);
        Ok((application, who, config))
    }
}

/// Servers refuse a token without a user as they refuse one that expired; what it came from tells them apart.
fn userinfo_refused(who: ProviderLabel, token: &TokenRow, source: TokenError) -> CoreError {
    let is_of_client = token.grant == CLIENT_GRANT;
    if let TokenError::Refused {
        words, exchange, ..
    } = &source
        && matches!(words.status, 400..=403)
        && is_of_client
    {
        let source = SignInError::NoUser {
            words: Box::new(words.clone()),
            exchange: *exchange,
        };
        return CoreError::SignIn { who, source };
    }
    CoreError::Provider {
        who,
        doing: Operation::Userinfo,
        source: ProviderError::Token(source),
    }
}

/// `sub` of the ID token that came with a token.
fn subject(token: &TokenRow) -> Option<String> {
    let claims = token.id_token.as_ref()?.get("claims")?;
    Some(claims.get("sub")?.as_str()?.to_owned())
}

fn userinfo_view(claims: Map<String, Value>) -> UserinfoView {
    UserinfoView {
        claims: claims
            .iter()
            .map(|(name, value)| ClaimView {
                name: name.clone(),
                value: value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
                note: None,
                tone: "info".to_owned(),
                at: None,
            })
            .collect(),
        claims_json: Value::Object(claims),
    }
}
