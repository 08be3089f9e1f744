//! Call an API in one of the three ways. One kind of credential a call: never a cookie next to a bearer.

mod body;
mod compare;
mod compare_bodies;
pub(crate) mod cookies;
mod login_page;
mod saved_body;
mod session_import;
mod session_row;
pub(crate) mod session_types;
mod session_use;
pub(crate) mod sessions;
pub(crate) mod types;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use keywright_oauth::{
    error_response::{Challenge, ErrorResponse},
    http::{Auth, BasicEncoding, Body, HttpPolicy, Purpose, Request, Response, redact},
    secret::ClientSecret,
};
use keywright_vault::{ApplicationRow, MadeWith, Owner, SECRET_CLIENT};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError, Keywright, SecretKind,
    app::{FlowSubject, audit_action::AuditAction, registration_record::metadata},
    calls::{
        cookies::Refused,
        session_types::SessionEndReason,
        session_use::{Answered, Effect, Opened},
        types::{CallAuth, CallBody, CallInput, CallView, HeaderView, RefusedCookie},
    },
    error::input_problem::InputProblem,
    i18n::key::{Family, Key},
    reference,
    tokens::{presented::PresentedToken, types::TokenWish},
};

/// Headers that the way of authenticating owns.
const OWNED: [&str; 3] = ["authorization", "cookie", "host"];
/// A call of an API may answer more than a protocol endpoint does.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// What goes out with a call.
struct Credential {
    proof: Proof,
    sent: String,
    token: Option<Uuid>,
    /// The token was fetched for this call.
    fetched: bool,
    session: Option<Opened>,
}

/// What proves the caller.
enum Proof {
    /// A header alone.
    Header(Auth),
    /// A token, with what it is bound to.
    Token(PresentedToken),
}

/// Calls of an API with an application's credentials.
#[derive(Clone, Copy, Debug)]
pub struct Calls<'a> {
    pub(crate) app: &'a Keywright,
}

impl Keywright {
    /// Calls of an API with an application's credentials.
    pub fn calls(&self) -> Calls<'_> {
        Calls { app: self }
    }
}

impl Calls<'_> {
    /// Calls an API. Any status is an answer.
    pub async fn send(self, input: &CallInput) -> Result<CallView, CoreError> {
        self.send_with_scope(input, None).await
    }

    /// The same with a token of this scope, where the way is a bearer token: after an API asked for more
    /// ([`CallView::wider_scope`]).
    pub async fn send_with_scope(
        self,
        input: &CallInput,
        scope: Option<&str>,
    ) -> Result<CallView, CoreError> {
        let row = self.app.application_row(&input.application_id)?;
        let vault = self.app.vault()?;
        refuse_references(input)?;
        let url = address(&input.url)?;
        let credential = self.credential(&row, input, &url, scope).await?;
        let flow = self.app.flow(FlowSubject {
            configuration: Some(row.configuration_id),
            application: Some(row.id),
        });
        let mut request = request(input, url.clone(), flow.id)?;
        match credential.proof {
            Proof::Header(auth) => request.auth = auth,
            Proof::Token(token) => token.on(&mut request),
        }
        let method = request.method.to_string();
        let began_ms = self.app.0.clock.now_ms();
        let response = self.send_with(&row, request, auth_name(input.auth)).await?;
        self.app.mark_used(&vault, row.id)?;
        self.app
            .tokens()
            .note_refused_token(credential.token, &response)?;
        let login_page = login_page::of(
            &url,
            &response,
            credential
                .session
                .as_ref()
                .is_some_and(|opened| opened.was_accepted_at(&method, &url)),
        );
        let answered = Answered {
            method: &method,
            url: &url,
            began_ms,
            response: &response,
            login_page: login_page.as_deref(),
        };
        let effect = match (&credential.session, input.auth) {
            (Some(opened), _) => self
                .app
                .sessions()
                .record_session_call(&row, opened, &answered)?,
            (None, CallAuth::Bearer) => self.app.sessions().capture_session(
                &row,
                MadeWith::Bearer,
                credential.token,
                &answered,
            )?,
            (None, _) => self.app.sessions().capture_session(
                &row,
                MadeWith::ClientCredentials,
                None,
                &answered,
            )?,
        };
        let mut view = self.view(input.auth, &response, credential.sent, login_page, effect);
        view.fetched_token = credential.fetched;
        if input.auth == CallAuth::Bearer
            && let Some(challenge) = ErrorResponse::of(&response).challenge
        {
            view.wider_scope = wider_scope(&row, scope, &challenge);
        }
        Ok(view)
    }

    /// Sends a request of an application to an API.
    pub(crate) async fn send_with(
        self,
        row: &ApplicationRow,
        request: Request,
        form: &str,
    ) -> Result<Response, CoreError> {
        let configuration = self.app.vault()?.configuration(row.configuration_id)?;
        let config = self.app.configurations().provider_config(&configuration)?;
        let policy = HttpPolicy {
            secret_hosts: None,
            https_only: false,
            max_body: MAX_BODY,
            ..config.http_policy()
        };
        let who = HttpPolicy::host_of(&request.url);
        let http = self.app.client(policy).map_err(|source| CoreError::Api {
            who: who.clone(),
            source,
        })?;
        // Before it is sent: a hand-out whose answer never came is one as well.
        self.app.audit(
            AuditAction::CredentialUsed,
            &row.id.to_string(),
            json!({ "name": format!("{}, {who}", row.name), "form": form }),
        )?;
        http.send_proved(|| Ok(request.clone()))
            .await
            .map_err(|source| CoreError::Api { who, source })
    }

    async fn credential(
        self,
        row: &ApplicationRow,
        input: &CallInput,
        url: &Url,
        scope: Option<&str>,
    ) -> Result<Credential, CoreError> {
        let vault = self.app.vault()?;
        match input.auth {
            CallAuth::ClientCredentials => {
                let secret = vault
                    .secret(Owner::Application(row.id), SECRET_CLIENT)?
                    .ok_or_else(|| CoreError::NoSecret {
                        what: SecretKind::ClientSecret,
                        application: Some(row.name.clone()),
                    })?;
                // A gateway reads plain Basic (RFC 7617 §2); only a token endpoint reads the form-encoded
                // one of RFC 6749 §2.3.1, which the configuration may switch.
                let auth = Auth::Basic {
                    id: row.client_id.clone(),
                    secret: ClientSecret::from(&secret),
                    encoding: BasicEncoding::Raw,
                };
                Ok(Credential {
                    proof: Proof::Header(auth),
                    sent: "Authorization: Basic ••••".into(),
                    token: None,
                    fetched: false,
                    session: None,
                })
            }
            CallAuth::Bearer => {
                let wish = TokenWish {
                    application_id: row.id.to_string(),
                    resources: input.resources.clone(),
                    scope: scope.map(str::to_owned),
                    ..TokenWish::default()
                };
                let (token, from_cache) = self.app.tokens().token_for(row, &wish).await?;
                let presented = self.app.tokens().presented(&token, &row.name)?;
                let sent = match presented.dpop {
                    Some(_) => "Authorization: DPoP ••••",
                    None => "Authorization: Bearer ••••",
                };
                Ok(Credential {
                    proof: Proof::Token(presented),
                    sent: sent.into(),
                    token: Some(token.id),
                    fetched: !from_cache,
                    session: None,
                })
            }
            CallAuth::Session => {
                let opened = self.app.sessions().open(row.id, url)?;
                let names = opened.names(url).join("=••••; ");
                let auth = Auth::Cookie(opened.header(url));
                Ok(Credential {
                    proof: Proof::Header(auth),
                    sent: format!("Cookie: {names}=••••"),
                    token: None,
                    fetched: false,
                    session: Some(opened),
                })
            }
        }
    }

    fn view(
        self,
        auth: CallAuth,
        response: &Response,
        sent: String,
        login_page: Option<String>,
        effect: Effect,
    ) -> CallView {
        let body = body::shown(&response.body, response.header("content-type"));
        let mut notes = self.session_notes(auth, login_page.as_deref(), &effect);
        if auth == CallAuth::ClientCredentials && response.is_success() && login_page.is_none() {
            notes.insert(0, self.app.translate(Key::CallGatewayFetches, &[]));
        }
        let refused_cookies = self.refused_cookies(&effect.refused);
        notes.extend(self.refused_note(&refused_cookies));
        CallView {
            auth,
            status: response.status,
            headers: redact::headers(&response.headers, &[])
                .into_iter()
                .map(|(name, value)| HeaderView::shown(name, value))
                .collect(),
            is_json: body.is_json,
            size: u64::try_from(response.body.len()).unwrap_or(u64::MAX),
            body: body.text,
            body_encoding: body.encoding,
            elapsed_ms: response.elapsed_ms,
            session: effect.session,
            exchange: Some(response.exchange.to_string()),
            sent,
            fetched_token: false,
            note: (!notes.is_empty()).then(|| notes.join(" ")),
            refused_cookies,
            login_page,
            session_ended: effect.ended,
            no_session_cookie: effect.no_cookie,
            wider_scope: None,
        }
    }

    /// What to know of the session after a call.
    fn session_notes(
        self,
        auth: CallAuth,
        login_page: Option<&str>,
        effect: &Effect,
    ) -> Vec<String> {
        let page = [("page", login_page.unwrap_or_default())];
        let key = match effect.ended {
            Some(SessionEndReason::Login) => Some(Key::CallSessionLogin),
            Some(SessionEndReason::Deleted) => Some(Key::CallSessionDeleted),
            Some(_) => Some(Key::CallSessionRefused),
            None if login_page.is_some() && auth == CallAuth::Session => {
                Some(Key::CallLoginPageSession)
            }
            None if login_page.is_some() => Some(Key::CallLoginPage),
            None if effect.refused_here => Some(Key::CallSessionRefusedHere),
            None if effect.no_cookie => Some(Key::CallNoSessionCookie),
            None => None,
        };
        key.map(|key| self.app.translate(key, &page))
            .into_iter()
            .collect()
    }

    fn refused_cookies(self, refused: &[Refused]) -> Vec<RefusedCookie> {
        refused
            .iter()
            .map(|one| RefusedCookie {
                name: one.name.clone(),
                reason: self
                    .app
                    .translate(Family::Cookie.key(one.why.as_str()), &[]),
            })
            .collect()
    }

    /// Says which cookies were not kept, and why.
    fn refused_note(self, refused: &[RefusedCookie]) -> Option<String> {
        let first = refused.first()?;
        let count = refused.len().to_string();
        let blanks = [
            ("count", count.as_str()),
            ("name", &first.name),
            ("reason", &first.reason),
        ];
        Some(self.app.translate(Key::CallCookiesRefused, &blanks))
    }
}

/// The scopes that were asked for, with those that an API asks for as well (RFC 6750 §3.1 `insufficient_scope`): what
/// was granted before is granted again. None where the API names nothing that was not asked for already, because
/// asking again for the same would lead nowhere.
pub(crate) fn wider_scope(
    row: &ApplicationRow,
    asked: Option<&str>,
    challenge: &Challenge,
) -> Option<String> {
    let is_about_scope = challenge.error.as_deref() == Some("insufficient_scope");
    let wanted = challenge.scope.as_deref().filter(|_| is_about_scope)?;
    let mut scopes: Vec<String> = match asked {
        Some(scope) => scope.split_whitespace().map(str::to_owned).collect(),
        None => metadata(&row.requested).scopes().unwrap_or_default(),
    };
    let before = scopes.len();
    for scope in wanted.split_whitespace() {
        if !scopes.iter().any(|one| one == scope) {
            scopes.push(scope.to_owned());
        }
    }
    (scopes.len() > before).then(|| scopes.join(" "))
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
    let wrong = || CoreError::Input {
        what: InputProblem::Url,
        detail: text.trim().to_owned(),
    };
    let url = Url::parse(text.trim()).map_err(|_source| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong());
    }
    if url.password().is_some() || !url.username().is_empty() {
        return Err(CoreError::Input {
            what: InputProblem::UrlSecret,
            detail: String::new(),
        });
    }
    Ok(url)
}

fn request(input: &CallInput, url: Url, flow: Uuid) -> Result<Request, CoreError> {
    let method = input.method.trim().to_ascii_uppercase();
    let method = Method::from_bytes(method.as_bytes()).map_err(|_source| CoreError::Input {
        what: InputProblem::Method,
        detail: method,
    })?;
    let mut request = Request::new(method, url, Purpose::ApiCall, flow);
    // The user sees what the API does: nothing is tried twice behind their back.
    request.idempotent = false;
    request.keep_redirects = true;
    let body = input.body.as_ref().map(CallBody::bytes);
    let body = body.filter(|body| !body.is_empty());
    let mut content_type = None;
    let mut given = HeaderMap::new();
    for header in input
        .headers
        .iter()
        .filter(|header| !header.name.trim().is_empty())
    {
        let name = header.name.trim().to_ascii_lowercase();
        let wrong = || CoreError::Input {
            what: InputProblem::Header,
            detail: header.name.clone(),
        };
        if OWNED.contains(&name.as_str()) {
            return Err(CoreError::Input {
                what: InputProblem::HeaderOwned,
                detail: header.name.clone(),
            });
        }
        let mut value =
            HeaderValue::from_bytes(header.value.trim().as_bytes()).map_err(|_source| wrong())?;
        value.set_sensitive(header.secret);
        if name == "content-type" && body.is_some() {
            content_type = Some(header.value.trim().to_owned());
            continue;
        }
        // One that is given twice is sent twice.
        given.append(
            HeaderName::try_from(name).map_err(|_source| wrong())?,
            value,
        );
    }
    // What the user gives takes the place of what we would send.
    request.headers.extend(given);
    if let Some(body) = body {
        let json = serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok();
        let content_type = content_type.or_else(|| json.then(|| "application/json".to_owned()));
        request.body = Body::Raw {
            content_type,
            bytes: body.clone(),
        };
    }
    Ok(request)
}

/// The name of a header says that its value is a secret.
pub fn is_secret_header(name: &str) -> bool {
    HeaderName::try_from(name).is_ok_and(|name| redact::is_secret_header(&name))
}

/// A reference stands for a credential and is none: the API could only refuse it.
fn refuse_references(input: &CallInput) -> Result<(), CoreError> {
    let body = input.body.as_ref().map(CallBody::bytes);
    let body = body.map(|bytes| String::from_utf8_lossy(bytes));
    let headers = input.headers.iter().map(|header| header.value.as_str());
    let found = headers
        .chain(body.as_deref())
        .chain([input.url.as_str()])
        .find_map(reference::find);
    found.map_or(Ok(()), |found| {
        Err(CoreError::Input {
            what: InputProblem::Reference,
            detail: found.text,
        })
    })
}
