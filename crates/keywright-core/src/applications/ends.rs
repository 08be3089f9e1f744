//! The calendar: everything that ends.

use std::{fmt::Write as _, path::Path};

use keywright_oauth::{jwt, secret::AccessToken};
use keywright_providers::settings::key;
use keywright_vault::{EndRow, Owner, SecretText, Vault};
use time::{OffsetDateTime, macros::format_description};

use crate::{
    CoreError,
    app::{runtime::small, saved_files::save_file},
    applications::{
        Applications,
        types::{EndKind, EndView, EndsView},
    },
    i18n::key::{Key, MessageKey},
};

/// More ends than this in five weeks fill no calendar.
const MOST: u64 = 2_000;

impl Applications<'_> {
    /// What ends from `from` until before `until` (Unix seconds).
    pub fn ends(self, from: i64, until: i64) -> Result<EndsView, CoreError> {
        let (vault, now) = (self.app.vault()?, self.app.now());
        let totals = vault.end_totals(until, now)?;
        let of_applications = vault.ends(from, until, now, MOST)?;
        let mut items: Vec<EndView> = of_applications.into_iter().map(EndView::from).collect();
        items.extend(tokens_of_configurations(&vault, from, until)?);
        items.extend(registration_tokens(&vault, from, until)?);
        items.sort_by_key(|end| end.at);
        Ok(EndsView {
            items,
            over: small(totals.over),
            later: small(totals.later),
            never: small(totals.never),
        })
    }

    /// Saves what ends in a span as a calendar (RFC 5545). It names applications and configurations and nothing secret;
    /// access tokens and sessions end too soon to be planned.
    pub fn save_calendar(self, from: i64, until: i64, to: &Path) -> Result<(), CoreError> {
        let mut text = String::from(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Keywright//Keywright//EN\r\n",
        );
        let stamp = utc(self.app.now());
        for end in self.ends(from, until)?.items {
            let key = match end.kind {
                EndKind::ClientSecret => Key::CalendarSecret,
                EndKind::Reminder => Key::CalendarReminder,
                EndKind::InitialAccessToken => Key::CalendarInitialAccessToken,
                EndKind::AdminToken => Key::CalendarAdminToken,
                EndKind::RegistrationToken => Key::CalendarRegistrationToken,
                EndKind::Token | EndKind::Session => continue,
            };
            let blanks = [("name", end.owner.as_str()), ("config", &end.config)];
            let summary = escaped(&self.app.translate(key, &blanks));
            let key = MessageKey::from(key);
            let uid = format!("{}-{}-{}", end.owner_id, end.at, key.as_str());
            let at = utc(end.at);
            let event = [
                "BEGIN:VEVENT".to_owned(),
                format!("UID:{uid}@keywright"),
                format!("DTSTAMP:{stamp}"),
                format!("DTSTART:{at}"),
                format!("SUMMARY:{summary}"),
                "END:VEVENT".to_owned(),
            ];
            for line in event {
                let _ = write!(text, "{}\r\n", folded(&line));
            }
        }
        text.push_str("END:VCALENDAR\r\n");
        save_file(to, text.as_bytes())
    }
}

impl From<EndRow> for EndView {
    fn from(row: EndRow) -> Self {
        Self {
            kind: row.kind.into(),
            at: row.at,
            owner_id: row.application_id.to_string(),
            owner: row.application,
            provider: row.provider,
            config: row.configuration,
            last_used_at: row.last_used_at,
        }
    }
}

/// When a token ends by its own words, as a JWT does, where that is in the span.
fn own_end(token: &SecretText, from: i64, until: i64) -> Option<i64> {
    jwt::expires_at(&AccessToken::from(token)).filter(|at| (from..until).contains(at))
}

fn tokens_of_configurations(
    vault: &Vault,
    from: i64,
    until: i64,
) -> Result<Vec<EndView>, CoreError> {
    let mut ends = Vec::new();
    for row in vault.configurations()? {
        for name in &row.secret_keys {
            let token = vault.secret(Owner::Configuration(row.id), name)?;
            if let Some(at) = token.and_then(|token| own_end(&token, from, until)) {
                ends.push(EndView {
                    kind: if name == key::INITIAL_ACCESS_TOKEN {
                        EndKind::InitialAccessToken
                    } else {
                        EndKind::AdminToken
                    },
                    at,
                    owner_id: row.id.to_string(),
                    owner: row.name.clone(),
                    provider: row.provider.clone(),
                    config: row.name.clone(),
                    last_used_at: None,
                });
            }
        }
    }
    Ok(ends)
}

fn registration_tokens(vault: &Vault, from: i64, until: i64) -> Result<Vec<EndView>, CoreError> {
    let tokens = vault.readable_registration_tokens()?.into_iter();
    Ok(tokens
        .filter_map(|(row, token)| {
            Some(EndView {
                at: own_end(&token, from, until)?,
                ..EndView::from(row)
            })
        })
        .collect())
}

/// `20261205T090000Z`.
fn utc(at: i64) -> String {
    let form = format_description!("[year][month][day]T[hour][minute][second]Z");
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.format(form).ok())
        .unwrap_or_default()
}

/// A text as a property holds it (RFC 5545, section 3.3.11).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace('\n', "\\n")
        .replace('\r', "")
}

/// A line of at most 75 octets, continued on the next (RFC 5545, section 3.1).
fn folded(line: &str) -> String {
    let mut folded = String::new();
    let mut octets = 0;
    for letter in line.chars() {
        if octets + letter.len_utf8() > 74 {
            folded.push_str("\r\n ");
            octets = 1;
        }
        octets += letter.len_utf8();
        folded.push(letter);
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::{escaped, folded, utc};

    #[test]
    fn a_calendar_is_written_as_its_readers_expect() {
        assert_eq!(utc(1_796_461_200), "20261205T090000Z");
        assert_eq!(escaped("a, b; c\\"), "a\\, b\\; c\\\\");
        let long = folded(&format!("SUMMARY:{}", "注".repeat(60)));
        assert!(long.split("\r\n").all(|line| line.len() <= 75), "{long}");
        assert_eq!(long.replace("\r\n ", "").chars().count(), 68);
    }
}
