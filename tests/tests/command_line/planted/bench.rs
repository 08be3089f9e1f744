//! A vault, a server that answers by the plan, and every text that is made of an exchange.

use std::{
    collections::BTreeMap,
    error::Error as _,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use keywright_core::{
    Actor, Clock, CoreError, Keywright, Lang, Options, VaultHome,
    view::{
        ActivityQuery, AdoptInput, CallAuth, CallInput, ConfigurationInput, Draft, ExportForm,
        HeaderView, InitVault, TokenWish,
    },
};
use keywright_tests::ScriptedServer;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::planted::{
    log::LOG,
    plan::{Home, Plan},
};

/// A vault, and a server that answers by the plan.
pub(crate) struct Bench {
    keywright: Keywright,
    server: ScriptedServer,
    next: Arc<Mutex<Option<Plan>>>,
    count: usize,
    _folder: TempDir,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let next: Arc<Mutex<Option<Plan>>> = Arc::default();
        let plan = Arc::clone(&next);
        let server = ScriptedServer::start(move |issuer, request| {
            let plan = plan.lock().unwrap().clone();
            match (request.path(), plan) {
                ("/.well-known/oauth-authorization-server", _) => {
                    ScriptedServer::json(200, &ScriptedServer::metadata(issuer))
                }
                (path, Some(plan)) if path == plan.place() => plan.answer(),
                ("/token", _) => ScriptedServer::json(
                    200,
                    &json!({ "access_token": "opaque-token-1", "token_type": "Bearer", "expires_in": 600 }),
                ),
                _ => ScriptedServer::json(404, &json!({})),
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let keywright = Keywright::new(Options {
            home: VaultHome::new(folder.path().join("vault")),
            actor: Actor::Cli,
            clock: Clock::system(),
            lang: Lang::En,
        });
        let vault = InitVault {
            keyring: false,
            passphrase: Some("correct horse battery".into()),
        };
        keywright.init(vault).await.unwrap();
        Self {
            keywright,
            server,
            next,
            count: 0,
            _folder: folder,
        }
    }

    /// Lets the exchange happen, and gives every text that was made of it.
    pub(crate) async fn texts(&mut self, plan: &Plan) -> Vec<String> {
        self.count += 1;
        LOG.lock().unwrap().clear();
        *self.next.lock().unwrap() = None;
        let of_token = matches!(plan.home, Home::InitialAccessToken);
        let secrets = of_token.then(|| ("initial_access_token".to_owned(), plan.secret.clone()));
        let configuration = self
            .keywright
            .configurations()
            .save(ConfigurationInput {
                id: None,
                name: format!("Work {}", self.count),
                provider: "rfc7591".into(),
                issuer: self.server.issuer.clone(),
                settings: BTreeMap::new(),
                secrets: secrets.into_iter().collect(),
            })
            .unwrap();
        let mut failures = Vec::new();
        let before = self.recorded();
        if plan.place() == "/register" {
            *self.next.lock().unwrap() = Some(plan.clone());
            let draft = Draft {
                configuration_id: configuration.id.clone(),
                name: format!("app {}", self.count),
                grant_types: vec!["client_credentials".into()],
                ..Draft::default()
            };
            failures.extend(self.keywright.registration().register(draft).await.err());
        } else {
            let secret_of_client = matches!(
                plan.home,
                Home::ClientSecretOfCall | Home::ClientSecretOfToken
            );
            let secret = if secret_of_client {
                plan.secret.clone()
            } else {
                "s3cret-of-the-client".to_owned()
            };
            let adopted = self.adopt(&configuration.id, secret).await;
            *self.next.lock().unwrap() = Some(plan.clone());
            if plan.place() == "/token" {
                let wish = TokenWish {
                    application_id: adopted,
                    refresh: true,
                    ..TokenWish::default()
                };
                failures.extend(self.keywright.tokens().get(&wish).await.err());
            } else {
                let called = self.keywright.calls().send(&self.call(adopted, plan)).await;
                failures.extend(called.err());
            }
        }
        *self.next.lock().unwrap() = None;
        let texts = self.kept(&configuration.id, self.recorded() - before, &failures);
        assert!(
            texts.iter().any(|text| text.starts_with(plan.place())),
            "the exchange is kept: {plan:?}"
        );
        texts
    }

    fn recorded(&self) -> u32 {
        let query = ActivityQuery::default();
        self.keywright.activity().list(&query).unwrap().total
    }

    async fn adopt(&self, configuration: &str, secret: String) -> String {
        let input = AdoptInput {
            name: format!("app {}", self.count),
            configuration_id: configuration.to_owned(),
            client_id: "c-1".into(),
            client_secret: Some(secret),
            client_key: None,
            key_id: None,
            signing_alg: None,
            registration_client_uri: None,
            registration_access_token: None,
            token_endpoint_auth_method: None,
            scope: None,
            audience: None,
            resources: Vec::new(),
            grant_types: Vec::new(),
            redirect_uris: Vec::new(),
        };
        self.keywright
            .registration()
            .adopt(input)
            .await
            .unwrap()
            .application
            .id
    }

    fn call(&self, application_id: String, plan: &Plan) -> CallInput {
        let mut url = url::Url::parse(&format!("{}/api?page=2", self.server.issuer)).unwrap();
        let mut headers = Vec::new();
        let mut typed = |name: &str, value: &str| {
            headers.push(HeaderView {
                name: name.into(),
                value: value.into(),
                secret: false,
            });
        };
        let mut body = None;
        match plan.home {
            Home::RequestHeader => typed("X-Access-Token", &plan.secret),
            Home::RequestQuery => {
                url.query_pairs_mut().append_pair(plan.name, &plan.secret);
            }
            Home::RequestForm => {
                typed("Content-Type", "application/x-www-form-urlencoded");
                body = Some(plan.form());
            }
            Home::RequestJson => body = Some(plan.nested().to_string()),
            Home::RequestMultipart => {
                typed("Content-Type", "multipart/form-data; boundary=b");
                let (name, secret) = (plan.name, &plan.secret);
                body = Some(format!(
                    "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{secret}\r\n--b--\r\n"
                ));
            }
            _ => {}
        }
        CallInput {
            application_id,
            method: "POST".into(),
            url: url.into(),
            headers,
            body: body.map(Into::into),
            auth: if plan.home == Home::ClientSecretOfCall {
                CallAuth::ClientCredentials
            } else {
                CallAuth::Bearer
            },
            resources: Vec::new(),
        }
    }

    /// Activity, the exports, the failures and the log. The picture of the window is drawn from the flow.
    fn kept(&self, configuration: &str, newest: u32, failures: &[CoreError]) -> Vec<String> {
        let keywright = &self.keywright;
        let mut texts = Vec::new();
        let query = ActivityQuery {
            limit: newest,
            ..ActivityQuery::default()
        };
        let page = keywright.activity().list(&query).unwrap();
        leaves(&serde_json::to_value(&page).unwrap(), &mut texts);
        for one in &page.items {
            let flow = keywright.activity().flow(&one.flow).unwrap();
            leaves(&serde_json::to_value(&flow).unwrap(), &mut texts);
            let mermaid = keywright
                .activity()
                .export_flow(&one.flow, ExportForm::Mermaid);
            texts.push(mermaid.unwrap().text);
        }
        for one in &page.items {
            let story = keywright.activity().story(&one.id).unwrap();
            leaves(&serde_json::to_value(&story).unwrap(), &mut texts);
        }
        for form in [
            ExportForm::Har,
            ExportForm::Mermaid,
            ExportForm::Html,
            ExportForm::Svg,
        ] {
            let document = keywright.activity().export(&query, form).unwrap().text;
            leaves(&Value::from(document), &mut texts);
        }
        texts.push(
            keywright
                .configurations()
                .export_capabilities(configuration, "markdown")
                .unwrap(),
        );
        for failure in failures {
            let mut said = format!("{failure:?} {failure}");
            let mut next = failure.source();
            while let Some(source) = next {
                write!(said, " {source} {source:?}").unwrap();
                next = source.source();
            }
            texts.push(said);
            for (lang, surface) in [(Lang::En, Actor::Cli), (Lang::Ja, Actor::App)] {
                let view = failure.view(lang, surface);
                leaves(&serde_json::to_value(view).unwrap(), &mut texts);
            }
        }
        texts.push(LOG.lock().unwrap().clone());
        texts
    }
}

/// Every text of a document, also of one that stands as text in another.
fn leaves(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
                leaves(&inner, into);
            }
            into.push(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, into)),
        Value::Object(map) => {
            for (name, inner) in map {
                into.push(name.clone());
                leaves(inner, into);
            }
        }
        _ => {}
    }
}
