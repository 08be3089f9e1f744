//! How each recorded operation is replayed.

use keywright_oauth::{
    register::{ClientInformation, RegistrationError},
    token::{self, TokenError},
    words::ProviderWords,
};
use keywright_providers::{Finding, ProviderError, Registration, StepState, TokenWish};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::{
    stage::{Stage, before, context, handles, known, metadata},
    support::Recording,
};

const CLIENTS: &str = "^/api/v2/clients$";
const CLIENT: &str = "^/api/v2/clients/[^/]+$";
const GRANTS: &str = "^/api/v2/client-grants$";
const GRANT: &str = "^/api/v2/client-grants/[^/]+$";
const TOKEN: &str = "^/oauth/token$";
const API: &str = "https://api.example";

type Told = Result<(), String>;

pub async fn replay(recording: &Recording) -> Told {
    match recording.operation.as_str() {
        "create-client-dcr" => open(recording).await,
        "discovery" => discovery(recording).await,
        "jwks" => jwks(recording).await,
        "list-clients" => list(recording).await,
        "rotate-secret" => rotation(recording, true).await,
        operation if operation.contains("token") => token_answer(recording).await,
        _ => management(recording).await,
    }
}

/// What a request of the Management API is about.
enum About {
    Client(Option<String>),
    Grant(Option<String>),
    /// A key of a client that proves itself by `private_key_jwt`. Keywright makes none; such an object, like
    /// a grant, hangs on a client and has an id, so its answers go where those of a grant go.
    Key,
    /// Another endpoint of the same API: only the envelope of its answer is told.
    Neighbour,
}

fn about(recording: &Recording) -> About {
    let url = Url::parse(&recording.url.replace(['{', '}'], "")).unwrap();
    let path: Vec<&str> = url.path().split('/').skip(1).collect();
    let own = |id: &str| Some(id.to_owned());
    match path.as_slice() {
        ["api", "v2", "clients"] => About::Client(None),
        ["api", "v2", "clients", id] => About::Client(own(id)),
        ["api", "v2", "client-grants"] => About::Grant(None),
        ["api", "v2", "client-grants", id] => About::Grant(own(id)),
        ["api", "v2", "clients", _, "credentials", ..] => About::Key,
        _ => About::Neighbour,
    }
}

async fn management(recording: &Recording) -> Told {
    match (recording.method.as_str(), about(recording)) {
        ("POST", About::Grant(_)) => create_grant(recording, true).await,
        ("POST", About::Key) => create_grant(recording, false).await,
        ("POST", about) => create(recording, matches!(about, About::Client(_))).await,
        ("GET", About::Grant(None)) => find_grant(recording, true).await,
        // One grant by its id is never read; the object is what a change of a grant answers.
        ("GET", About::Grant(Some(id))) if succeeded(recording) => {
            change_grant(recording, &id, false).await
        }
        ("GET", About::Key) if recording.answer.is_object() => {
            change_grant(recording, "cgr_1", false).await
        }
        ("GET", About::Key | About::Grant(_)) => find_grant(recording, false).await,
        ("GET", About::Client(Some(id))) => read(recording, &id, true).await,
        ("GET", _) => read(recording, "known", false).await,
        ("PATCH", About::Grant(Some(id))) => change_grant(recording, &id, true).await,
        ("PATCH", About::Client(Some(id))) => update(recording, &id, true).await,
        ("PATCH" | "PUT", _) => update(recording, "known", false).await,
        ("DELETE", About::Grant(Some(id))) => delete_grant(recording, &id, true).await,
        ("DELETE", About::Key) => delete_grant(recording, "cgr_1", false).await,
        ("DELETE", About::Client(Some(id))) => delete(recording, &id, true).await,
        ("DELETE", _) => delete(recording, "known", false).await,
        (method, _) => Err(format!("{method} is not replayed")),
    }
}

async fn create(recording: &Recording, exactly: bool) -> Told {
    let stage = Stage::new().await;
    stage.recorded(recording, "POST", CLIENTS).await;
    let wanted = if exactly {
        metadata(&recording.sent)
    } else {
        metadata(&json!({"name": "Orders"}))
    };
    let outcome = stage.provider().register(context(), &wanted).await;
    sent(&stage, recording, exactly).await?;
    told(recording, outcome, |made| same_client(recording, &made))
}

async fn create_grant(recording: &Recording, exactly: bool) -> Told {
    let audience = recording.sent["audience"].as_str().unwrap_or(API);
    let stage = Stage::new().await.set("audience", audience);
    let client_id = recording.sent["client_id"].as_str().unwrap_or("known");
    let client = json!({ "client_id": client_id, "client_secret": "s", "grant_types": ["client_credentials"] });
    stage.aside("POST", CLIENTS, &client).await;
    stage.recorded(recording, "POST", GRANTS).await;
    let wanted = metadata(&json!({ "name": "Orders", "scope": joined(&recording.sent["scope"]) }));
    let outcome = stage.provider().register(context(), &wanted).await;
    sent(&stage, recording, exactly).await?;
    told(recording, outcome, |made| same_grant(recording, &made))
}

/// A read of the client looks for its grant.
async fn find_grant(recording: &Recording, exactly: bool) -> Told {
    let url = Url::parse(&recording.url).unwrap();
    let asked = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let client_id = asked("client_id").unwrap_or_else(|| "known".into());
    let audience = asked("audience").unwrap_or_else(|| API.into());
    let stage = Stage::new().await.set("audience", &audience);
    let client = json!({ "client_id": client_id, "grant_types": ["client_credentials"] });
    stage.aside("GET", CLIENT, &client).await;
    stage.recorded(recording, "GET", GRANTS).await;
    let outcome = stage.provider().read(context(), &known(&client_id)).await;
    if exactly {
        let requests = stage.server.received_requests().await.unwrap();
        let ours = requests
            .iter()
            .find(|request| request.url.path() == url.path())
            .ok_or("no grants were asked for")?;
        for (name, value) in url.query_pairs() {
            // The adapter asks for one page as large as may be.
            if matches!(name.as_ref(), "per_page" | "page" | "take" | "from") {
                continue;
            }
            if !ours
                .url
                .query_pairs()
                .any(|pair| pair == (name.clone(), value.clone()))
            {
                return Err(format!("{name}={value} is not in {}", ours.url));
            }
        }
    }
    told(recording, outcome, |read| {
        let first = &recording.answer["client_grants"][0]["id"];
        let found = read.handles.get("auth0_grant_id").map(String::as_str);
        same(
            "grant",
            found.unwrap_or_default(),
            first.as_str().unwrap_or_default(),
        )
    })
}

async fn change_grant(recording: &Recording, id: &str, exactly: bool) -> Told {
    let stage = Stage::new().await.set("audience", API);
    let client =
        json!({ "client_id": "known", "name": "Orders", "grant_types": ["client_credentials"] });
    stage.aside("PATCH", CLIENT, &client).await;
    stage.recorded(recording, "PATCH", GRANT).await;
    let at = Registration {
        granted: metadata(&json!({ "name": "Before", "scope": "another" })),
        handles: handles(&[("auth0_grant_id", id), ("auth0_grant_audience", API)]),
        ..known("known")
    };
    let wanted = metadata(&json!({ "name": "Orders", "scope": joined(&recording.sent["scope"]) }));
    let outcome = stage.provider().update(context(), &at, &wanted).await;
    sent(&stage, recording, exactly).await?;
    told(recording, outcome, |made| {
        same("grant", &made.handles["auth0_grant_id"], id)?;
        let scope = made.metadata.scopes().unwrap_or_default().join(" ");
        same("scope", &scope, &joined(&recording.answer["scope"]))
    })
}

async fn read(recording: &Recording, id: &str, exactly: bool) -> Told {
    let stage = Stage::new().await;
    stage.recorded(recording, "GET", CLIENT).await;
    let outcome = stage.provider().read(context(), &known(id)).await;
    sent(&stage, recording, exactly).await?;
    told(recording, outcome, |read| same_client(recording, &read))
}

async fn update(recording: &Recording, id: &str, exactly: bool) -> Told {
    let changes = recording.sent.as_object().cloned().unwrap_or_default();
    // A secret of one's own choice is set there; here another secret comes by rotation.
    if exactly && changes.keys().all(|name| name == "client_secret") {
        return rotation(recording, false).await;
    }
    let stage = Stage::new().await;
    stage.recorded(recording, "PATCH", CLIENT).await;
    let (was, wanted) = if exactly {
        (before(&recording.sent), metadata(&recording.sent))
    } else {
        (metadata(&json!({})), metadata(&json!({"name": "Orders"})))
    };
    let at = Registration {
        granted: was,
        ..known(id)
    };
    let outcome = stage.provider().update(context(), &at, &wanted).await;
    sent(&stage, recording, exactly).await?;
    told(recording, outcome, |read| same_client(recording, &read))
}

async fn rotation(recording: &Recording, exactly: bool) -> Told {
    let stage = Stage::new().await;
    let at = "^/api/v2/clients/[^/]+/rotate-secret$";
    stage.recorded(recording, "POST", at).await;
    let path = Url::parse(&recording.url).unwrap().path().to_owned();
    let id = path.split('/').nth(4).unwrap_or("known").to_owned();
    let outcome = stage.provider().rotate(context(), &known(&id)).await;
    sent(&stage, recording, exactly).await?;
    told(recording, outcome, |made| {
        if made.client_secret.is_none() {
            return Err("no secret came".into());
        }
        same_client(recording, &made)
    })
}

async fn delete(recording: &Recording, id: &str, exactly: bool) -> Told {
    let stage = Stage::new().await;
    stage
        .aside("GET", GRANTS, &json!({ "client_grants": [] }))
        .await;
    stage.recorded(recording, "DELETE", CLIENT).await;
    let outcome = stage.provider().delete(context(), &known(id)).await;
    sent(&stage, recording, exactly).await?;
    told(recording, outcome, |()| Ok(()))
}

async fn delete_grant(recording: &Recording, id: &str, exactly: bool) -> Told {
    let stage = Stage::new().await;
    stage.aside("DELETE", CLIENT, &json!({})).await;
    stage.recorded(recording, "DELETE", GRANT).await;
    let at = Registration {
        handles: handles(&[("auth0_grant_id", id)]),
        ..known("known")
    };
    let outcome = stage.provider().delete(context(), &at).await;
    sent(&stage, recording, exactly).await?;
    told(recording, outcome, |()| Ok(()))
}

async fn list(recording: &Recording) -> Told {
    let stage = Stage::new().await;
    stage.recorded(recording, "GET", CLIENTS).await;
    let outcome = stage.provider().list(context()).await;
    sent(&stage, recording, true).await?;
    told(recording, outcome, |all| {
        let recorded = recording.answer["clients"]
            .as_array()
            .or(recording.answer.as_array());
        let recorded: Vec<&Value> = recorded
            .into_iter()
            .flatten()
            .filter(|one| one["client_id"].is_string())
            .collect();
        if all.len() != recorded.len() {
            return Err(format!(
                "{} clients, {} are recorded",
                all.len(),
                recorded.len()
            ));
        }
        for (ours, theirs) in all.iter().zip(recorded) {
            same(
                "client_id",
                &ours.client_id,
                theirs["client_id"].as_str().unwrap(),
            )?;
            same(
                "name",
                ours.name.as_deref().unwrap_or_default(),
                theirs["name"].as_str().unwrap_or_default(),
            )?;
        }
        Ok(())
    })
}

async fn open(recording: &Recording) -> Told {
    let stage = Stage::without_admin()
        .await
        .set("auth0_registration", "open");
    stage.recorded(recording, "POST", "^/oidc/register$").await;
    let wanted = metadata(&recording.sent);
    let outcome = stage.provider().register(context(), &wanted).await;
    sent(&stage, recording, true).await?;
    told(recording, outcome, |made| {
        same(
            "client_id",
            &made.client_id,
            recording.answer["client_id"].as_str().unwrap(),
        )?;
        let grants = made.metadata.grant_types().unwrap_or_default().join(" ");
        same(
            "grant_types",
            &grants,
            &joined(&recording.answer["grant_types"]),
        )
    })
}

async fn discovery(recording: &Recording) -> Told {
    let stage = Stage::new().await;
    let at = Url::parse(&recording.url).unwrap();
    stage.document(recording, at.path()).await;
    let verification = stage.provider().verify(context()).await;
    let passed = |name: &str| {
        let mut steps = verification.steps.iter();
        steps.any(|step| step.name.as_str() == name && step.state == StepState::Passed)
    };
    if !passed("discovery") || !passed("issuer") {
        return Err(format!("{:?}", verification.steps));
    }
    let metadata = verification
        .metadata
        .as_ref()
        .ok_or("no metadata was kept")?;
    let named = metadata.endpoints().count();
    let recorded = [
        "registration_endpoint",
        "token_endpoint",
        "introspection_endpoint",
        "revocation_endpoint",
        "jwks_uri",
    ];
    let recorded = recorded
        .iter()
        .filter(|name| recording.answer[**name].is_string())
        .count();
    if named != recorded {
        return Err(format!("{named} endpoints, {recorded} are recorded"));
    }
    Ok(())
}

async fn jwks(recording: &Recording) -> Told {
    let stage = Stage::new().await;
    let base = stage.server.uri();
    let document = json!({
        "issuer": format!("{base}/"), "token_endpoint": format!("{base}/oauth/token"),
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
    });
    stage
        .aside("GET", "^/.well-known/openid-configuration$", &document)
        .await;
    stage
        .recorded(recording, "GET", "^/.well-known/jwks.json$")
        .await;
    let verification = stage.provider().verify(context()).await;
    let step = verification
        .steps
        .iter()
        .find(|step| step.name.as_str() == "signing_keys")
        .unwrap();
    let recorded = recording.answer["keys"].as_array().map_or(0, Vec::len);
    match &step.finding {
        Some(Finding::Keys { usable, total }) if *usable > 0 && *total == recorded => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// The client's own token request. Other grants of the token endpoint and its neighbours answer in the
/// same envelope; only a recorded client credentials request is held against ours.
async fn token_answer(recording: &Recording) -> Told {
    let stage = Stage::without_admin().await;
    stage.recorded(recording, "POST", TOKEN).await;
    let sent_fields = match &recording.sent {
        Value::String(form) => {
            let pairs = url::form_urlencoded::parse(form.as_bytes()).into_owned();
            pairs.map(|(name, value)| (name, json!(value))).collect()
        }
        other => other.as_object().cloned().unwrap_or_default(),
    };
    let field = |name: &str| {
        sent_fields
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let at = Registration {
        granted: metadata(&json!({ "token_endpoint_auth_method": "client_secret_post" })),
        ..known(&field("client_id").unwrap_or_else(|| "known".into()))
    };
    let at = match field("client_secret") {
        Some(secret) => Registration {
            client_secret: Some(keywright_oauth::secret::ClientSecret::new(secret)),
            ..at
        },
        None => at,
    };
    let wish = TokenWish {
        audience: field("audience"),
        ..TokenWish::default()
    };
    let request = stage
        .provider()
        .token_request(&at, wish, Uuid::nil())
        .unwrap();
    let outcome = token::request_token(&Stage::http(), &request).await;
    let exactly = field("grant_type").as_deref() == Some("client_credentials");
    sent(&stage, recording, exactly).await?;
    match outcome {
        Ok(token) if succeeded(recording) => {
            let answer = &recording.answer;
            same(
                "access_token",
                token.access_token.expose(),
                answer["access_token"].as_str().unwrap(),
            )?;
            same(
                "scope",
                token.scope.as_deref().unwrap_or_default(),
                answer["scope"].as_str().unwrap_or_default(),
            )?;
            same(
                "expires_in",
                &token.expires_in.unwrap_or_default().to_string(),
                &answer["expires_in"].to_string(),
            )
        }
        Err(TokenError::Refused { words, .. }) if !succeeded(recording) => {
            same_words(recording, &words)
        }
        other => Err(format!("{other:?}")),
    }
}

async fn sent(stage: &Stage, recording: &Recording, exactly: bool) -> Told {
    if exactly {
        stage.sent_as_recorded(recording).await
    } else {
        Ok(())
    }
}

fn succeeded(recording: &Recording) -> bool {
    recording.status.is_none_or(|status| status < 300)
}

/// A recorded success must be one here; a recorded refusal must be one of the right kind, in its words.
fn told<T: std::fmt::Debug>(
    recording: &Recording,
    outcome: Result<T, ProviderError>,
    check: impl FnOnce(T) -> Told,
) -> Told {
    match (succeeded(recording), outcome) {
        (true, Ok(value)) => check(value),
        (true, Err(error)) => Err(format!("{error}: {error:?}")),
        (false, Ok(value)) => Err(format!("a refusal was taken for {value:?}")),
        (false, Err(error)) => refusal(recording, &error),
    }
}

fn refusal(recording: &Recording, error: &ProviderError) -> Told {
    let of_admin = recording.status == Some(401)
        || recording.answer["errorCode"].as_str() == Some("insufficient_scope");
    match error {
        ProviderError::Admin {
            source: TokenError::Refused { words, .. },
        } if of_admin => same_words(recording, words),
        ProviderError::Registration(error @ RegistrationError::Refused { words, .. })
            if !of_admin =>
        {
            if error.outcome_unknown() != matches!(words.status, 502 | 504) {
                return Err("whether it took effect is told wrong".into());
            }
            if recording.status == Some(404) && !error.is_unknown_client() {
                return Err("a client that is gone is not told".into());
            }
            same_words(recording, words)
        }
        other => Err(format!("the wrong kind: {other:?}")),
    }
}

fn same_words(recording: &Recording, words: &ProviderWords) -> Told {
    let text = |names: &[&str]| {
        let found = names
            .iter()
            .find_map(|name| recording.answer[*name].as_str());
        found.unwrap_or_default().to_owned()
    };
    if Some(words.status) != recording.status {
        return Err(format!("status {}", words.status));
    }
    same(
        "error",
        words.error.as_deref().unwrap_or_default(),
        &text(&["errorCode", "error"]),
    )?;
    let said = text(&["error_description", "message"]);
    same(
        "description",
        words.description.as_deref().unwrap_or_default(),
        &said,
    )
}

fn same_client(recording: &Recording, read: &ClientInformation) -> Told {
    let answer = &recording.answer;
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    same("client_id", &read.client_id, text("client_id"))?;
    same(
        "name",
        &read.metadata.client_name().unwrap_or_default(),
        text("name"),
    )?;
    let secret = read
        .client_secret
        .as_ref()
        .map_or("", |secret| secret.expose());
    same("client_secret", secret, text("client_secret"))?;
    let grants = read.metadata.grant_types().unwrap_or_default().join(" ");
    same("grant_types", &grants, &joined(&answer["grant_types"]))?;
    let redirects = read.metadata.redirect_uris().unwrap_or_default().join(" ");
    same("callbacks", &redirects, &joined(&answer["callbacks"]))?;
    let method = read.metadata.token_endpoint_auth_method();
    let by_key = answer["client_authentication_methods"].as_object();
    let recorded = answer["token_endpoint_auth_method"]
        .as_str()
        .or_else(|| by_key?.keys().next().map(String::as_str));
    same(
        "method",
        method.as_deref().unwrap_or_default(),
        recorded.unwrap_or_default(),
    )?;
    if read
        .metadata
        .to_value()
        .to_string()
        .contains("signing_keys")
    {
        return Err("the tenant's signing keys were kept".into());
    }
    Ok(())
}

fn same_grant(recording: &Recording, made: &ClientInformation) -> Told {
    let id = recording.answer["id"].as_str().unwrap_or_default();
    same("grant", &made.handles["auth0_grant_id"], id)?;
    let scope = made.metadata.scopes().unwrap_or_default().join(" ");
    same("scope", &scope, &joined(&recording.answer["scope"]))
}

fn same(what: &str, ours: &str, theirs: &str) -> Told {
    if ours == theirs {
        Ok(())
    } else {
        Err(format!("{what} is “{ours}”, recorded is “{theirs}”"))
    }
}

fn joined(list: &Value) -> String {
    let items = list.as_array().into_iter().flatten();
    let texts: Vec<&str> = items.filter_map(Value::as_str).collect();
    texts.join(" ")
}
