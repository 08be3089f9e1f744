//! This machine's clock compared with those of the identity providers: tokens and assertions live by it.

use std::{collections::BTreeMap, time::Duration};

use http::{Method, header::DATE};
use keywright_oauth::http::{HttpPolicy, Purpose, Request, is_loopback};
use keywright_vault::{ConfigurationRow, Vault};
use url::Url;

use super::{Check, Findings};
use crate::{
    CoreError, Keywright, app::FlowSubject, i18n::key::Key, vault::backup_types::CheckState,
};

/// At most this many servers are asked, each once.
const SERVERS: usize = 5;
/// A server that is slower than this is not waited for.
const PATIENCE: Duration = Duration::from_secs(8);
/// More seconds apart than this may make a token look expired or not yet valid.
const SOME: i64 = 30;
/// More than this and providers refuse what is signed here.
const FAR: i64 = 300;

/// The difference between a server's clock and ours.
struct Apart {
    host: String,
    /// Seconds that ours is ahead; none where the server did not say.
    seconds: Option<i64>,
}

pub(super) async fn compare(
    keywright: &Keywright,
    vault: &Vault,
    found: &mut Findings<'_>,
) -> Result<(), CoreError> {
    let mut servers: BTreeMap<String, (Url, ConfigurationRow)> = BTreeMap::new();
    for row in vault.configurations()? {
        // A server on this machine has the same clock.
        if let Some(url) = Url::parse(&row.issuer).ok().filter(|url| !is_loopback(url)) {
            servers.insert(HttpPolicy::host_of(&url), (url, row));
        }
    }
    if servers.is_empty() {
        found.add(Check::Clock, CheckState::Ok, Key::DoctorClockNoServer, &[]);
        return Ok(());
    }
    let asked = servers
        .into_iter()
        .take(SERVERS)
        .map(|(host, (url, row))| ask(keywright, host, url, row));
    let answers = futures::future::join_all(asked).await;
    let mut worst: Option<(i64, String)> = None;
    let mut silent = Vec::new();
    for answer in answers {
        let Apart { host, seconds } = answer?;
        match seconds {
            Some(seconds)
                if worst
                    .as_ref()
                    .is_none_or(|(most, _)| seconds.abs() > most.abs()) =>
            {
                worst = Some((seconds, host));
            }
            Some(_) => {}
            None => silent.push(host),
        }
    }
    let silent = silent.join(", ");
    let Some((seconds, host)) = worst else {
        found.add(
            Check::Clock,
            CheckState::Warn,
            Key::DoctorClockSilent,
            &[("host", &silent)],
        );
        return Ok(());
    };
    let (state, key) = match seconds.abs() {
        apart if apart > FAR => (CheckState::Bad, Key::DoctorClockFar),
        apart if apart > SOME => (CheckState::Warn, Key::DoctorClockOff),
        _ => (CheckState::Ok, Key::DoctorClockRight),
    };
    found.add(
        Check::Clock,
        state,
        key,
        &[("seconds", &seconds.abs().to_string()), ("host", &host)],
    );
    Ok(())
}

/// The server's `Date` (RFC 9110 section 6.6.1) against the middle of the request.
async fn ask(
    keywright: &Keywright,
    host: String,
    url: Url,
    row: ConfigurationRow,
) -> Result<Apart, CoreError> {
    let policy = HttpPolicy {
        connect_timeout: PATIENCE,
        total_timeout: PATIENCE,
        ..keywright
            .configurations()
            .provider_config(&row)?
            .http_policy()
    };
    let http = keywright.client(policy).map_err(|source| CoreError::Api {
        who: host.clone(),
        source,
    })?;
    let flow = keywright.flow(FlowSubject {
        configuration: Some(row.id),
        application: None,
    });
    let mut request = Request::new(Method::HEAD, url, Purpose::Discovery, flow.id);
    request.keep_redirects = true;
    let begun = keywright.now();
    let seconds = match http.send(request).await {
        Ok(answer) => answer
            .header(DATE.as_str())
            .and_then(|text| httpdate::parse_http_date(text).ok())
            .and_then(|date| date.duration_since(std::time::UNIX_EPOCH).ok())
            .and_then(|since| i64::try_from(since.as_secs()).ok())
            .map(|theirs| i64::midpoint(begun, keywright.now()) - theirs),
        Err(error) => {
            tracing::debug!(%error, %host, "the server was not asked for its time");
            None
        }
    };
    Ok(Apart { host, seconds })
}
