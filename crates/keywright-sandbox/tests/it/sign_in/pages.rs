//! What a browser gets.

use serde_json::json;

use super::{CALLBACK, Visit, parameter, target};
use crate::bench::header;

#[tokio::test]
async fn a_page_speaks_the_language_of_the_browser() {
    let visit = Visit::new().await;
    for (headers, change, words) in [
        (vec![], ("ui_locales", ""), ["lang=\"en\"", "Allow", "Deny"]),
        (
            vec![("accept-language", "ja")],
            ("ui_locales", ""),
            ["lang=\"ja\"", "許可", "拒否"],
        ),
        (
            vec![("accept-language", "en")],
            ("ui_locales", "ja"),
            ["lang=\"ja\"", "許可", "拒否"],
        ),
    ] {
        let response = visit.open(&visit.request(&[change]), &headers).await;
        let page = response.text().await.unwrap();
        for word in words {
            assert!(page.contains(word), "{word} in {page}");
        }
    }
}

#[tokio::test]
async fn t32_a_sign_in_page_runs_no_script_in_no_frame() {
    let visit = Visit::new().await;
    let response = visit.open(&visit.request(&[]), &[]).await;
    let policy = header(&response, "content-security-policy").to_owned();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(
        policy.contains("form-action 'self' http://127.0.0.1;"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(header(&response, "cache-control"), "no-store");
    assert_eq!(header(&response, "x-frame-options"), "DENY");
    let page = response.text().await.unwrap();
    assert!(
        !page.contains("<script") && !page.contains(" style="),
        "{page}"
    );
    assert!(page.contains("prefers-color-scheme: dark"));
}

#[tokio::test]
async fn t32_a_sign_in_page_shows_names_as_text() {
    let evil = "\"><script>alert(1)</script>";
    let visit = Visit::with(&json!({
        "client_name": evil, "redirect_uris": ["http://127.0.0.1/cb?a=%22><b>"],
    }))
    .await;
    let change = [
        ("redirect_uri", "http://127.0.0.1/cb?a=%22><b>"),
        ("state", evil),
    ];
    let response = visit.open(&visit.request(&change), &[]).await;
    assert_eq!(response.status(), 200);
    let page = response.text().await.unwrap();
    assert!(page.contains("&quot;&gt;&lt;script&gt;alert(1)"), "{page}");
    assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
}

#[tokio::test]
async fn t32_a_sign_in_leads_to_no_unregistered_address() {
    let visit = Visit::new().await;
    for change in [
        ("client_id", "unknown"),
        ("client_id", ""),
        ("redirect_uri", "http://127.0.0.1/other"),
        ("redirect_uri", "https://evil.example/callback"),
        ("redirect_uri", "http://127.0.0.1.evil.example/callback"),
        ("redirect_uri", "http://localhost/callback"),
        ("redirect_uri", "http://127.0.0.1/callback#a"),
        ("redirect_uri", "javascript:alert(1)"),
    ] {
        // Another mistake does not turn it into a redirect.
        let changes = [change, ("response_type", "token")];
        let response = visit.open(&visit.request(&changes), &[]).await;
        assert_eq!(response.status(), 400, "{change:?}");
        assert_eq!(header(&response, "location"), "");
        let page = response.text().await.unwrap();
        assert!(page.contains("role=\"alert\""), "{page}");
        assert!(!page.contains("evil.example"), "{page}");
    }
    let mut twice = visit.request(&[]);
    twice
        .query_pairs_mut()
        .append_pair("redirect_uri", CALLBACK);
    let response = visit.open(&twice, &[]).await;
    assert_eq!(
        (response.status().as_u16(), header(&response, "location")),
        (400, "")
    );
}

#[tokio::test]
async fn t32_a_sign_in_page_is_answered_once_in_its_time() {
    let visit = Visit::new().await;
    let page = visit
        .open(&visit.request(&[]), &[])
        .await
        .text()
        .await
        .unwrap();
    for fields in [
        vec![("decision", "allow")],
        vec![("decision", "allow"), ("user", "mallory")],
        vec![("user", "alice")],
    ] {
        let response = visit.decide(&page, &fields).await;
        assert_eq!(
            (response.status().as_u16(), header(&response, "location")),
            (400, "")
        );
    }
    let forged = page.replace("name=\"request\" value=\"", "name=\"request\" value=\"A");
    let fields = [("decision", "allow"), ("user", "alice")];
    assert_eq!(visit.decide(&forged, &fields).await.status(), 400);
    visit.bench.advance(600);
    assert_eq!(visit.decide(&page, &fields).await.status(), 400);
}

#[tokio::test]
async fn t32_a_page_of_another_origin_cannot_answer_a_sign_in() {
    let visit = Visit::new().await;
    let response = visit
        .browser
        .post(format!("{}/consent", visit.bench.issuer))
        .header("origin", "https://evil.example")
        .body("decision=allow")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 403);
}

#[tokio::test]
async fn a_known_user_is_not_asked_again_with_prompt_none() {
    let visit = Visit::new().await;
    let (_, cookies) = visit.allowed_with_session(&[("scope", "openid")]).await;
    let quiet = visit.request(&[("prompt", "none"), ("scope", "openid")]);
    let answer = target(&visit.open_as(&quiet, &cookies).await);
    assert!(!parameter(&answer, "code").is_empty());
    let wider = visit.request(&[("prompt", "none"), ("scope", "openid email")]);
    let answer = target(&visit.open_as(&wider, &cookies).await);
    assert_eq!(parameter(&answer, "error"), "consent_required");
    visit.bench.advance(100);
    let old = visit.request(&[("prompt", "none"), ("scope", "openid"), ("max_age", "99")]);
    let answer = target(&visit.open_as(&old, &cookies).await);
    assert_eq!(parameter(&answer, "error"), "login_required");
    let page = visit.open_as(&visit.request(&[]), &cookies).await;
    let page = page.text().await.unwrap();
    assert!(page.contains("value=\"bob\" required checked"), "{page}");
}
