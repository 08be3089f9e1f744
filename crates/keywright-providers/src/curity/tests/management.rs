//! Read, update, rotate and delete, and how long they can be done.

use super::*;

#[tokio::test]
async fn f01_a_read_hands_over_the_new_token_and_secret_before_it_returns() {
    let server = MockServer::start().await;
    manages(&server, "GET", "rat-1", 200, answer(&server, "s2", "rat-2")).await;
    let (curity, _) = adapter(&server, &[], &[]);
    let kept = Kept::default();
    let read = with!(kept, context => curity.read(context, &managed(&server))).unwrap();
    assert_eq!(read.client_secret.as_ref().unwrap().expose(), "s2");
    assert_eq!(kept.steps(), ["sending read", "done read rat-2"]);
}

#[tokio::test]
async fn a_rotation_reads_and_an_update_sends_all_but_the_secret() {
    let server = MockServer::start().await;
    manages(&server, "GET", "rat-1", 200, answer(&server, "s2", "rat-2")).await;
    manages(&server, "PUT", "rat-2", 200, answer(&server, "s3", "rat-3")).await;
    let (curity, _) = adapter(&server, &[], &[]);
    let kept = Kept::default();
    let rotated = with!(kept, context => curity.rotate(context, &managed(&server))).unwrap();
    assert_eq!(rotated.client_secret.as_ref().unwrap().expose(), "s2");
    let at = registered(&rotated);
    let asked =
        metadata(&json!({"client_name": "Orders 2", "grant_types": ["client_credentials"]}));
    let updated = with!(kept, context => curity.update(context, &at, &asked)).unwrap();
    assert_eq!(updated.client_secret.as_ref().unwrap().expose(), "s3");
    let sent = received(&server, "PUT", "/oauth/v2/oauth-registration/c-1").await;
    assert_eq!(
        sent[0].body_json::<Value>().unwrap(),
        json!({"client_id": "c-1", "client_name": "Orders 2", "grant_types": ["client_credentials"]})
    );
}

#[tokio::test]
async fn a_token_that_may_be_used_again_keeps_its_window() {
    let server = MockServer::start().await;
    manages(&server, "GET", "rat-1", 200, answer(&server, "s2", "rat-1")).await;
    let (curity, clock) = adapter(&server, &[], &[]);
    let kept = Kept::default();
    clock.advance(DAY);
    let read = with!(kept, context => curity.read(context, &managed(&server))).unwrap();
    assert!(!read.handles.contains_key("registration_read_write_ends_at"));
    assert_eq!(
        read.handles["registration_token_ends_at"],
        (NOW + 366 * DAY).to_string()
    );
}

#[tokio::test]
async fn what_a_registration_token_may_do_ends_in_two_steps() {
    let server = MockServer::start().await;
    gives_tokens(&server).await;
    registers(&server, 201, answer(&server, "s1", "rat-1")).await;
    let (curity, clock) = adapter(&server, &[], &[]);
    let kept = Kept::default();
    let at = registered(&with!(kept, context => curity.register(context, &wanted())).unwrap());
    let can = |capability| {
        curity
            .can(capability, &at)
            .map_err(|reason| reason.as_str().to_owned())
    };
    let all = [
        Capability::Read,
        Capability::Update,
        Capability::Rotate,
        Capability::Delete,
    ];
    assert!(all.iter().all(|capability| can(*capability).is_ok()));
    clock.advance(28 * DAY);
    for capability in &all[..3] {
        assert_eq!(can(*capability), Err("curity_read_write_over".to_owned()));
    }
    assert!(can(Capability::Delete).is_ok());
    let error = with!(kept, context => curity.read(context, &at)).unwrap_err();
    assert!(matches!(error, ProviderError::NotCapable { .. }), "{error}");
    clock.advance(337 * DAY);
    assert_eq!(
        can(Capability::Delete),
        Err("curity_registration_token_over".to_owned())
    );
    let unmanaged = Registration::default();
    assert_eq!(
        curity
            .can(Capability::Read, &unmanaged)
            .unwrap_err()
            .as_str(),
        "curity_management_off"
    );
}

#[tokio::test]
async fn a_server_without_a_window_is_believed() {
    let server = MockServer::start().await;
    gives_tokens(&server).await;
    registers(&server, 201, answer(&server, "s1", "rat-1")).await;
    let (curity, clock) = adapter(&server, &[("registration_read_write_secs", "0")], &[]);
    let kept = Kept::default();
    let at = registered(&with!(kept, context => curity.register(context, &wanted())).unwrap());
    clock.advance(100 * DAY);
    assert!(curity.can(Capability::Read, &at).is_ok());
}

#[tokio::test]
async fn deleting_twice_says_that_the_client_is_unknown() {
    let server = MockServer::start().await;
    Mock::given(method("DELETE"))
        .respond_with(ResponseTemplate::new(204))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(method("DELETE"))
        .respond_with(ResponseTemplate::new(401).set_body_json(json!({"error": "invalid_token"})))
        .mount(&server)
        .await;
    let (curity, _) = adapter(&server, &[], &[]);
    let kept = Kept::default();
    let at = managed(&server);
    with!(kept, context => curity.delete(context, &at)).unwrap();
    let error = with!(kept, context => curity.delete(context, &at)).unwrap_err();
    assert!(
        matches!(&error, ProviderError::Registration(error) if error.is_unknown_client()),
        "{error}"
    );
}
