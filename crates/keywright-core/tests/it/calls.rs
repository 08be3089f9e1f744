//! Calls of an API in the three ways, and the sessions that they leave.

use keywright_core::view::{CallAuth, CompareVerdict, SessionQuery, SessionState};
use keywright_sandbox::Personality;
use keywright_testkit::CoreFixture;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_without_other_credentials() {
    let fixture = CoreFixture::new().await;
    let personality = Personality::Okta;
    let made = fixture.registered(personality, "orders").await;
    let calls = fixture.keywright.calls();
    let none = fixture.call(personality, &made.id, CallAuth::Session);
    assert_eq!(
        calls.send(&none).await.unwrap_err().code().as_str(),
        "no_session"
    );
    let first = fixture.call(personality, &made.id, CallAuth::ClientCredentials);
    let session = calls.send(&first).await.unwrap().session.unwrap();
    assert!(session.captured);
    let again = calls.send(&none).await.unwrap();
    assert_eq!(again.status, 200, "{}", again.body);
    let sessions = fixture.keywright.sessions();
    let replayed = sessions.replay(&session.id).await.unwrap();
    assert_eq!(replayed.status, 200);
    let kept = sessions.get(&session.id).unwrap();
    assert_eq!(kept.state, SessionState::Alive);
    sessions.forget(&session.id).unwrap();
    assert_eq!(sessions.list(&SessionQuery::default()).unwrap().total, 0);
    assert_eq!(
        calls.send(&none).await.unwrap_err().code().as_str(),
        "no_session"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn three_ways_are_one_identity() {
    let fixture = CoreFixture::new().await;
    let personality = Personality::Auth0;
    let made = fixture.registered(personality, "orders").await;
    let call = fixture.call(personality, &made.id, CallAuth::Bearer);
    let compared = fixture.keywright.calls().compare(&call).await.unwrap();
    assert_eq!((compared.accepted, compared.identities), (3, 1));
    assert!(
        matches!(
            compared.verdict,
            CompareVerdict::SameIdentity | CompareVerdict::SameData
        ),
        "{:?}",
        compared.verdict
    );
}
