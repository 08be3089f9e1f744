//! Tokens that are not what they say (T19).

use serde_json::json;

use crate::hostile::{
    row::{Class, Place, Row},
    server::Reply,
    tokens::{Minted, Signer},
};

pub(crate) fn rows() -> Vec<Row> {
    let good = Minted::good;
    let mut rows = Vec::new();
    let mut add = |input: &str, minted: Minted, expect: Class| {
        rows.push(Row::new(
            "T19",
            Place::Token,
            input,
            Reply::Token(Box::new(minted)),
            &[expect],
        ));
    };
    add("a good token", good(), Class::Verified);
    for alg in [
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        "HS256",
        "HS384",
        "HS512",
        "ES256K",
        "RS1",
        "ES512",
        "dir",
        "RSA-OAEP",
        "null",
        "PBES2-HS256+A128KW",
    ] {
        add(
            &format!("alg {alg:?} without a signature"),
            good().header("alg", alg).signer(Signer::Nobody("")),
            Class::Invalid,
        );
        add(
            &format!("alg {alg:?} with the issuer's signature"),
            good().header("alg", alg),
            Class::Invalid,
        );
    }
    add("no alg", good().header("alg", json!(null)), Class::Invalid);
    add("alg as a number", good().header("alg", 256), Class::Invalid);
    add(
        "alg as a list",
        good().header("alg", json!(["ES256"])),
        Class::Invalid,
    );
    add(
        "HMAC with the public key",
        good().header("alg", "HS256").signer(Signer::PublicKey),
        Class::Invalid,
    );
    add(
        "HMAC with the public key, called ES256",
        good().signer(Signer::PublicKey),
        Class::Invalid,
    );
    add(
        "HMAC with an empty key",
        good().header("alg", "HS256").signer(Signer::Shared("")),
        Class::Invalid,
    );
    add(
        "HMAC with \"secret\"",
        good()
            .header("alg", "HS256")
            .signer(Signer::Shared("secret")),
        Class::Invalid,
    );
    for alg in ["RS256", "PS256", "ES384", "EdDSA"] {
        add(
            &format!("the key of ES256 under {alg}"),
            good().header("alg", alg),
            Class::Invalid,
        );
    }
    add(
        "a stranger's signature",
        good().signer(Signer::Stranger),
        Class::Invalid,
    );
    add(
        "a stranger's signature without kid",
        good().header("kid", json!(null)).signer(Signer::Stranger),
        Class::Invalid,
    );
    add(
        "no signature",
        good().signer(Signer::Nobody("")),
        Class::Invalid,
    );
    add("a signature of zeros", good().signer(Signer::Nobody("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")), Class::Invalid);
    add(
        "a signature of one byte",
        good().signer(Signer::Nobody("AA")),
        Class::Invalid,
    );
    add(
        "a signature that is no base64",
        good().signer(Signer::Nobody("!!!!")),
        Class::Invalid,
    );
    for (input, crit) in [
        ("exp", json!(["exp"])),
        ("b64", json!(["b64"])),
        ("an unknown one", json!(["x"])),
        ("none", json!([])),
        ("a text", json!("x")),
        ("a number", json!(1)),
    ] {
        add(
            &format!("crit with {input}"),
            good().header("crit", crit),
            Class::Invalid,
        );
    }
    for typ in [
        "id+jwt",
        "logout+jwt",
        "dpop+jwt",
        "JOSE",
        "secevent+jwt",
        "at jwt",
        "at+jwt;x",
        "application/json",
        "\u{430}t+jwt",
    ] {
        add(
            &format!("typ {typ}"),
            good().header("typ", typ),
            Class::Invalid,
        );
    }
    add("typ as a number", good().header("typ", 7), Class::Invalid);
    for typ in ["JWT", "jwt", "AT+JWT", "application/at+jwt"] {
        add(
            &format!("typ {typ}"),
            good().header("typ", typ),
            Class::Verified,
        );
    }
    for kid in [
        "../../etc/passwd",
        "' OR 1=1 --",
        "k1\u{0}",
        "k1 ",
        "K1",
        "http://ELSEWHERE/key",
        "\u{202e}1k",
        "$(id)",
    ] {
        add(
            &format!("kid {kid:?}"),
            good().header("kid", kid),
            Class::Invalid,
        );
    }
    add(
        "kid of 100 KB",
        good().header("kid", "k".repeat(100_000)),
        Class::Invalid,
    );
    for (name, value) in [
        ("jku", json!("http://ELSEWHERE/jwks")),
        ("x5u", json!("http://ELSEWHERE/cert")),
        ("jwk", crate::hostile::tokens::key()),
        ("x5c", json!(["MIIB"])),
    ] {
        add(
            &format!("a key of its own by {name}"),
            good().header(name, value).signer(Signer::Stranger),
            Class::Invalid,
        );
    }
    add(
        "expired",
        good().claim("exp", 1_000_000_000),
        Class::Invalid,
    );
    add(
        "expired in the year 1",
        good().claim("exp", -62_000_000_000_i64),
        Class::Invalid,
    );
    add(
        "exp at the end of all numbers",
        good().claim("exp", i64::MAX),
        Class::Verified,
    );
    add(
        "exp before all numbers",
        good().claim("exp", i64::MIN),
        Class::Invalid,
    );
    add(
        "not valid yet",
        good().claim("nbf", 4_000_000_000_i64),
        Class::Invalid,
    );
    add(
        "not valid before the end of all numbers",
        good().claim("nbf", i64::MAX),
        Class::Invalid,
    );
    for (input, issuer) in [
        ("a slash more", "ISSUER/"),
        ("another", "https://id.example.com"),
        ("capitals", "HTTP://127.0.0.1"),
        ("a blank more", "ISSUER "),
    ] {
        add(
            &format!("iss with {input}"),
            good().claim("iss", issuer),
            Class::Invalid,
        );
    }
    add(
        "a claim of 60 KB",
        good().claim("x", "v".repeat(60_000)),
        Class::Verified,
    );
    add(
        "a claim 100 deep",
        good().claim(
            "x",
            serde_json::from_str::<serde_json::Value>(&format!(
                "{}{}",
                "[".repeat(100),
                "]".repeat(100)
            ))
            .unwrap(),
        ),
        Class::Verified,
    );
    for (input, text) in [
        ("two parts", "eyJhbGciOiJFUzI1NiJ9.e30"),
        ("four parts", "eyJhbGciOiJFUzI1NiJ9.e30.AA.AA"),
        ("five parts", "eyJhbGciOiJSU0EtT0FFUCJ9.AA.AA.AA.AA"),
        ("dots", "....."),
        ("a header that is no JSON", "AAAA.e30.AA"),
        ("claims that are a list", "eyJhbGciOiJFUzI1NiJ9.W10.AA"),
        ("padding", "eyJhbGciOiJFUzI1NiJ9==.e30=.AA=="),
    ] {
        let answer =
            json!({"access_token": text, "token_type": "Bearer", "expires_in": 300}).to_string();
        rows.push(Row::new(
            "T19",
            Place::Token,
            format!("a token of {input}"),
            Reply::json(&answer),
            &[Class::Opaque],
        ));
    }
    rows
}
