//! Registrations, their management, and the metadata before them.

use keywright_tests::{Cli, ScriptedServer, files_with};
use serde_json::{Value, json};

use super::{SECRET, answering, client, configured, refused, registered, server};
use crate::hostile::rows::codings::gzip;

#[test]
fn a_client_is_kept_under_other_names_and_in_other_places() {
    let mut apart = client();
    let secret = apart["client_secret"].take();
    apart["credentials"] = json!({ "client_secret": secret });
    let mut inner = client();
    let management = inner["registration_access_token"].take();
    for answer in [
        json!({ "clientId": "c1", "clientSecret": SECRET, "callBackURL": "", "clientName": null }),
        json!({ "id": "u", "clientId": "c1", "secret": SECRET, "registrationAccessToken": "rat-of-c1" }),
        json!({ "client": inner, "registration_access_token": management }),
        apart,
    ] {
        let server = answering("/register", ScriptedServer::json(201, &answer));
        let cli = registered(&server);
        let token = cli.run(&["token", "get", "orders"]);
        assert_eq!(token.json()["from_cache"], false, "{answer}");
        let shown = cli.run(&["app", "show", "orders"]);
        assert!(!shown.out.contains(SECRET), "{shown:?}");
        let har = cli.run(&["activity", "export", "--har", "/dev/stdout"]);
        assert!(!har.out.contains(SECRET), "{har:?}");
        assert_eq!(files_with(cli.folder(), &[SECRET.to_owned()]), []);
    }
}

#[test]
fn a_location_is_the_client_configuration_endpoint() {
    let location = [("Location", "/register/c1")];
    let body = client().to_string();
    let made = ScriptedServer::reply(201, &location, body.as_bytes());
    let server = answering("/register", made);
    let cli = registered(&server);
    cli.run(&["app", "refresh", "orders"]).json();
    // A host that the user did not name gets no token.
    let location = [("Location", "https://other.example/register/c1")];
    let made = ScriptedServer::reply(201, &location, body.as_bytes());
    let error = registered(&answering("/register", made))
        .run(&["app", "refresh", "orders"])
        .error();
    assert_eq!(error["code"], "not_capable", "{error}");
}

#[test]
fn f15_a_location_alone_names_the_client() {
    for status in [201, 303] {
        let made = ScriptedServer::reply(status, &[("Location", "/register/c1")], b"");
        let server = answering("/register", made);
        let cli = configured(&server);
        let error = cli.register("orders", "Work", &[]).error();
        assert_eq!(error["code"], "outcome_unknown", "{error}");
        let at = format!("{}/register/c1", server.issuer);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(&at), "{error}");
        let hint = error["hint"].as_str().unwrap();
        assert!(
            hint.contains(&format!("--registration-uri {at}")),
            "{error}"
        );
        assert!(!hint.contains("registration_endpoint="), "{error}");
        assert_eq!(cli.run(&["app", "pending"]).json()["total"], 1);
    }
}

#[test]
fn an_answer_in_latin_1_is_read() {
    const KIND: &str = "application/json;charset=iso-8859-1";
    let latin = |value: &Value| -> Vec<u8> {
        let text = value.to_string();
        text.chars()
            .map(|letter| u8::try_from(u32::from(letter)).unwrap())
            .collect()
    };
    let mut made = client();
    made["client_name"] = "Bücher".into();
    let made = ScriptedServer::reply(201, &[("Content-Type", KIND)], &latin(&made));
    let cli = registered(&answering("/register", made));
    cli.run(&["token", "get", "orders"]).json();
    assert_eq!(
        cli.run(&["app", "show", "orders"]).json()["granted"]["client_name"],
        "Bücher"
    );
    let said = json!({ "error": "invalid_client_metadata", "error_description": "Ungültig" });
    let (_, error) = refused(400, KIND, &latin(&said));
    assert_eq!(error["provider"]["description"], "Ungültig", "{error}");
}

#[test]
fn t28_the_code_of_a_refusal_is_readable() {
    let body = json!({
        "code": "APP-60001", "message": "Invalid configurations", "description": "Use none",
    });
    let (cli, error) = refused(400, "application/json", body.to_string().as_bytes());
    assert_eq!(error["provider"]["error"], "APP-60001", "{error}");
    let id = error["exchange"].as_str().unwrap();
    let shown = cli.run(&["activity", "show", id]);
    assert!(shown.out.contains("APP-60001"), "{shown:?}");
    // What does not look like the code of an error is hidden as before.
    let body = json!({ "code": "SplxlOBeZQQYbYS6WxSbIA", "message": "spent" });
    let (cli, error) = refused(400, "application/json", body.to_string().as_bytes());
    let id = error["exchange"].as_str().unwrap();
    let shown = cli.run(&["activity", "show", id]);
    assert!(!shown.out.contains("SplxlOBe"), "{shown:?}");
}

#[test]
fn a_refusal_in_xml_is_shown_without_its_elements() {
    let fault = "<ns1:XMLFault xmlns:ns1=\"u\"><ns1:faultstring xmlns:ns1=\"u\">Unauthenticated request\
                 </ns1:faultstring></ns1:XMLFault>";
    let (_, error) = refused(401, "text/xml", fault.as_bytes());
    assert_eq!(error["provider"]["description"], "Unauthenticated request");
}

#[test]
fn a_text_of_a_firewall_does_not_refuse_the_initial_access_token() {
    let (_, error) = refused(403, "text/plain", b"error code: 1010");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("firewall"), "{error}");
}

#[test]
fn an_answer_with_many_headers_is_read() {
    let body = client().to_string();
    let many: Vec<String> = (0..150)
        .map(|number| format!("X-Many-{number}: 1\r\n"))
        .collect();
    let many = many.concat();
    let length = body.len();
    let head = format!("HTTP/1.1 201 Created\r\nContent-Length: {length}\r\nConnection: close\r\n");
    let answer = format!("{head}{many}\r\n{body}").into_bytes();
    registered(&answering("/register", answer));
}

#[test]
fn an_answer_that_is_not_http_is_called_so() {
    // What a server of TLS answers to plain text.
    let alert = b"\x15\x03\x03\x00\x02\x02\x46".to_vec();
    let server = ScriptedServer::start(move |_, _| alert.clone());
    let cli = configured(&server);
    let error = cli.register("orders", "Work", &[]).error();
    assert_eq!(error["code"], "not_http", "{error}");
    assert!(error["hint"].as_str().unwrap().contains("port"), "{error}");
}

#[test]
fn an_answer_that_cannot_be_decoded_is_called_so() {
    let body = client().to_string();
    let packed = gzip(body.as_bytes());
    let cut = &packed[..packed.len() / 2];
    for (coding, body) in [
        ("gzip", body.as_bytes()),
        ("gzip", cut),
        ("br", &[0xff; 40]),
        ("zstd", body.as_bytes()),
        ("deflate", body.as_bytes()),
    ] {
        let headers = [
            ("Content-Type", "application/json"),
            ("Content-Encoding", coding),
        ];
        let answer = ScriptedServer::reply(200, &headers, body);
        let whole = answer.clone();
        let server = ScriptedServer::start(move |_, _| whole.clone());
        let cli = configured(&server);
        let error = cli.register("orders", "Work", &[]).error();
        assert_eq!(error["code"], "not_decoded", "{coding}: {error}");
        let verified = cli.run(&["config", "verify", "Work"]);
        assert!(verified.out.contains("Content-Encoding"), "{verified:?}");
        // A client may have been created.
        let cli = configured(&answering("/register", answer));
        let error = cli.register("orders", "Work", &[]).error();
        assert_eq!(error["code"], "outcome_unknown", "{coding}: {error}");
        assert!(!error.to_string().contains("closed"), "{coding}: {error}");
        assert_eq!(cli.run(&["app", "pending"]).json()["total"], 1);
    }
}

#[test]
fn a_deletion_that_failed_with_status_200_is_refused() {
    for said in [
        json!({ "status": "error", "msg": "not allowed" }),
        json!({ "success": false, "message": "not allowed" }),
    ] {
        let answer = ScriptedServer::json(200, &said);
        let mut made = client();
        made["registration_client_uri"] = "/register/c1".into();
        let server = server(move |_, request| match (&*request.method, request.path()) {
            ("DELETE", _) => Some(answer.clone()),
            ("POST", "/register") => Some(ScriptedServer::json(201, &made)),
            _ => None,
        });
        let cli = registered(&server);
        let error = cli.run(&["app", "delete", "orders", "--yes"]).error();
        assert_eq!(error["provider"]["description"], "not allowed", "{error}");
        assert_eq!(cli.run(&["app", "list"]).json()["total"], 1);
    }
}

#[test]
fn t05_metadata_that_moved_within_its_host_is_read() {
    let server = server(|origin, request| match request.path() {
        "/.well-known/oauth-authorization-server" => {
            let to = [("Location", "/.well-known/oauth-authorization-server/")];
            Some(ScriptedServer::reply(301, &to, b""))
        }
        "/.well-known/oauth-authorization-server/" => {
            Some(ScriptedServer::json(200, &ScriptedServer::metadata(origin)))
        }
        _ => None,
    });
    registered(&server).run(&["token", "get", "orders"]).json();
    let elsewhere = ScriptedServer::start(|_, _| panic!("another host is asked"));
    let to = elsewhere.issuer.clone();
    let server =
        ScriptedServer::start(move |_, _| ScriptedServer::reply(301, &[("Location", &to)], b""));
    let error = configured(&server).register("orders", "Work", &[]).error();
    assert_eq!(error["code"], "redirect", "{error}");
}

#[test]
fn t01_an_issuer_above_a_pasted_endpoint_is_named() {
    let server = server(|_, _| None);
    for pasted in ["/token", "/v1/sse", "/oauth2/v1/authorize"] {
        let cli = Cli::with_vault();
        cli.config("Work", &format!("{}{pasted}", server.issuer), &[]);
        let error = cli.register("orders", "Work", &[]).error();
        assert_eq!(error["code"], "issuer_mismatch", "{error}");
        let edit = format!("keywright config edit Work --issuer {}", server.issuer);
        assert!(error["hint"].as_str().unwrap().contains(&edit), "{error}");
    }
}

#[test]
fn the_document_of_an_issuer_with_a_path_may_be_at_the_root() {
    let server = server(|origin, request| {
        let is_metadata = request.path() == "/.well-known/oauth-authorization-server";
        is_metadata.then(|| {
            let mut metadata = ScriptedServer::metadata(origin);
            metadata["issuer"] = format!("{origin}/mcp").into();
            ScriptedServer::json(200, &metadata)
        })
    });
    let cli = Cli::with_vault();
    cli.config("Work", &format!("{}/mcp", server.issuer), &[]);
    cli.register("orders", "Work", &[]).json();
}

#[test]
fn t16_an_issuer_in_a_command_is_quoted() {
    for (named, hinted) in [
        (
            "http://a.example/$(id)",
            "--issuer 'http://a.example/$(id)'",
        ),
        ("accounts; id", "--set registration_endpoint=URL"),
    ] {
        let server = server(move |origin, request| {
            let is_metadata = request.path() == "/.well-known/oauth-authorization-server";
            is_metadata.then(|| {
                let mut metadata = ScriptedServer::metadata(origin);
                metadata["issuer"] = named.into();
                ScriptedServer::json(200, &metadata)
            })
        });
        let error = configured(&server).register("orders", "Work", &[]).error();
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains(hinted), "{error}");
        assert!(!hint.contains("accounts; id"), "{error}");
    }
}

/// What is wrong is in the second sentence, or in a list of another name.
#[test]
fn the_telling_part_of_a_refusal_is_shown() {
    for (said, wanted) in [
        (
            json!({ "error": "invalid_client_metadata", "error_description": "One field is invalid.",
                "error_hint": "No fragments, please" }),
            "No fragments",
        ),
        (
            json!({ "message": "Not valid.", "validationErrors": [{ "message": "is required", "fieldPath": "redirectUris" }] }),
            "redirectUris: is required",
        ),
        (
            json!({ "error": { "code": "X1", "message": { "lang": "en", "value": "Quota reached" } } }),
            "Quota reached",
        ),
    ] {
        let (_, error) = refused(400, "application/json", said.to_string().as_bytes());
        let description = error["provider"]["description"].as_str().unwrap();
        assert!(description.contains(wanted), "{error}");
    }
}
