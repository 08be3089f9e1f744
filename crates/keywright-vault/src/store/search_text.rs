//! The text that the search looks through, in memory: a hundred thousand applications are some ten megabytes, which
//! are scanned in a few milliseconds. It holds names, client ids and labels, and nothing that is secret.

use std::sync::{Arc, Mutex};

use memchr::memmem::Finder;
use rusqlite::Connection;

use crate::VaultError;
use crate::vault::lock;

/// Ends the text of one application. No text in UTF-8 holds it, so that no match reaches across two applications.
const END: u8 = 0xff;

/// What tells whether the text in memory is that of the vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// How many applications are not forgotten.
    pub(crate) live: u64,
    /// How often a text was removed, or came in between others.
    rearranged: i64,
}

impl State {
    /// As the connection sees it.
    pub(crate) fn read(connection: &Connection) -> Result<Self, VaultError> {
        Ok(connection
            .prepare_cached("SELECT live, rearranged FROM application_state")?
            .query_row([], |row| {
                Ok(Self {
                    live: u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0),
                    rearranged: row.get(1)?,
                })
            })?)
    }
}

/// The texts of all applications that are not forgotten, one after the other.
#[derive(Clone, Default)]
pub(crate) struct SearchText {
    state: State,
    text: Vec<u8>,
    /// `seq` of each application, ascending, and where its text ends.
    rows: Vec<(i64, usize)>,
}

/// What was last read; none before the first search.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Option<Arc<SearchText>>>);

impl Kept {
    /// The text as the connection sees it.
    pub(crate) fn get(
        &self,
        connection: &Connection,
        state: State,
    ) -> Result<Arc<SearchText>, VaultError> {
        // Held while it is read: a second search waits for the first and does not read it as well.
        let mut kept = lock(&self.0);
        if let Some(text) = kept.as_ref().filter(|text| text.state == state) {
            return Ok(Arc::clone(text));
        }
        let text = Arc::new(SearchText::read(connection, state, kept.as_deref())?);
        *kept = Some(Arc::clone(&text));
        Ok(text)
    }
}

impl SearchText {
    /// Reads what is new at the end of `before`, or all where more has changed.
    fn read(
        connection: &Connection,
        state: State,
        before: Option<&Self>,
    ) -> Result<Self, VaultError> {
        if let Some(before) = before
            && before.state.rearranged == state.rearranged
            && before.state.live < state.live
        {
            let mut text = before.clone();
            text.append(connection)?;
            if text.rows.len() as u64 == state.live {
                text.state = state;
                return Ok(text);
            }
        }
        let mut text = Self {
            state,
            ..Self::default()
        };
        text.append(connection)?;
        Ok(text)
    }

    /// Reads the texts that come after the last one.
    fn append(&mut self, connection: &Connection) -> Result<(), VaultError> {
        let last = self.rows.last().map_or(i64::MIN, |(seq, _)| *seq);
        let mut statement = connection.prepare_cached(
            "SELECT seq, haystack FROM application_text WHERE seq > ?1 ORDER BY seq",
        )?;
        let mut rows = statement.query([last])?;
        while let Some(row) = rows.next()? {
            let haystack = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            self.text.extend_from_slice(haystack.as_bytes());
            self.text.push(END);
            self.rows.push((row.get(0)?, self.text.len()));
        }
        Ok(())
    }

    /// `seq` and name, in lower case, of each application.
    pub(crate) fn names(&self) -> impl Iterator<Item = (i64, &str)> {
        let mut begin = 0;
        self.rows.iter().filter_map(move |&(seq, end)| {
            let text = self.text.get(begin..end)?;
            begin = end;
            let name = text.split(|&byte| byte == b'\n' || byte == END).next()?;
            Some((seq, std::str::from_utf8(name).ok()?))
        })
    }

    /// `seq` of each application whose text holds all of the words, ascending. There is at least one word.
    pub(crate) fn matching(&self, words: &[&str]) -> Vec<i64> {
        let mut words = words.to_vec();
        // The longest is the rarest, more often than not.
        words.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
        let finders: Vec<Finder<'_>> = words.iter().map(|word| Finder::new(*word)).collect();
        let Some((first, others)) = finders.split_first() else {
            return self.rows.iter().map(|(seq, _)| *seq).collect();
        };
        let mut found = Vec::new();
        let mut rows = self.rows.iter();
        let mut from = 0;
        while let Some(at) = first.find(self.text.get(from..).unwrap_or_default()) {
            let at = from + at;
            let mut begin = from;
            let Some((seq, end)) = rows.find(|(_, end)| {
                let here = *end > at;
                if !here {
                    begin = *end;
                }
                here
            }) else {
                break;
            };
            let text = self.text.get(begin..*end).unwrap_or_default();
            if others.iter().all(|word| word.find(text).is_some()) {
                found.push(*seq);
            }
            from = *end;
        }
        found
    }
}

#[cfg(test)]
#[path = "search_text_tests.rs"]
mod tests;
