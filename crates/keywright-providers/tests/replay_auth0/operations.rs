//! How each recorded operation is replayed: those of the Management API here, the others beside.

use keywright_providers::Registration;
use serde_json::{Value, json};
use url::Url;

use crate::{
    judging::{Told, joined, same, same_client, same_grant, succeeded, told},
    protocol::{discovery, jwks, open, token_answer},
    stage::{Stage, before, context, handles, known, metadata},
    support::Recording,
};

const CLIENTS: &str = "^/api/v2/clients$";
const CLIENT: &str = "^/api/v2/clients/[^/]+$";
const CREDENTIALS: &str = "^/api/v2/clients/[^/]+/credentials$";
const GRANTS: &str = "^/api/v2/client-grants$";
const GRANT: &str = "^/api/v2/client-grants/[^/]+$";
const API: &str = "https://api.example";

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
    /// Another endpoint of the same API: only the envelope of its response is known.
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
    stage.sent_as_recorded(recording, exactly).await?;
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
    stage.sent_as_recorded(recording, exactly).await?;
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
    stage.sent_as_recorded(recording, exactly).await?;
    told(recording, outcome, |made| {
        same("grant", &made.handles["auth0_grant_id"], id)?;
        let scope = made.metadata.scopes().unwrap_or_default().join(" ");
        same("scope", &scope, &joined(&recording.answer["scope"]))
    })
}

async fn read(recording: &Recording, id: &str, exactly: bool) -> Told {
    let stage = Stage::new().await;
    stage.recorded(recording, "GET", CLIENT).await;
    stage.aside("GET", CREDENTIALS, &json!([])).await;
    let outcome = stage.provider().read(context(), &known(id)).await;
    stage.sent_as_recorded(recording, exactly).await?;
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
    stage.sent_as_recorded(recording, exactly).await?;
    told(recording, outcome, |read| same_client(recording, &read))
}

async fn rotation(recording: &Recording, exactly: bool) -> Told {
    let stage = Stage::new().await;
    let at = "^/api/v2/clients/[^/]+/rotate-secret$";
    stage.recorded(recording, "POST", at).await;
    let path = Url::parse(&recording.url).unwrap().path().to_owned();
    let id = path.split('/').nth(4).unwrap_or("known").to_owned();
    let outcome = stage.provider().rotate(context(), &known(&id)).await;
    stage.sent_as_recorded(recording, exactly).await?;
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
    stage.sent_as_recorded(recording, exactly).await?;
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
    stage.sent_as_recorded(recording, exactly).await?;
    told(recording, outcome, |()| Ok(()))
}

async fn list(recording: &Recording) -> Told {
    let stage = Stage::new().await;
    stage.recorded(recording, "GET", CLIENTS).await;
    let outcome = stage.provider().list(context()).await;
    stage.sent_as_recorded(recording, true).await?;
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
