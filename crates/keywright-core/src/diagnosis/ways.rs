//! Ways out of a refusal, the harmless first. To forget the application is never among them.

use keywright_oauth::http::BasicEncoding;
use uuid::Uuid;

use super::known::Known;
use crate::error::cause::{Kind, Way};
use crate::{app::registration_record::metadata, shell_words::quoted};

impl Known {
    pub(super) fn ways(&self, kind: Kind, exchange: Option<Uuid>) -> Vec<Way> {
        let new = self.is_new().then_some("wait");
        let read = self.can_read.then_some("read");
        let rotate = self.can_rotate.then_some("rotate");
        let encoding = self.encoding.map(|_| "encoding");
        let method = (!self.others.is_empty()).then_some("method");
        let enter = Some("enter_secret");
        let is_by_key = self.assertion.as_ref().is_some_and(|one| one.kid.is_some());
        let key = is_by_key.then_some("key").or(enter);
        let again = match self.connected {
            Some(_) => Some("connect_again"),
            None => Some("register_again"),
        };
        let order = match kind {
            Kind::InBetween => vec![Some("exchange"), Some("network"), Some("endpoint")],
            Kind::NoSecret => vec![enter, rotate, again],
            Kind::Expired => vec![rotate, enter, again],
            Kind::Replaced => vec![enter, read, rotate, again],
            Kind::Encoding => vec![encoding, method, new, read, again],
            Kind::Propagation => vec![new, method, read, again],
            Kind::Method => vec![method, new, read, enter, again],
            Kind::Clock => vec![Some("clock"), Some("exchange")],
            Kind::Assertion => vec![key, Some("audience"), new, read, again],
            Kind::Forgotten | Kind::NeverWorked => vec![read, enter, again],
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

    fn command(&self, action: &str, exchange: Option<Uuid>) -> Option<String> {
        let app = quoted(&self.name);
        let config = quoted(&self.config);
        Some(match action {
            "wait" => format!("keywright token get {app}"),
            "read" => format!("keywright app refresh {app}"),
            "rotate" => format!("keywright app rotate {app}"),
            "enter_secret" => format!("keywright app set-secret {app} --client-secret prompt"),
            "encoding" => {
                let other = match self.encoding? {
                    BasicEncoding::Rfc6749 => "raw",
                    BasicEncoding::Raw => "rfc6749",
                };
                format!("keywright config edit {config} --set basic_encoding={other}")
            }
            "method" => {
                let other = self.others.first()?;
                format!("keywright config edit {config} --set token_endpoint_auth_method={other}")
            }
            "register_again" => self.register_again(),
            "connect_again" => format!("keywright connect {}", quoted(self.connected.as_ref()?)),
            "key" => format!("keywright key list {app}"),
            "audience" => {
                let other = if self.is_for_endpoint {
                    "issuer"
                } else {
                    "token_endpoint"
                };
                format!("keywright config edit {config} --set assertion_audience={other}")
            }
            "exchange" => format!("keywright activity show {}", exchange?),
            "network" => "keywright doctor".to_owned(),
            "endpoint" => format!("keywright config show {config}"),
            _ => return None,
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
        each(
            "auth-method",
            asked.token_endpoint_auth_method().map(|one| vec![one]),
        );
        each("resource", Some(self.resources.clone()));
        words.join(" ")
    }
}
