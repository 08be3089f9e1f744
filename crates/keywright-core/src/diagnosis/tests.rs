#![allow(clippy::unwrap_used, reason = "tests")]
use http::{HeaderMap, HeaderValue, header::WWW_AUTHENTICATE};
use keywright_oauth::{
    client_key::{ClientKey, KeyAlgorithm},
    error_response::ErrorResponse,
    http::{BasicEncoding, Response},
};
use serde_json::json;

use super::{known::Known, *};
use crate::error::cause::{CauseKind as Kind, WayAction};

use crate::{Actor, i18n::Lang};

const NOW: i64 = 1_800_000_000;

/// A client that is an hour old, has never worked and gives no reason.
fn known() -> Known {
    Known {
        now: NOW,
        name: "orders".into(),
        config: "Work".into(),
        worked_at: None,
        since: NOW - 3600,
        created_at: NOW - 3600,
        has_secret: true,
        is_public: false,
        expires_at: Some(0),
        read: None,
        read_at: None,
        method: "client_secret_basic".into(),
        others: Vec::new(),
        method_unlisted: false,
        encoding: None,
        encodings_alike: true,
        can_read: true,
        can_rotate: true,
        live_tokens: 0,
        unfinished_at: None,
        assertion: None,
        certificate: None,
        is_for_endpoint: false,
        resources: Vec::new(),
        connected: None,
        requested: json!({ "grant_types": ["client_credentials"], "scope": "a b" }),
    }
}

fn refused(known: &Known) -> Cause {
    known.cause(Answer::Client)
}

fn actions(cause: &Cause) -> Vec<&'static str> {
    cause.ways.iter().map(|way| way.action.as_str()).collect()
}

/// Canaille issues a secret to a public client, and revokes and introspects for clients that authenticate alone.
#[test]
fn a_public_client_is_not_blamed_for_its_secret() {
    let public = Known {
        method: "none".into(),
        is_public: true,
        worked_at: Some(NOW - 60),
        requested: json!({ "client_name": "orders", "token_endpoint_auth_method": "none" }),
        ..known()
    };
    let cause = refused(&public);
    assert_eq!(cause.kind, Kind::Public);
    assert_eq!(actions(&cause), ["read", "register_again"]);
    let view = cause.view(Lang::En);
    assert!(view.sentence.contains("without authentication"), "{view:?}");
    let command = cause.ways[1].command.clone().unwrap();
    assert!(
        command.contains("--auth-method client_secret_basic"),
        "{command}"
    );
    let gone = Known {
        read: Some((NOW - 5, 404)),
        ..public
    };
    assert_eq!(refused(&gone).kind, Kind::Forgotten);
}

#[test]
fn the_cause_follows_from_what_is_known() {
    let post = vec!["client_secret_post".to_owned()];
    let raw = Some(BasicEncoding::Rfc6749);
    let worked = Some(NOW - 60);
    let cases = [
        (known(), Kind::NeverWorked),
        (
            Known {
                others: post.clone(),
                ..known()
            },
            Kind::Method,
        ),
        (
            Known {
                since: NOW - 5,
                others: post.clone(),
                ..known()
            },
            Kind::Propagation,
        ),
        (
            Known {
                since: NOW - 5,
                others: post.clone(),
                method_unlisted: true,
                ..known()
            },
            Kind::Method,
        ),
        (
            Known {
                since: NOW - 5,
                encoding: raw,
                ..known()
            },
            Kind::Encoding,
        ),
        // What worked is written right.
        (
            Known {
                encoding: raw,
                worked_at: worked,
                ..known()
            },
            Kind::Replaced,
        ),
        (
            Known {
                worked_at: worked,
                read: Some((NOW - 30, 401)),
                ..known()
            },
            Kind::Forgotten,
        ),
        (
            Known {
                worked_at: worked,
                read: Some((NOW - 30, 200)),
                ..known()
            },
            Kind::Replaced,
        ),
        (
            Known {
                worked_at: worked,
                expires_at: Some(NOW - 10),
                ..known()
            },
            Kind::Expired,
        ),
        (
            Known {
                has_secret: false,
                ..known()
            },
            Kind::NoSecret,
        ),
        (
            Known {
                unfinished_at: Some(NOW - 20),
                expires_at: Some(NOW - 10),
                ..known()
            },
            Kind::Expired,
        ),
        // Whatever else is known, the provider may have replaced the secret meanwhile.
        (
            Known {
                unfinished_at: Some(NOW - 20),
                worked_at: worked,
                encoding: raw,
                others: post,
                ..known()
            },
            Kind::Unfinished,
        ),
    ];
    for (known, kind) in cases {
        assert_eq!(refused(&known).kind, kind);
    }
}

#[test]
fn no_way_out_forgets_the_application() {
    for &kind in Kind::ALL {
        let ways = known().ways(kind, None);
        assert!(!ways.is_empty(), "{kind:?}");
        for way in ways {
            let command = way.command.unwrap_or_default();
            assert!(
                !command.contains("forget") && !command.contains("delete"),
                "{kind:?} {command}"
            );
        }
    }
}

#[test]
fn the_harmless_way_comes_first() {
    let encoding = Known {
        encoding: Some(BasicEncoding::Rfc6749),
        ..known()
    };
    assert_eq!(actions(&refused(&encoding))[0], "encoding");
    let replaced = Known {
        worked_at: Some(NOW - 60),
        ..known()
    };
    assert_eq!(
        actions(&refused(&replaced)),
        ["enter_secret", "read", "rotate", "register_again"]
    );
    let unmanaged = Known {
        can_read: false,
        can_rotate: false,
        ..replaced
    };
    assert_eq!(
        actions(&refused(&unmanaged)),
        ["enter_secret", "register_again"]
    );
    let connected = Known {
        connected: Some("https://a.example/mcp".to_owned()),
        ..unmanaged
    };
    assert_eq!(
        actions(&refused(&connected)),
        ["enter_secret", "connect_again"]
    );
}

#[test]
fn a_refused_certificate_is_not_a_missing_secret() {
    let key = ClientKey::generate(KeyAlgorithm::Es256).unwrap();
    let made = |at: i64| {
        key.self_signed("orders", at)
            .unwrap()
            .certificate()
            .cloned()
    };
    let of = |certificate, method: &str| Known {
        has_secret: false,
        method: method.to_owned(),
        certificate,
        ..known()
    };
    let valid = refused(&of(made(NOW), "self_signed_tls_client_auth"));
    assert_eq!(valid.kind, Kind::Certificate);
    assert_eq!(actions(&valid), ["certificate", "read", "register_again"]);
    let long_ago = NOW - 3 * 366 * 24 * 3600;
    let ended = refused(&of(made(long_ago), "tls_client_auth"));
    assert_eq!(ended.kind, Kind::CertificateExpired);
    assert_eq!(actions(&ended)[0], "certificate_import");
    let sentence = ended.view(Lang::En).sentence;
    assert!(sentence.contains("expired"), "{sentence}");
}

#[test]
fn what_is_registered_again_is_for_the_same_resource() {
    let known = Known {
        resources: vec!["https://a.example/mcp".to_owned()],
        requested: json!({ "token_endpoint_auth_method": "none" }),
        worked_at: Some(NOW - 60),
        ..known()
    };
    let ways = known.ways(Kind::Replaced, None);
    let again = ways
        .iter()
        .find(|way| way.action == WayAction::RegisterAgain);
    let command = again
        .and_then(|way| way.command.clone())
        .unwrap_or_default();
    assert!(
        command.ends_with("--auth-method none --resource https://a.example/mcp"),
        "{command}"
    );
}

#[test]
fn the_hint_has_commands_in_the_terminal_alone() {
    let cause = refused(&Known {
        name: "my app".into(),
        encoding: Some(BasicEncoding::Rfc6749),
        ..known()
    });
    let view = cause.view(Lang::En);
    let typed = Cause::hint(&view, Lang::En, Actor::Cli);
    assert!(
        typed.contains("`keywright config edit Work --set basic_encoding=raw`"),
        "{typed}"
    );
    assert!(
        typed.contains("`keywright app rename 'my app' 'my app-old' && keywright app register 'my app' --config Work --grant client_credentials --scope a --scope b`"),
        "{typed}"
    );
    assert!(typed.contains("Register again"), "{typed}");
    let chosen = Cause::hint(&view, Lang::En, Actor::App);
    assert!(!chosen.contains('`'), "{chosen}");
    for text in [&typed, &chosen] {
        assert!(!text.contains("%{"), "{text}");
    }
}

#[test]
fn every_cause_has_its_words() {
    // A blank, or the key of a sentence; a sentence may end with one of these words.
    let left = regex::Regex::new(r"%\{|\b(cause|fact|source|way)\.[a-z]").unwrap();
    let all = [
        refused(&known()),
        refused(&Known {
            since: NOW - 5,
            live_tokens: 2,
            ..known()
        }),
        refused(&Known {
            worked_at: Some(NOW - 60),
            read: Some((NOW - 30, 404)),
            expires_at: None,
            ..known()
        }),
        refused(&Known {
            worked_at: Some(NOW - 60),
            read: Some((NOW - 30, 200)),
            expires_at: Some(NOW + 10),
            ..known()
        }),
        refused(&Known {
            expires_at: Some(1),
            encodings_alike: false,
            ..known()
        }),
        refused(&Known {
            others: vec!["client_secret_post".into()],
            method_unlisted: true,
            encoding: Some(BasicEncoding::Raw),
            ..known()
        }),
        refused(&Known {
            others: vec!["client_secret_post".into()],
            ..known()
        }),
        known().cause(Answer::Unsent),
        known().cause(Answer::InBetween {
            named: String::new(),
            exchange: None,
        }),
        known().cause(Answer::InBetween {
            named: "Sign in".into(),
            exchange: Some(Uuid::nil()),
        }),
    ];
    for cause in all {
        for lang in [Lang::En, Lang::Ja] {
            let view = cause.view(lang);
            let told = serde_json::to_string(&view).unwrap();
            assert!(!left.is_match(&told), "{told}");
            assert!(!view.facts.is_empty(), "{told}");
        }
    }
}

fn answered(status: u16, challenge: Option<&str>, body: &str) -> TokenError {
    let mut headers = HeaderMap::new();
    if let Some(challenge) = challenge {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_str(challenge).unwrap());
    }
    TokenError::Refused {
        words: ErrorResponse::of(&Response::new(status, headers, body.to_owned().into())),
        retry_after: None,
        exchange: Uuid::nil(),
    }
}

#[test]
fn an_answer_that_is_not_oauth_is_known() {
    for (status, challenge, body, named) in [
        (401, None, "<html><title>Sign in</title>", Some("Sign in")),
        (
            401,
            Some("Basic realm=\"Corporate proxy\""),
            "",
            Some("Corporate proxy"),
        ),
        (
            407,
            None,
            "Proxy Authentication Required",
            Some("Proxy Authentication Required"),
        ),
        (401, None, "", Some("")),
        (403, None, r#"{"message":"blocked"}"#, Some("blocked")),
        (511, None, "<html><h1>Wi-Fi</h1>", Some("Wi-Fi")),
        (401, None, r#"{"error":"invalid_client"}"#, None),
        (401, Some("Bearer error=\"invalid_token\""), "", None),
        (400, None, "<html>", None),
        (500, None, "<html>", None),
    ] {
        let found = in_between(&answered(status, challenge, body));
        let found = found.map(|answer| match answer {
            Answer::InBetween { named, .. } => named,
            _ => String::new(),
        });
        assert_eq!(found.as_deref(), named, "{status} {challenge:?} {body}");
    }
}
