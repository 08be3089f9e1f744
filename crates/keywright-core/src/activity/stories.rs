//! Stories: the exchanges of one application, or of one configuration, that follow each other without a long pause.

use std::collections::{HashMap, HashSet};

use keywright_vault::{self as vault, ExchangeSummary as Row};
use uuid::Uuid;

use crate::{
    CoreError, Thing,
    activity::{
        ActivityLog,
        types::{ActivityQuery, ExchangeView, StoryPage, StorySummary},
    },
    app::{conversions::id, http_clients::PROBE, runtime::small},
};

/// A longer pause begins another story.
const PAUSE_MS: i64 = 10 * 60 * 1000;
/// A story beyond that is cut: nobody follows it.
const LONGEST: usize = 60;

/// One story while it grows; its exchanges from the oldest on.
struct Story {
    rows: Vec<Row>,
    ended_ms: i64,
}

impl ActivityLog<'_> {
    /// A window on the stories that hold an exchange which the query means, the newest first.
    pub fn stories(self, query: &ActivityQuery) -> Result<StoryPage, CoreError> {
        let wanted: Option<HashSet<Uuid>> = if query.text.trim().is_empty() && !query.errors_only {
            None
        } else {
            let all = self.rows(&query.text, query.errors_only)?.into_iter();
            Some(all.map(|row| row.id).collect())
        };
        let application = query
            .application_id
            .as_deref()
            .map(|text| id(Thing::Application, text))
            .transpose()?;
        let mut stories: Vec<Story> = grouped(self.rows("", false)?)
            .into_iter()
            .filter(|story| {
                let meant = |row: &Row| wanted.as_ref().is_none_or(|ids| ids.contains(&row.id));
                let about = |row: &Row| application.is_none() || row.application_id == application;
                story.rows.iter().any(|row| meant(row) && about(row))
            })
            .collect();
        stories.reverse();
        let total = small(stories.len());
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let page = stories.into_iter().skip(offset).take(limit);
        Ok(StoryPage {
            items: page
                .map(|story| self.story_summary(story))
                .collect::<Result<_, _>>()?,
            total,
        })
    }

    /// The exchanges of the story that an exchange is in, the oldest first.
    pub fn story_exchanges(self, wanted: &str) -> Result<Vec<ExchangeView>, CoreError> {
        let exchange = id(Thing::Exchange, wanted)?;
        let found = grouped(self.rows("", false)?)
            .into_iter()
            .find(|story| story.rows.iter().any(|row| row.id == exchange));
        match found {
            Some(story) => story
                .rows
                .iter()
                .map(|row| self.exchange(&row.id.to_string()))
                .collect(),
            // Says that it is not there.
            None => Ok(vec![self.exchange(wanted)?]),
        }
    }

    fn rows(self, text: &str, errors_only: bool) -> Result<Vec<Row>, CoreError> {
        let page = self.app.vault()?.exchanges(&vault::ExchangeQuery {
            text: text.to_owned(),
            errors_only,
            limit: u64::from(u32::MAX),
            ..vault::ExchangeQuery::default()
        })?;
        Ok(page.items)
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 fit a double until the year 287396"
    )]
    fn story_summary(self, story: Story) -> Result<StorySummary, CoreError> {
        let Story { rows, .. } = story;
        let started_at_ms = rows.first().map_or(0, |row| row.started_at_ms);
        let mut purposes: Vec<String> = Vec::new();
        for row in &rows {
            let purpose = row.purpose.trim_start_matches(PROBE);
            if !purposes.iter().any(|known| known == purpose) {
                purposes.push(purpose.to_owned());
            }
        }
        let failures = rows.iter().filter(|row| is_failure(row)).count();
        let configuration = rows.iter().find_map(|row| row.configuration_id);
        let application = rows.iter().find_map(|row| row.application_id);
        let config = configuration
            .and_then(|id| self.app.vault().ok()?.configuration(id).ok())
            .map(|row| (row.name, row.provider));
        let id = rows
            .first()
            .map(|row| row.id.to_string())
            .unwrap_or_default();
        let status = rows.last().and_then(|row| row.status);
        let elapsed_ms = rows.iter().map(|row| row.elapsed_ms).sum();
        let exchanges = small(rows.len());
        let is_probe = rows.iter().all(|row| row.purpose.starts_with(PROBE));
        Ok(StorySummary {
            id,
            application_id: application.map(|id| id.to_string()),
            application: application
                .map(|id| self.application_name(id))
                .transpose()?
                .flatten(),
            provider: config.as_ref().map(|(_, provider)| provider.clone()),
            config: config.map(|(name, _)| name),
            purposes,
            started_at_ms: started_at_ms as f64,
            elapsed_ms,
            exchanges,
            status,
            failures: small(failures),
            is_probe,
        })
    }
}

/// Not answered, refused or failed. A probe asks in order to be refused.
fn is_failure(row: &Row) -> bool {
    let refused = row.status.is_some_and(|status| status >= 400);
    let meant = row.purpose.starts_with(PROBE) && row.status.is_some_and(|status| status < 500);
    row.error.is_some() || (refused && !meant)
}

/// Whom an exchange is about: an application, else a configuration; a check of a configuration by itself.
#[derive(PartialEq, Eq, Hash)]
enum Subject {
    Application(Uuid),
    Configuration(Uuid),
    Flow(Uuid),
}

fn subject(row: &Row) -> Subject {
    if row.purpose.starts_with(PROBE) {
        return Subject::Flow(row.flow);
    }
    match (row.application_id, row.configuration_id) {
        (Some(application), _) => Subject::Application(application),
        (None, Some(configuration)) => Subject::Configuration(configuration),
        (None, None) => Subject::Flow(row.flow),
    }
}

/// Groups exchanges, which come newest first, into stories from the oldest on.
fn grouped(mut rows: Vec<Row>) -> Vec<Story> {
    rows.reverse();
    rows.sort_by_key(|row| row.started_at_ms);
    let mut stories: Vec<Story> = Vec::new();
    let mut open: HashMap<Subject, usize> = HashMap::new();
    for row in rows {
        let subject = subject(&row);
        let goes_on = |at: &usize| {
            stories.get(*at).is_some_and(|story: &Story| {
                row.started_at_ms - story.ended_ms <= PAUSE_MS && story.rows.len() < LONGEST
            })
        };
        // What was asked for a configuration leads to the application that is registered with it.
        let before = (matches!(subject, Subject::Application(_)))
            .then(|| row.configuration_id)
            .flatten()
            .map(Subject::Configuration);
        let found = open.get(&subject).copied().filter(goes_on).or_else(|| {
            let at = open.get(&before?).copied()?;
            goes_on(&at).then_some(at)
        });
        let ended_ms = row
            .started_at_ms
            .saturating_add(i64::try_from(row.elapsed_ms).unwrap_or(0));
        let at = if let Some(at) = found {
            if let Subject::Application(_) = subject
                && let Some(configuration) = row.configuration_id
                && open.get(&Subject::Configuration(configuration)) == Some(&at)
            {
                // The next application of the configuration has a story of its own.
                open.remove(&Subject::Configuration(configuration));
            }
            at
        } else {
            stories.push(Story {
                rows: Vec::new(),
                ended_ms,
            });
            stories.len() - 1
        };
        if let Some(story) = stories.get_mut(at) {
            story.ended_ms = story.ended_ms.max(ended_ms);
            story.rows.push(row);
        }
        open.insert(subject, at);
    }
    stories
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at_secs: i64, application: Option<u128>, purpose: &str) -> Row {
        Row {
            id: Uuid::now_v7(),
            flow: Uuid::now_v7(),
            purpose: purpose.into(),
            application_id: application.map(Uuid::from_u128),
            configuration_id: Some(Uuid::from_u128(9)),
            actor: "app".into(),
            started_at_ms: at_secs * 1000,
            elapsed_ms: 20,
            method: "GET".into(),
            host: "idp.example".into(),
            path: "/".into(),
            status: Some(200),
            error: None,
        }
    }

    fn told(mut rows: Vec<Row>) -> Vec<Vec<String>> {
        rows.reverse();
        grouped(rows)
            .into_iter()
            .map(|story| story.rows.into_iter().map(|row| row.purpose).collect())
            .collect()
    }

    #[test]
    fn one_task_of_one_application_is_one_story() {
        let rows = vec![
            row(0, None, "discovery"),
            row(1, Some(1), "registration"),
            row(5, Some(2), "token"),
            row(9, Some(1), "token"),
            row(30, Some(1), "api_call"),
            // After a pause.
            row(2000, Some(1), "token"),
        ];
        let stories = told(rows);
        assert_eq!(
            stories,
            [
                vec!["discovery", "registration", "token", "api_call"],
                vec!["token"],
                vec!["token"],
            ]
        );
    }

    #[test]
    fn a_check_of_a_configuration_is_a_story_without_failure() {
        let mut probe = row(1, None, "probe_token");
        probe.status = Some(401);
        assert!(!is_failure(&probe));
        assert_eq!(
            told(vec![row(0, None, "discovery"), probe.clone()]).len(),
            2
        );
        probe.status = Some(503);
        assert!(is_failure(&probe));
        probe.purpose = "token".into();
        probe.status = Some(401);
        assert!(is_failure(&probe));
    }
}
