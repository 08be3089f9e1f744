//! Rotation with and without overlap, and the end of the old secret.

use serde_json::json;
use wiremock::ResponseTemplate;

use super::*;

const SECRETS: &str = "/api/v1/apps/0oa1/credentials/secrets";
const NEW_SECRET: &str = "/oauth2/v1/clients/0oa1/lifecycle/newSecret";

fn secret(id: &str, day: u8, value: &str) -> Value {
    json!({
        "id": id, "created": format!("2026-01-{day:02}T00:00:00.000Z"), "status": "ACTIVE",
        "client_secret": value, "secret_hash": "hash",
    })
}

#[tokio::test]
async fn a_rotation_adds_a_secret_and_notes_which_one_must_end() {
    let org = Org::start().await;
    let old = secret("ocs1", 1, "the-first-secret");
    org.answers("GET", SECRETS, json_of(200, &json!([old])))
        .await;
    org.answers(
        "POST",
        SECRETS,
        json_of(201, &secret("ocs2", 2, "the-second")),
    )
    .await;
    let rotated = org
        .run(async |okta, context| okta.rotate(context, &known("0oa1")).await.unwrap())
        .await;
    assert_eq!(rotated.client_secret.unwrap().expose(), "the-second");
    assert_eq!(rotated.handles["okta_retiring"], "ocs1");
    assert_eq!(rotated.metadata.client_name().as_deref(), Some("orders"));
    assert_eq!(org.kept(), ["sending add_secret", "done add_secret"]);
    assert!(org.requests().await[1].body.is_empty());
}

#[tokio::test]
async fn f19_a_secret_whose_answer_was_lost_is_taken_up() {
    let org = Org::start().await;
    let both = json!([
        secret("ocs2", 2, "lost-and-found"),
        secret("ocs1", 1, "the-first-secret")
    ]);
    org.answers("GET", SECRETS, json_of(200, &both)).await;
    let rotated = org
        .run(async |okta, context| okta.rotate(context, &known("0oa1")).await.unwrap())
        .await;
    assert_eq!(rotated.client_secret.unwrap().expose(), "lost-and-found");
    assert_eq!(rotated.handles["okta_retiring"], "ocs1");
    assert_eq!(org.asked().await.len(), 1);
}

#[tokio::test]
async fn a_third_secret_is_refused_in_oktas_words() {
    let org = Org::start().await;
    let both = json!([
        secret("ocs1", 1, "before"),
        secret("ocs2", 2, "the-first-secret")
    ]);
    org.answers("GET", SECRETS, json_of(200, &both)).await;
    let full = "You've reached the maximum number of client secrets per client.";
    org.answers("POST", SECRETS, refusal(400, "E0000001", &[full]))
        .await;
    let error = org
        .run(async |okta, context| okta.rotate(context, &known("0oa1")).await.unwrap_err())
        .await;
    assert_eq!(
        super::super::advice(words_of(&error).unwrap()).map(crate::MessageCode::as_str),
        Some("okta_secrets_full")
    );
}

#[tokio::test]
async fn where_there_is_no_list_of_secrets_the_secret_is_replaced() {
    for refused in [
        refusal(403, "E0000006", &[]),
        refusal(404, "E0000007", &[]),
        refusal(405, "E0000022", &[]),
        refusal(401, "E0000015", &[]),
    ] {
        let org = Org::start().await;
        org.answers("GET", SECRETS, refused).await;
        let mut answer = service("0oa1");
        answer["client_secret"] = json!("the-replacement");
        org.answers("POST", NEW_SECRET, json_of(200, &answer)).await;
        let mut at = known("0oa1");
        at.handles.insert("okta_wanted_scope".into(), "a".into());
        let rotated = org
            .run(async |okta, context| okta.rotate(context, &at).await.unwrap())
            .await;
        assert_eq!(rotated.client_secret.unwrap().expose(), "the-replacement");
        assert_eq!(
            rotated.handles["okta_retiring"], "",
            "nothing is left to end"
        );
        assert_eq!(rotated.handles["okta_wanted_scope"], "a");
        assert_eq!(org.kept(), ["sending new_secret", "done new_secret"]);
    }
}

#[tokio::test]
async fn the_setting_replaces_the_secret_at_once() {
    let mut org = Org::start().await;
    org.set(Okta::ROTATION, "new_secret");
    org.answers("POST", NEW_SECRET, json_of(200, &service("0oa1")))
        .await;
    org.run(async |okta, context| okta.rotate(context, &known("0oa1")).await.unwrap())
        .await;
    assert_eq!(org.asked().await, [format!("POST {NEW_SECRET}")]);
}

#[tokio::test]
async fn a_refused_token_is_no_reason_to_end_the_old_secret() {
    let org = Org::start().await;
    org.answers("GET", SECRETS, refusal(401, "E0000011", &[]))
        .await;
    let error = org
        .run(async |okta, context| okta.rotate(context, &known("0oa1")).await.unwrap_err())
        .await;
    assert_eq!(code(&error), "E0000011");
    assert_eq!(org.asked().await.len(), 1);
}

#[tokio::test]
async fn a_rotation_without_a_secret_is_an_unknown_outcome() {
    let org = Org::start().await;
    org.answers("GET", SECRETS, json_of(200, &json!([]))).await;
    org.answers(
        "POST",
        SECRETS,
        json_of(201, &secret("ocs2", 2, "************")),
    )
    .await;
    let error = org
        .run(async |okta, context| okta.rotate(context, &known("0oa1")).await.unwrap_err())
        .await;
    assert!(matches!(error, ProviderError::Registration(error) if error.outcome_unknown()));
}

#[tokio::test]
async fn the_old_secret_is_deactivated_then_deleted() {
    let old = format!("{SECRETS}/ocs1");
    let deactivate = format!("{old}/lifecycle/deactivate");
    let inactive = refusal(400, "E0000001", &["It is inactive already."]);
    let cases = [
        // As it should be; cut off after the first step; ended by somebody else.
        (
            json_of(200, &secret("ocs1", 1, "x")),
            ResponseTemplate::new(204),
            2,
        ),
        (inactive, ResponseTemplate::new(204), 2),
        (refusal(404, "E0000007", &[]), ResponseTemplate::new(204), 1),
    ];
    for (first, second, requests) in cases {
        let org = Org::start().await;
        org.answers("POST", &deactivate, first).await;
        org.answers("DELETE", &old, second).await;
        let mut at = known("0oa1");
        at.handles.insert("okta_retiring".into(), "ocs1".into());
        let handles = org
            .run(async |okta, context| okta.revoke_previous_secret(context, &at).await.unwrap())
            .await;
        assert_eq!(handles["okta_retiring"], "");
        assert_eq!(org.asked().await.len(), requests);
    }
}

#[tokio::test]
async fn a_secret_that_still_lives_stays_to_be_ended() {
    let old = format!("{SECRETS}/ocs1");
    let org = Org::start().await;
    let only = refusal(
        400,
        "E0000001",
        &["You can't deactivate the only active client secret."],
    );
    let active =
        "You can't delete an active client secret. Deactivate the secret before deleting it.";
    org.answers("POST", &format!("{old}/lifecycle/deactivate"), only)
        .await;
    org.answers("DELETE", &old, refusal(400, "E0000001", &[active]))
        .await;
    let mut at = known("0oa1");
    at.handles.insert("okta_retiring".into(), "ocs1".into());
    let error = org
        .run(async |okta, context| okta.revoke_previous_secret(context, &at).await.unwrap_err())
        .await;
    assert!(
        words_of(&error)
            .unwrap()
            .description
            .as_ref()
            .unwrap()
            .ends_with(active)
    );
}

#[tokio::test]
async fn nothing_is_sent_where_nothing_must_end() {
    let org = Org::start().await;
    org.run(async |okta, context| {
        okta.revoke_previous_secret(context, &known("0oa1"))
            .await
            .unwrap()
    })
    .await;
    assert!(org.asked().await.is_empty());
}
