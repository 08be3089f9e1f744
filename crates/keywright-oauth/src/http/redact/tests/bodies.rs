//! Bodies: JSON, forms, and what is neither.

use serde_json::json;

use super::super::*;

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
        assert!(!shown.contains(hidden), "{hidden} is in {shown}");
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
