//! A small client of the Model Context Protocol over Streamable HTTP: enough to see that a token is good. Each use is
//! one conversation of its own: revision 2025-11-25 and before with `initialize`, later ones without.

mod first_call;
mod message;
pub(crate) mod types;

use http::{HeaderValue, Method, header::ACCEPT};
use keywright_oauth::{
    error_response::ErrorResponse,
    http::{Body, HttpPolicy, Purpose, Request, Response},
};
use keywright_vault::ApplicationRow;
use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;

use self::message::{Message, message_in};
use crate::{
    CoreError, Keywright,
    app::FlowSubject,
    calls,
    error::{mcp::McpError, parse::object_problem},
    tokens::{presented::PresentedToken, types::TokenWish},
};

/// The revision that is offered in `initialize`.
const LATEST_WITH_SESSION: &str = "2025-11-25";
/// The revision in which each request stands alone.
const STATELESS: &str = "2026-07-28";
/// Errors by which a server of a later revision refuses `initialize`: a header or a member is missing, the revision is
/// not supported, the method does not exist.
const NOT_OF_THIS_REVISION: [i64; 5] = [-32_020, -32_022, -32_602, -32_601, -32_004];
/// Pages of a list that are read.
const PAGES: usize = 100;

/// A client of MCP servers.
#[derive(Clone, Copy, Debug)]
pub struct Mcp<'a> {
    pub(crate) app: &'a Keywright,
}

impl Keywright {
    /// A client of MCP servers.
    pub fn mcp(&self) -> Mcp<'_> {
        Mcp { app: self }
    }
}

impl Mcp<'_> {
    /// The tools of a server, as it describes them.
    pub async fn tools(
        self,
        address: &str,
        wish: Option<&TokenWish>,
    ) -> Result<Vec<Value>, CoreError> {
        let mut session = self.open_session(address, wish).await?;
        let mut tools = Vec::new();
        let mut cursor = None;
        for _ in 0..PAGES {
            let mut params = Map::new();
            params.extend(cursor.map(|cursor| ("cursor".to_owned(), cursor)));
            let mut result = session.request("tools/list", params).await?;
            if let Some(Value::Array(page)) = result.get_mut("tools").map(Value::take) {
                tools.extend(page);
            }
            cursor = result.get("nextCursor").cloned().filter(Value::is_string);
            if cursor.is_none() {
                break;
            }
        }
        session.end().await;
        Ok(tools)
    }

    /// Calls a tool. The result is what the server answers, `isError` included.
    pub async fn call_tool(
        self,
        address: &str,
        wish: Option<&TokenWish>,
        tool: &str,
        arguments: &str,
    ) -> Result<Value, CoreError> {
        let arguments: Map<String, Value> = if arguments.trim().is_empty() {
            Map::new()
        } else {
            serde_json::from_str(arguments).map_err(|error| CoreError::Mcp {
                address: address.to_owned(),
                source: Box::new(McpError::Arguments {
                    detail: object_problem(self.app.lang(), &error),
                }),
            })?
        };
        let mut session = self.open_session(address, wish).await?;
        let params = Map::from_iter([
            ("name".to_owned(), json!(tool)),
            ("arguments".to_owned(), Value::Object(arguments)),
        ]);
        let result = session.request("tools/call", params).await?;
        session.end().await;
        Ok(result)
    }

    /// Begins a conversation with a token, where one is wished for.
    async fn open_session<'a>(
        self,
        address: &str,
        wish: Option<&TokenWish>,
    ) -> Result<McpSession<'a>, CoreError>
    where
        Self: 'a,
    {
        let url = calls::address(address)?;
        let pass = match wish {
            Some(wish) => {
                let application = self.app.application_row(&wish.application_id)?;
                let tokens = self.app.tokens();
                let (token, _) = tokens.token_for(&application, wish).await?;
                let presented = tokens.presented(&token, &application.name)?;
                Some(AccessGrant {
                    application,
                    token: token.id,
                    presented,
                })
            }
            None => None,
        };
        let mut session = McpSession {
            app: self.app,
            url,
            pass,
            session: None,
            revision: LATEST_WITH_SESSION.to_owned(),
            number: 0,
        };
        session.begin().await?;
        Ok(session)
    }
}

/// The token of a conversation.
struct AccessGrant {
    application: ApplicationRow,
    token: Uuid,
    presented: PresentedToken,
}

/// One conversation.
struct McpSession<'a> {
    app: &'a Keywright,
    url: Url,
    pass: Option<AccessGrant>,
    /// `Mcp-Session-Id`.
    session: Option<HeaderValue>,
    revision: String,
    number: u64,
}

impl McpSession<'_> {
    /// `initialize`, or the later revision where the server does not know it.
    async fn begin(&mut self) -> Result<(), CoreError> {
        let params = json!({
            "protocolVersion": LATEST_WITH_SESSION,
            "capabilities": {},
            "clientInfo": { "name": "keywright", "version": env!("CARGO_PKG_VERSION") },
        });
        self.number += 1;
        let message = json!({
            "jsonrpc": "2.0", "id": self.number, "method": "initialize", "params": params,
        });
        let response = self.post(message, None).await?;
        let answer = match self.read(&response) {
            Err(CoreError::Mcp { source, .. }) if matches!(*source, McpError::Rpc { code, .. } if NOT_OF_THIS_REVISION.contains(&code)) =>
            {
                STATELESS.clone_into(&mut self.revision);
                return Ok(());
            }
            outcome => outcome?,
        };
        if let Some(chosen) = answer.get("protocolVersion").and_then(Value::as_str) {
            chosen.clone_into(&mut self.revision);
        }
        self.session = response.headers.get("mcp-session-id").cloned();
        let done = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let response = self.post(done, None).await?;
        if response.is_success() {
            return Ok(());
        }
        Err(self.refused(&response))
    }

    /// A request, and its result.
    async fn request(
        &mut self,
        method: &str,
        mut params: Map<String, Value>,
    ) -> Result<Value, CoreError> {
        self.number += 1;
        if self.revision == STATELESS {
            let meta = json!({
                "io.modelcontextprotocol/protocolVersion": STATELESS,
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo":
                    { "name": "keywright", "version": env!("CARGO_PKG_VERSION") },
            });
            params.insert("_meta".to_owned(), meta);
        }
        let message = json!({
            "jsonrpc": "2.0", "id": self.number, "method": method, "params": params,
        });
        let response = self.post(message, Some(method)).await?;
        self.read(&response)
    }

    /// Ends the session at the server. That it does not end is not worth a failure.
    async fn end(&self) {
        if self.session.is_some() {
            let request = self.prepared(Method::DELETE, Uuid::now_v7());
            if let Err(error) = self.send(request).await {
                tracing::debug!(%error, "the session was not ended");
            }
        }
    }

    async fn post(&self, message: Value, method: Option<&str>) -> Result<Response, CoreError> {
        let application = self.pass.as_ref().map(|pass| &pass.application);
        let flow = self.app.flow(FlowSubject {
            configuration: application.map(|row| row.configuration_id),
            application: application.map(|row| row.id),
        });
        let mut request = self.prepared(Method::POST, flow.id);
        if self.revision == STATELESS {
            let tool = message
                .get("params")
                .and_then(|params| params.get("name"))
                .and_then(Value::as_str);
            for (name, value) in [("mcp-method", method), ("mcp-name", tool)] {
                if let Some(value) = value.and_then(|text| HeaderValue::from_str(text).ok()) {
                    request.headers.insert(name, value);
                }
            }
        }
        request.body = Body::Json(message);
        self.send(request).await
    }

    fn prepared(&self, method: Method, flow: Uuid) -> Request {
        let mut request = Request::new(method, self.url.clone(), Purpose::ApiCall, flow);
        request.idempotent = false;
        let both = HeaderValue::from_static("application/json, text/event-stream");
        request.headers.insert(ACCEPT, both);
        // `initialize` names its revision itself.
        if (self.session.is_some() || self.number > 1 || self.revision == STATELESS)
            && let Ok(revision) = HeaderValue::from_str(&self.revision)
        {
            request.headers.insert("mcp-protocol-version", revision);
        }
        if let Some(session) = &self.session {
            request.headers.insert("mcp-session-id", session.clone());
        }
        request
    }

    async fn send(&self, mut request: Request) -> Result<Response, CoreError> {
        let Some(pass) = &self.pass else {
            let who = HttpPolicy::host_of(&self.url);
            let policy = HttpPolicy {
                ca_pem: self.app.configurations().ca_pem_for(&self.url)?,
                ..HttpPolicy::default()
            };
            let http = self.app.client(policy);
            let http = http.map_err(|source| CoreError::Api {
                who: who.clone(),
                source,
            })?;
            return http
                .send(request)
                .await
                .map_err(|source| CoreError::Api { who, source });
        };
        pass.presented.clone().on(&mut request);
        let calls = self.app.calls();
        let response = calls
            .send_with(&pass.application, request, "bearer")
            .await?;
        self.app
            .tokens()
            .note_refused_token(Some(pass.token), &response)?;
        Ok(response)
    }

    /// The result of an answer.
    fn read(&self, response: &Response) -> Result<Value, CoreError> {
        match message_in(response, self.number) {
            Some(Message::Result(result)) => Ok(result),
            // A server that refuses a token may say so in JSON-RPC as well.
            Some(Message::Error { code, message }) if !matches!(response.status, 401 | 403) => {
                Err(self.failed(McpError::Rpc { code, message }))
            }
            None if response.is_success() => Err(self.failed(McpError::NotMcp)),
            _ => Err(self.refused(response)),
        }
    }

    fn refused(&self, response: &Response) -> CoreError {
        self.failed(McpError::Refused {
            words: Box::new(ErrorResponse::of(response)),
        })
    }

    fn failed(&self, source: McpError) -> CoreError {
        CoreError::Mcp {
            address: self.url.to_string(),
            source: Box::new(source),
        }
    }
}
