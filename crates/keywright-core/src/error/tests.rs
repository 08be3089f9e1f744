#![allow(clippy::unwrap_used, reason = "tests")]
use keywright_oauth::{
    error_response::ErrorResponse, http::Response, refusal::RefusedMembers,
    register::RegistrationError, token::TokenError,
};
use keywright_providers::{Capability, ProviderError, ProviderKind, Reason};
use uuid::Uuid;

use super::{CoreError, Operation};
use crate::{Actor, ProviderLabel, SecretKind, Thing, error::types::ErrorView, i18n::Lang};

fn who() -> ProviderLabel {
    ProviderLabel {
        name: "Work".into(),
        kind: Some(ProviderKind::Rfc7591),
        configuration: Some("Work".into()),
        application: Some("my app".into()),
        is_fixed: false,
        lacks_initial_token: false,
        manages_as_administrator: false,
        is_encoded_alike: false,
        asks_no_scope: false,
        scopes: None,
        refused: None,
    }
}

fn words(status: u16, challenge: &'static str, body: &'static str) -> ErrorResponse {
    let mut headers = http::HeaderMap::new();
    if !challenge.is_empty() {
        headers.insert(
            "www-authenticate",
            http::HeaderValue::from_static(challenge),
        );
    }
    ErrorResponse::of(&Response::new(status, headers, body.into()))
}

fn view(doing: Operation, source: ProviderError) -> ErrorView {
    CoreError::Provider {
        who: who(),
        doing,
        source,
    }
    .view(Lang::En, Actor::Cli)
}

#[test]
fn a_missing_name_is_answered_with_a_list() {
    for what in [
        Thing::Application,
        Thing::Configuration,
        Thing::Token,
        Thing::Session,
        Thing::Journal,
        Thing::Exchange,
        Thing::KeySlot,
    ] {
        let error = |nearest: Option<&str>| CoreError::NotFound {
            what,
            name: "ordres".into(),
            nearest: nearest.map(str::to_owned),
        };
        for surface in [Actor::Cli, Actor::App] {
            for lang in [Lang::En, Lang::Ja] {
                let hint = error(None).view(lang, surface).hint.unwrap();
                assert!(!hint.contains("%{") && !hint.contains('“'), "{hint}");
                assert_eq!(hint.contains('`'), surface == Actor::Cli, "{hint}");
            }
        }
        let near = error(Some("orders"))
            .view(Lang::En, Actor::Cli)
            .hint
            .unwrap();
        assert!(near.contains("orders"), "{near}");
    }
}

#[test]
fn what_cannot_be_done_has_a_reason_with_a_way_out() {
    for (capability, command) in [
        (Capability::Register, "keywright app adopt"),
        (Capability::Read, "keywright app show 'my app'"),
        (Capability::Update, "keywright app rename 'my app'"),
        (Capability::Rotate, "keywright app set-secret 'my app'"),
        (Capability::Delete, "keywright app forget 'my app'"),
        (Capability::List, "keywright app list"),
        (Capability::Introspection, "keywright token show 'my app'"),
        (Capability::Revocation, "keywright token show 'my app'"),
        (Capability::ClientCredentials, "keywright config edit Work"),
        (Capability::SigningKeys, "keywright config show Work"),
    ] {
        let source = ProviderError::NotCapable {
            capability,
            reason: Reason::PER_REGISTRATION,
        };
        let view = view(Operation::Delete, source);
        assert!(
            view.message.contains("registration access token"),
            "{}",
            view.message
        );
        assert!(!view.message.contains('_'), "{}", view.message);
        let hint = view.hint.unwrap();
        assert!(hint.contains(command), "{hint}");
    }
}

#[test]
fn a_code_of_oauth_has_its_own_hint() {
    let token = |status, challenge, body| {
        let source = ProviderError::Token(TokenError::Refused {
            words: words(status, challenge, body),
            retry_after: None,
            exchange: Uuid::nil(),
        });
        view(Operation::Introspect, source).hint.unwrap()
    };
    assert!(token(400, "", r#"{"error":"invalid_target"}"#).contains("--resource"));
    assert!(
        token(401, "", r#"{"error":"invalid_token"}"#)
            .contains("keywright token get 'my app' --refresh")
    );
    let scoped = token(403, r#"Bearer error="insufficient_scope", scope="a b""#, "");
    assert!(scoped.contains("--scope 'a b'"), "{scoped}");
    let bare = token(403, "", r#"{"error":"insufficient_scope"}"#);
    assert!(!bare.contains("“”") && bare.contains("scope"), "{bare}");
}

#[test]
fn invalid_token_without_an_initial_token_asks_for_one() {
    for (lacks_initial_token, part) in [
        (true, "Set an initial access token"),
        (false, "not accepted"),
    ] {
        let source = ProviderError::Registration(RegistrationError::Refused {
            words: words(401, "", r#"{"error":"invalid_token"}"#),
            about: RefusedMembers::default(),
            retry_after: None,
            exchange: Uuid::nil(),
        });
        let error = CoreError::Provider {
            who: ProviderLabel {
                lacks_initial_token,
                ..who()
            },
            doing: Operation::Register,
            source,
        };
        let hint = error.view(Lang::En, Actor::Cli).hint.unwrap();
        assert!(hint.contains(part), "{hint}");
    }
}

#[test]
fn a_registration_that_cannot_be_changed_gets_no_such_hint() {
    for (is_fixed, changes) in [(false, true), (true, false)] {
        let source = ProviderError::Token(TokenError::Refused {
            words: words(400, "", r#"{"error":"unauthorized_client"}"#),
            retry_after: None,
            exchange: Uuid::nil(),
        });
        let error = CoreError::Provider {
            who: ProviderLabel { is_fixed, ..who() },
            doing: Operation::Token,
            source,
        };
        let hint = |surface| error.view(Lang::En, surface).hint.unwrap();
        assert_eq!(hint(Actor::Cli).contains("app update"), changes);
        assert_eq!(hint(Actor::App).contains("Registration tab"), changes);
    }
}

#[test]
fn the_scope_of_a_challenge_is_data() {
    let source = ProviderError::Registration(RegistrationError::Refused {
        about: RefusedMembers::default(),
        words: words(
            403,
            r#"Bearer error="insufficient_scope", scope="client.create", resource_metadata="https://a.example/m""#,
            "",
        ),
        retry_after: None,
        exchange: Uuid::nil(),
    });
    let view = view(Operation::Register, source);
    let provider = view.provider.unwrap();
    assert_eq!(provider.scope.as_deref(), Some("client.create"));
    assert_eq!(
        provider.resource_metadata.as_deref(),
        Some("https://a.example/m")
    );
    assert!(view.hint.unwrap().contains("client.create"));
}

#[test]
fn a_refused_management_is_not_answered_with_forget() {
    for body in [
        "",
        r#"{"error":"invalid_token"}"#,
        r#"{"error":"invalid_client"}"#,
    ] {
        let source = ProviderError::Registration(RegistrationError::Refused {
            about: RefusedMembers::default(),
            words: words(401, "", body),
            retry_after: None,
            exchange: Uuid::nil(),
        });
        let hint = view(Operation::Read, source).hint.unwrap();
        assert!(
            hint.contains("keywright token get 'my app' --refresh"),
            "{hint}"
        );
        assert!(
            !hint.contains("forget") && !hint.contains("register"),
            "{hint}"
        );
    }
}

fn refused(doing: Operation, status: u16, error: &'static str, said: &str) -> ErrorView {
    let body = serde_json::json!({ "error": error, "error_description": said });
    let words = ErrorResponse::read(status, body.to_string().as_bytes());
    let source = if doing == Operation::Register {
        ProviderError::Registration(RegistrationError::Refused {
            words,
            about: RefusedMembers::default(),
            retry_after: None,
            exchange: Uuid::nil(),
        })
    } else {
        ProviderError::Token(TokenError::Refused {
            words,
            retry_after: None,
            exchange: Uuid::nil(),
        })
    };
    let who = ProviderLabel {
        lacks_initial_token: true,
        ..who()
    };
    CoreError::Provider { who, doing, source }.view(Lang::En, Actor::Cli)
}

/// Better Auth says it with 400, and without a word of a token.
#[test]
fn a_registration_for_known_clients_asks_for_a_token() {
    for said in [
        "client_credentials grant requires authenticated registration",
        "An initial_access_token is needed",
    ] {
        let hint = refused(Operation::Register, 400, "invalid_client_metadata", said).hint;
        assert!(
            hint.unwrap().starts_with("Set an initial access token"),
            "{said}"
        );
    }
    let other = "private_key_jwt authentication is required";
    let hint = refused(Operation::Register, 400, "invalid_client_metadata", other).hint;
    assert!(!hint.unwrap().contains("initial access token"));
}

/// Better Auth refuses a token without `openid` at its userinfo endpoint.
#[test]
fn userinfo_without_its_scope_asks_for_a_wider_token() {
    for code in ["invalid_scope", "insufficient_scope"] {
        let hint = refused(Operation::Userinfo, 400, code, "Missing required scope").hint;
        let hint = hint.unwrap();
        assert!(hint.contains("--scope openid"), "{code}: {hint}");
        assert!(!hint.contains("fewer"), "{code}: {hint}");
    }
}

#[test]
fn a_registration_of_unknown_outcome_is_resumed_only_where_clients_are_listed() {
    let hint = |kind| {
        let error = CoreError::OutcomeUnknown {
            who: ProviderLabel {
                kind: Some(kind),
                ..who()
            },
            doing: Operation::Register,
            journal: Uuid::nil(),
            source: ProviderError::Registration(RegistrationError::Refused {
                words: words(500, "", ""),
                about: RefusedMembers::default(),
                retry_after: None,
                exchange: Uuid::nil(),
            }),
        };
        error.view(Lang::En, Actor::Cli).hint.unwrap()
    };
    let unlisted = hint(ProviderKind::Rfc7591);
    assert!(!unlisted.contains("app resume"), "{unlisted}");
    assert!(unlisted.contains("keywright app discard"), "{unlisted}");
    assert!(hint(ProviderKind::Okta).contains("app resume"));
}

/// The PDS of the AT Protocol, Authlib, idpyoidc.
#[test]
fn hints_fit_servers_that_answer_less() {
    let needed = |takes_documents| {
        let source = crate::error::connect::ConnectError::NoIdentity { takes_documents };
        let error = CoreError::Connect {
            address: "https://pds.example".into(),
            source: Box::new(source),
        };
        error.view(Lang::En, Actor::Cli)
    };
    let document = needed(true);
    assert_eq!(document.code.as_str(), "connect_no_identity");
    let hint = document.hint.unwrap();
    assert!(
        hint.contains("keywright connect https://pds.example --client-document URL"),
        "{hint}"
    );
    assert!(!needed(false).hint.unwrap().contains("document"));

    let missing = CoreError::NoSecret {
        what: SecretKind::RefreshToken,
        application: Some("orders".into()),
    };
    let hint = missing.view(Lang::En, Actor::Cli).hint.unwrap();
    assert!(!hint.contains("client credentials"), "{hint}");
    assert!(hint.contains("`keywright token get orders`"), "{hint}");
}

/// `@node-oauth/oauth2-server` refuses a request without a scope.
#[test]
fn a_refused_request_without_a_scope_is_not_told_to_ask_for_less() {
    let source = || {
        ProviderError::Token(TokenError::Refused {
            words: words(400, "", r#"{"error":"invalid_scope"}"#),
            retry_after: None,
            exchange: Uuid::nil(),
        })
    };
    let hint = |asks_no_scope| {
        let who = ProviderLabel {
            asks_no_scope,
            ..who()
        };
        let doing = Operation::Token;
        let source = source();
        let error = CoreError::Provider { who, doing, source };
        error.view(Lang::En, Actor::Cli).hint.unwrap()
    };
    assert!(hint(true).contains("--scope SCOPE"), "{}", hint(true));
    assert!(hint(false).contains("fewer"), "{}", hint(false));
}

/// Express answers with a page for what it does not have.
#[test]
fn a_page_for_a_missing_endpoint_blames_no_proxy() {
    let page =
        "<!DOCTYPE html><html><head><title>Error</title></head><body>Cannot POST</body></html>";
    for (doing, part) in [
        (Operation::Register, "registration endpoint was not found"),
        (Operation::Token, "token endpoint was not found"),
    ] {
        let source = if doing == Operation::Register {
            ProviderError::Registration(RegistrationError::Refused {
                words: words(404, "", page),
                about: RefusedMembers::default(),
                retry_after: None,
                exchange: Uuid::nil(),
            })
        } else {
            ProviderError::Token(TokenError::Refused {
                words: words(404, "", page),
                retry_after: None,
                exchange: Uuid::nil(),
            })
        };
        let hint = view(doing, source).hint.unwrap();
        assert!(hint.contains(part), "{hint}");
    }
    let source = ProviderError::Discovery(keywright_oauth::discover::DiscoveryError::Status {
        url: "https://id.example/.well-known/oauth-authorization-server"
            .parse()
            .unwrap(),
        words: words(404, "", page),
        exchange: Uuid::nil(),
    });
    let hint = view(Operation::Discover, source).hint.unwrap();
    assert!(hint.contains("has no metadata"), "{hint}");
}

/// kernia requires a member of its own; the MCP Python SDK checks the grant as a part of the form.
#[test]
fn an_invalid_request_is_hinted_by_what_it_is_about() {
    let hint = |doing, said| refused(doing, 400, "invalid_request", said).hint.unwrap();
    let registering = hint(Operation::Register, "name Field required");
    assert!(registering.contains("--metadata FILE"), "{registering}");
    let said = "Input tag 'a' found using 'grant_type' does not match any of the expected tags";
    let token = hint(Operation::Token, said);
    assert!(token.contains("does not accept this grant"), "{token}");
}

/// The PDS of the AT Protocol, and `@jmondi/oauth2-server`.
#[test]
fn a_refused_sign_in_is_understood_in_words() {
    for (error, said, part) in [
        (
            "invalid_request",
            "Invalid redirect_uri http://127.0.0.1:39359/callback",
            "--redirect-uri URI",
        ),
        (
            "invalid_client_metadata",
            "Unable to obtain client metadata for https://app.example/c.json",
            "keywright cimd check URL",
        ),
        (
            "invalid_request",
            "Authorization code is expired or revoked",
            "Sign in again",
        ),
        (
            "invalid_request",
            "scope is malformed",
            "incomplete or malformed",
        ),
    ] {
        let hint = refused(Operation::SignIn, 400, error, said).hint.unwrap();
        assert!(hint.contains(part), "{said}: {hint}");
    }
}

#[test]
fn a_taken_name_is_that_of_what_has_it() {
    let hint = |kind| {
        let taken = keywright_vault::VaultError::NameTaken {
            kind,
            name: "Work".into(),
        };
        CoreError::from(taken)
            .view(Lang::En, Actor::Cli)
            .hint
            .unwrap()
    };
    assert!(hint(keywright_vault::RowKind::Application).contains("keywright app rename Work"));
    assert!(
        hint(keywright_vault::RowKind::Configuration)
            .contains("keywright config edit Work --rename Work-old")
    );
}

/// The example of pyop signs with 1024 bits.
#[test]
fn a_refused_key_of_an_id_token_does_not_blame_the_clock() {
    use keywright_oauth::{id_token::IdTokenProblem, jwt::SignatureProblem};
    let hint = |problem| {
        let source = crate::SignInError::IdToken(problem);
        let error = CoreError::SignIn { who: who(), source };
        error.view(Lang::En, Actor::Cli).hint.unwrap()
    };
    let key = hint(IdTokenProblem::Signature(SignatureProblem::KeyRefused));
    assert!(key.contains("2048 bits"), "{key}");
    let unsigned = hint(IdTokenProblem::Signature(
        SignatureProblem::AlgorithmRefused,
    ));
    assert!(
        unsigned.contains("key that the issuer publishes"),
        "{unsigned}"
    );
    assert!(hint(IdTokenProblem::Time).contains("clock"));
}

#[test]
fn a_token_request_without_an_api_names_the_audience() {
    let said = "No audience parameter was provided, and no default audience has been configured";
    let hint = refused(Operation::Token, 403, "access_denied", said).hint;
    assert!(hint.unwrap().contains("--audience"));
}

/// Authlib denies a registration without a token, and each use of a wrong one, with 400.
#[test]
fn a_denied_registration_asks_for_a_token_first() {
    let denied = |doing| {
        let said = "The resource owner or authorization server denied the request";
        refused(doing, 400, "access_denied", said).hint.unwrap()
    };
    let registering = denied(Operation::Register);
    assert!(
        registering.contains("initial_access_token=prompt"),
        "{registering}"
    );
    let reading = denied(Operation::Read);
    assert!(reading.contains("registration access token"), "{reading}");
    assert!(denied(Operation::Token).contains("policy"));
}
