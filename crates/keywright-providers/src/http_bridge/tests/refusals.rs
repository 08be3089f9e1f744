//! What a bridge refuses or leaves open.

use super::*;

#[tokio::test]
async fn a_refused_key_is_not_an_unknown_client() {
    let bench = bench(&[]).await;
    let body = json!({"error": "Wrong API-Key", "error_description": "wrong x-api-key header"});
    bench.answers("DELETE", "/hb/c-1", 401, body).await;
    let error = bench
        .provider
        .delete(context(&no_checkpoint), &at("c-1"))
        .await
        .unwrap_err();
    let ProviderError::Admin {
        source: TokenError::Refused { words, .. },
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!(words.error.as_deref(), Some("Wrong API-Key"));
    assert_eq!(
        advice(words).map(crate::MessageCode::as_str),
        Some("bridge_api_key")
    );
}

#[tokio::test]
async fn a_client_that_is_gone_is_known_by_the_reference_bridges_words() {
    let bench = bench(&[]).await;
    let body =
        json!({"error": "AxiosError", "error_description": "Request failed with status code 404"});
    bench.answers("DELETE", "/hb/c-1", 400, body.clone()).await;
    bench.answers("POST", "/hb/c-1/new-secret", 400, body).await;
    let upstream =
        json!({"error": "AxiosError", "error_description": "Request failed with status code 403"});
    bench.answers("DELETE", "/hb/c-2", 400, upstream).await;
    let context = context(&no_checkpoint);
    let gone = bench
        .provider
        .delete(context, &at("c-1"))
        .await
        .unwrap_err();
    let stale = bench
        .provider
        .rotate(context, &at("c-1"))
        .await
        .unwrap_err();
    let other = bench
        .provider
        .delete(context, &at("c-2"))
        .await
        .unwrap_err();
    for (error, unknown) in [(gone, true), (stale, true), (other, false)] {
        let ProviderError::Registration(error) = error else {
            panic!("{error:?}");
        };
        assert_eq!(error.is_unknown_client(), unknown, "{error:?}");
        let RegistrationError::Refused { words, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(
            advice(words).map(crate::MessageCode::as_str),
            Some("bridge_upstream")
        );
    }
}

#[tokio::test]
async fn a_description_that_is_a_list_keeps_its_words() {
    let bench = bench(&[]).await;
    let body = json!({"error": "Bad Request", "error_description": [
        {"keyword": "required", "params": {"missingProperty": "redirect_uris"}}
    ]});
    bench.answers("POST", "/hb/", 400, body).await;
    let error = bench
        .provider
        .register(context(&no_checkpoint), &wanted())
        .await
        .unwrap_err();
    let ProviderError::Registration(RegistrationError::Refused { words, .. }) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(words.description.as_deref(), Some("required redirect_uris"));
    assert_eq!(
        advice(words).map(crate::MessageCode::as_str),
        Some("bridge_contract")
    );
}

#[tokio::test]
async fn f16_a_success_that_says_too_little_is_an_unknown_outcome() {
    let context = context(&no_checkpoint);
    for answer in [
        ResponseTemplate::new(201),
        ResponseTemplate::new(201).set_body_string("{\"client_id\":\"c"),
        ResponseTemplate::new(200).set_body_json(json!({"client_id": null, "client_secret": ""})),
    ] {
        let bench = bench(&[]).await;
        Mock::given(method("POST"))
            .respond_with(answer)
            .mount(&bench.server)
            .await;
        for error in [
            bench
                .provider
                .register(context, &wanted())
                .await
                .unwrap_err(),
            bench
                .provider
                .rotate(context, &at("c-1"))
                .await
                .unwrap_err(),
        ] {
            let ProviderError::Registration(error) = error else {
                panic!("{error:?}");
            };
            assert!(error.outcome_unknown(), "{error:?}");
        }
    }
}

#[tokio::test]
async fn nothing_is_sent_that_could_not_be_written_down() {
    let bench = bench(&[]).await;
    let keep = |_: Checkpoint<'_>| {
        Err(CheckpointError {
            unkept: None,
            source: Arc::new(std::io::Error::other("disk full")),
        })
    };
    let context = context(&keep);
    let at = at("c-1");
    let errors = [
        bench
            .provider
            .register(context, &wanted())
            .await
            .unwrap_err(),
        bench
            .provider
            .update(context, &at, &wanted())
            .await
            .unwrap_err(),
        bench.provider.rotate(context, &at).await.unwrap_err(),
        bench.provider.delete(context, &at).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, ProviderError::Checkpoint(_)), "{error:?}");
    }
    assert!(bench.bodies().await.is_empty());
}

#[tokio::test]
async fn a_refusal_for_the_rate_is_sent_again_after_the_pause() {
    let bench = bench(&[]).await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(429).insert_header("retry-after", "1"))
        .up_to_n_times(1)
        .mount(&bench.server)
        .await;
    bench.answers("POST", "/hb/", 201, created()).await;
    let information = bench
        .provider
        .register(context(&no_checkpoint), &wanted())
        .await
        .unwrap();
    assert_eq!(information.client_id, "c-1");
}

#[tokio::test]
async fn t05_neither_the_key_nor_a_secret_is_recorded_or_planned() {
    let bench = bench(&[]).await;
    bench.answers("POST", "/hb/", 201, created()).await;
    let context = context(&no_checkpoint);
    let information = bench.provider.register(context, &wanted()).await.unwrap();
    bench.provider.verify(context).await;
    let plan = bench.provider.plan(&wanted()).unwrap();
    let recorded = bench.recorded.lock().unwrap().join("\n");
    let printed = format!("{plan:?} {information:?} {:?}", bench.provider);
    assert!(recorded.contains("x-api-key") && printed.contains("x-api-key"));
    for secret in [KEY, "new-secret-1"] {
        assert!(!recorded.contains(secret), "{secret} is in the exchanges");
        assert!(!printed.contains(secret), "{secret} is in Debug");
    }
}
