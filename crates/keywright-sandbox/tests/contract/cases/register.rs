//! Plan and register.

use std::collections::BTreeSet;

use keywright_oauth::client_metadata::ClientMetadata;
use keywright_providers::{Capability, Verdict};
use keywright_sandbox::SandboxFaults;

use crate::bench::{Bench, is_unknown, refusal, registration, with};
use crate::journal::Cut;
use crate::outcome::Outcome;

const ALL: [Capability; 12] = [
    Capability::Register,
    Capability::Read,
    Capability::Update,
    Capability::Rotate,
    Capability::RotateOverlap,
    Capability::Delete,
    Capability::List,
    Capability::ClientCredentials,
    Capability::RefreshToken,
    Capability::Introspection,
    Capability::Revocation,
    Capability::SigningKeys,
];

/// Said by the metadata alone, which differs from personality to personality.
const OF_USERS: [Capability; 4] = [
    Capability::AuthorizationCode,
    Capability::DeviceAuthorization,
    Capability::Userinfo,
    Capability::SignOut,
];

pub(super) async fn sheet_has_a_line_and_a_reason_for_everything(bench: Bench) -> Outcome {
    let sheet = bench.provider().capabilities();
    assert_eq!(sheet.lines.len(), ALL.len() + OF_USERS.len());
    for capability in OF_USERS {
        assert!(!sheet.line(capability).unwrap().reason.as_str().is_empty());
    }
    for capability in ALL {
        let line = sheet.line(capability).unwrap();
        let no = bench.row.cannot.iter().find(|(no, _)| *no == capability);
        match no {
            Some((_, reason)) => {
                assert_eq!(line.verdict, Verdict::No, "{line:?}");
                assert_eq!(line.reason.as_str(), *reason);
            }
            None => assert!(
                matches!(line.verdict, Verdict::Yes | Verdict::Partly),
                "{line:?}"
            ),
        }
    }
    Outcome::Kept
}

pub(super) async fn plan_names_the_steps_that_are_sent(bench: Bench) -> Outcome {
    let wanted = bench.minimal();
    let plan = bench.provider().plan(&wanted).unwrap();
    bench.register(&wanted).await.unwrap();
    let planned: Vec<&str> = plan.steps.iter().map(|step| step.step).collect();
    let sent = bench.journal.sent();
    let written: BTreeSet<&str> = sent.iter().map(String::as_str).collect();
    for step in written {
        assert!(planned.contains(&step), "{step} is not in {planned:?}");
    }
    assert!(plan.shortfalls.is_empty(), "{:?}", plan.shortfalls);
    let printed = format!("{plan:?}");
    for secret in bench.info.secrets.values() {
        assert!(!printed.contains(secret), "a secret is in the plan");
    }
    Outcome::Kept
}

pub(super) async fn minimal(bench: Bench) -> Outcome {
    let information = bench.register(&bench.minimal()).await.unwrap();
    assert!(!information.client_id.is_empty() && information.client_secret.is_some());
    assert_eq!(bench.count(), 1);
    assert_eq!(bench.journal.sent(), bench.row.steps);
    let answered = bench.journal.answered();
    let (last, before) = answered.split_last().unwrap();
    assert!(last.1, "the last answer does not end it: {answered:?}");
    assert!(before.iter().all(|(_, ends)| !ends), "{answered:?}");
    let kept = bench.journal.last().unwrap();
    assert_eq!(kept.client_id, information.client_id);
    assert_eq!(kept.handles, information.handles);
    assert!((200..300).contains(&information.status));
    Outcome::Kept
}

pub(super) async fn full(bench: Bench) -> Outcome {
    let wanted = bench.full();
    let information = bench.register(&wanted).await.unwrap();
    let granted = information.metadata;
    assert_eq!(granted.client_name(), wanted.client_name());
    for (name, asked) in wanted.members() {
        // The API that tokens are for is a grant next to the client, and no member of it.
        if name == "audience" {
            continue;
        }
        let given = granted.members().get(name);
        assert_eq!(given, Some(asked), "{name}");
    }
    Outcome::Kept
}

/// What is granted is what the answer says; where the answer says nothing, the sheet says that nobody
/// can look.
pub(super) async fn granted_less(bench: Bench) -> Outcome {
    bench.turn(SandboxFaults {
        grant_less: true,
        ..SandboxFaults::default()
    });
    let wanted = bench.full();
    let information = bench.register(&wanted).await.unwrap();
    let (asked, granted) = (rights(&wanted), rights(&information.metadata));
    if !bench.row.tells_grants {
        assert_eq!(granted, asked);
        let sheet = bench.provider().capabilities();
        assert_eq!(sheet.line(Capability::Read).unwrap().verdict, Verdict::No);
        return Outcome::Cannot;
    }
    // What a provider adds by itself is beside the point.
    assert!(!asked.is_subset(&granted), "{granted:?} of {asked:?}");
    Outcome::Kept
}

/// Grants and scopes.
fn rights(metadata: &ClientMetadata) -> BTreeSet<String> {
    let grants = metadata.grant_types().unwrap_or_default();
    let scopes = metadata.scopes().unwrap_or_default();
    grants.into_iter().chain(scopes).collect()
}

pub(super) async fn refused_for_its_metadata(bench: Bench) -> Outcome {
    for refuses in bench.row.refuses {
        let wanted = with(&bench.minimal(), refuses.members);
        let error = bench.register(&wanted).await.unwrap_err();
        let (words, _) = refusal(&error);
        assert_eq!(words.status, refuses.status, "{}", refuses.members);
        assert_eq!(words.error.as_deref(), Some(refuses.code));
        let said = words.description.as_deref().unwrap_or_default();
        assert!(said.contains(refuses.text), "{said}");
        assert!(!is_unknown(&error) && bench.journal.answered().is_empty());
        assert_eq!(bench.count(), 0, "a refused client was made");
    }
    Outcome::Kept
}

pub(super) async fn refused_for_the_admin_secret(mut bench: Bench) -> Outcome {
    bench.spoil_admin();
    let error = bench.register(&bench.minimal()).await.unwrap_err();
    let (words, _) = refusal(&error);
    assert!(matches!(words.status, 400 | 401 | 403), "{words:?}");
    assert!(words.error.is_some(), "the provider's words are lost");
    assert!(!is_unknown(&error));
    assert_eq!(bench.count(), 0);
    Outcome::Kept
}

pub(super) async fn nothing_is_sent_that_was_not_written_down(bench: Bench) -> Outcome {
    let cut = Some((0, Cut::End));
    let error = bench
        .register_until(cut, &bench.minimal())
        .await
        .unwrap_err();
    assert!(
        matches!(error, keywright_providers::ProviderError::Checkpoint(_)),
        "{error:?}"
    );
    assert_eq!(bench.count(), 0);
    // It can be done again as if nothing had been.
    let information = bench.register(&bench.minimal()).await.unwrap();
    assert_eq!(bench.count(), 1);
    bench.token(&registration(&information)).await.unwrap();
    Outcome::Kept
}
