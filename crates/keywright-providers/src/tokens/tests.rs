use super::*;
use keywright_oauth::client_metadata::ClientMetadata;

fn at(asked: Option<&[&str]>, granted: Option<&str>) -> Registration {
    let mut metadata = ClientMetadata::default();
    if let Some(granted) = granted {
        metadata.set("scope", granted);
    }
    Registration {
        granted: metadata,
        asked_scopes: asked.map(|all| all.iter().map(|one| (*one).to_owned()).collect()),
        ..Registration::default()
    }
}

fn config(settings: &[(&str, &str)], methods: &[&str]) -> ProviderConfig {
    let document = serde_json::json!({
        "issuer": "https://id.example", "token_endpoint": "https://id.example/token",
        "token_endpoint_auth_methods_supported": methods,
    });
    let members = document.as_object().cloned().unwrap_or_default();
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    ProviderConfig {
        kind: crate::ProviderKind::Rfc7591,
        issuer: "https://id.example".into(),
        settings: settings.iter().map(own).collect(),
        secrets: std::collections::BTreeMap::new(),
        metadata: "https://id.example"
            .parse()
            .ok()
            .and_then(|source| ServerMetadata::read(members, source)),
    }
}

fn client(id: &str, secret: &str) -> Registration {
    Registration {
        client_id: id.to_owned(),
        client_secret: Some(ClientSecret::new(secret)),
        ..Registration::default()
    }
}

const RFC: ClientAuth = ClientAuth::Basic(BasicEncoding::Rfc6749);
const RAW: ClientAuth = ClientAuth::Basic(BasicEncoding::Raw);
const BOTH: &[&str] = &["client_secret_basic", "client_secret_post"];

#[test]
fn a_misread_identifier_is_tried_in_each_way() {
    let ways = |id: &str, methods| other_client_auth(&config(&[], methods), &client(id, "s"), RFC);
    assert_eq!(ways("a/b", BOTH), [RAW, ClientAuth::Post]);
    assert_eq!(ways("a/b", &["client_secret_basic"]), [RAW]);
    assert_eq!(ways("a/b", &[]), [RAW]);
    // A colon ends the identifier of raw credentials.
    assert_eq!(ways("a:b", BOTH), [ClientAuth::Post]);
    assert_eq!(ways("a:b", &[]), []);
    assert_eq!(ways("plain", BOTH), []);
}

#[test]
fn a_secret_that_may_be_misread_is_sent_once_more() {
    let ways = |settings, methods, refused| {
        other_client_auth(
            &config(settings, methods),
            &client("c-1", "a+b/c=="),
            refused,
        )
    };
    assert_eq!(ways(&[], BOTH, RFC), [ClientAuth::Post]);
    assert_eq!(ways(&[], &["client_secret_basic"], RFC), [RAW]);
    assert_eq!(ways(&[], &["client_secret_basic"], RAW), [RFC]);
    assert_eq!(ways(&[], BOTH, ClientAuth::Post), []);
    // What the user chose is not tried in another way.
    assert_eq!(ways(&[("basic_encoding", "rfc6749")], BOTH, RFC), []);
    assert_eq!(ways(&[("basic_encoding", "raw")], BOTH, RAW), []);
    let basic = [("token_endpoint_auth_method", "client_secret_basic")];
    assert_eq!(ways(&basic, BOTH, RFC), [RAW]);
}

#[test]
fn t27_a_secret_with_none_is_sent_for_client_credentials() {
    let mut odd = client("c-1", "s");
    odd.granted.set("token_endpoint_auth_method", "none");
    let asked = |settings: &[(&str, &str)], methods: &[&str], refresh: Option<&str>| {
        let wish = TokenWish {
            grant: refresh.map_or(WishedGrant::ClientCredentials, |token| {
                WishedGrant::RefreshToken(keywright_oauth::secret::RefreshToken::new(token))
            }),
            ..TokenWish::default()
        };
        token_request(&config(settings, methods), &odd, wish, Uuid::nil())
            .ok()
            .map(|request| request.client_auth)
    };
    assert_eq!(asked(&[], &[], None), Some(RFC));
    assert_eq!(asked(&[], BOTH, None), Some(RFC));
    let post = ["none", "client_secret_post"];
    assert_eq!(asked(&[], &post, None), Some(ClientAuth::Post));
    assert_eq!(asked(&[], BOTH, Some("r")), Some(ClientAuth::None));
    let chosen = [("token_endpoint_auth_method", "none")];
    assert_eq!(asked(&chosen, BOTH, None), Some(ClientAuth::None));
    assert_eq!(
        other_client_auth(&config(&[], BOTH), &odd, RFC),
        [ClientAuth::None]
    );
    odd.client_secret = None;
    let public = token_request(&config(&[], BOTH), &odd, TokenWish::default(), Uuid::nil());
    assert_eq!(
        public.ok().map(|request| request.client_auth),
        Some(ClientAuth::None)
    );
}

#[test]
fn what_worked_is_used_where_it_makes_a_difference() {
    let used = |settings: &[(&str, &str)], id: &str| {
        client_auth(&config(settings, BOTH), &client(id, "s"))
    };
    let raw = [("adapted.client_auth", "raw")];
    assert_eq!(used(&raw, "a/b").ok(), Some(RAW));
    assert_eq!(used(&raw, "plain").ok(), Some(RFC));
    let post = [("adapted.client_auth", "client_secret_post")];
    assert_eq!(used(&post, "a/b").ok(), Some(ClientAuth::Post));
    let chosen = [
        ("adapted.client_auth", "raw"),
        ("basic_encoding", "rfc6749"),
    ];
    assert_eq!(used(&chosen, "a/b").ok(), Some(RFC));
    let (key, value) = client_auth_setting(RAW);
    assert_eq!((key.as_str(), value.as_str()), raw[0]);
}

#[test]
fn an_endpoint_with_its_own_list_of_methods_gets_one_of_them() {
    let at = |settings: &[(&str, &str)], listed: &[&str], usual| {
        let listed: Vec<String> = listed.iter().map(|one| (*one).to_owned()).collect();
        client_auth_at(&config(settings, BOTH), Some(&listed), usual)
    };
    let (basic, post) = (&["client_secret_basic"][..], &["client_secret_post"][..]);
    assert_eq!(at(&[], post, RFC), ClientAuth::Post);
    assert_eq!(at(&[], basic, ClientAuth::Post), RFC);
    let raw = [("basic_encoding", "raw")];
    assert_eq!(at(&raw, basic, ClientAuth::Post), RAW);
    assert_eq!(at(&[], BOTH, ClientAuth::Post), ClientAuth::Post);
    assert_eq!(at(&[], basic, RAW), RAW);
    assert_eq!(at(&[], &["private_key_jwt", "none"], RFC), RFC);
    assert_eq!(at(&[], post, ClientAuth::None), ClientAuth::None);
    let chosen = [("token_endpoint_auth_method", "client_secret_basic")];
    assert_eq!(at(&chosen, post, RFC), RFC);
    assert_eq!(client_auth_at(&config(&[], BOTH), None, RFC), RFC);
}

#[test]
fn the_scopes_of_a_token_are_those_asked_for_and_granted() {
    type Case<'a> = (Option<&'a [&'a str]>, Option<&'a str>, &'a [&'a str]);
    let cases: [Case<'_>; 7] = [
        (Some(&["a", "b"]), Some("b c"), &["b"]),
        (Some(&["a", "b"]), Some("b a"), &["a", "b"]),
        // Not said is not refused.
        (Some(&["a", "b"]), None, &["a", "b"]),
        // A server that grants all it has is not asked for all.
        (Some(&[]), Some("a b admin"), &[]),
        (Some(&["openid", "a"]), None, &["a"]),
        (Some(&["a"]), Some("b"), &[]),
        (None, Some("a openid"), &["a"]),
    ];
    for (asked, granted, wanted) in cases {
        assert_eq!(
            usual_scopes(&at(asked, granted)),
            wanted,
            "{asked:?} {granted:?}"
        );
    }
}

#[test]
fn each_audience_is_made_once_for_an_endpoint() {
    let of = |kind, settings: &[(&str, &str)]| {
        let config = ProviderConfig {
            kind,
            ..config(settings, &["private_key_jwt"])
        };
        let endpoint = "https://id.example/told".parse();
        let all = endpoint.map(|url| audiences_at(&config, ClientAuth::PrivateKeyJwt, &url));
        let all = all.unwrap_or_default().into_iter();
        let all: Vec<String> = all.map(|(_, (_, kind))| kind).collect();
        all.join(" ")
    };
    let rfc = crate::ProviderKind::Rfc7591;
    assert_eq!(of(rfc, &[]), "issuer token_endpoint endpoint");
    let okta = crate::ProviderKind::Okta;
    assert_eq!(of(okta, &[]), "endpoint token_endpoint issuer");
    let learned = ("adapted.endpoint_audience", "endpoint");
    assert_eq!(of(rfc, &[learned]), "endpoint token_endpoint issuer");
    // What the token endpoint was seen to want is tried first here as well.
    let token = ("adapted.assertion_audience", "token_endpoint");
    assert_eq!(of(rfc, &[token]), "token_endpoint endpoint issuer");
    assert_eq!(of(okta, &[("assertion_audience", "issuer")]), "issuer");
}
