//! Plays one row: a server with one hostile endpoint, and the core that meets it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use keywright_core::{
    Actor, Clock, CoreError, Keywright, Lang, Options, VaultHome,
    view::{
        ApplicationView, CallAuth, CallInput, ConfigurationInput, Draft, InitVault, SecretRef,
        SignatureView, TokenView, TokenWish,
    },
};
use tempfile::TempDir;

use super::{
    good,
    row::{Class, Place, Row},
    server::{Received, Reply, Server},
};

/// Worth a word while the others run.
const SLOW: Duration = Duration::from_secs(5);

/// A vault with the core over it.
pub(crate) struct Stage {
    pub(crate) keywright: Keywright,
    pub(crate) elsewhere: Server,
    _folder: TempDir,
}

/// What came of a row.
pub(crate) struct Outcome {
    pub(crate) row: Row,
    pub(crate) class: Class,
    /// The error's code, or what was kept.
    pub(crate) detail: String,
    /// All that was said of the failure.
    pub(crate) said: String,
    pub(crate) time: Duration,
    pub(crate) received: Vec<Received>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let folder = quick_folder();
        let keywright = Keywright::new(Options {
            home: VaultHome::new(folder.path().join("vault")),
            actor: Actor::Cli,
            clock: Clock::system(),
            lang: Lang::En,
        });
        let vault = InitVault {
            keyring: false,
            passphrase: Some("correct horse battery".into()),
        };
        keywright.init(vault).await.unwrap();
        Self {
            keywright,
            elsewhere: Server::start(BTreeMap::default(), "").await,
            _folder: folder,
        }
    }

    /// Plays a row. A panic of the core ends the test; all else is an outcome.
    pub(crate) async fn play(&self, row: Row) -> Outcome {
        let away = self.elsewhere.origin.trim_start_matches("http://");
        let server = Server::start(good::routes(row.place, row.reply.clone()), away).await;
        let name = format!("{} {} {}", row.threat, row.place.name(), row.input);
        let name: String = name
            .chars()
            .filter(|letter| !letter.is_control())
            .take(150)
            .collect();
        let mut begun = Instant::now();
        let played = self.act(&row, &name, &server.origin, &mut begun).await;
        let time = begun.elapsed();
        if time > SLOW && row.threat != "T12" {
            eprintln!("slow: {name}: {} ms", time.as_millis());
        }
        let (class, detail, said) = match played {
            Ok((class, detail)) => (class, detail, String::new()),
            Err(error) => {
                let view = error.view(Lang::En, Actor::Cli);
                (
                    Class::of_exit(error.exit_code()),
                    view.code.to_string(),
                    serde_json::to_string(&view).unwrap(),
                )
            }
        };
        Outcome {
            row,
            class,
            detail,
            said,
            time,
            received: server.received(),
        }
    }

    async fn act(
        &self,
        row: &Row,
        name: &str,
        origin: &str,
        begun: &mut Instant,
    ) -> Result<(Class, String), CoreError> {
        let application = self.registered(name, origin, BTreeMap::new()).await;
        if matches!(row.place, Place::Discovery | Place::Registration) {
            let secret = SecretRef::ClientSecret {
                application_id: application?.id,
            };
            let kept = self.keywright.disclosure().reveal(&secret)?;
            if let (Reply::Proper(_, _, body), "T28") = (&row.reply, row.threat) {
                let sent: serde_json::Value = serde_json::from_slice(body).unwrap();
                assert_eq!(
                    Some(kept.expose()),
                    sent["client_secret"].as_str(),
                    "{name}"
                );
            }
            return Ok((
                Class::Taken,
                format!("a secret of {} bytes", kept.expose().len()),
            ));
        }
        // The endpoints before the hostile one are as they should be.
        let id = application?.id;
        // Only what meets the hostile one is timed.
        *begun = Instant::now();
        match row.place {
            Place::Management | Place::Pinned => {
                let read = self.keywright.registration().read(&id).await?;
                assert_eq!(read.client_id, "c1", "{name}");
                Ok((Class::Taken, format!("{:?}", read.health)))
            }
            Place::Api => self.called(row, &id, origin).await,
            Place::Token | Place::Jwks => {
                let token = self.token(&id).await?;
                let is_minted = row.place == Place::Jwks
                    || row.threat == "T19"
                    || matches!(row.reply, Reply::Token(_));
                let class = if is_minted {
                    judged(&token)
                } else {
                    Class::Taken
                };
                Ok((class, token.signature_reason.unwrap_or_default()))
            }
            Place::Introspection => {
                let token = self.token(&id).await?;
                let seen = self.keywright.tokens().introspect(&token.id).await?;
                Ok((Class::Taken, format!("active: {:?}", seen.active)))
            }
            Place::Revocation => {
                let token = self.token(&id).await?;
                self.keywright.tokens().revoke(&token.id).await?;
                Ok((Class::Taken, String::new()))
            }
            Place::Discovery | Place::Registration => unreachable!("played above"),
        }
    }

    /// Registers at a server.
    pub(crate) async fn registered(
        &self,
        name: &str,
        origin: &str,
        settings: BTreeMap<String, String>,
    ) -> Result<ApplicationView, CoreError> {
        let configuration = self.keywright.configurations().save(ConfigurationInput {
            id: None,
            name: name.to_owned(),
            provider: "rfc7591".into(),
            issuer: origin.to_owned(),
            settings,
            secrets: BTreeMap::from([(
                "initial_access_token".to_owned(),
                good::INITIAL_TOKEN.to_owned(),
            )]),
        })?;
        let draft = Draft {
            configuration_id: configuration.id,
            name: name.to_owned(),
            grant_types: vec!["client_credentials".into()],
            ..Draft::default()
        };
        Ok(self
            .keywright
            .registration()
            .register(draft)
            .await?
            .application)
    }

    async fn token(&self, id: &str) -> Result<TokenView, CoreError> {
        let wish = TokenWish {
            application_id: id.to_owned(),
            ..TokenWish::default()
        };
        let token = self.keywright.tokens().get(&wish).await?;
        self.keywright.tokens().checked(&token.id).await
    }

    async fn called(
        &self,
        row: &Row,
        id: &str,
        origin: &str,
    ) -> Result<(Class, String), CoreError> {
        let mut input = CallInput {
            application_id: id.to_owned(),
            method: "GET".into(),
            url: format!("{origin}/api"),
            headers: Vec::new(),
            body: None,
            auth: CallAuth::ClientCredentials,
            resources: Vec::new(),
        };
        let answer = self.keywright.calls().send(&input).await?;
        if row.threat != "T21" {
            return Ok((Class::Taken, answer.status.to_string()));
        }
        input.auth = CallAuth::Session;
        let again = self.keywright.calls().send(&input).await?;
        Ok((Class::Taken, again.sent))
    }
}

/// In memory where the system has such a folder: thousands of commits wait for no disk.
fn quick_folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// The class of a token by what is shown of it.
fn judged(token: &TokenView) -> Class {
    match token.signature {
        SignatureView::Verified => Class::Verified,
        SignatureView::Invalid => Class::Invalid,
        SignatureView::NotChecked => Class::Unchecked,
        SignatureView::Opaque => Class::Opaque,
    }
}
