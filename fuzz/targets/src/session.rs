//! The cookies of a gateway (RFC 6265bis), from its answer to the session and back to it.

use std::collections::BTreeMap;

use keywright_core::{
    Actor, Clock, Keywright, Lang, Options, VaultHome,
    view::{CallAuth, CallInput, CallView, ConfigurationInput, Draft, InitVault},
};
use tempfile::TempDir;
use tokio::runtime::Builder;

use crate::{
    script::{self, Answer},
    stage::{NOW, Stage},
};

/// Stands in the values of cookies in the corpus, to be looked for where none may be.
const MARK: &str = "c00kie";
const REGISTERED: &str = r#"{"client_id":"orders","client_secret":"canary-client-secret-9b1c"}"#;

thread_local! {
    static PLACE: Place = Place::new();
}

/// A vault with one application, and the gateway that it calls.
struct Place {
    stage: Stage,
    keywright: Keywright,
    application: String,
    _folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let stage = Stage::new();
        let folder = tempfile::tempdir().unwrap();
        let (clock, _) = Clock::manual(NOW);
        let keywright = Keywright::new(Options {
            home: VaultHome::new(folder.path()),
            actor: Actor::Cli,
            clock,
            lang: Lang::En,
        });
        let init = InitVault {
            keyring: false,
            passphrase: Some("only for the fuzzer".into()),
        };
        let plain = Builder::new_current_thread().build().unwrap();
        plain.block_on(keywright.init(init)).unwrap();
        let here = &stage.here;
        let configuration = keywright
            .configurations()
            .save(ConfigurationInput {
                id: None,
                name: "gateway".into(),
                provider: "rfc7591".into(),
                issuer: here.clone(),
                settings: BTreeMap::from([
                    (
                        "registration_endpoint".to_owned(),
                        format!("{here}/register"),
                    ),
                    ("token_endpoint".to_owned(), format!("{here}/token")),
                ]),
                secrets: BTreeMap::new(),
            })
            .unwrap();
        let draft = Draft {
            configuration_id: configuration.id,
            name: "orders".into(),
            grant_types: vec!["client_credentials".into()],
            ..Draft::default()
        };
        let answers = [Answer::of(201, "", REGISTERED.as_bytes())];
        let (registered, _, _) = stage.play(answers, keywright.registration().register(draft));
        Self {
            stage,
            application: registered.unwrap().application.id,
            keywright,
            _folder: folder,
        }
    }

    fn call(&self, base: &str, auth: CallAuth, answer: Answer) -> (Option<CallView>, Vec<Vec<u8>>) {
        let input = CallInput {
            application_id: self.application.clone(),
            method: "GET".into(),
            url: format!("{base}/orders/today"),
            headers: Vec::new(),
            body: None,
            auth,
            resources: Vec::new(),
        };
        let (view, seen, _) = self
            .stage
            .play([answer], self.keywright.calls().send(&input));
        (view.ok(), seen.strayed)
    }
}

/// The cookies that are kept come back to their gateway and go nowhere else; their values are in nothing that is
/// shown.
pub fn run(data: &[u8]) {
    PLACE.with(|place| {
        let (here, elsewhere) = (&place.stage.here, &place.stage.elsewhere);
        let Some((_, answers)) = script::read(data, here, elsewhere) else {
            return;
        };
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_else(Answer::none);
        let (view, _) = place.call(here, CallAuth::ClientCredentials, next());
        let Some(session) = view.and_then(|view| shown(&view).session) else {
            return;
        };
        assert!(!session.cookies.is_empty());
        let stored = place.keywright.sessions().get(&session.id).unwrap();
        assert!(!format!("{stored:?}").contains(MARK), "{stored:?}");
        if let (Some(view), _) = place.call(here, CallAuth::Session, next()) {
            shown(&view);
        }
        let (view, strayed) = place.call(elsewhere, CallAuth::Session, Answer::none());
        assert!(view.is_none() && strayed.is_empty(), "{strayed:?}");
        place.keywright.sessions().forget(&session.id).unwrap();
    });
}

fn shown(view: &CallView) -> CallView {
    for header in &view.headers {
        if header.name == "set-cookie" {
            let pair = header.value.split(';').next().unwrap_or_default();
            assert!(!pair.contains(MARK), "{}", header.value);
        }
    }
    view.clone()
}
