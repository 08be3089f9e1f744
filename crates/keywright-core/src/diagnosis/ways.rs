//! Ways out of a refusal, the harmless first. To forget the application is never among them.

use keywright_oauth::{http::BasicEncoding, mutual_tls};
use uuid::Uuid;

use super::known::Known;
use crate::error::cause::{CauseKind as Kind, Way, WayAction};
use crate::{app::registration_record::metadata, shell_words::quoted};

impl Known {
    pub(super) fn ways(&self, kind: Kind, exchange: Option<Uuid>) -> Vec<Way> {
        let new = self.is_new().then_some(WayAction::Wait);
        let read = self.can_read.then_some(WayAction::Read);
        let rotate = self.can_rotate.then_some(WayAction::Rotate);
        let encoding = self.encoding.map(|_| WayAction::Encoding);
        let method = (!self.others.is_empty()).then_some(WayAction::Method);
        let enter = Some(WayAction::EnterSecret);
        let is_by_key = self.assertion.as_ref().is_some_and(|one| one.kid.is_some());
        let key = is_by_key.then_some(WayAction::Key).or(enter);
        // The next certificate of an authority comes from there.
        let renew = if self.method == mutual_tls::BY_AUTHORITY {
            Some(WayAction::CertificateImport)
        } else {
            Some(WayAction::CertificateRotate)
        };
        let again = match self.connected {
            Some(_) => Some(WayAction::ConnectAgain),
            None => Some(WayAction::RegisterAgain),
        };
        let order = match kind {
            Kind::InBetween => vec![
                Some(WayAction::Exchange),
                Some(WayAction::Network),
                Some(WayAction::Endpoint),
            ],
            Kind::NoSecret => vec![enter, rotate, again],
            Kind::Public => vec![read, Some(WayAction::RegisterAgain)],
            Kind::Expired => vec![rotate, enter, again],
            Kind::Replaced => vec![enter, read, rotate, again],
            Kind::Encoding => vec![encoding, method, new, read, rotate, again],
            Kind::Propagation => vec![new, method, read, again],
            Kind::Method => vec![method, new, read, enter, again],
            Kind::Clock => vec![Some(WayAction::Clock), Some(WayAction::Exchange)],
            Kind::Certificate => vec![Some(WayAction::Certificate), new, read, again],
            Kind::CertificateExpired => vec![renew, again],
            Kind::Assertion => vec![key, Some(WayAction::Audience), new, read, again],
            Kind::Unfinished => vec![Some(WayAction::Resume), rotate, enter],
            Kind::Forgotten => vec![read, enter, again],
            Kind::NeverWorked => vec![read, enter, rotate, again],
        };
        order
            .into_iter()
            .flatten()
            .map(|action| Way {
                action,
                command: self.command(action, exchange),
            })
            .collect()
    }

    fn command(&self, action: WayAction, exchange: Option<Uuid>) -> Option<String> {
        let app = quoted(&self.name);
        let config = quoted(&self.config);
        Some(match action {
            WayAction::Wait => format!("keywright token get {app}"),
            WayAction::Read => format!("keywright app refresh {app}"),
            WayAction::Rotate => format!("keywright app rotate {app}"),
            WayAction::EnterSecret => {
                format!("keywright app set-secret {app} --client-secret prompt")
            }
            WayAction::Encoding => {
                let other = match self.encoding? {
                    BasicEncoding::Rfc6749 => "raw",
                    BasicEncoding::Raw => "rfc6749",
                };
                format!("keywright config edit {config} --set basic_encoding={other}")
            }
            WayAction::Method => {
                let other = self.others.first()?;
                format!("keywright config edit {config} --set token_endpoint_auth_method={other}")
            }
            WayAction::RegisterAgain => self.register_again(),
            WayAction::ConnectAgain => {
                format!("keywright connect {}", quoted(self.connected.as_ref()?))
            }
            WayAction::Key | WayAction::Certificate => format!("keywright key list {app}"),
            WayAction::CertificateRotate => format!("keywright key rotate {app}"),
            WayAction::CertificateImport => {
                format!("keywright key import {app} --key file:CLIENT.pem")
            }
            WayAction::Audience => {
                let other = if self.is_for_endpoint {
                    "issuer"
                } else {
                    "token_endpoint"
                };
                format!("keywright config edit {config} --set assertion_audience={other}")
            }
            WayAction::Resume => format!("keywright app resume {app}"),
            WayAction::Exchange => format!("keywright activity show {}", exchange?),
            WayAction::Network => "keywright doctor".to_owned(),
            WayAction::Endpoint => format!("keywright config show {config}"),
            WayAction::Clock => return None,
        })
    }

    /// The same client once more under its name. The old one keeps its secrets under another name.
    fn register_again(&self) -> String {
        let name = quoted(&self.name);
        let old = quoted(&format!("{}-old", self.name));
        let asked = metadata(&self.requested);
        let mut words = vec![
            format!("keywright app rename {name} {old} && keywright app register {name}"),
            format!("--config {}", quoted(&self.config)),
        ];
        let mut each = |option: &str, values: Option<Vec<String>>| {
            for value in values.unwrap_or_default() {
                words.push(format!("--{option} {}", quoted(&value)));
            }
        };
        each("grant", asked.grant_types());
        each("scope", asked.scopes());
        each("redirect-uri", asked.redirect_uris());
        // The same client without authentication would be refused again.
        let method = if self.is_public {
            Some("client_secret_basic".to_owned())
        } else {
            asked.token_endpoint_auth_method()
        };
        each("auth-method", method.map(|one| vec![one]));
        each("resource", Some(self.resources.clone()));
        words.join(" ")
    }
}
