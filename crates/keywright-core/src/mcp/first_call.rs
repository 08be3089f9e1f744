//! The first call with a new token: does the resource accept it?

use serde_json::Value;
use url::Url;

use super::{Mcp, types::ResourceAnswer};
use crate::{
    CoreError, FoundServer, McpError,
    calls::types::{CallAuth, CallInput, CallView},
    i18n::key::Key,
    tokens::types::TokenWish,
};

/// Last part of the path of most MCP servers.
const MCP_PATH: &str = "mcp";

impl Mcp<'_> {
    /// Calls the resource that was connected to: lists the tools of an MCP server, else asks an API by GET, which
    /// changes nothing. None where an issuer was connected to: it is not a resource.
    ///
    /// # Errors
    ///
    /// Every failure of the network, and an MCP server that refuses the token.
    pub async fn first_call(
        self,
        found: &FoundServer,
        wish: &TokenWish,
    ) -> Result<Option<ResourceAnswer>, CoreError> {
        let Some(url) = found.api() else {
            return Ok(None);
        };
        if is_mcp_path(url) {
            match Box::pin(self.listed(url, wish)).await {
                Err(CoreError::Mcp { source, .. }) if matches!(*source, McpError::NotMcp) => {}
                outcome => return outcome.map(Some),
            }
        }
        let input = CallInput {
            application_id: wish.application_id.clone(),
            method: "GET".to_owned(),
            url: url.to_string(),
            headers: Vec::new(),
            body: None,
            auth: CallAuth::Bearer,
            resources: wish.resources.clone(),
        };
        let calls = self.app.calls();
        let sent = calls.send_with_scope(&input, wish.scope.as_deref());
        let answer = Box::pin(sent).await?;
        // The Streamable HTTP transport answers a plain GET with an error of JSON-RPC.
        if answer.is_failure() && !is_mcp_path(url) && is_json_rpc(&answer.body) {
            return Box::pin(self.listed(url, wish)).await.map(Some);
        }
        Ok(Some(self.answered(url, answer)))
    }

    async fn listed(self, url: &Url, wish: &TokenWish) -> Result<ResourceAnswer, CoreError> {
        let tools = self.tools(url.as_str(), Some(wish)).await?;
        let names: Vec<String> = tools
            .iter()
            .filter_map(|tool| tool.get("name").and_then(Value::as_str))
            .map(str::to_owned)
            .collect();
        let count = names.len().to_string();
        Ok(ResourceAnswer {
            address: url.to_string(),
            ok: true,
            status: None,
            message: self
                .app
                .translate(Key::ConnectAnswerTools, &[("count", &count)]),
            tools: names,
            wider_scope: None,
            exchange: None,
        })
    }

    fn answered(self, url: &Url, answer: CallView) -> ResourceAnswer {
        let key = match answer.status {
            _ if !answer.is_failure() => Key::ConnectAnswerOk,
            401 => Key::ConnectAnswerUnauthorized,
            403 => Key::ConnectAnswerForbidden,
            // The token was not what was wrong.
            _ => Key::ConnectAnswerOther,
        };
        let status = answer.status.to_string();
        ResourceAnswer {
            address: url.to_string(),
            ok: !answer.is_failure(),
            status: Some(answer.status),
            tools: Vec::new(),
            wider_scope: answer.wider_scope,
            exchange: answer.exchange,
            message: self.app.translate(key, &[("status", &status)]),
        }
    }
}

fn is_mcp_path(url: &Url) -> bool {
    let path = url.path().trim_end_matches('/');
    path.rsplit('/').next() == Some(MCP_PATH)
}

fn is_json_rpc(body: &str) -> bool {
    let read: Option<Value> = serde_json::from_str(body).ok();
    read.is_some_and(|value| value.get("jsonrpc").is_some())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn an_mcp_server_is_known_by_its_path_or_its_answer() {
        let by_path = |text: &str| is_mcp_path(&text.parse().unwrap());
        assert!(by_path("https://a.example/mcp"));
        assert!(by_path("https://a.example/v1/mcp/?x=1"));
        assert!(!by_path("https://mcp.example/orders"));
        assert!(!by_path("https://mcp.example"));
        assert!(is_json_rpc(
            r#"{"jsonrpc":"2.0","error":{"code":-32000},"id":null}"#
        ));
        assert!(!is_json_rpc("[]"));
        assert!(!is_json_rpc("Not found"));
    }
}
