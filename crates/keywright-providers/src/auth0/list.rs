//! The clients of a tenant, page by page, without their secrets.

use http::Method;
use keywright_oauth::{http::Purpose, lenient, register::Handles};
use serde_json::Value;

use super::{Auth0, translate};
use crate::{Context, Listed, ProviderError};

/// The most that Auth0 puts on a page.
const PAGE: &str = "100";
/// No tenant has more clients than fill this many pages; a server that names a next page for ever is not believed.
const MOST_PAGES: usize = 1000;

impl Auth0 {
    /// Checkpoint pagination (`take` and `from`): pages by number end at 1,000 clients.
    pub(crate) async fn list(&self, context: Context<'_>) -> Result<Vec<Listed>, ProviderError> {
        let mut all = Vec::new();
        let mut from: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut call = self.request(Method::GET, Purpose::Admin, &["clients"])?;
            {
                let mut query = call.url.query_pairs_mut();
                // Secrets and keys of other people's clients stay where they are.
                query
                    .append_pair("fields", "client_id,name,client_metadata")
                    .append_pair("include_fields", "true")
                    .append_pair("is_global", "false")
                    .append_pair("take", PAGE);
                if let Some(from) = &from {
                    query.append_pair("from", from);
                }
            }
            let answer = self.ask(call, context.flow).await?;
            let items = match answer.members.get("clients") {
                Some(Value::Array(items)) => items,
                _ => &answer.items,
            };
            all.extend(items.iter().filter_map(listed));
            let next = lenient::text(&answer.members, "next");
            if next.is_none() || next == from || items.is_empty() {
                break;
            }
            from = next;
        }
        Ok(all)
    }
}

fn listed(item: &Value) -> Option<Listed> {
    let members = item.as_object()?;
    Some(Listed {
        client_id: lenient::text(members, "client_id")?,
        name: lenient::text(members, "name"),
        // Auth0 does not say when a client was made.
        created_at: None,
        owner_tag: translate::owner_tag(members),
        handles: Handles::new(),
    })
}
