//! Sessions follow the gateway: what makes one, what ends one, and how one comes from a browser.

use keywright_tests::{Cli, Output};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, header_exists, method, path},
};

/// An issuer and a gateway at one address, and an application registered there.
struct Gateway {
    server: MockServer,
    cli: Cli,
}

fn answer(status: u16, headers: &[(&str, &str)]) -> ResponseTemplate {
    let answer = ResponseTemplate::new(status).set_body_json(json!({ "ok": status == 200 }));
    headers.iter().fold(answer, |answer, (name, value)| {
        answer.append_header(*name, *value)
    })
}

impl Gateway {
    async fn start() -> Self {
        let server = MockServer::start().await;
        let uri = server.uri();
        for (verb, at, status, body) in [
            (
                "GET",
                "/.well-known/oauth-authorization-server",
                200,
                json!({
                    "issuer": uri,
                    "registration_endpoint": format!("{uri}/register"),
                    "token_endpoint": format!("{uri}/token"),
                    "grant_types_supported": ["client_credentials"],
                    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                }),
            ),
            (
                "POST",
                "/register",
                201,
                json!({
                    "client_id": "c-1",
                    "client_secret": "s3cret-of-orders",
                    "client_secret_expires_at": 0,
                    "grant_types": ["client_credentials"],
                    "token_endpoint_auth_method": "client_secret_basic",
                }),
            ),
            (
                "POST",
                "/token",
                200,
                json!({ "access_token": "opaque-1", "token_type": "Bearer", "expires_in": 300 }),
            ),
        ] {
            Mock::given(method(verb))
                .and(path(at))
                .respond_with(ResponseTemplate::new(status).set_body_json(body))
                .mount(&server)
                .await;
        }
        let cli = Cli::with_vault();
        cli.config("Work", &uri, &[]);
        cli.register("orders", "Work", &[]).json();
        Self { server, cli }
    }

    /// Any credential but a cookie is answered so.
    async fn signs_in(&self, at: &str, times: u64, answer: ResponseTemplate) {
        Mock::given(path(at))
            .and(header_exists("authorization"))
            .respond_with(answer)
            .up_to_n_times(times)
            .mount(&self.server)
            .await;
    }

    async fn accepts(&self, at: &str, cookie: &str, times: u64) {
        Mock::given(path(at))
            .and(header("cookie", cookie))
            .respond_with(answer(200, &[]))
            .up_to_n_times(times)
            .mount(&self.server)
            .await;
    }

    async fn answers(&self, at: &str, answer: ResponseTemplate) {
        Mock::given(path(at))
            .respond_with(answer)
            .mount(&self.server)
            .await;
    }

    fn call(&self, at: &str, way: &str, more: &[&str]) -> Output {
        let url = format!("{}{at}", self.server.uri());
        let mut arguments = vec!["call", "GET", &url, "--app", "orders", "--auth", way];
        arguments.extend(more);
        self.cli.run(&arguments)
    }

    fn sessions(&self) -> Value {
        self.cli.run(&["session", "list"]).json()["items"].take()
    }
}

const ALWAYS: u64 = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cookies_of_a_load_balancer_make_no_session() {
    let gateway = Gateway::start().await;
    let set = [
        ("set-cookie", "AWSALB=x; Path=/"),
        ("set-cookie", "XSRF-TOKEN=y; Path=/"),
        ("set-cookie", ".AspNetCore.Correlation.z=1; Path=/"),
    ];
    gateway.answers("/api", answer(200, &set)).await;
    let called = gateway.call("/api", "bearer", &[]).json();
    assert_eq!(called["session"], Value::Null);
    assert_eq!(called["no_session_cookie"], true);
    assert_eq!(gateway.sessions(), json!([]));
    let refused = gateway.call("/api", "session", &[]);
    assert_eq!(refused.code, 3);
    let error = refused.error();
    assert_eq!(error["code"], "no_session");
    assert!(error["message"].as_str().unwrap().contains("AWSALB"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cookie_that_is_no_part_of_it_replaces_no_session() {
    let gateway = Gateway::start().await;
    let set = |cookie| answer(200, &[("set-cookie", cookie)]);
    gateway.signs_in("/api", 1, set("sid=s1; Path=/")).await;
    gateway
        .signs_in("/api", ALWAYS, set("__cf_bm=c; Path=/"))
        .await;
    gateway.accepts("/api", "sid=s1; __cf_bm=c", ALWAYS).await;
    gateway.answers("/api", answer(401, &[])).await;
    let called = gateway.call("/api", "bearer", &[]).json();
    assert_eq!(called["session"]["captured"], true);
    assert_eq!(called["session"]["state"], "unproven");
    gateway.call("/api", "bearer", &[]).json();
    let called = gateway.call("/api", "session", &[]).json();
    assert_eq!(called["status"], 200);
    assert_eq!(called["session"]["state"], "alive");
    let session = &gateway.sessions()[0];
    assert_eq!(session["cookies"][0]["role"], "session");
    assert_eq!(session["cookies"][1]["role"], "network");
    assert_eq!(session["end_source"], "unknown");
    assert_eq!(session["ends_at"], Value::Null);
    assert_eq!(session["clocks"], json!([]));
    assert_eq!(session["observed"]["calls"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_401_ends_a_session_only_where_it_was_accepted() {
    let gateway = Gateway::start().await;
    let set = answer(200, &[("set-cookie", "sid=s1; Path=/")]);
    gateway.signs_in("/api", ALWAYS, set).await;
    gateway.answers("/admin", answer(401, &[])).await;
    gateway.accepts("/api", "sid=s1", 2).await;
    gateway.answers("/api", answer(401, &[])).await;
    gateway.call("/api", "bearer", &[]).json();
    for _ in 0..2 {
        let elsewhere = gateway.call("/admin", "session", &[]).json();
        assert_eq!(elsewhere["session_ended"], Value::Null);
        assert_eq!(gateway.call("/api", "session", &[]).json()["status"], 200);
    }
    let ended = gateway.call("/api", "session", &[]).json();
    assert_eq!(ended["session_ended"], "refused");
    assert_eq!(gateway.sessions()[0]["end_reason"], "refused");
    assert_eq!(gateway.call("/api", "session", &[]).code, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_to_a_login_page_ends_a_session() {
    let gateway = Gateway::start().await;
    let set = answer(200, &[("set-cookie", "sid=s1; Path=/")]);
    gateway.signs_in("/api", ALWAYS, set).await;
    let login = "https://id.example.com/authorize?response_type=code&state=s3cret";
    let redirect = answer(302, &[("location", login)]);
    gateway.answers("/api", redirect).await;
    gateway.call("/api", "bearer", &[]).json();
    let called = gateway.call("/api", "session", &["--fail"]);
    assert_eq!(called.code, 5);
    let shown: Value = serde_json::from_str(&called.out).unwrap();
    assert_eq!(shown["login_page"], "https://id.example.com/authorize");
    assert_eq!(shown["session_ended"], "login");
    assert_eq!(gateway.sessions()[0]["live"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_of_a_session_are_those_that_are_named() {
    let gateway = Gateway::start().await;
    let set = answer(200, &[("set-cookie", "sid=s1; Path=/")]);
    gateway.signs_in("/api", ALWAYS, set).await;
    gateway.call("/api", "bearer", &[]).json();
    let edit = |setting| {
        let edited = gateway
            .cli
            .run(&["config", "edit", "Work", "--set", setting]);
        assert_eq!(edited.code, 0, "{edited:?}");
    };
    edit("session_preset=kong-openid-connect");
    let session = &gateway.sessions()[0];
    let limits: Vec<i64> = session["clocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|clock| clock["limit_secs"].as_i64().unwrap())
        .collect();
    assert_eq!(limits, [900, 3600, 86_400]);
    assert_eq!(session["end_source"], "preset");
    edit("session_rolling_secs=60");
    let session = &gateway.sessions()[0];
    assert_eq!(session["ends_first"], "rolling");
    assert_eq!(session["end_source"], "configuration");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_finds_the_cookie_that_makes_the_session() {
    let gateway = Gateway::start().await;
    for cookie in ["sid=s1", "pref=a; sid=s1; AWSALB=x", "sid=s1; AWSALB=x"] {
        gateway.accepts("/api", cookie, ALWAYS).await;
    }
    gateway.answers("/api", answer(401, &[])).await;
    let url = format!("{}/api", gateway.server.uri());
    let import = |text: &str| {
        let arguments = [
            "session", "import", "--app", "orders", "--url", &url, "--try",
        ];
        gateway.cli.run_stdin(&arguments, text)
    };
    let taken = import("\u{feff}Cookie: pref=a; sid=s1; _ga=GA1; AWSALB=x\r\n").json();
    assert_eq!(taken["status"], 200);
    assert_eq!(taken["session"]["state"], "alive");
    let roles: Vec<&str> = taken["session"]["cookies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cookie| cookie["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["other", "session", "load_balancer"]);
    // One that is not accepted changes nothing.
    let refused = import("sid=wrong");
    assert_eq!(refused.code, 5);
    assert_eq!(refused.error()["code"], "session_not_accepted");
    assert!(!refused.err.contains("wrong"));
    assert_eq!(gateway.call("/api", "session", &[]).json()["status"], 200);
    assert_eq!(
        import("no cookies in here").error()["code"],
        "session_import_format"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_printed_with_every_digit() {
    let gateway = Gateway::start().await;
    let body = "{ \"id\" : 12345678901234567890123,\r\n \"rate\": 1.00000000000000000001 }";
    let number = ResponseTemplate::new(200).set_body_raw(body, "application/json");
    gateway.answers("/number", number).await;
    let bytes = ResponseTemplate::new(200).set_body_raw(vec![0, 255, 254], "image/x");
    gateway.answers("/bytes", bytes).await;
    let called = gateway.call("/number", "bearer", &[]);
    let wanted = "\"body\":{\"id\":12345678901234567890123,\"rate\":1.00000000000000000001}";
    assert!(called.out.contains(wanted), "{}", called.out);
    let called = gateway.call("/bytes", "bearer", &[]).json();
    assert_eq!(called["body"], "AP/+");
    assert_eq!(called["body_encoding"], "base64");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_clears_its_site_ends_the_session() {
    let gateway = Gateway::start().await;
    let login = answer(200, &[("Set-Cookie", "sid=one; Path=/; HttpOnly")]);
    gateway.signs_in("/login", 1, login).await;
    Mock::given(path("/logout"))
        .respond_with(answer(
            200,
            &[("Clear-Site-Data", "\"cache\", \"cookies\"")],
        ))
        .mount(&gateway.server)
        .await;
    gateway.call("/login", "bearer", &[]).json();
    gateway.call("/logout", "session", &[]).json();
    let after = gateway.call("/orders", "session", &[]).error();
    assert_eq!(after["code"], "no_session", "{after}");
}
