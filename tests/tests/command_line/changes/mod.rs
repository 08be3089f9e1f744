//! Changes at a provider that answers oddly: what was read, refused or lost never destroys what the
//! vault holds.

mod cut_off;
mod deletions;

use keywright_tests::{Cli, Output};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string_contains, method, path},
};

const SECRET: &str = "s3cret-of-orders";

/// An issuer that registers one client; what a test mounts first goes before the token endpoint's refusal.
struct Issuer(MockServer);

impl Issuer {
    async fn start() -> Self {
        let server = MockServer::start().await;
        let uri = server.uri();
        let metadata = json!({
            "issuer": uri,
            "registration_endpoint": format!("{uri}/register"),
            "token_endpoint": format!("{uri}/token"),
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        });
        let issuer = Self(server);
        issuer
            .on(
                "GET",
                "/.well-known/oauth-authorization-server",
                200,
                metadata,
            )
            .await;
        issuer
            .on("POST", "/register", 201, issuer.information(&json!({})))
            .await;
        issuer
    }

    /// Client information of RFC 7592 section 3, with these members changed.
    fn information(&self, changes: &Value) -> Value {
        let mut members = json!({
            "client_id": "c-1",
            "client_secret": SECRET,
            "client_secret_expires_at": 0,
            "client_name": "orders",
            "grant_types": ["client_credentials"],
            "token_endpoint_auth_method": "client_secret_post",
            "registration_client_uri": format!("{}/register/c-1", self.0.uri()),
            "registration_access_token": "reg-token-1",
        });
        for (name, value) in changes.as_object().unwrap() {
            members[name] = value.clone();
        }
        members
    }

    async fn on(&self, verb: &str, at: &str, status: u16, body: Value) {
        let answer = ResponseTemplate::new(status).set_body_json(body);
        self.answers(verb, at, answer).await;
    }

    /// What the management address of the client answers.
    async fn manages(&self, verb: &str, status: u16, body: Value) {
        self.on(verb, "/register/c-1", status, body).await;
    }

    async fn refuses(&self, verb: &str, status: u16) {
        self.manages(verb, status, json!({"error": "invalid_token"}))
            .await;
    }

    async fn answers(&self, verb: &str, at: &str, answer: ResponseTemplate) {
        Mock::given(method(verb))
            .and(path(at))
            .respond_with(answer)
            .mount(&self.0)
            .await;
    }

    /// A token for this secret alone.
    async fn accepts(&self, secret: &str) {
        let token = json!({"access_token": "opaque-1", "token_type": "Bearer", "expires_in": 300});
        Mock::given(method("POST"))
            .and(path("/token"))
            .and(body_string_contains(format!("client_secret={secret}")))
            .respond_with(ResponseTemplate::new(200).set_body_json(token))
            .mount(&self.0)
            .await;
        self.refuses_tokens().await;
    }

    async fn refuses_tokens(&self) {
        self.on("POST", "/token", 401, json!({"error": "invalid_client"}))
            .await;
    }

    /// A vault with the registered application.
    fn registered(&self) -> Cli {
        let cli = Cli::with_vault();
        cli.config("Work", &self.0.uri(), &[]);
        cli.register("orders", "Work", &["--grant", "client_credentials"])
            .json();
        cli
    }
}

fn delete(cli: &Cli) -> Output {
    cli.run(&["app", "delete", "orders", "--yes"])
}

fn secret(cli: &Cli) -> Value {
    cli.run(&["app", "show", "orders", "--reveal"]).json()["client_secret"].clone()
}

fn update(cli: &Cli, changes: &str) -> Output {
    cli.run_stdin(&["app", "update", "orders", "--metadata", "-"], changes)
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_a_mask_in_an_answer_replaces_no_secret() {
    let issuer = Issuer::start().await;
    issuer.accepts(SECRET).await;
    for mask in [
        "**********",
        "[redacted]",
        "$2b$12$R9h/cIPz0gi.URNNX3kh2O",
        "s3c***",
    ] {
        let masked = issuer.information(&json!({
            "client_secret": mask,
            "registration_access_token": mask,
        }));
        // An update reads first.
        for (verb, times) in [("GET", 2), ("PUT", 1)] {
            Mock::given(method(verb))
                .and(path("/register/c-1"))
                .respond_with(ResponseTemplate::new(200).set_body_json(&masked))
                .up_to_n_times(times)
                .mount(&issuer.0)
                .await;
        }
    }
    let cli = issuer.registered();
    for _ in 0..4 {
        cli.run(&["app", "refresh", "orders"]).json();
        update(&cli, r#"{"client_name":"orders 2"}"#).json();
        let shown = cli.run(&["app", "show", "orders", "--reveal"]).json();
        assert_eq!(shown["client_secret"], SECRET);
        assert_eq!(shown["registration"]["access_token"], "reg-token-1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_another_secret_in_a_read_waits_for_its_proof() {
    for (accepted, kept) in [(SECRET, SECRET), ("s3cret-new", "s3cret-new")] {
        let issuer = Issuer::start().await;
        issuer.accepts(accepted).await;
        let other = issuer.information(&json!({"client_secret": "s3cret-new"}));
        issuer.manages("GET", 200, other).await;
        let cli = issuer.registered();
        cli.run(&["app", "refresh", "orders"]).json();
        assert_eq!(secret(&cli), SECRET, "nothing proved the other one yet");
        cli.run(&["token", "get", "orders"]).json();
        assert_eq!(secret(&cli), kept);
        assert_eq!(cli.run(&["app", "show", "orders"]).json()["health"], "live");
    }
}

/// The registration access tokens of the requests that manage the client.
async fn management_tokens(issuer: &Issuer) -> Vec<String> {
    let requests = issuer.0.received_requests().await.unwrap();
    requests
        .iter()
        .filter(|request| request.url.path() == "/register/c-1")
        .map(|request| {
            let header = request.headers["authorization"].to_str().unwrap();
            header.trim_start_matches("Bearer ").to_owned()
        })
        .collect()
}

/// Manages the client with these tokens alone. Each answer carries the token given here.
async fn opens(issuer: &Issuer, verb: &str, token: &str, new: &str) {
    let information = issuer.information(&json!({"registration_access_token": new}));
    Mock::given(method(verb))
        .and(path("/register/c-1"))
        .and(wiremock::matchers::header(
            "authorization",
            format!("Bearer {token}").as_str(),
        ))
        .respond_with(ResponseTemplate::new(200).set_body_json(information))
        .mount(&issuer.0)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_the_token_before_opens_what_the_new_one_does_not() {
    let issuer = Issuer::start().await;
    // The server names a new token that it does not honour.
    for verb in ["GET", "PUT"] {
        opens(&issuer, verb, "reg-token-1", "reg-token-2").await;
    }
    Mock::given(method("DELETE"))
        .and(path("/register/c-1"))
        .and(wiremock::matchers::header(
            "authorization",
            "Bearer reg-token-1",
        ))
        .respond_with(ResponseTemplate::new(204))
        .mount(&issuer.0)
        .await;
    for verb in ["GET", "PUT", "DELETE"] {
        issuer
            .on(
                verb,
                "/register/c-1",
                401,
                json!({"error": "invalid_token"}),
            )
            .await;
    }
    let cli = issuer.registered();
    cli.run(&["app", "refresh", "orders"]).json();
    cli.run(&["app", "refresh", "orders"]).json();
    update(&cli, r#"{"client_name":"orders 2"}"#).json();
    assert_eq!(
        management_tokens(&issuer).await,
        [
            "reg-token-1",
            "reg-token-2",
            "reg-token-1",
            "reg-token-2",
            "reg-token-1",
            "reg-token-2",
            "reg-token-1"
        ],
        "two reads, and an update that reads first"
    );
    assert_eq!(delete(&cli).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_the_token_before_is_not_sent_after_the_new_one_worked() {
    let issuer = Issuer::start().await;
    opens(&issuer, "GET", "reg-token-1", "reg-token-2").await;
    opens(&issuer, "GET", "reg-token-2", "reg-token-2").await;
    issuer
        .on(
            "PUT",
            "/register/c-1",
            401,
            json!({"error": "invalid_token"}),
        )
        .await;
    let cli = issuer.registered();
    cli.run(&["app", "refresh", "orders"]).json();
    cli.run(&["app", "refresh", "orders"]).json();
    let refused = update(&cli, r#"{"client_name":"orders 2"}"#);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert_eq!(
        management_tokens(&issuer).await,
        ["reg-token-1", "reg-token-2", "reg-token-2", "reg-token-2"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn f16_a_member_of_another_type_is_not_sent_back() {
    let issuer = Issuer::start().await;
    issuer.accepts(SECRET).await;
    let odd = issuer.information(&json!({
        "token_endpoint_auth_method": ["client_secret_post"],
        "grant_types": "client_credentials",
        "client_name": {"en": "orders"},
    }));
    issuer.manages("GET", 200, odd).await;
    let plain = issuer.information(&json!({}));
    issuer.manages("PUT", 200, plain).await;
    let cli = issuer.registered();
    cli.run(&["app", "refresh", "orders"]).json();
    cli.run(&["token", "get", "orders"]).json();
    update(&cli, r#"{"client_uri":"","logo_uri":null}"#).json();
    let requests = issuer.0.received_requests().await.unwrap();
    let sent = requests.iter().find(|one| one.method.as_str() == "PUT");
    let sent: Value = sent.unwrap().body_json().unwrap();
    assert_eq!(sent["token_endpoint_auth_method"], "client_secret_post");
    assert_eq!(sent["grant_types"], json!(["client_credentials"]));
    assert_eq!(sent["client_name"], "orders");
    assert_eq!(
        (&sent["client_uri"], sent.get("logo_uri")),
        (&json!(""), None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn f12_an_update_that_took_effect_is_found_by_resume() {
    let issuer = Issuer::start().await;
    issuer
        .manages("PUT", 500, json!({"error": "server_error"}))
        .await;
    let changed = issuer.information(&json!({"client_name": "orders 2"}));
    issuer.manages("GET", 200, changed).await;
    let cli = issuer.registered();
    let lost = update(&cli, r#"{"client_name":"orders 2"}"#);
    assert_eq!(
        (lost.code, lost.error()["code"].as_str()),
        (7, Some("outcome_unknown"))
    );
    let found = cli.run(&["app", "resume", "orders"]).json();
    assert!(
        found["found"].as_str().unwrap().contains("took effect"),
        "{found}"
    );
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f09_a_second_change_is_busy_or_waits() {
    let issuer = Issuer::start().await;
    let rotated = issuer.information(&json!({"client_secret": "s3cret-2"}));
    let slow = ResponseTemplate::new(200)
        .set_body_json(rotated)
        .set_delay(std::time::Duration::from_secs(4));
    issuer.answers("PUT", "/register/c-1", slow).await;
    issuer
        .manages(
            "GET",
            200,
            issuer.information(&json!({"client_secret": null})),
        )
        .await;
    let cli = issuer.registered();
    let mut first = cli.command(&["app", "rotate", "orders"]).spawn().unwrap();
    // The request is on its way once the server has it.
    while !issuer
        .0
        .received_requests()
        .await
        .unwrap()
        .iter()
        .any(|one| one.method.as_str() == "PUT")
    {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let busy = cli.run(&["app", "refresh", "orders"]);
    assert_eq!(
        (busy.code, busy.error()["code"].as_str()),
        (1, Some("busy"))
    );
    let message = busy.error()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("a rotation of the secret"), "{message}");
    let typed = ["app", "set-secret", "orders", "--client-secret", "env:HOME"];
    assert_eq!(cli.run(&typed).error()["code"], "busy");
    let forget = ["app", "forget", "orders", "--yes"];
    assert_eq!(cli.run(&forget).error()["code"], "busy");
    cli.run(&["app", "refresh", "orders", "--wait"]).json();
    assert!(first.wait().unwrap().success());
    assert_eq!(secret(&cli), "s3cret-2");
}

#[tokio::test(flavor = "multi_thread")]
async fn f19_only_an_answer_about_the_client_proves_an_entered_secret() {
    for (status, error, proves) in [
        (400, "invalid_scope", true),
        (400, "unauthorized_client", true),
        (400, "unsupported_grant_type", false),
        (429, "slow_down", false),
        (429, "rate_limit_exceeded", false),
        (400, "temporarily_unavailable", false),
        (400, "server_error", false),
        (400, "invalid_request", false),
        (400, "use_dpop_nonce", false),
        (403, "access_denied", false),
        (404, "not_found", false),
        (405, "method_not_allowed", false),
        (503, "temporarily_unavailable", false),
    ] {
        let issuer = Issuer::start().await;
        let refusal = json!({"error": error});
        issuer.on("POST", "/token", status, refusal).await;
        let cli = issuer.registered();
        let file = cli.folder().join("typed");
        std::fs::write(&file, "typed-secret").unwrap();
        let source = format!("file:{}", file.display());
        let entered = cli.run(&["app", "set-secret", "orders", "--client-secret", &source]);
        assert_eq!(entered.code == 0, proves, "{status} {error}: {entered:?}");
        let kept = if proves { "typed-secret" } else { SECRET };
        assert_eq!(secret(&cli), kept, "{status} {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t51_an_id_is_never_taken_for_the_name_of_another() {
    let issuer = Issuer::start().await;
    let cli = issuer.registered();
    let id = |name: &str| {
        cli.run(&["app", "show", name]).json()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let orders = id("orders");
    let second = cli
        .register(&orders, "Work", &["--grant", "client_credentials"])
        .json();
    assert_ne!(second["application"]["id"], orders.as_str(), "{second}");
    assert_eq!(id(&orders), orders);
    cli.run(&["app", "forget", "orders", "--yes"]).json();
    // What is left is the one that has the id for a name.
    let left = cli.run(&["app", "list"]).json();
    assert_eq!(left["total"], 1, "{left}");
    assert_eq!(left["items"][0]["name"], orders.as_str(), "{left}");

    let work = cli.run(&["config", "show", "Work"]).json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    cli.config(&work, "https://elsewhere.example", &[]);
    assert_eq!(cli.run(&["config", "show", &work]).json()["name"], "Work");
}

#[tokio::test(flavor = "multi_thread")]
async fn f19_a_secret_of_a_client_for_users_is_entered_where_its_grant_is_the_only_one() {
    for (status, error, taken) in [
        (400, "unsupported_grant_type", true),
        (400, "invalid_request", true),
        (429, "slow_down", false),
        (401, "invalid_client", false),
    ] {
        let issuer = Issuer::start().await;
        issuer.0.reset().await;
        let uri = issuer.0.uri();
        let metadata = json!({
            "issuer": uri,
            "registration_endpoint": format!("{uri}/register"),
            "authorization_endpoint": format!("{uri}/authorize"),
            "token_endpoint": format!("{uri}/token"),
            "grant_types_supported": ["authorization_code"],
            "response_types_supported": ["code"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        });
        let place = "/.well-known/oauth-authorization-server";
        issuer.on("GET", place, 200, metadata).await;
        let client = issuer.information(&json!({"grant_types": ["authorization_code"]}));
        issuer.on("POST", "/register", 201, client).await;
        issuer
            .on("POST", "/token", status, json!({ "error": error }))
            .await;
        let cli = Cli::with_vault();
        cli.config("Work", &uri, &[]);
        cli.run(&["app", "register", "orders", "--config", "Work"])
            .json();
        let file = cli.folder().join("typed");
        std::fs::write(&file, "typed-secret").unwrap();
        let source = format!("file:{}", file.display());
        let entered = cli.run(&["app", "set-secret", "orders", "--client-secret", &source]);
        assert_eq!(entered.code == 0, taken, "{status} {error}: {entered:?}");
    }
}
