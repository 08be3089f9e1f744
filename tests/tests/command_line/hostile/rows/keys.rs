//! Key sets that are huge, weak, doubled or secret (T20). The token is good; its key must be found.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::hostile::{
    row::{Class, Place, Row},
    server::Reply,
    tokens,
};

fn rsa(bytes: usize, exponent: &str) -> Value {
    json!({"kty": "RSA", "kid": "k1", "alg": "RS256", "n": URL_SAFE_NO_PAD.encode(vec![0xc1; bytes]), "e": exponent})
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut key = tokens::key();
    key[name] = value.into();
    key
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let good = tokens::key();
    let mut add = |input: &str, keys: Value, expect: Class| {
        let document = json!({ "keys": keys }).to_string();
        rows.push(Row::new(
            "T20",
            Place::Jwks,
            input,
            Reply::json(&document),
            &[expect],
        ));
    };
    let filler = |n: usize| json!({"kty": "EC", "crv": "P-256", "kid": format!("f{n}"), "x": "AA", "y": "AA"});
    let many: Vec<Value> = (0..2000).map(filler).collect();
    // The limit is ours: that the issuer has no such key is not known.
    add(
        "2,000 keys before it",
        json!([many.clone(), vec![good.clone()]].concat()),
        Class::Unchecked,
    );
    add(
        "2,000 keys after it",
        json!([vec![good.clone()], many].concat()),
        Class::Verified,
    );
    let twins: Vec<Value> = (0..90)
        .map(|_| with("x", "AAAA"))
        .chain([good.clone()])
        .collect();
    add(
        "90 wrong keys of the same kid",
        json!(twins),
        Class::Verified,
    );
    add("no keys", json!([]), Class::Invalid);
    add(
        "keys that are no objects",
        json!([1, "x", null, [], {}]),
        Class::Invalid,
    );
    for (input, key) in [
        ("RSA of 512 bits", rsa(64, "AQAB")),
        ("RSA of 1,024 bits", rsa(128, "AQAB")),
        ("RSA of 65,536 bits", rsa(8192, "AQAB")),
        ("RSA with exponent 1", rsa(256, "AQ")),
        ("RSA with an even exponent", rsa(256, "BA")),
        (
            "RSA with a huge exponent",
            rsa(256, "_____________________w"),
        ),
        ("secp256k1", with("crv", "secp256k1")),
        ("P-192", with("crv", "P-192")),
        ("P-521", with("crv", "P-521")),
        (
            "a point off the curve",
            with("x", URL_SAFE_NO_PAD.encode([7; 32])),
        ),
        ("a point at infinity", {
            let mut key = with("x", URL_SAFE_NO_PAD.encode([0; 32]));
            key["y"] = json!(URL_SAFE_NO_PAD.encode([0; 32]));
            key
        }),
        ("a short point", with("x", "AAAA")),
        ("coordinates that are no base64", with("x", "!!!")),
        (
            "a symmetric key",
            json!({"kty": "oct", "kid": "k1", "k": "c2VjcmV0"}),
        ),
        (
            "a private member",
            with("d", URL_SAFE_NO_PAD.encode([9; 32])),
        ),
        ("a key for encryption", with("use", "enc")),
        ("a key that may only sign", with("key_ops", json!(["sign"]))),
        ("another algorithm", with("alg", "ES384")),
        ("alg none", with("alg", "none")),
        ("another kid", with("kid", "k2")),
        ("a kid with a path", with("kid", "../k1")),
        ("an unknown kind", with("kty", "XX")),
        ("a kind in lower case", with("kty", "ec")),
        ("kty as a list", with("kty", json!(["EC"]))),
    ] {
        add(input, json!([key]), Class::Invalid);
    }
    for (input, key) in [
        ("no kid", with("kid", Value::Null)),
        ("no alg", with("alg", Value::Null)),
        (
            "a chain of certificates nobody asked for",
            with("x5c", json!(["MIIB"])),
        ),
        (
            "an address of certificates",
            with("x5u", "http://ELSEWHERE/take"),
        ),
    ] {
        add(input, json!([key]), Class::Verified);
    }
    for (input, document) in [
        ("keys as an object", json!({"keys": {"k1": good}})),
        ("keys as a text", json!({"keys": "x"})),
        ("keys that are null", json!({"keys": null})),
        ("a key alone", tokens::key()),
        ("an error", json!({"error": "server_error"})),
    ] {
        rows.push(Row::new(
            "T20",
            Place::Jwks,
            input,
            Reply::json(&document.to_string()),
            &[Class::Unchecked],
        ));
    }
    rows
}
