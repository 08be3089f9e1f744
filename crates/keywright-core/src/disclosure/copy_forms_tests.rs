#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use std::process::Command;

use keywright_oauth::{
    client_key::{ClientKey, KeyAlgorithm},
    secret::ClientSecret,
    token::{Grant, TokenRequest},
};
use uuid::Uuid;

use super::*;

const HOSTILE: &str = "a'b\"c$(id)`id`;#\nNEXT=1";

fn client(client_auth: ClientAuth) -> Target {
    let mut assertion = keywright_oauth::assertion::AssertionParams::default();
    if client_auth == ClientAuth::PrivateKeyJwt {
        assertion.key = Some(ClientKey::generate(KeyAlgorithm::Es256).unwrap());
    }
    let request = TokenRequest {
        endpoint: "https://id.example.com/oauth/token".parse().unwrap(),
        client_id: "c 1".into(),
        client_secret: Some(ClientSecret::new("not read")),
        client_auth,
        assertion,
        dpop: None,
        certificate: None,
        grant: Grant::ClientCredentials,
        scopes: vec!["a".into(), "b".into()],
        extra: vec![("audience".into(), "https://api.example.com".into())],
        flow: Uuid::nil(),
    };
    let command = TokenCommand::of(request, 1_790_000_000).unwrap();
    Target::Client(Some(Box::new(command)))
}

fn api() -> Target {
    Target::Api { url: None }
}

fn session() -> Target {
    Target::Session {
        cookie: "__Host-sid.2".into(),
        origin: "https://shop.example.com".into(),
    }
}

fn targets() -> Vec<Target> {
    vec![
        Target::Api { url: None },
        session(),
        Target::Client(None),
        client(ClientAuth::Post),
        client(ClientAuth::Basic(BasicEncoding::Rfc6749)),
        Target::Registration(Some("https://id.example.com/register/c-1".into())),
        Target::Registration(None),
        Target::Initial,
    ]
}

fn text(target: &Target, value: &str, form: CopyForm) -> String {
    formed(&value.into(), Some("my app"), target, form)
        .0
        .expose()
        .to_owned()
}

/// What curl is given: its arguments, one on each line, then its standard input.
fn played(command: &str) -> (Vec<String>, String) {
    let script = format!(
        "curl() {{ for word in \"$@\"; do printf '%s\\0' \"$word\"; done; printf '\\1'; cat; }}\n{command}"
    );
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{command}");
    let output = String::from_utf8(output.stdout).unwrap();
    let (words, input) = output.split_once('\u{1}').unwrap();
    let words = words.split_terminator('\0').map(str::to_owned).collect();
    (words, input.to_owned())
}

#[test]
fn t37_no_copied_command_has_a_secret_among_its_arguments() {
    for target in targets() {
        for value in ["s3cret-value", HOSTILE] {
            let command = text(&target, value, CopyForm::CurlWithValue);
            let (words, input) = played(&command);
            assert!(!words.iter().any(|word| word.contains(value)), "{command}");
            let httpie = text(&target, value, CopyForm::HttpieWithValue);
            let (words, _) = played_httpie(&httpie);
            assert!(!words.iter().any(|word| word.contains(value)), "{httpie}");
            let carried = match &target {
                Target::Client(command)
                    if !command
                        .as_ref()
                        .is_some_and(|command| command.request.client_auth == ClientAuth::Post) =>
                {
                    target.header(value)
                }
                Target::Client(_) => value.to_owned(),
                _ => value.replace('\n', ""),
            };
            assert!(input.contains(&carried), "{command}");
        }
    }
}

#[test]
fn a_copied_command_asks_where_the_secret_is_used() {
    let last = |target: &Target| {
        let command = text(target, "s3cret", CopyForm::CurlWithValue);
        played(&command).0.pop().unwrap()
    };
    let all: Vec<String> = targets().iter().map(last).collect();
    assert_eq!(
        all,
        [
            SOME_API,
            "https://shop.example.com",
            copy_client::SOME_TOKEN_ENDPOINT,
            "https://id.example.com/oauth/token",
            "https://id.example.com/oauth/token",
            "https://id.example.com/register/c-1",
            SOME_REGISTRATION,
            SOME_REGISTRATION,
        ]
    );
    let post = text(&client(ClientAuth::Post), "s3cret", CopyForm::CurlWithValue);
    let (words, input) = played(&post);
    assert_eq!(input, "s3cret");
    for field in [
        "grant_type=client_credentials",
        "scope=a b",
        "audience=https://api.example.com",
        "client_id=c 1",
        "client_secret@-",
    ] {
        assert!(words.iter().any(|word| word == field), "{field} in {post}");
    }
    let reference = text(&api(), "s3cret", CopyForm::Curl);
    assert_eq!(
        reference,
        "keywright token get 'my app' --format header | curl -H @- https://api.example.com/"
    );
}

/// What `HTTPie` is given: its arguments, then what it finds in the file of the header.
fn played_httpie(command: &str) -> (Vec<String>, String) {
    let script = command.replacen("http ", "curl ", 1);
    played(&script)
}

#[test]
fn a_copied_command_calls_what_was_called_last() {
    let called = Target::Api {
        url: Some("https://api.example.com/orders?limit=2&a='b".into()),
    };
    let (words, _) = played(&text(&called, "s3cret", CopyForm::CurlWithValue));
    assert_eq!(
        words.last().unwrap(),
        "https://api.example.com/orders?limit=2&a='b"
    );
    let (words, input) = played_httpie(&text(&called, HOSTILE, CopyForm::HttpieWithValue));
    assert_eq!(
        words,
        [
            "--ignore-stdin",
            "GET",
            "https://api.example.com/orders?limit=2&a='b",
            "Authorization:@/dev/stdin"
        ]
    );
    assert_eq!(input, format!("Bearer {}", HOSTILE.replace('\n', "")));
    assert_eq!(
        called.address(),
        Some("https://api.example.com/orders?limit=2&a='b")
    );
    assert_eq!(api().address(), None);
}

#[test]
fn t37_a_copied_request_proves_the_client_as_registered() {
    for method in [ClientAuth::SecretJwt, ClientAuth::PrivateKeyJwt] {
        let target = client(method);
        for form in [CopyForm::CurlWithValue, CopyForm::HttpieWithValue] {
            let command = text(&target, "s3cret-value", form);
            assert!(!command.contains("s3cret-value"), "{command}");
            let (words, input) = played(&command);
            assert!(
                input.starts_with("ey") && input.split('.').count() == 3,
                "{input}"
            );
            assert!(!words.iter().any(|word| word.contains(&input)), "{command}");
            for field in [
                "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion@-",
                "client_id=c 1",
            ] {
                assert!(
                    words.iter().any(|word| word == field),
                    "{field} in {command}"
                );
            }
            assert_eq!(target.lives_secs(form), Some(120));
        }
        let reference = text(&target, "s3cret-value", CopyForm::Curl);
        assert_eq!(
            reference,
            "keywright token get 'my app' --refresh --format raw"
        );
    }
    let public = client(ClientAuth::None);
    let value = "s3cret-value".into();
    let (command, holds) = formed(&value, Some("my app"), &public, CopyForm::CurlWithValue);
    assert!(
        !holds && !command.expose().contains("secret"),
        "{}",
        command.expose()
    );
    assert!(command.expose().contains("client_id=c 1"));
    assert_eq!(
        client(ClientAuth::Post).lives_secs(CopyForm::CurlWithValue),
        None
    );
}

#[test]
fn a_reference_holds_no_value() {
    let assertions = [ClientAuth::SecretJwt, ClientAuth::PrivateKeyJwt].map(client);
    for target in targets().into_iter().chain(assertions) {
        for form in [
            CopyForm::HeaderReference,
            CopyForm::Httpie,
            CopyForm::Curl,
            CopyForm::Env,
        ] {
            let (made, holds) = formed(&"s3cret-value".into(), Some("my app"), &target, form);
            assert!(
                !holds && !made.expose().contains("s3cret-value"),
                "{}",
                made.expose()
            );
        }
    }
}

#[test]
fn a_cookie_is_copied_under_its_own_name() {
    let of = |form| text(&session(), "v1", form);
    assert_eq!(of(CopyForm::Header), "Cookie: __Host-sid.2=v1");
    assert_eq!(of(CopyForm::EnvWithValue), "__HOST_SID_2_COOKIE=v1\n");
    assert!(of(CopyForm::CurlWithValue).contains("'Cookie: __Host-sid.2=v1'"));
    assert_eq!(variable("2fa session"), "_2FA_SESSION");
    assert_eq!(variable("session"), "SESSION");
}

#[test]
fn t49_a_value_is_quoted_for_its_place() {
    let client = Target::Client(None);
    assert_eq!(
        text(&client, HOSTILE, CopyForm::EnvWithValue),
        "CLIENT_SECRET=\"a'b\\\"c\\$(id)\\`id\\`;#\\nNEXT=1\"\n"
    );
    assert_eq!(
        text(&client, "aB3-._~+/=", CopyForm::EnvWithValue),
        "CLIENT_SECRET=aB3-._~+/=\n"
    );
    assert_eq!(text(&client, HOSTILE, CopyForm::Raw), HOSTILE);
    assert_eq!(
        text(&client, "a'b", CopyForm::EnvWithValue),
        "CLIENT_SECRET='a'\\''b'\n"
    );
    let bearer = text(&api(), HOSTILE, CopyForm::CurlWithValue);
    assert_eq!(
        played(&bearer).1,
        format!("Authorization: Bearer {}\n", HOSTILE.replace('\n', ""))
    );
}

#[test]
fn t49_a_secret_adds_no_header_and_no_variable() {
    let value = "abc\r\nX-Evil: 1\nLD_PRELOAD=x\u{0}";
    for target in targets() {
        let header = text(&target, value, CopyForm::Header);
        assert!(!header.contains(char::is_control), "{header:?}");
        let variable = text(&target, value, CopyForm::EnvWithValue);
        assert_eq!(variable.lines().count(), 1, "{variable:?}");
    }
}

#[test]
fn t49_a_copied_address_is_one_address() {
    let called = "https://api.example.com/x?filter[name]=1&ids=[1-3]&set={a,b}";
    let api = Target::Api {
        url: Some(called.into()),
    };
    let registration = "https://id.example.com/register/c-[1-99999]";
    for (target, address) in [
        (api, called),
        (
            Target::Registration(Some(registration.into())),
            registration,
        ),
    ] {
        let command = text(&target, "s3cret", CopyForm::CurlWithValue);
        let (words, _) = played(&command);
        assert_eq!(words.last().unwrap(), address);
        assert!(words.iter().any(|word| word == "--globoff"), "{command}");
    }
}

#[test]
fn t49_a_name_in_a_reference_is_one_segment_of_an_address() {
    assert_eq!(
        slug("../a b'\"$(x)\n?#/é"),
        "..%2Fa%20b%27%22%24%28x%29%0A%3F%23%2F%C3%A9"
    );
}
