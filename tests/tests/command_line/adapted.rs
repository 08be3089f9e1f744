//! Registrations at servers that refuse the usual request, offer other ways to authenticate, or give
//! tokens only after a login.

use keywright_tests::{Cli, PickyServer};
use serde_json::{Value, json};

#[expect(
    clippy::unnecessary_wraps,
    reason = "the answer of a server that answers"
)]
fn accepted(body: &Value) -> Option<(u16, Value)> {
    let mut answer = body.clone();
    answer["client_id"] = json!("c1");
    answer["client_secret"] = json!("s3cret-of-c1");
    answer["client_secret_expires_at"] = json!(1_893_456_000);
    Some((201, answer))
}

/// One redirect URI at least, as a validator says it.
fn wants_one(body: &Value) -> Option<(u16, Value)> {
    if body["redirect_uris"]
        .as_array()
        .is_some_and(|uris| !uris.is_empty())
    {
        return accepted(body);
    }
    let finding = json!({ "type": "too_short", "loc": ["body", "redirect_uris"],
        "msg": "List should have at least 1 item after validation, not 0" });
    Some((422, json!({ "detail": [finding] })))
}

fn wants_no_empty_list(body: &Value) -> Option<(u16, Value)> {
    if body["redirect_uris"] == json!([]) {
        return Some((400, json!({ "error": "invalid_client_metadata" })));
    }
    accepted(body)
}

fn closes_at_the_second(body: &Value) -> Option<(u16, Value)> {
    wants_no_empty_list(body).filter(|(status, _)| *status == 400)
}

fn with(server: &PickyServer, more: &[&str]) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Picky", &server.issuer, more);
    cli
}

#[test]
fn a_server_that_wants_a_redirect_gets_a_placeholder() {
    let server = PickyServer::start(json!({}), wants_one);
    let cli = with(&server, &[]);
    let made = cli.register("orders", "Picky", &[]).json();
    let attempts = made["adapted"]["attempts"].as_array().unwrap();
    let forms: Vec<&str> = attempts
        .iter()
        .map(|one| one["redirect_uris"].as_str().unwrap())
        .collect();
    assert_eq!(forms, ["empty", "absent"]);
    assert_eq!(attempts[0]["status"], 422);
    assert_eq!(made["adapted"]["kept"][0]["value"], "dummy");
    // Each request stands in Activity, under the id that the note names.
    for attempt in attempts {
        let id = attempt["exchange"].as_str().unwrap();
        let shown = cli.run(&["activity", "show", id]).json();
        assert_eq!(shown["summary"]["status"], 422, "{shown}");
    }
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
    let sent = server.sent();
    assert_eq!(
        sent[2]["redirect_uris"],
        json!(["https://127.0.0.1/unused"])
    );
}

/// Glewlwyd 2.7, in its own words.
fn knows_another_name(body: &Value) -> Option<(u16, Value)> {
    let text = "grant_types must have one of the following values: 'authorization_code', 'client_credentials', \
                'refresh_token', 'delete_token', 'device_authorization', 'urn:openid:params:grant-type:ciba'";
    let error = json!({ "error": "invalid_client_metadata", "error_description": text });
    let grants = body["grant_types"].as_array().unwrap();
    let known = |grant: &Value| text.contains(&format!("'{}'", grant.as_str().unwrap()));
    if grants.iter().all(known) {
        return accepted(body);
    }
    Some((400, error))
}

#[test]
fn another_name_of_a_grant_is_sent_where_one_is_refused() {
    let urn = "urn:ietf:params:oauth:grant-type:device_code";
    let server = PickyServer::start(
        json!({ "grant_types_supported": [urn] }),
        knows_another_name,
    );
    let cli = with(&server, &[]);
    let register = |name: &str| {
        let words = ["app", "register", name, "--config", "Picky"];
        let grant = ["--grant", "device_code"];
        cli.run(&[&words[..], &grant[..]].concat()).json()
    };
    let made = register("tv");
    assert_eq!(made["adapted"]["attempts"][0]["grant_types"], urn);
    let kept = &made["adapted"]["kept"];
    let kept = kept.as_array().unwrap().iter();
    let kept = kept.filter(|one| one["value"] == "device_authorization");
    assert_eq!(kept.count(), 1, "{made}");
    assert_eq!(
        made["requested"]["grant_types"],
        json!(["device_authorization"])
    );
    // What was granted under this name is the grant that was asked for.
    assert_eq!(
        made["granted"]["grant_types"],
        made["requested"]["grant_types"]
    );
    let asked = cli.run(&["token", "get", "tv"]).error();
    assert!(
        asked["hint"]
            .as_str()
            .unwrap()
            .contains("device_authorization_endpoint"),
        "{asked}"
    );
    // The next registration sends the name at once.
    let before = server.sent().len();
    register("radio");
    assert_eq!(server.sent().len(), before + 1);
}

#[test]
fn a_grant_without_another_name_is_refused_once() {
    let server = PickyServer::start(json!({}), knows_another_name);
    let cli = with(&server, &[]);
    let grant = "urn:example:private";
    let error = cli.register("tv", "Picky", &["--grant", grant]).error();
    assert_eq!(error["status"], 400, "{error}");
    assert_eq!(server.sent().len(), 1);
}

#[test]
fn a_method_that_the_refusal_names_is_sent() {
    let server = PickyServer::start(json!({}), |body| {
        let text = "unsupported token_endpoint_auth_method: client_secret_basic. \
                    Supported methods: [none client_secret_post]";
        let error = json!({ "error": "invalid_client_metadata", "error_description": text });
        match body["token_endpoint_auth_method"].as_str() {
            Some("client_secret_post") => accepted(body),
            _ => Some((400, error)),
        }
    });
    let cli = with(&server, &[]);
    let made = cli.register("orders", "Picky", &[]).json();
    assert_eq!(made["adapted"]["kept"][0]["value"], "client_secret_post");
    cli.register("more", "Picky", &[]).json();
    assert_eq!(server.sent().len(), 3, "what was accepted is sent first");
    // A method that the user named is sent alone.
    let given = ["--auth-method", "client_secret_basic"];
    assert_eq!(cli.register("given", "Picky", &given).code, 5);
    assert_eq!(server.sent().len(), 4);
}

#[test]
fn what_was_accepted_is_sent_first_next_time() {
    let server = PickyServer::start(json!({}), wants_one);
    let cli = with(&server, &[]);
    cli.register("one", "Picky", &[]).json();
    let shown = cli.run(&["config", "show", "Picky"]).json();
    assert_eq!(shown["settings"]["adapted.redirect_uris"], "dummy");
    assert_eq!(shown["settings"].get("redirect_uris"), None);
    let made = cli.register("two", "Picky", &[]).json();
    assert_eq!(made["adapted"]["attempts"], json!([]));
    assert_eq!(server.sent().len(), 4);
    let forgotten = cli
        .run(&["config", "edit", "Picky", "--forget-adapted"])
        .json();
    assert_eq!(forgotten["adapted"], json!([]));
    cli.register("three", "Picky", &[]).json();
    assert_eq!(server.sent().len(), 7);
}

#[test]
fn a_method_that_is_refused_by_name_is_left_out() {
    let server = PickyServer::start(json!({}), |body| {
        if body["token_endpoint_auth_method"].is_null() {
            return accepted(body);
        }
        let why = "token_endpoint_auth_method must be absent";
        Some((
            400,
            json!({ "error": "invalid_client_metadata", "error_description": why }),
        ))
    });
    let made = with(&server, &[]).register("one", "Picky", &[]).json();
    let kept = &made["adapted"]["kept"][0];
    assert_eq!(kept["key"], "token_endpoint_auth_method");
    assert_eq!(kept["value"], "absent");
    assert_eq!(server.sent().len(), 2);
}

#[test]
fn client_credentials_among_the_response_types_needs_no_question() {
    let listed = json!({
        "grant_types_supported": ["authorization_code", "implicit"],
        "response_types_supported": ["code", "client_credentials"],
    });
    let server = PickyServer::start(listed, accepted);
    let made = with(&server, &[]).register("one", "Picky", &[]).json();
    assert_eq!(made["warnings"], json!([]));
}

#[test]
fn a_form_that_the_user_set_is_sent_alone() {
    let server = PickyServer::start(json!({}), wants_no_empty_list);
    let cli = with(&server, &["--set", "redirect_uris=empty"]);
    assert_eq!(cli.register("one", "Picky", &[]).code, 5);
    assert_eq!(server.sent().len(), 1);
}

#[test]
fn another_refusal_is_not_sent_again() {
    let server = PickyServer::start(json!({}), |_| {
        let why = "scope orders is unknown";
        Some((
            400,
            json!({ "error": "invalid_client_metadata", "error_description": why }),
        ))
    });
    let cli = with(&server, &[]);
    assert_eq!(cli.register("one", "Picky", &[]).code, 5);
    assert_eq!(server.sent().len(), 1);
}

#[test]
fn f12_a_lost_answer_to_the_second_form_stays_pending() {
    let server = PickyServer::start(json!({}), closes_at_the_second);
    let cli = with(&server, &[]);
    assert_eq!(cli.register("one", "Picky", &[]).code, 7);
    assert_eq!(server.sent().len(), 2);
    let pending = cli.run(&["app", "pending"]).json();
    assert_eq!(pending["items"][0]["state"], "unknown");
}

#[test]
fn f01_killed_between_two_forms_nothing_was_sent() {
    let server = PickyServer::start(json!({}), wants_one);
    let cli = with(&server, &[]);
    let arguments = ["app", "register", "one", "--config", "Picky"];
    let killed = cli.run_env(&arguments, "KEYWRIGHT_FAULT_POINT", "after_refusal");
    assert_eq!(killed.code, -1, "{killed:?}");
    let pending = cli.run(&["app", "pending"]).json();
    assert_eq!(pending["items"][0]["state"], "intent");
    let message = pending["items"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("refused the first request format"),
        "{message}"
    );
    cli.run(&["app", "discard", "one", "--yes"]).json();
    cli.register("one", "Picky", &[]).json();
}

#[test]
fn the_method_is_one_that_the_metadata_lists() {
    let listed = json!({ "token_endpoint_auth_methods_supported": ["tls_client_auth", "client_secret_post"] });
    let server = PickyServer::start(listed, accepted);
    let cli = with(&server, &[]);
    let made = cli.register("one", "Picky", &[]);
    assert!(!made.err.contains('!'), "{made:?}");
    cli.register("two", "Picky", &["--auth-method", "none"])
        .json();
    let sent = server.sent();
    assert_eq!(sent[0]["token_endpoint_auth_method"], "client_secret_post");
    assert_eq!(sent[1]["token_endpoint_auth_method"], "none");
    let plan = cli.register("three", "Picky", &["--dry-run"]).json();
    let body = plan["steps"][0]["body"].as_str().unwrap();
    assert!(body.contains("client_secret_post"), "{body}");
}

#[test]
fn a_method_without_its_secret_is_a_warning() {
    let server = PickyServer::start(json!({}), |body| {
        let mut answer = accepted(body)?.1;
        answer["client_secret"] = Value::Null;
        Some((201, answer))
    });
    let made = with(&server, &[]).register("one", "Picky", &[]).json();
    assert_eq!(made["warnings"][0]["code"], "no_client_secret");
}

#[test]
fn a_login_only_server_is_asked_about_first() {
    let grants = json!({ "grant_types_supported": ["authorization_code", "refresh_token"] });
    let server = PickyServer::start(grants, accepted);
    let cli = with(&server, &[]);
    let refused = cli.register("one", "Picky", &[]);
    assert_eq!(refused.code, 2);
    let message = refused.error()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("only after a user signs in"), "{message}");
    assert!(message.contains("--yes"), "{message}");
    assert_eq!(server.sent().len(), 0);
    let made = cli.register("one", "Picky", &["--yes"]).json();
    assert_eq!(made["warnings"][0]["code"], "login_only");
    let plan = cli.register("two", "Picky", &["--dry-run"]).json();
    assert!(plan["question"].as_str().is_some(), "{plan}");
    let probed = cli.run(&["probe", &server.issuer]).json();
    let line = probed["lines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["capability"] == "client_credentials")
        .unwrap();
    assert!(
        line["reason"].as_str().unwrap().contains("signs in"),
        "{line}"
    );
    let verified = cli.run(&["config", "verify", "Picky"]).out;
    assert!(
        verified.contains("only after a user signs in"),
        "{verified}"
    );
}

#[test]
fn a_client_for_a_login_is_registered_without_a_question() {
    let grants = json!({ "grant_types_supported": ["authorization_code"] });
    let server = PickyServer::start(grants, accepted);
    let arguments = [
        "app",
        "register",
        "web",
        "--config",
        "Picky",
        "--grant",
        "authorization_code",
        "--redirect-uri",
        "https://app.example/cb",
    ];
    with(&server, &[]).run(&arguments).json();
}

#[test]
fn the_end_of_the_secret_is_shown_as_a_date() {
    let server = PickyServer::start(json!({}), accepted);
    let cli = with(&server, &[]);
    let text = |arguments: &[&str]| {
        let all = cli.command(arguments);
        let mut command = std::process::Command::new(all.get_program());
        command.args(all.get_args().filter(|argument| *argument != "--json"));
        command.envs(
            all.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    for arguments in [
        &["app", "register", "one", "--config", "Picky"][..],
        &["app", "show", "one"],
    ] {
        let shown = text(arguments);
        assert!(shown.contains("2030-01-01T00:00:00Z"), "{shown}");
    }
}
