//! Changes whose process ended in the middle of them.

use serde_json::json;

use super::{Issuer, SECRET, secret};

#[tokio::test(flavor = "multi_thread")]
async fn f01_giving_up_an_answered_rotation_keeps_its_secret() {
    let issuer = Issuer::start().await;
    let current = issuer.information(&json!({"client_secret": null}));
    issuer.manages("GET", 200, current).await;
    let rotated = issuer.information(&json!({"client_secret": "s3cret-2"}));
    issuer.manages("PUT", 200, rotated).await;
    let cli = issuer.registered();
    let point = ("KEYWRIGHT_FAULT_POINT", "after_answer_kept:2");
    let killed = cli.run_env(&["app", "rotate", "orders"], point.0, point.1);
    assert_eq!(killed.code, -1, "the process was ended: {killed:?}");
    assert_eq!(secret(&cli), SECRET);
    let discarded = cli.run(&["app", "discard", "orders", "--yes"]).json();
    assert_eq!(discarded["finished"], true, "{discarded}");
    assert_eq!(secret(&cli), "s3cret-2");
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_a_key_whose_change_was_cut_off_signs() {
    let issuer = Issuer::start().await;
    let current = issuer.information(&json!({"client_secret": null}));
    issuer.manages("GET", 200, current).await;
    let with_key = issuer.information(&json!({
        "client_secret": null,
        "token_endpoint_auth_method": "private_key_jwt",
    }));
    issuer.manages("PUT", 200, with_key).await;
    let token = json!({"access_token": "t0ken", "token_type": "Bearer", "expires_in": 60});
    issuer.on("POST", "/token", 200, token).await;
    let cli = issuer.registered();
    let point = ("KEYWRIGHT_FAULT_POINT", "after_answer_kept:2");
    let killed = cli.run_env(&["key", "make", "orders"], point.0, point.1);
    assert_eq!(killed.code, -1, "the process was ended: {killed:?}");
    cli.run(&["app", "resume", "orders"]).json();
    assert_eq!(
        cli.run(&["key", "list", "orders"]).json()["keys"][0]["state"],
        "pending"
    );
    cli.run(&["token", "get", "orders", "--refresh"]).json();
    assert_eq!(
        cli.run(&["key", "list", "orders"]).json()["keys"][0]["state"],
        "current"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_a_refused_token_names_the_interrupted_change() {
    let issuer = Issuer::start().await;
    let current = issuer.information(&json!({"client_secret": null}));
    issuer.manages("GET", 200, current).await;
    let rotated = issuer.information(&json!({"client_secret": "s3cret-2"}));
    issuer.manages("PUT", 200, rotated).await;
    issuer
        .on("POST", "/token", 401, json!({"error": "invalid_client"}))
        .await;
    let cli = issuer.registered();
    let point = ("KEYWRIGHT_FAULT_POINT", "after_answer_kept:2");
    let killed = cli.run_env(&["app", "rotate", "orders"], point.0, point.1);
    assert_eq!(killed.code, -1, "the process was ended: {killed:?}");
    let refused = cli.run(&["token", "get", "orders"]).error();
    assert_eq!(refused["cause"]["kind"], "unfinished", "{refused}");
    assert_eq!(
        refused["cause"]["ways"][0]["command"], "keywright app resume orders",
        "{refused}"
    );
}
