//! Starting, steering and stopping the Sandbox.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Router, middleware};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::error::SandboxError;
use crate::faults::SandboxFaults;
use crate::faults::counters::Dials;
use crate::gateway;
use crate::info::SandboxInfo;
use crate::options::{Registration, SandboxOptions, SessionLimits};
use crate::personality::Personality;
use crate::server::middleware::{Guard, Side, guard, message};
use crate::server::{ConnectionCutter, Loopback};
use crate::state::admin::Admins;
use crate::state::keys::{CookieKey, SigningKeys, random_text};
use crate::state::store::State;
use crate::state::{Saved, Shared};

/// How long `stop` waits for requests under way.
const STOP_WAIT: Duration = Duration::from_secs(2);

/// A running Sandbox. Dropping it ends its servers too.
pub struct Sandbox {
    shared: Arc<Shared>,
    quit: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Opens both ports and serves. Needs a tokio runtime.
    pub async fn start(mut options: SandboxOptions) -> Result<Self, SandboxError> {
        let saved = options
            .restore
            .take()
            .map(serde_json::from_value::<Saved>)
            .transpose()
            .map_err(|source| SandboxError::Restore { source })?;
        let before = saved
            .as_ref()
            .map_or((0, 0), |saved| (saved.idp_port, saved.gateway_port));
        let idp = bind(options.idp_port, before.0).await?;
        let gateway = bind(options.gateway_port, before.1).await?;
        let ports = (idp.port()?, gateway.port()?);
        let shared = Arc::new(shared(options, ports, saved)?);

        let (quit, _) = watch::channel(false);
        let servers = vec![
            serve(idp, Side::IdentityProvider, &shared, &quit),
            serve(gateway, Side::Gateway, &shared, &quit),
        ];
        tracing::info!(idp = ports.0, gateway = ports.1, "the Sandbox runs");
        Ok(Self {
            shared,
            quit,
            servers,
        })
    }

    /// Where it is and how to talk to it. Holds the administrators' secrets.
    pub fn info(&self) -> SandboxInfo {
        SandboxInfo {
            personalities: Personality::ALL
                .into_iter()
                .map(|personality| personality.info(&self.shared))
                .collect(),
            idp: self.shared.idp_origin(),
            gateway: self.shared.gateway_origin(),
        }
    }

    /// Registering needs the initial access token now.
    pub fn needs_initial_access_token(&self) -> bool {
        self.shared.registration() == Registration::InitialAccessToken
    }

    /// Opens or closes registration, from the next request on. The initial access token stays the
    /// same one.
    pub fn set_registration(&self, registration: Registration) {
        self.shared.set_registration(registration);
    }

    /// The limits of the gateway's sessions now.
    pub fn limits(&self) -> SessionLimits {
        self.shared.limits()
    }

    /// Sets the limits of the gateway's sessions; those begun before are held to them too.
    pub fn set_limits(&self, limits: SessionLimits) {
        self.shared.set_limits(limits);
    }

    /// The options it was started with, without what it restored and what was set since.
    pub fn options(&self) -> &SandboxOptions {
        &self.shared.options
    }

    /// How many clients are registered at all personalities.
    pub fn client_count(&self) -> usize {
        self.shared.state().client_count()
    }

    /// The fault dials of a personality.
    pub fn faults(&self, personality: Personality) -> SandboxFaults {
        self.shared.faults(personality)
    }

    /// Sets the fault dials of a personality, from the next request on.
    pub fn set_faults(&self, personality: Personality, faults: SandboxFaults) {
        self.shared.set_faults(personality, faults);
    }

    /// Forgets clients, tokens, sessions and orders. Keys, ports and fault dials stay.
    pub fn reset(&self) {
        {
            let mut state = self.shared.state();
            *state = State::new(state.epoch + 1);
        }
        self.shared.touch();
    }

    /// All a later run needs to go on: give it to [`SandboxOptions::restore`]. It holds keys and
    /// secrets, and is to be kept as such. Fault dials are not part of it.
    pub fn snapshot(&self) -> Value {
        json!(self.shared.saved())
    }

    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// A number that grows with each change of what [`Sandbox::snapshot`], [`Sandbox::faults`],
    /// [`Sandbox::needs_initial_access_token`] or [`Sandbox::limits`] give.
    pub fn on_change(&self) -> watch::Receiver<u64> {
        self.shared.changed.subscribe()
    }

    /// Closes both ports. Requests under way get two seconds to end.
    pub async fn stop(mut self) {
        self.quit.send_replace(true);
        for mut server in std::mem::take(&mut self.servers) {
            let ended = tokio::time::timeout(STOP_WAIT, &mut server).await;
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a server of the Sandbox failed"),
                Err(_) => server.abort(),
            }
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.quit.send_replace(true);
        for server in &self.servers {
            server.abort();
        }
    }
}

/// The port that is asked for, or else the one of the run before, or else any.
async fn bind(asked: u16, before: u16) -> Result<Loopback, SandboxError> {
    if asked != 0 {
        return Loopback::bind(asked).await;
    }
    match Loopback::bind(before).await {
        // Another program took the port meanwhile: the clients are kept, the address is new.
        Err(SandboxError::PortTaken { .. } | SandboxError::Listen { .. }) if before != 0 => {
            tracing::warn!(port = before, "the port is taken, so another one is used");
            Loopback::bind(0).await
        }
        bound => bound,
    }
}

fn shared(
    options: SandboxOptions,
    ports: (u16, u16),
    saved: Option<Saved>,
) -> Result<Shared, SandboxError> {
    const NO_TOKEN: SandboxError = SandboxError::MakeKey {
        what: "random token",
    };
    let (signing_keys, cookie_key, admins, state) = match saved {
        Some(saved) => (
            SigningKeys::restore(&saved.signing_key, saved.next_signing_key.as_deref())?,
            CookieKey::restore(&saved.cookie_key)?,
            saved.admins,
            saved.state,
        ),
        None => (
            SigningKeys::generate()?,
            CookieKey::generate()?,
            Admins::default(),
            State::new(0),
        ),
    };
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .map_err(|source| SandboxError::HttpClient { source })?;
    Ok(Shared {
        registration: Mutex::new(options.registration),
        limits: Mutex::new(options.session),
        options,
        idp_port: ports.0,
        gateway_port: ports.1,
        signing_keys,
        cookie_key,
        admins: admins.completed().or(Err(NO_TOKEN))?,
        internal_token: random_text().or(Err(NO_TOKEN))?,
        http,
        state: Mutex::new(state),
        dials: Dials::default(),
        changed: watch::channel(0).0,
    })
}

fn serve(
    listener: Loopback,
    side: Side,
    shared: &Arc<Shared>,
    quit: &watch::Sender<bool>,
) -> JoinHandle<()> {
    let guarded = Guard {
        shared: Arc::clone(shared),
        side,
    };
    let service = router(side)
        .fallback(not_found)
        .layer(middleware::from_fn_with_state(guarded, guard))
        .with_state(Arc::clone(shared))
        .into_make_service_with_connect_info::<ConnectionCutter>();
    let mut quit = quit.subscribe();
    tokio::spawn(async move {
        let quit = async move {
            // A dropped sender means the same as a sent word: the Sandbox is gone.
            drop(quit.wait_for(|quit| *quit).await);
        };
        let served = axum::serve(listener, service)
            .with_graceful_shutdown(quit)
            .await;
        if let Err(error) = served {
            tracing::warn!(%error, "a server of the Sandbox ended");
        }
    })
}

/// The routes of all personalities, each of which finds itself in its requests.
fn router(side: Side) -> Router<Arc<Shared>> {
    Personality::ALL
        .into_iter()
        .map(|one| {
            let own = match side {
                Side::IdentityProvider => one.provider_behavior().router(),
                Side::Gateway => gateway::router(one),
            };
            own.layer(Extension(one))
        })
        .fold(Router::new(), Router::merge)
}

async fn not_found(_: Request) -> Response {
    message(StatusCode::NOT_FOUND, "no Route matched with those values")
}
