//! The page on which a user is chosen and allows or denies a request.

use std::fmt::Write as _;

use axum::http::StatusCode;
use axum::response::Response;

use super::{Language, escaped, filled, page};
use crate::idp::authorize::Asked;
use crate::idp::users::{USERS, User};
use crate::state::store::Client;

/// The page for a request. `sealed` brings it back.
pub(crate) fn consent(
    language: Language,
    asked: &Asked,
    client: &Client,
    sealed: &str,
    chosen: Option<&User>,
) -> Response {
    let words = language.words();
    let mut body = about(language, client, &asked.scope, Some(&asked.redirect_uri));
    let _ = write!(
        body,
        "<form method=\"post\" action=\"/{place}/consent\">\n\
         <input type=\"hidden\" name=\"request\" value=\"{sealed}\">\n\
         <input type=\"hidden\" name=\"ui_locales\" value=\"{lang}\">\n{users}{actions}</form>",
        place = asked.personality.name(),
        sealed = escaped(sealed),
        lang = language.tag(),
        users = users(language, chosen),
        actions = actions(language),
    );
    let title = filled(words.asks, &[("client", name(client))]);
    let target = Some(asked.redirect_uri.as_str());
    page(language, StatusCode::OK, &title, &body, target)
}

/// The name of a client as it gave it.
pub(super) fn name(client: &Client) -> &str {
    let named = client.metadata.texts.get("client_name");
    let named = named.and_then(|name| name.as_str());
    named
        .filter(|name| !name.trim().is_empty())
        .unwrap_or(&client.id)
}

/// What the user decides about.
pub(super) fn about(
    language: Language,
    client: &Client,
    scope: &[String],
    redirect_uri: Option<&str>,
) -> String {
    let words = language.words();
    let mut out = "<dl>\n".to_owned();
    let mut row = |term: &str, text: &str| {
        let _ = writeln!(out, "<dt>{}</dt><dd>{text}</dd>", escaped(term));
    };
    row(words.application, &escaped(name(client)));
    row(words.client_id, &escaped(&client.id));
    if let Some(redirect_uri) = redirect_uri {
        row(words.returns_to, &escaped(redirect_uri));
    }
    let permissions: String = scope
        .iter()
        .map(|name| match words.scope(name) {
            Some(meaning) => format!(
                "<li>{} (<code>{}</code>)</li>",
                escaped(meaning),
                escaped(name)
            ),
            None => format!("<li><code>{}</code></li>", escaped(name)),
        })
        .collect();
    if permissions.is_empty() {
        row(words.permissions, &escaped(words.no_permissions));
    } else {
        row(words.permissions, &format!("<ul>{permissions}</ul>"));
    }
    out.push_str("</dl>\n");
    out
}

/// The demo users, one of them chosen.
pub(super) fn users(language: Language, chosen: Option<&User>) -> String {
    let words = language.words();
    let mut out = format!("<fieldset>\n<legend>{}</legend>\n", escaped(words.who));
    for (index, user) in USERS.iter().enumerate() {
        let is_chosen = chosen.map_or(index == 0, |chosen| chosen == user);
        let _ = writeln!(
            out,
            "<label class=\"choice\"><input type=\"radio\" name=\"user\" value=\"{name}\" \
             required{checked}><span>{name} ({email})</span></label>",
            name = escaped(user.name),
            email = escaped(&user.email()),
            checked = if is_chosen { " checked" } else { "" },
        );
    }
    out.push_str("</fieldset>\n");
    out
}

/// Allow is first, so that Enter in the form allows; Deny is next to it.
pub(super) fn actions(language: Language) -> String {
    let words = language.words();
    format!(
        "<div class=\"actions\"><button class=\"first\" type=\"submit\" name=\"decision\" \
         value=\"allow\">{}</button><button type=\"submit\" name=\"decision\" \
         value=\"deny\">{}</button></div>\n",
        escaped(words.allow),
        escaped(words.deny),
    )
}
