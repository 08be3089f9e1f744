//! A protected resource that answers as a test says: an API at `/orders` and an MCP server at `/mcp`.

use std::sync::{Arc, Mutex};

use keywright_tests::{Received, ScriptedServer};
use serde_json::{Value, json};

type Answer = dyn Fn(&str, &Received) -> Option<Vec<u8>> + Send + Sync;

/// The resource, until the test ends.
pub(super) struct Api {
    server: ScriptedServer,
    /// Issuers that it names.
    pub(super) issuers: Arc<Mutex<Vec<String>>>,
    seen: Arc<Mutex<Vec<Received>>>,
}

impl Api {
    /// Protected by this issuer.
    pub(super) fn start(issuer: &str) -> Self {
        Self::with(issuer, |_, _| None)
    }

    /// `first` may answer in the place of the usual answer.
    pub(super) fn with(
        issuer: &str,
        first: impl Fn(&str, &Received) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let issuers = Arc::new(Mutex::new(vec![issuer.to_owned()]));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (named, log): (_, Arc<Mutex<Vec<Received>>>) =
            (Arc::clone(&issuers), Arc::clone(&seen));
        let first: Box<Answer> = Box::new(first);
        let server = ScriptedServer::start(move |origin, request| {
            log.lock().unwrap().push(request.clone());
            if let Some(answer) = first(origin, request) {
                return answer;
            }
            usual(origin, request, &named.lock().unwrap())
        });
        Self {
            server,
            issuers,
            seen,
        }
    }

    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.server.issuer)
    }

    /// Values of `Authorization` that arrived.
    pub(super) fn credentials(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let headers = seen.iter().filter_map(|one| one.header("authorization"));
        headers.map(str::to_owned).collect()
    }
}

/// 401 with a challenge that names the place of the metadata.
pub(super) fn challenged(origin: &str, status: u16, more: &str) -> Vec<u8> {
    let place = format!("{origin}/.well-known/oauth-protected-resource");
    let challenge = format!("Bearer resource_metadata=\"{place}\"{more}");
    ScriptedServer::reply(status, &[("WWW-Authenticate", &challenge)], b"")
}

/// The document of the resource.
pub(super) fn document(origin: &str, issuers: &[String]) -> Value {
    json!({
        "resource": origin, "resource_name": "Orders", "authorization_servers": issuers,
        "scopes_supported": ["orders:read"],
    })
}

fn usual(origin: &str, request: &Received, issuers: &[String]) -> Vec<u8> {
    match (request.method.as_str(), request.path()) {
        ("GET", "/.well-known/oauth-protected-resource") => {
            ScriptedServer::json(200, &document(origin, issuers))
        }
        (_, "/orders" | "/mcp") if request.header("authorization").is_none() => {
            challenged(origin, 401, "")
        }
        (_, "/orders") => ScriptedServer::json(200, &json!({ "orders": [1] })),
        _ => ScriptedServer::json(404, &json!({})),
    }
}
