//! Every way of a secret out of the core is written to the audit log before it is given.

use keywright_core::view::{AuditQuery, CopyForm, SecretRef};
use keywright_sandbox::Personality;
use keywright_testkit::CoreFixture;

fn audited(fixture: &CoreFixture, action: &str) -> usize {
    let query = AuditQuery {
        limit: 100,
        ..AuditQuery::default()
    };
    let page = fixture.keywright.audit_page(&query).unwrap();
    page.items
        .iter()
        .filter(|line| line.action == action)
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_out_has_its_line() {
    let fixture = CoreFixture::new().await;
    let made = fixture.registered(Personality::Rfc7591, "orders").await;
    let secret = SecretRef::ClientSecret {
        application_id: made.id.clone(),
    };
    let disclosure = fixture.keywright.disclosure();
    let value = disclosure.reveal(&secret).unwrap();
    assert_eq!(audited(&fixture, "secret_revealed"), 1);
    let copied = disclosure.copy(&secret, CopyForm::Raw).unwrap();
    assert_eq!(copied.text.expose(), value.expose());
    assert_eq!(audited(&fixture, "secret_copied"), 1);
    let given = disclosure.to_command(&made.id, "deploy").await.unwrap();
    assert_eq!(given.client_secret.unwrap().expose(), value.expose());
    assert_eq!(audited(&fixture, "credential_handed_out"), 1);
    assert!(fixture.keywright.audit_check().unwrap().ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_holds_no_value() {
    let fixture = CoreFixture::new().await;
    let made = fixture.registered(Personality::Rfc7591, "orders").await;
    let secret = SecretRef::ClientSecret {
        application_id: made.id,
    };
    let disclosure = fixture.keywright.disclosure();
    let value = disclosure.reveal(&secret).unwrap();
    for form in [CopyForm::Curl, CopyForm::Env, CopyForm::Httpie] {
        let copied = disclosure.copy(&secret, form).unwrap();
        assert!(!copied.holds_value, "{form:?}");
        assert!(!copied.text.expose().contains(value.expose()), "{form:?}");
    }
    let whole = disclosure.copy(&secret, CopyForm::CurlWithValue).unwrap();
    assert!(whole.holds_value);
}
