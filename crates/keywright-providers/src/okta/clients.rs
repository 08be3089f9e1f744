//! Register, finish, read, update, delete, list.

use std::time::Duration;

use http::Method;
use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::Purpose,
    lenient,
    register::{ClientInformation, Handles},
};
use url::form_urlencoded;
use uuid::Uuid;

use super::{
    Okta, WANTED_SCOPE,
    access::{APPS, Ask, is, words_of},
    members, owner_tag,
    plan::REGISTER,
    secrets::SECRET_SINCE,
};
use crate::{Context, Listed, OwnerTag, ProviderError, Registration, api::Answer};

/// Clients on one page; the most that Okta gives.
const PAGE: &str = "200";
/// More pages than this are not read: an org's limit of applications is below it.
const MOST_PAGES: usize = 500;
/// A deletion that ended in an internal error of Okta is sent at most this often.
const TRIES: u32 = 3;

impl Okta {
    pub(crate) async fn register(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let ask = Ask::new(
            Method::POST,
            self.org()?.clients(&[]),
            Purpose::Registration,
        )
        .json(self.marked(wanted, context.owner_tag).to_value());
        context.sending(REGISTER)?;
        let answer = self.ask(ask, context.flow).await?;
        let mut made = members::read(&answer, None)?;
        self.remember(&mut made, wanted);
        if made.client_secret.is_some() || !has_secret(&made.metadata) {
            context.done(REGISTER, &made)?;
            return Ok(made);
        }
        context.so_far(REGISTER, &made)?;
        self.recover_secret(context, made).await
    }

    /// The body of a registration, with its mark where there is room for one.
    pub(super) fn marked(&self, wanted: &ClientMetadata, owner_tag: OwnerTag) -> ClientMetadata {
        let mut body = members::body(wanted);
        let taken = body.members().contains_key("client_uri");
        if !taken && owner_tag != OwnerTag::default() && self.settings.tags_client_uri {
            body.set("client_uri", owner_tag::write(owner_tag));
        }
        body
    }

    /// A client was made. What may be missing is its secret, which Okta shows again in the list of its
    /// secrets.
    pub(crate) async fn resume(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
        so_far: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        let answer = self.fetch(&so_far.client_id, context.flow).await?;
        let mut found = members::read(&answer, Some(&so_far.client_id))?;
        found.handles.clone_from(&so_far.handles);
        self.remember(&mut found, wanted);
        let kept = so_far.client_secret.clone();
        found.client_secret = found.client_secret.or(kept);
        if found.client_secret.is_some() || !has_secret(&found.metadata) {
            context.done("read", &found)?;
            return Ok(found);
        }
        self.recover_secret(context, found).await
    }

    /// What Okta does not keep, and what says how young the secret is.
    fn remember(&self, made: &mut ClientInformation, wanted: &ClientMetadata) {
        if let Some(scopes) = wanted.scopes().filter(|scopes| !scopes.is_empty()) {
            made.handles
                .insert(WANTED_SCOPE.to_owned(), scopes.join(" "));
        }
        let now = self.http.clock().now();
        made.handles
            .entry(SECRET_SINCE.to_owned())
            .or_insert_with(|| now.to_string());
    }

    async fn fetch(&self, client_id: &str, flow: Uuid) -> Result<Answer, ProviderError> {
        let url = self.org()?.clients(&[client_id]);
        self.ask(Ask::new(Method::GET, url, Purpose::ReadRegistration), flow)
            .await
    }

    pub(crate) async fn read(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        context.sending("read")?;
        let answer = self.fetch(&at.client_id, context.flow).await?;
        let found = members::read(&answer, Some(&at.client_id))?;
        context.done("read", &found)?;
        Ok(found)
    }

    pub(crate) async fn update(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let url = self.org()?.clients(&[&at.client_id]);
        let body = members::replacement(at, metadata).to_value();
        let ask = Ask::new(Method::PUT, url, Purpose::UpdateRegistration).json(body);
        context.sending("update")?;
        let answer = self.ask(ask, context.flow).await?;
        let mut changed = members::read(&answer, Some(&at.client_id))?;
        if let Some(scopes) = metadata.scopes() {
            changed
                .handles
                .insert(WANTED_SCOPE.to_owned(), scopes.join(" "));
        }
        context.done("update", &changed)?;
        Ok(changed)
    }

    /// Deletes the client. Where the org wants an application to be inactive first, it is deactivated.
    pub(crate) async fn delete(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<(), ProviderError> {
        let active = match self.send_one_deletion(context, at).await {
            Err(error) if words_of(&error).is_some_and(|words| is(words, "E0000056")) => error,
            ended => return ended,
        };
        let url = self.org()?.app(&at.client_id, &["lifecycle", "deactivate"]);
        context.sending("deactivate")?;
        let ask = Ask::new(Method::POST, url, Purpose::Admin).of(APPS);
        match self.ask(ask, context.flow).await {
            Ok(_) => self.send_one_deletion(context, at).await,
            // The admin client may delete and not deactivate: what Okta asked for says more.
            Err(ProviderError::Admin { .. }) => Err(active),
            Err(error) => Err(error),
        }
    }

    async fn send_one_deletion(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<(), ProviderError> {
        let url = self.org()?.clients(&[&at.client_id]);
        let ask = Ask::new(Method::DELETE, url, Purpose::DeleteRegistration);
        let mut tried = 0;
        loop {
            tried += 1;
            context.sending("delete")?;
            let Err(failed) = self.ask(ask.clone(), context.flow).await else {
                return Ok(());
            };
            let internal = words_of(&failed).is_some_and(|words| is(words, "E0000009"));
            if !internal || tried == TRIES {
                return Err(failed);
            }
            tokio::time::sleep(Duration::from_millis(200 * u64::from(tried))).await;
        }
    }

    pub(crate) async fn list(&self, context: Context<'_>) -> Result<Vec<Listed>, ProviderError> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let answer = self.page(after.as_deref(), context.flow).await?;
            all.extend(answer.items.iter().filter_map(|item| {
                let members = members::flat(item.as_object()?);
                let client_uri = lenient::text(&members, "client_uri").unwrap_or_default();
                Some(Listed {
                    client_id: lenient::text(&members, "client_id")?,
                    name: lenient::text(&members, "client_name"),
                    created_at: lenient::time(&members, "client_id_issued_at"),
                    owner_tag: owner_tag::read(&client_uri),
                    handles: Handles::new(),
                })
            }));
            let next = next_cursor(&answer);
            if next.is_none() || next == after {
                break;
            }
            after = next;
        }
        Ok(all)
    }

    async fn page(&self, after: Option<&str>, flow: Uuid) -> Result<Answer, ProviderError> {
        let mut url = self.org()?.clients(&[]);
        url.query_pairs_mut().append_pair("limit", PAGE);
        if let Some(after) = after {
            url.query_pairs_mut().append_pair("after", after);
        }
        self.ask(Ask::new(Method::GET, url, Purpose::Admin), flow)
            .await
    }
}

/// The cursor of the next page (RFC 8288). Only the cursor is taken from the link: the token goes to
/// the org that the user named, whatever the link says.
fn next_cursor(answer: &Answer) -> Option<String> {
    answer
        .headers("link")
        .flat_map(|line| line.split(','))
        .filter(|link| link.replace(' ', "").contains(";rel=\"next\""))
        .find_map(|link| {
            let (_, from) = link.split_once('<')?;
            let (url, _) = from.split_once('>')?;
            let (_, query) = url.split_once('?')?;
            form_urlencoded::parse(query.as_bytes())
                .find(|(name, _)| name == "after")
                .map(|(_, value)| value.into_owned())
        })
}

/// The client proves itself with a secret (RFC 7591 §2: `client_secret_basic` where nothing is said).
fn has_secret(metadata: &ClientMetadata) -> bool {
    metadata
        .token_endpoint_auth_method()
        .is_none_or(|method| method.starts_with("client_secret"))
}
