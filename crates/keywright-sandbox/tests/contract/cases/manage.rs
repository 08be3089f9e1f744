//! Read, update, list, delete.

use keywright_providers::{Capability, ProviderError, Registration};

use crate::bench::{Bench, MARK, after, is_gone, secret};
use crate::outcome::{Outcome, cannot};

fn can(bench: &Bench, capability: Capability, at: &Registration) -> bool {
    bench.provider().can(capability, at).is_ok()
}

/// What an adopter knows at least.
fn by_id_alone(at: &Registration) -> Registration {
    Registration {
        client_id: at.client_id.clone(),
        ..Registration::default()
    }
}

pub(super) async fn read(bench: Bench) -> Outcome {
    let at = bench.registered().await;
    let answer = bench.read(&at).await;
    if !can(&bench, Capability::Read, &at) {
        return cannot(&bench, Capability::Read, &at, answer);
    }
    let information = answer.unwrap();
    assert_eq!(information.client_id, at.client_id);
    assert_eq!(
        information.metadata.client_name().as_deref(),
        Some("orders")
    );
    // A read may carry new secrets.
    let kept = bench.journal.last().unwrap();
    assert_eq!(kept.client_id, at.client_id);
    bench.token(&after(&at, &information)).await.unwrap();
    Outcome::Kept
}

pub(super) async fn read_by_client_id_alone(bench: Bench) -> Outcome {
    let at = by_id_alone(&bench.registered().await);
    let answer = bench.read(&at).await;
    if !can(&bench, Capability::Read, &at) {
        return cannot(&bench, Capability::Read, &at, answer);
    }
    assert_eq!(answer.unwrap().client_id, at.client_id);
    Outcome::Kept
}

pub(super) async fn f20_read_of_a_deleted_client(bench: Bench) -> Outcome {
    let at = bench.registered().await;
    bench.delete(&at).await.unwrap();
    let answer = bench.read(&at).await;
    if !can(&bench, Capability::Read, &at) {
        return cannot(&bench, Capability::Read, &at, answer);
    }
    let error = answer.unwrap_err();
    assert!(is_gone(&error), "{error:?}");
    Outcome::Kept
}

pub(super) async fn update(bench: Bench) -> Outcome {
    let at = bench.registered().await;
    let mut wanted = at.granted.clone();
    wanted.set("client_name", "orders of the night");
    let answer = bench.update(&at, &wanted).await;
    if !can(&bench, Capability::Update, &at) {
        return cannot(&bench, Capability::Update, &at, answer);
    }
    let information = answer.unwrap();
    assert_eq!(
        information.metadata.client_name().as_deref(),
        Some("orders of the night")
    );
    let at = after(&at, &information);
    bench.token(&at).await.unwrap();
    if can(&bench, Capability::Read, &at) {
        let read = bench.read(&at).await.unwrap();
        assert_eq!(
            read.metadata.client_name().as_deref(),
            Some("orders of the night")
        );
        assert_eq!(read.metadata.grant_types(), at.granted.grant_types());
    }
    Outcome::Kept
}

pub(super) async fn list(bench: Bench) -> Outcome {
    let at = bench.registered().await;
    let answer = bench.list().await;
    if !can(&bench, Capability::List, &at) {
        return cannot(&bench, Capability::List, &at, answer);
    }
    let listed = answer.unwrap();
    let ours = listed
        .iter()
        .find(|one| one.client_id == at.client_id)
        .unwrap();
    assert_eq!(ours.name.as_deref(), Some("orders"));
    assert_eq!(ours.owner_tag, Some(MARK));
    Outcome::Kept
}

pub(super) async fn delete(bench: Bench) -> Outcome {
    let at = bench.registered().await;
    let other = bench.registered().await;
    bench.delete(&at).await.unwrap();
    assert_eq!(bench.count(), 1);
    bench.token(&other).await.unwrap();
    Outcome::Kept
}

pub(super) async fn delete_by_client_id_alone(bench: Bench) -> Outcome {
    let at = by_id_alone(&bench.registered().await);
    let answer = bench.delete(&at).await;
    if !can(&bench, Capability::Delete, &at) {
        return cannot(&bench, Capability::Delete, &at, answer);
    }
    answer.unwrap();
    assert_eq!(bench.count(), 0);
    Outcome::Kept
}

/// Gone is told apart from every other refusal, above all from one of the admin secret.
pub(super) async fn f20_already_deleted(mut bench: Bench) -> Outcome {
    let at = bench.registered().await;
    bench.delete(&at).await.unwrap();
    let error = bench.delete(&at).await.unwrap_err();
    assert!(is_gone(&error), "{error:?}");

    let other = bench.registered().await;
    assert!(!secret(&other).is_empty());
    bench.spoil_admin();
    match bench.delete(&other).await {
        // The registration's own token manages it, not the admin secret.
        Ok(()) => assert_eq!(bench.count(), 0),
        Err(error) => {
            let gone_or = matches!(&error, ProviderError::Registration(_)) && is_gone(&error);
            assert!(!gone_or, "a client that is there reads as gone: {error:?}");
            assert_eq!(bench.count(), 1);
        }
    }
    Outcome::Kept
}
