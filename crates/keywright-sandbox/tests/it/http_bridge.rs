//! Kong's HTTP bridge, as its adapter meets it: what the contract of all providers does not ask about.

use keywright_oauth::client_metadata::ClientMetadata;
use keywright_oauth::http::{HttpClient, Recorder};
use keywright_oauth::register::{ClientInformation, RegistrationError};
use keywright_oauth::secret::{AdminSecret, ClientSecret};
use keywright_oauth::time::Clock;
use keywright_oauth::token::{self, TokenError, TokenResponse};
use keywright_providers::{
    AdminTokens, Capability, Checkpoint, CheckpointError, Context, Finding, MessageCode, OwnerTag,
    Provider, ProviderConfig, ProviderError, ProviderKind, Registration, StepState, TokenWish,
    Verdict, advice,
};
use keywright_sandbox::{Personality, SandboxFaults};
use serde_json::json;
use uuid::Uuid;

use crate::bench::{Bench, START};

const SELF: Personality = Personality::HttpBridge;

/// A Sandbox, and a configuration of it as it tells of itself.
struct World {
    bench: Bench,
    config: ProviderConfig,
}

impl World {
    async fn with(settings: &[(&str, &str)]) -> Self {
        let bench = Bench::with(|options| options.secret_lifetime_secs = 3600).await;
        let all = bench.sandbox.info().personalities;
        let own = all.into_iter().find(|one| one.name == SELF.name()).unwrap();
        let secrets = own.secrets.into_iter();
        let token = format!("{}/token", own.issuer);
        let mut config = ProviderConfig {
            kind: ProviderKind::HttpBridge,
            issuer: own.issuer,
            settings: own.set,
            secrets: secrets
                .map(|(name, value)| (name, AdminSecret::new(value)))
                .collect(),
            metadata: None,
        };
        config.settings.insert("token_endpoint".into(), token);
        for (key, value) in settings {
            config
                .settings
                .insert((*key).to_owned(), (*value).to_owned());
        }
        Self { bench, config }
    }

    fn turn(&self, dial: &str) {
        let faults = SandboxFaults {
            vendor: [(dial.to_owned(), 1)].into(),
            ..SandboxFaults::default()
        };
        self.bench.sandbox.set_faults(SELF, faults);
    }

    fn http(&self) -> HttpClient {
        let policy = self.config.http_policy();
        HttpClient::new(policy, Clock::system(), Recorder::none()).unwrap()
    }

    fn provider(&self) -> Provider {
        Provider::new(self.config.clone(), self.http(), AdminTokens::default())
    }

    async fn run<T>(&self, operation: impl AsyncFnOnce(Provider, Context<'_>) -> T) -> T {
        let keep = |_: Checkpoint<'_>| -> Result<(), CheckpointError> { Ok(()) };
        let context = Context {
            flow: Uuid::now_v7(),
            owner_tag: OwnerTag::default(),
            keep: &keep,
            progress: &|_| {},
        };
        operation(self.provider(), context).await
    }

    async fn register(&self, method: &str) -> Result<ClientInformation, ProviderError> {
        let wanted = json!({
            "client_name": "orders", "grant_types": ["client_credentials"],
            "token_endpoint_auth_method": method,
        });
        let wanted: ClientMetadata = wanted.as_object().unwrap().clone().into();
        self.run(async |provider, context| provider.register(context, &wanted).await)
            .await
    }

    async fn client(&self) -> Registration {
        let made = self.register("client_secret_post").await.unwrap();
        Registration {
            client_id: made.client_id,
            client_secret: made.client_secret,
            handles: made.handles,
            granted: made.metadata,
            ..Registration::default()
        }
    }

    async fn rotated(&self, at: &Registration) -> Registration {
        let answer = self
            .run(async |provider, context| provider.rotate(context, at).await)
            .await
            .unwrap();
        let mut new = at.clone();
        new.client_secret = answer.client_secret;
        new
    }

    async fn token(&self, at: &Registration) -> Result<TokenResponse, TokenError> {
        let provider = self.provider();
        let request = provider.token_request(at, TokenWish::default(), Uuid::now_v7());
        token::request_token(&self.http(), &request.unwrap()).await
    }
}

#[tokio::test]
async fn dates_are_read_as_numbers_and_as_texts() {
    let world = World::with(&[]).await;
    let first = world.register("client_secret_post").await.unwrap();
    world.turn("dates_as_text");
    let second = world.register("client_secret_post").await.unwrap();
    for made in [first, second] {
        assert_eq!(made.client_id_issued_at, Some(START));
        assert_eq!(made.client_secret_expires_at, Some(START + 3600));
    }
}

#[tokio::test]
async fn a_secret_of_any_signs_goes_into_a_header_and_into_a_body() {
    let world = World::with(&[]).await;
    for method in ["client_secret_basic", "client_secret_post"] {
        let mut signs = String::new();
        for _ in 0..8 {
            let made = world.register(method).await.unwrap();
            let at = Registration {
                client_id: made.client_id,
                client_secret: made.client_secret,
                granted: made.metadata,
                ..Registration::default()
            };
            signs += at.client_secret.as_ref().map_or("", ClientSecret::expose);
            world.token(&at).await.unwrap();
        }
        assert!(signs.contains(['%', '|', '(', '#', '*']), "{signs}");
    }
}

#[tokio::test]
async fn a_bridge_that_keeps_several_secrets_is_said_to_and_does() {
    let world = World::with(&[("allow_multiple_credentials", "true")]).await;
    let sheet = world.provider().capabilities();
    let line = sheet.line(Capability::RotateOverlap).unwrap();
    assert_eq!(line.verdict, Verdict::Partly);
    world.turn("keeps_old_secrets");
    let old = world.client().await;
    let new = world.rotated(&old).await;
    world.token(&old).await.unwrap();
    world.token(&new).await.unwrap();

    let one = World::with(&[]).await;
    let old = one.client().await;
    let new = one.rotated(&old).await;
    assert!(one.token(&old).await.unwrap_err().is_invalid_client());
    one.token(&new).await.unwrap();
}

#[tokio::test]
async fn a_silent_identity_provider_is_told_apart_from_a_client_that_is_gone() {
    let world = World::with(&[]).await;
    let at = world.client().await;
    world.turn("upstream_down");
    let error = world
        .run(async |provider, context| provider.delete(context, &at).await)
        .await
        .unwrap_err();
    let ProviderError::Registration(error) = error else {
        panic!("{error:?}");
    };
    assert!(!error.is_unknown_client(), "{error:?}");
    let RegistrationError::Refused { words, .. } = &error else {
        panic!("{error:?}");
    };
    let advised = advice(ProviderKind::HttpBridge, words).map(MessageCode::as_str);
    assert_eq!(advised, Some("bridge_upstream"));
    assert_eq!(world.bench.sandbox.client_count(), 1);
}

#[tokio::test]
async fn an_adopted_client_is_updated_and_deleted_by_its_id_alone() {
    let world = World::with(&[]).await;
    let at = Registration {
        client_id: world.client().await.client_id,
        ..Registration::default()
    };
    let wanted = json!({"client_name": "new", "redirect_uris": ["https://orders.example/back"]});
    let wanted: ClientMetadata = wanted.as_object().unwrap().clone().into();
    let updated = world
        .run(async |provider, context| provider.update(context, &at, &wanted).await)
        .await
        .unwrap();
    assert_eq!(updated.metadata, wanted);
    world
        .run(async |provider, context| provider.delete(context, &at).await)
        .await
        .unwrap();
    assert_eq!(world.bench.sandbox.client_count(), 0);
}

#[tokio::test]
async fn verify_says_when_the_base_url_is_not_the_bridges() {
    let world = World::with(&[]).await;
    let base = world.config.settings["dcr_base_url"].clone();
    let elsewhere = World {
        config: {
            let mut config = world.config.clone();
            let settings = &mut config.settings;
            settings.insert("dcr_base_url".into(), format!("{base}/v2/deeper/"));
            config
        },
        bench: world.bench,
    };
    let verification = elsewhere
        .run(async |provider, context| provider.verify(context).await)
        .await;
    let step = &verification.steps[0];
    assert_eq!(step.state, StepState::Failed);
    let Some(Finding::Told { key, .. }) = &step.finding else {
        panic!("{step:?}");
    };
    assert_eq!(key, "bridge_not_there");
}
