//! Headers, cookies and addresses.

use super::super::*;

#[test]
fn cookies_keep_their_names_and_attributes_only() {
    let mut map = HeaderMap::new();
    map.insert(
        "set-cookie",
        "session=abc.def; Path=/; HttpOnly".parse().unwrap(),
    );
    map.insert("cookie", "session=abc; session2=def".parse().unwrap());
    map.insert("authorization", "Basic YTpi".parse().unwrap());
    let shown = headers(&map, &[]);
    let of = |name: &str| shown.iter().find(|(n, _)| n == name).unwrap().1.clone();
    assert_eq!(of("set-cookie"), "session=[redacted]; Path=/; HttpOnly");
    assert_eq!(of("cookie"), "session=[redacted]; session2=[redacted]");
    assert_eq!(of("authorization"), "Basic [redacted]");
}

#[test]
fn a_credential_after_its_scheme_is_removed() {
    assert!(scan::is_ready(), "the patterns compile");
    assert_eq!(
        text("sent bearer abcdefgh12345 to it", &[]),
        "sent bearer [redacted] to it"
    );
    assert_eq!(
        text("Basic\tabcdefgh12345", &[]),
        "Basic\t[redacted]",
        "nothing is added to what was said"
    );
    assert!(!text(r#"{"Client_Secret" : "half"#, &[]).contains("half"));
}

#[test]
fn queries_and_user_parts_are_cleaned() {
    let address =
        Url::parse("https://user:pass@h/p?code=abc123&x=1&access_token=zzz#frag").unwrap();
    assert_eq!(
        url(&address, &[]),
        "https://h/p?code=[redacted]&x=1&access_token=[redacted]"
    );
}

#[test]
fn a_user_in_an_address_without_a_scheme_is_hidden() {
    let shown = |text: &str| Redactor::new(&[]).address(text, &mut Vec::new());
    assert_eq!(
        shown("//user:pw-aa@h.example/p?page=2&sig=sg-bb#access_token=at-cc"),
        "//h.example/p?page=2&sig=[redacted]"
    );
    assert_eq!(shown("/p?page=2"), "/p?page=2");
}

#[test]
fn t28_headers_are_judged_by_their_names() {
    let mut map = HeaderMap::new();
    for name in [
        "access-token",
        "x-access-token",
        "x-vault-token",
        "private-token",
        "x-amz-security-token",
        "x-goog-api-key",
        "ocp-apim-subscription-key",
        "api-key",
        "session-id",
        "x-session-token",
        "x-auth",
        "dpop",
        "x-forwarded-authorization",
        "authentication",
        "x-authz",
        "x-hmac",
    ] {
        map.insert(name, "v3ry-secret".parse().unwrap());
    }
    map.insert(
        "sec-websocket-protocol",
        "graphql-ws, bearer, v3ry-secret-that-is-longer"
            .parse()
            .unwrap(),
    );
    map.insert(
        "location",
        "/cb?state=s1&code=v3ry-secret&access_token=v3ry-secret#id_token=v3ry-secret"
            .parse()
            .unwrap(),
    );
    map.insert(
        "link",
        "</a?page=2&token=v3ry-secret>; rel=next".parse().unwrap(),
    );
    map.insert("content-type", "application/json".parse().unwrap());
    let shown = headers(&map, &[]);
    for (name, value) in &shown {
        assert!(!value.contains("v3ry"), "{name}: {value}");
    }
    let of = |name: &str| shown.iter().find(|(n, _)| n == name).unwrap().1.clone();
    assert_eq!(
        of("location"),
        "/cb?state=s1&code=[redacted]&access_token=[redacted]"
    );
    assert_eq!(of("link"), "</a?page=2&token=[redacted]>; rel=next");
    assert_eq!(of("content-type"), "application/json");
    assert_eq!(
        of("sec-websocket-protocol"),
        "graphql-ws, bearer, [redacted]"
    );
}

#[test]
fn t28_a_header_of_a_credential_is_hidden_when_it_is_empty() {
    let mut map = HeaderMap::new();
    map.insert("authorization", "".parse().unwrap());
    map.insert("proxy-authorization", "Basic ".parse().unwrap());
    map.insert("x-api-key", "".parse().unwrap());
    assert!(
        headers(&map, &[])
            .iter()
            .all(|(_, value)| value.ends_with(REDACTED))
    );
}
