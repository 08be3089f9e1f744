//! Reveal and copy: a secret leaves the core on request, each time with a line in the audit log. The other exits are
//! `handing` (the environment of a command), `transfer` (an export with secrets) and `keys` (the database key for the
//! agent).

use keywright_vault::{Owner, SECRET_CLIENT, SECRET_REGISTRATION_TOKEN, SecretText};
use serde_json::json;

use crate::{
    CoreError, Keywright,
    view::{CopyForm, SecretRef},
};

/// A secret on its way out.
struct Taken {
    value: SecretText,
    /// `client_secret`, `access_token`, …
    what: &'static str,
    /// The name of a cookie.
    cookie: Option<String>,
    /// The application, where there is one.
    application: Option<keywright_vault::ApplicationRow>,
}

impl Keywright {
    /// The value, to be shown. Written to the audit log before it is given.
    pub fn reveal(&self, secret: &SecretRef) -> Result<SecretText, CoreError> {
        let taken = self.take(secret)?;
        self.hand_out("secret_revealed", &taken, "raw")?;
        Ok(taken.value)
    }

    /// The text for the clipboard or the terminal, and whether it holds the value or a reference.
    pub fn copy_value(
        &self,
        secret: &SecretRef,
        form: CopyForm,
    ) -> Result<(SecretText, bool), CoreError> {
        let taken = self.take(secret)?;
        let (text, holds_value) = formed(&taken, form);
        self.hand_out("secret_copied", &taken, form_name(form))?;
        Ok((text, holds_value))
    }

    fn hand_out(&self, action: &str, taken: &Taken, form: &str) -> Result<(), CoreError> {
        let subject = taken
            .application
            .as_ref()
            .map(|row| row.id.to_string())
            .unwrap_or_default();
        let name = taken
            .application
            .as_ref()
            .map(|row| row.name.clone())
            .unwrap_or_default();
        let what = self.say(&format!("secret.{}", taken.what), &[]);
        self.audit(
            action,
            &subject,
            json!({ "name": format!("{what}, {name}"), "secret": taken.what, "form": form }),
        )
    }

    fn take(&self, secret: &SecretRef) -> Result<Taken, CoreError> {
        let vault = self.vault()?;
        let of_application = |wanted: &str, name: &'static str| -> Result<Taken, CoreError> {
            let row = self.application_row(wanted)?;
            let value = vault
                .secret(Owner::Application(row.id), name)?
                .ok_or(CoreError::NoSecret { what: name })?;
            Ok(Taken {
                value,
                what: name,
                cookie: None,
                application: Some(row),
            })
        };
        match secret {
            SecretRef::ClientSecret { application_id } => {
                of_application(application_id, SECRET_CLIENT)
            }
            SecretRef::RegistrationAccessToken { application_id } => {
                of_application(application_id, SECRET_REGISTRATION_TOKEN)
            }
            SecretRef::AccessToken { token_id } => {
                let token = self.token_row(token_id)?;
                let application = vault.application(token.application_id)?;
                Ok(Taken {
                    value: self.token_secret(&token)?,
                    what: "access_token",
                    cookie: None,
                    application: Some(application),
                })
            }
            SecretRef::Cookie { session_id, name } => {
                let application =
                    vault.application(self.session_row(session_id)?.application_id)?;
                Ok(Taken {
                    value: self.cookie_value(session_id, name)?,
                    what: "cookie",
                    cookie: Some(name.clone()),
                    application: Some(application),
                })
            }
            SecretRef::ConfigurationSecret {
                configuration_id,
                key,
            } => {
                let row = self.configuration_row(configuration_id)?;
                let value = vault.secret(Owner::Configuration(row.id), key)?.ok_or(
                    CoreError::NoSecret {
                        what: "initial_access_token",
                    },
                )?;
                Ok(Taken {
                    value,
                    what: "initial_access_token",
                    cookie: None,
                    application: None,
                })
            }
        }
    }
}

fn form_name(form: CopyForm) -> &'static str {
    match form {
        CopyForm::Raw => "raw",
        CopyForm::Header => "header",
        CopyForm::Curl => "curl",
        CopyForm::Env => "env",
        CopyForm::CurlWithValue => "curl_with_value",
        CopyForm::EnvWithValue => "env_with_value",
    }
}

/// Text in the wanted form. A reference names what is meant and holds nothing secret.
fn formed(taken: &Taken, form: CopyForm) -> (SecretText, bool) {
    let name = taken
        .application
        .as_ref()
        .map_or("configuration", |row| row.name.as_str());
    let short = match taken.what {
        "access_token" => "token",
        other => other,
    };
    let reference = format!("keywright://{}/{short}", slug(name));
    let value = taken.value.expose();
    let header = |credential: &str| match taken.what {
        "access_token" => format!("Authorization: Bearer {credential}"),
        "cookie" => {
            let name = taken.cookie.as_deref().unwrap_or("session");
            format!("Cookie: {name}={credential}")
        }
        _ => credential.to_owned(),
    };
    let variable = match taken.what {
        "access_token" => "ACCESS_TOKEN",
        SECRET_CLIENT => "CLIENT_SECRET",
        SECRET_REGISTRATION_TOKEN => "REGISTRATION_ACCESS_TOKEN",
        "cookie" => "SESSION_COOKIE",
        _ => "INITIAL_ACCESS_TOKEN",
    };
    let curl = |credential: &str| {
        format!(
            "curl -H {} https://api.example.com/",
            quoted(&header(credential))
        )
    };
    match form {
        CopyForm::Raw => (SecretText::new(value), true),
        CopyForm::Header => (SecretText::new(header(value)), true),
        CopyForm::Curl => (SecretText::new(curl(&reference)), false),
        CopyForm::Env => (SecretText::new(format!("{variable}={reference}\n")), false),
        CopyForm::CurlWithValue => (SecretText::new(curl(value)), true),
        CopyForm::EnvWithValue => (
            SecretText::new(format!("{variable}={}\n", in_env(value))),
            true,
        ),
    }
}

fn slug(name: &str) -> String {
    url::form_urlencoded::byte_serialize(name.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// As it stands in an environment file: bare where every reader takes it so, else quoted as for a POSIX shell, which
/// the readers of such files understand as well.
fn in_env(value: &str) -> String {
    let bare = value
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-._~+/=:,@".contains(c));
    if bare {
        value.to_owned()
    } else {
        quoted(value)
    }
}

/// Quoted for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(value: &str) -> Taken {
        Taken {
            value: SecretText::new(value),
            what: SECRET_CLIENT,
            cookie: None,
            application: None,
        }
    }

    fn text(value: &str, form: CopyForm) -> String {
        formed(&taken(value), form).0.expose().to_owned()
    }

    #[test]
    fn t49_a_value_is_quoted_for_its_place() {
        let hostile = "a'b\"c$(id)`id`;#\nNEXT=1";
        assert_eq!(
            text(hostile, CopyForm::EnvWithValue),
            "CLIENT_SECRET='a'\\''b\"c$(id)`id`;#\nNEXT=1'\n"
        );
        assert_eq!(
            text("aB3-._~+/=", CopyForm::EnvWithValue),
            "CLIENT_SECRET=aB3-._~+/=\n"
        );
        assert_eq!(
            text(hostile, CopyForm::CurlWithValue),
            "curl -H 'a'\\''b\"c$(id)`id`;#\nNEXT=1' https://api.example.com/"
        );
        assert_eq!(text(hostile, CopyForm::Raw), hostile);
    }

    #[test]
    fn t49_a_name_in_a_reference_is_one_segment_of_an_address() {
        assert_eq!(
            slug("../a b'\"$(x)\n?#/é"),
            "..%2Fa%20b%27%22%24%28x%29%0A%3F%23%2F%C3%A9"
        );
    }
}
