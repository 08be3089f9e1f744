//! Call an API in one of the three ways. One kind of credential a call: never a cookie beside a bearer.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use keywright_oauth::{
    http::{Auth, BasicEncoding, Body, HttpPolicy, Purpose, Request, Response, redact},
    secret::{AccessToken, ClientSecret},
};
use keywright_providers::settings::key;
use keywright_vault::{ApplicationRow, MadeWith, Owner, SECRET_CLIENT, SecretText};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError, Keywright,
    cookies::Refused,
    keywright::FlowSubject,
    sessions::Jar,
    view::{CallAuth, CallInput, CallSession, CallView, HeaderView, RefusedCookie, TokenWish},
};

/// Headers that the way of authenticating owns.
const OWNED: [&str; 3] = ["authorization", "cookie", "host"];
/// A call of an API may answer more than a protocol endpoint does.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// What goes out with a call.
struct Credential {
    auth: Auth,
    sent: String,
    token: Option<Uuid>,
    jar: Option<Jar>,
}

impl Keywright {
    /// Calls an API. Any status is an answer.
    pub async fn call(&self, input: &CallInput) -> Result<CallView, CoreError> {
        let row = self.application_row(&input.application_id)?;
        let vault = self.vault()?;
        let url = address(&input.url)?;
        let credential = self.credential(&row, input, &url).await?;
        let flow = self.flow(FlowSubject {
            configuration: Some(row.configuration_id),
            application: Some(row.id),
        });
        let mut request = request(input, url.clone(), flow.id)?;
        request.auth = credential.auth;
        let configuration = vault.configuration(row.configuration_id)?;
        let config = self.provider_config(&configuration)?;
        let policy = HttpPolicy {
            secret_hosts: None,
            https_only: false,
            max_body: MAX_BODY,
            ..config.http_policy()
        };
        let who = HttpPolicy::host_of(&url);
        let http = self.client(policy).map_err(|source| CoreError::Api {
            who: who.clone(),
            source,
        })?;
        // Before it is sent: a hand-out whose answer never came is one as well.
        self.audit(
            "credential_used",
            &row.id.to_string(),
            json!({ "name": format!("{}, {who}", row.name), "form": auth_name(input.auth) }),
        )?;
        let response = http
            .send(request)
            .await
            .map_err(|source| CoreError::Api { who, source })?;
        self.used(&vault, row.id)?;
        self.note_refused_token(credential.token, &response)?;
        let (session, refused) = match credential.jar {
            Some(jar) => self.session_used(jar, &url, &response)?,
            None => self.session_captured(&row, &url, input.auth, credential.token, &response)?,
        };
        let mut view = self.call_view(input.auth, &response, credential.sent, session);
        self.list_refused(&mut view, &refused);
        Ok(view)
    }

    async fn credential(
        &self,
        row: &ApplicationRow,
        input: &CallInput,
        url: &Url,
    ) -> Result<Credential, CoreError> {
        let vault = self.vault()?;
        match input.auth {
            CallAuth::ClientCredentials => {
                let secret = vault
                    .secret(Owner::Application(row.id), SECRET_CLIENT)?
                    .ok_or(CoreError::NoSecret {
                        what: SECRET_CLIENT,
                    })?;
                // A gateway reads plain Basic (RFC 7617 §2); only a token endpoint reads the form-encoded
                // one of RFC 6749 §2.3.1, which the configuration may switch.
                let auth = Auth::Basic {
                    id: row.client_id.clone(),
                    secret: ClientSecret::new(secret.expose()),
                    encoding: BasicEncoding::Raw,
                };
                Ok(Credential {
                    auth,
                    sent: "Authorization: Basic ••••".into(),
                    token: None,
                    jar: None,
                })
            }
            CallAuth::Bearer => {
                let wish = TokenWish {
                    application_id: row.id.to_string(),
                    resources: input.resources.clone(),
                    ..TokenWish::default()
                };
                let (token, _) = self.token_for(row, &wish).await?;
                let value: SecretText = self.token_secret(&token)?;
                let auth = Auth::Bearer(AccessToken::new(value.expose()));
                Ok(Credential {
                    auth,
                    sent: "Authorization: Bearer ••••".into(),
                    token: Some(token.id),
                    jar: None,
                })
            }
            CallAuth::Session => {
                let jar = self.jar_for(row.id, url)?;
                let names = jar.names(url).join("=••••; ");
                let auth = Auth::Cookie(jar.header(url));
                Ok(Credential {
                    auth,
                    sent: format!("Cookie: {names}=••••"),
                    token: None,
                    jar: Some(jar),
                })
            }
        }
    }

    fn session_captured(
        &self,
        row: &ApplicationRow,
        url: &Url,
        auth: CallAuth,
        token: Option<Uuid>,
        response: &Response,
    ) -> Result<(Option<CallSession>, Vec<Refused>), CoreError> {
        let made_with = if auth == CallAuth::Bearer {
            MadeWith::Bearer
        } else {
            MadeWith::ClientCredentials
        };
        self.capture_session(row, url, made_with, token, response)
    }

    fn call_view(
        &self,
        auth: CallAuth,
        response: &Response,
        sent: String,
        session: Option<CallSession>,
    ) -> CallView {
        let body = String::from_utf8_lossy(&response.body).into_owned();
        let note = match (auth, &session) {
            (CallAuth::ClientCredentials, _) if (200..300).contains(&response.status) => {
                Some("call.gateway_fetches")
            }
            (CallAuth::Session, None) if response.status == 401 => Some("call.session_refused"),
            _ => None,
        };
        CallView {
            auth,
            status: response.status,
            headers: redact::headers(&response.headers, &[])
                .into_iter()
                .map(|(name, value)| HeaderView { name, value })
                .collect(),
            is_json: serde_json::from_str::<serde::de::IgnoredAny>(&body).is_ok(),
            size: u64::try_from(response.body.len()).unwrap_or(u64::MAX),
            body,
            elapsed_ms: response.elapsed_ms,
            session,
            exchange: Some(response.exchange.to_string()),
            sent,
            note: note.map(|key| self.say(key, &[])),
            refused_cookies: Vec::new(),
        }
    }

    /// Says which cookies were not kept, and why.
    fn list_refused(&self, view: &mut CallView, refused: &[Refused]) {
        view.refused_cookies = refused
            .iter()
            .map(|one| RefusedCookie {
                name: one.name.clone(),
                reason: self.say(&format!("cookie.{}", one.why), &[]),
            })
            .collect();
        if let Some(first) = view.refused_cookies.first() {
            let count = refused.len().to_string();
            let blanks = [
                ("count", count.as_str()),
                ("name", &first.name),
                ("reason", &first.reason),
            ];
            let said = self.say("call.cookies_refused", &blanks);
            view.note = Some(match view.note.take() {
                Some(note) => format!("{note} {said}"),
                None => said,
            });
        }
    }

    /// The gateway's limits as the configuration of an application says.
    pub(crate) fn session_limits(&self, row: &ApplicationRow) -> Result<[u64; 3], CoreError> {
        let configuration = self.vault()?.configuration(row.configuration_id)?;
        let config = self.provider_config(&configuration)?;
        let seconds = |key, default| {
            config
                .setting(key)
                .and_then(|text| text.parse().ok())
                .unwrap_or(default)
        };
        Ok([
            seconds(key::SESSION_IDLE, 900),
            seconds(key::SESSION_ROLLING, 3600),
            seconds(key::SESSION_ABSOLUTE, 86_400),
        ])
    }
}

/// How a credential was sent, for the audit log.
fn auth_name(auth: CallAuth) -> &'static str {
    match auth {
        CallAuth::ClientCredentials => "client_credentials",
        CallAuth::Bearer => "bearer",
        CallAuth::Session => "session",
    }
}

/// An http or https address.
pub(crate) fn address(text: &str) -> Result<Url, CoreError> {
    let wrong = |detail: String| CoreError::Input {
        what: "url",
        detail,
    };
    let url = Url::parse(text.trim()).map_err(|error| wrong(format!("{text}: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong(text.to_owned()));
    }
    if url.password().is_some() || !url.username().is_empty() {
        return Err(CoreError::Input {
            what: "url_secret",
            detail: String::new(),
        });
    }
    Ok(url)
}

fn request(input: &CallInput, url: Url, flow: Uuid) -> Result<Request, CoreError> {
    let method = input.method.trim().to_ascii_uppercase();
    let method = Method::from_bytes(method.as_bytes()).map_err(|_source| CoreError::Input {
        what: "method",
        detail: method,
    })?;
    let mut request = Request::new(method, url, Purpose::ApiCall, flow);
    // The user sees what the API does: nothing is tried twice behind their back.
    request.idempotent = false;
    request.keep_redirects = true;
    let mut content_type = None;
    for header in input
        .headers
        .iter()
        .filter(|header| !header.name.trim().is_empty())
    {
        let name = header.name.trim().to_ascii_lowercase();
        let wrong = || CoreError::Input {
            what: "header",
            detail: header.name.clone(),
        };
        if OWNED.contains(&name.as_str()) {
            return Err(CoreError::Input {
                what: "header_owned",
                detail: header.name.clone(),
            });
        }
        let value = HeaderValue::try_from(header.value.trim()).map_err(|_source| wrong())?;
        if name == "content-type" {
            content_type = Some(header.value.trim().to_owned());
            continue;
        }
        request.headers.insert(
            HeaderName::try_from(name).map_err(|_source| wrong())?,
            value,
        );
    }
    if let Some(body) = input.body.as_ref().filter(|body| !body.is_empty()) {
        let json = serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok();
        let content_type = content_type.or_else(|| json.then(|| "application/json".to_owned()));
        request.body = Body::Raw {
            content_type,
            bytes: Bytes::from(body.clone()),
        };
    }
    Ok(request)
}
