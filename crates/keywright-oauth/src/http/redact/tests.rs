#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn t13_a_body_that_cannot_be_read_keeps_its_secrets_to_itself() {
    for broken in [
        r#"{"client_secret":"V3ry-secret-value","#,
        r#"{"client_secret":"V3ry-\"secret-value"#,
        r#"{"client_secret":"V3ry-secret-value"} trailing"#,
        "\u{feff}{\"client_secret\":\"V3ry-secret-value\"}",
        r#"{"a":"\ud800","client_secret":"V3ry-secret-value"}"#,
    ] {
        let shown = body(broken.as_bytes(), &[]);
        assert!(!shown.contains("secret-value"), "{shown}");
    }
    let deep = format!(
        r#"{{"a":{}"client_secret":"V3ry-secret-value""#,
        "{\"b\":".repeat(200)
    );
    assert!(!body(deep.as_bytes(), &[]).contains("secret-value"));
}

#[test]
fn t28_a_code_of_a_refusal_stays_and_one_of_a_person_does_not() {
    let kept = |status: u16, value: &str| {
        let body = json!({ "code": value, "message": "no" });
        answer(Some(status), &body)["code"] == value
    };
    for code in [
        "APP-60001",
        "rest_forbidden",
        "AADSTS700016",
        "E0000011",
        "NotFound",
        "VALIDATION.FAILED",
        "900901",
        "oauth.v2.InvalidClientIdentifier",
    ] {
        assert!(kept(400, code), "{code}");
        assert!(!kept(200, code), "{code}");
    }
    for secret in [
        "SplxlOBeZQQYbYS6WxSbIA",
        "SplxlOBeZQQYbYSsWxSbIA",
        "WDJB-MJHT",
        "WDJBMJHT",
        "1234-5678-9012",
        "12345678",
        "a1b2c3d4",
        "xK9f-Qz3L",
    ] {
        assert!(!kept(400, secret), "{secret}");
    }
    let other = json!({ "key": "invalid_key", "session": "abc-1", "auth": "abc-1" });
    assert!(!answer(Some(400), &other).to_string().contains("abc-1"));
}

#[test]
fn t28_a_secret_with_quotes_is_found_as_json_writes_it_whatever_is_around_it() {
    let known = [r#"s3cr"t\"#.to_owned(), r#"qu"oted""#.to_owned()];
    for broken in [
        r#"{"a":"s3cr\"t\\","b":"s3cs3cr"t\t\u005c"}"#,
        r#"{"a":"s3cr\"t\\"#,
        r#"{"a":"qu\"oted\"" and then"#,
    ] {
        let shown = body(broken.as_bytes(), &known);
        assert!(
            !shown.contains("s3cr") && !shown.contains("oted"),
            "{shown}"
        );
    }
}

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
fn a_private_key_in_an_answer_is_hidden_whole_or_cut() {
    let pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEkeykeykey\n-----END RSA PRIVATE KEY-----\n";
    let whole =
        json!({"signing_keys": [{"cert": "c", "key": pem, "subject": "/CN=a"}]}).to_string();
    let shown = body(whole.as_bytes(), &[]);
    assert!(
        shown.contains("/CN=a") && !shown.contains("MIIEkeykeykey"),
        "{shown}"
    );
    let cut = &whole[..whole.find("keykey").unwrap()];
    let shown = body(cut.as_bytes(), &[]);
    assert!(!shown.contains("MIIE"), "{shown}");
}

#[test]
fn a_truncated_body_hides_its_secrets_too() {
    let shown = body(br#"{"client_id":"a","client_secret":"abcdef-secret","registration_access_token":"half-of-a-tok"#, &[]);
    assert!(
        shown.contains("client_id")
            && !shown.contains("abcdef-secret")
            && !shown.contains("half-of-a-tok"),
        "{shown}"
    );
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
fn the_code_of_an_error_stays_and_the_code_of_a_grant_goes() {
    let graph = json!({"error": {
        "code": "Request_BadRequest", "message": "Request_BadRequest: no such application",
        "details": [{"code": "NoBackingApplicationObject", "target": "appId"}],
        "innerError": {"client_secret": "in-an-error-too"},
    }});
    let shown = body(graph.to_string().as_bytes(), &[]);
    assert_eq!(
        shown,
        graph.to_string().replace("in-an-error-too", REDACTED)
    );
    let grant = json!({"code": "SplxlOBeZQQYbYS6WxSbIA", "error": "none", "seen": ["SplxlOBeZQQYbYS6WxSbIA"]});
    assert!(!body(grant.to_string().as_bytes(), &[]).contains("SplxlOBeZQQYbYS6WxSbIA"));
}

#[test]
fn the_number_of_an_error_in_an_address_stays_elsewhere() {
    let entra = json!({"error": "unauthorized_client", "error_codes": [700_016],
        "error_description": "AADSTS700016: not found",
        "error_uri": "https://login.example/error?code=700016"});
    let shown: Value = serde_json::from_str(&body(entra.to_string().as_bytes(), &[])).unwrap();
    for member in ["error", "error_codes", "error_description"] {
        assert_eq!(shown[member], entra[member], "{shown}");
    }
}

#[test]
fn a_secret_is_hidden_where_it_is_a_name_or_a_number() {
    let shown = body(
        br#"{"client_secret":12345678,"also":[12345678,"no 12345678"],"12345678":true}"#,
        &[],
    );
    assert!(!shown.contains("12345678"), "{shown}");
    let shown = body(
        br#"{"abcdef-secret":1,"client_secret":"abcdef-secret"}"#,
        &[],
    );
    assert!(!shown.contains("abcdef-secret"), "{shown}");
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

proptest! {
    #[test]
    fn no_secret_survives_wherever_the_server_repeats_it(secret in "[A-Za-z0-9_~-]{8,60}", before in "[a-z ]{0,8}", after in "[a-z ]{0,8}") {
        let reply = json!({"client_id": "c1", "client_secret": secret, "note": format!("{before}{secret}{after}"), "deep": [{"x": secret}]});
        let shown = body(reply.to_string().as_bytes(), &[]);
        prop_assert!(!shown.contains(&secret), "{}", shown);
    }

    #[test]
    fn a_known_value_is_found_in_any_text(secret in "[!-~]{6,40}", words in ".{0,40}") {
        let shown = body(format!("{words}{secret}{words}").as_bytes(), std::slice::from_ref(&secret));
        prop_assert!(!shown.contains(&secret) || REDACTED.contains(&secret), "{}", shown);
    }
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
fn t28_a_secret_member_hides_all_that_is_below_it() {
    let answer = json!({
        "accessToken": "tk-aa", "session_token": "ss-dd", "client_secret": ["cs-ee"], "token": "to-aa",
        "password": {"value": "pw-ff", "deep": [{"x": "pw-gg", "n": 12345}]}, "pin": 4711, "otp": "12",
        "credentials": {"client_id": "c1", "token_endpoint_auth_method": "none", "blob": "bl-ii"},
        "passwordCredentials": [{"keyId": "k1", "displayName": "d1", "hint": "abc", "secretText": "st-jj"}],
        "jwk": {"kty": "EC", "crv": "P-256", "x": "x1", "y": "y1", "kid": "i1", "d": "dd-kk"},
        "list": [{"name": "password", "value": "nv-ll"}, {"key": "colour", "value": "red"}],
        "private_key_pem": "pp-pp", "secretHex": "sh-qq",
        "tokens": 3, "expired": false, "password_set": true, "code": 17,
        "links": {"rel": "self", "next": "https://h/p?page=2&key=qk-mm"},
        "text": "{\"password\": \"in-nn\"} user=bob&password=in-oo",
    });
    let shown = body(answer.to_string().as_bytes(), &[]);
    for hidden in [
        "tk-aa", "ss-dd", "cs-ee", "to-aa", "pw-ff", "pw-gg", "12345", "4711", "\"12\"", "bl-ii",
        "st-jj", "dd-kk", "nv-ll", "qk-mm", "in-nn", "in-oo", "pp-pp", "sh-qq",
    ] {
        assert!(!shown.contains(hidden), "{hidden} stands in {shown}");
    }
    for kept in [
        "c1",
        "\"none\"",
        "k1",
        "d1",
        "abc",
        "P-256",
        "x1",
        "y1",
        "i1",
        "colour",
        "red",
        "\"tokens\":3",
        "false",
        "true",
        "\"code\":17",
        "self",
        "page=2",
        "bob",
    ] {
        assert!(shown.contains(kept), "{kept} is missing in {shown}");
    }
}

#[test]
fn t28_protocol_members_stay_readable() {
    let metadata = json!({
        "token_type": "Bearer", "token_endpoint": "https://h/token", "token_endpoint_auth_method": "none",
        "expires_in": 300, "code_challenge_methods_supported": ["S256"], "jwks_uri": "https://h/jwks",
        "registration_client_uri": "https://h/register?client_id=c1", "client_secret_expires_at": 0,
        "error": {"code": "E1", "target": "appId"}, "errors": [{"key": "redirect_uris", "code": "E2"}],
        "keys": [{"kty": "RSA", "n": "nnn", "e": "AQAB", "key_ops": ["verify"], "kid": "k1", "use": "sig"}],
        "grant_types": ["password", "authorization_code"], "error_code": 5, "status_code": 400,
    });
    let text = metadata.to_string();
    assert_eq!(body(text.as_bytes(), &[]), text);
    let laid_out = "{ \"number\": 12345678901234567890123,\n  \"x\": 1.50 }";
    assert_eq!(body(laid_out.as_bytes(), &[]), laid_out);
}

#[test]
fn t28_a_form_hides_its_fields_whether_it_is_declared_or_not() {
    for (form, wanted) in [
        (
            "user=bob&password=hunter2&device=laptop",
            "user=bob&password=[redacted]&device=laptop",
        ),
        (
            "access_token=gho_16C7&scope=repo%2Cgist&token_type=bearer",
            "access_token=[redacted]&scope=repo%2Cgist&token_type=bearer",
        ),
        ("password=correct horse battery", "password=[redacted]"),
        ("user[password]=a=b&x=1", "user[password]=[redacted]&x=1"),
        (
            "client%5Fsecret=abc&a=%7E",
            "client%5Fsecret=[redacted]&a=%7E",
        ),
        (
            "to=https%3A%2F%2Fh%2Fcb%3Fcode%3Dabc",
            "to=https%3A%2F%2Fh%2Fcb%3Fcode%3D[redacted]",
        ),
    ] {
        assert_eq!(body(form.as_bytes(), &[]), wanted);
    }
}

#[test]
fn t28_other_bodies_hide_what_has_a_secret_name() {
    for text in [
        "--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nbob\r\n--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n--b--\r\n",
        "<a:Envelope><user>bob</user><wsse:Password Type=\"x\">hunter2</wsse:Password></a:Envelope>",
        "<login user=\"bob\" password=\"hunter2\"/>",
        "<form><i>bob</i><input type='hidden' value='hunter2' name='csrf_token'></form>",
        "<x><user>bob</user><clientSecret>hunter2",
        "user: bob\npassword: hunter2\n",
        "password: hunter2 and more\nuser: bob",
        "mutation { login(user: \"bob\", password: \"hunter2\") }",
        "cb({'user':'bob','accessToken':'hunter2'})",
        "{\"user\":\"bob\",\"token\":{\"value\":\"hunter2",
        "bob {\\\"password\\\":\\\"hunter2\\\"}",
        "Server=h;User=bob;Password=hunter2;AccountKey=hunter2==",
        "bob postgres://app:hunter2@db/x",
        "user=\"bob\" password = \"hunter2\"",
        "see https://h/cb?x=bob&code=hunter2",
        "see /cb?x=bob&amp;code=hunter2.",
    ] {
        let shown = body(text.as_bytes(), &[]);
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("bob"), "{shown}");
    }
}

#[test]
fn t28_prose_about_secrets_stays_readable() {
    for prose in [
        "Invalid token: the signature is wrong",
        "client_secret is missing (error code=12)",
        "Bearer authentication required",
        "Use Authorization: Bearer <token> and try again",
        "the password must have 8 letters; see https://h/password?page=2",
        "redirect_uri: https://app.example/cb is not registered for token https://token:8080/x",
    ] {
        assert_eq!(text(prose, &[]), prose);
    }
    let mut map = HeaderMap::new();
    let challenge = "Bearer resource_metadata=\"https://h/.well-known/x\", error=\"invalid_token\", scope=\"a b\"";
    map.insert("www-authenticate", challenge.parse().unwrap());
    assert_eq!(headers(&map, &[])[0].1, challenge);
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

/// Ways in which a server may repeat a value.
pub(crate) fn written(value: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let percent: String = value
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let html = value
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#x27;");
    let json = Value::from(value).to_string().trim_matches('"').to_owned();
    let ascii: String = json
        .chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                c.encode_utf16(&mut [0; 2])
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect::<Vec<_>>()
                    .concat()
            }
        })
        .collect();
    let php = json.replace('/', "\\/");
    let for_url = base64::engine::general_purpose::URL_SAFE.encode(value);
    let small = |text: &str| {
        let mut out = text.to_owned();
        for (at, _) in text.match_indices('%') {
            let end = (at + 3).min(out.len());
            let code = out[at..end].to_ascii_lowercase();
            out.replace_range(at..end, &code);
        }
        out
    };
    let lower = [small(&form), small(&percent)];
    let twice: String = form_urlencoded::byte_serialize(form.as_bytes()).collect();
    let basic = STANDARD.encode(format!("client:{value}"));
    let basic_form = STANDARD.encode(format!("client-1:{form}:x"));
    let base = STANDARD.encode(value);
    let digits: String = value
        .bytes()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|four| char::from_digit(u32::from(four), 16))
        .collect();
    // A gateway repeats what it got in base64.
    let event_json = STANDARD.encode(format!(r#"{{"client_secret":"{json}"}}"#));
    let with_tilde = form.replace("%7E", "~");
    let event_form = STANDARD.encode(format!("client_secret={with_tilde}&x=1"));
    let mut all = vec![
        value.to_owned(),
        form,
        percent,
        html,
        json,
        ascii,
        php,
        for_url,
        twice,
        basic,
        basic_form,
        base,
        digits.to_ascii_uppercase(),
        digits,
        event_json,
        event_form,
    ];
    all.extend(lower);
    all
}

#[test]
fn t28_a_known_value_is_found_however_it_is_written() {
    for secret in [
        "abc8Q~x+y/z=1234567",
        "a&b \"c\" %41<d>'e'",
        "pässwörd-ж-😀",
        "s3cr\"t\\n/x",
        "%7Eabc%2525",
        "short6",
    ] {
        for form in written(secret) {
            for around in [
                ("", ""),
                ("x: ", " y"),
                ("<b>", "</b>"),
                ("Body: a=1&client_id=2&z=", "&grant=3"),
            ] {
                let text = format!("{}{form}{}", around.0, around.1);
                let shown = body(text.as_bytes(), &[secret.to_owned()]);
                for other in written(secret) {
                    assert!(
                        !shown.contains(other.trim_end_matches('=')),
                        "{other} of {secret} stands in {shown}"
                    );
                }
            }
        }
    }
    let latin: Vec<u8> = "x pässwörd y"
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    assert_eq!(body(&latin, &["pässwörd".to_owned()]), "x [redacted] y");
}

#[test]
fn t55_redaction_takes_time_in_proportion_to_the_body() {
    let known: Vec<String> = (0..20)
        .map(|number| format!("known-secret-{number}~+/=x"))
        .collect();
    let worst = [
        "a=",
        "\"token\":",
        "<token>",
        "password=\"",
        "{\"token\":[",
        "%",
        "&amp;",
        "\\u00e4",
        "Bearer ",
        "eyJ",
        "<a b=\"",
        "-----BEGIN PRIVATE KEY-----",
        "--\n",
        "token: ",
    ];
    for part in worst {
        let of = |length: usize| {
            let text = part.repeat(length / part.len());
            let begun = std::time::Instant::now();
            body(text.as_bytes(), &known);
            begun.elapsed()
        };
        let (short, long) = (of(16 * 1024), of(128 * 1024));
        // Eight times the text takes about eight times as long; the square would be sixty-four.
        assert!(
            long < short * 32 + std::time::Duration::from_secs(2),
            "{part}: {short:?}, {long:?}"
        );
    }
}

#[test]
fn a_short_number_that_is_no_code_of_an_error_is_searched_for() {
    for said in [
        r#"{"password":"4711042","echo":"you sent 4711042"}"#,
        "password=4711042&echo=you+sent+4711042",
        "password=4711042 was sent: 4711042",
    ] {
        let shown = body(said.as_bytes(), &[]);
        assert!(!shown.contains("4711042"), "{shown}");
    }
}

#[test]
fn t28_pairs_in_lists_are_members() {
    let shown = body(
        br#"[["user","bobby"],["password","pl4nted"],["n",{"token":"pl4nted2"}]]"#,
        &[],
    );
    assert!(
        !shown.contains("pl4nted") && shown.contains("bobby"),
        "{shown}"
    );
    let grants = br#"{"grant_types":["password","refresh_token"],"a":["token","code"]}"#;
    assert_eq!(body(grants, &[]).as_bytes(), grants);
}
