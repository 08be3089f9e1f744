//! Applications: what finds them, their order, and their names.

use keywright_core::view::{ApplicationQuery, ApplicationSort};
use keywright_sandbox::Personality;
use keywright_testkit::CoreFixture;

async fn three() -> CoreFixture {
    let fixture = CoreFixture::new().await;
    let personality = Personality::Rfc7591;
    let configuration = fixture.configure(personality);
    for name in ["orders", "billing", "stock"] {
        let draft = fixture.draft(personality, &configuration.id, name);
        fixture
            .keywright
            .registration()
            .register(draft)
            .await
            .unwrap();
    }
    fixture
}

fn names(fixture: &CoreFixture, query: &ApplicationQuery) -> Vec<String> {
    let query = ApplicationQuery {
        limit: 10,
        sort: ApplicationSort::Name,
        ..query.clone()
    };
    let page = fixture.keywright.applications().list(&query).unwrap();
    page.items.into_iter().map(|one| one.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pinned_applications_come_first() {
    let fixture = three().await;
    let everything = ApplicationQuery::default();
    assert_eq!(names(&fixture, &everything), ["billing", "orders", "stock"]);
    let applications = fixture.keywright.applications();
    applications.set_pinned("stock", true).unwrap();
    assert_eq!(names(&fixture, &everything), ["stock", "billing", "orders"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_are_found_by_text_or_label() {
    let fixture = three().await;
    let applications = fixture.keywright.applications();
    let orders = applications.get("orders").unwrap();
    let ids = vec![orders.id.clone()];
    applications
        .change_labels(&ids, &["team-a".into()], &[])
        .unwrap();
    let labelled = ApplicationQuery {
        label: Some("team-a".into()),
        ..ApplicationQuery::default()
    };
    assert_eq!(names(&fixture, &labelled), ["orders"]);
    for text in ["ord", orders.client_id.as_str()] {
        let found = ApplicationQuery {
            text: text.to_owned(),
            ..ApplicationQuery::default()
        };
        assert_eq!(names(&fixture, &found), ["orders"], "{text}");
    }
    let mistyped = ApplicationQuery {
        text: "orderz".into(),
        limit: 10,
        ..ApplicationQuery::default()
    };
    let page = applications.list(&mistyped).unwrap();
    assert_eq!((page.total, page.nearest.as_deref()), (0, Some("orders")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_is_local() {
    let fixture = three().await;
    let applications = fixture.keywright.applications();
    let taken = applications.rename("orders", "stock").unwrap_err();
    assert_eq!(taken.code().as_str(), "name_taken");
    let renamed = applications.rename("orders", "orders of today").unwrap();
    assert_eq!(renamed.name, "orders of today");
    let read = fixture
        .keywright
        .registration()
        .read(&renamed.id)
        .await
        .unwrap();
    assert_eq!(read.name, "orders of today");
    assert_eq!(read.granted["client_name"], "orders");
}
