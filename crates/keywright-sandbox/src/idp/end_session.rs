//! Signing out in the browser (OpenID Connect RP-Initiated Logout 1.0).

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use url::Url;

use super::authorize::{ended_cookie, see_other, user_of};
use super::form::Form;
use super::id_token;
use super::pages::{Language, PageForm, escaped, filled, page};
use crate::personality::Personality;
use crate::state::Shared;

/// `GET` or `POST …/end_session`: who names an ID token of the user in this browser signs out at once;
/// else the user is asked.
pub(crate) async fn end_session(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    headers: HeaderMap,
    PageForm {
        form,
        language,
        is_post,
    }: PageForm,
) -> Response {
    let user = user_of(&shared, personality, &headers);
    let hint = form.get("id_token_hint");
    let hint = hint.and_then(|token| id_token::hinted(&shared, personality, token));
    let is_hinted = hint.as_ref().is_some_and(|hint| {
        user.is_none_or(|user| user.subject == hint.sub)
            && form.get("client_id").is_none_or(|id| id == hint.aud)
    });
    let is_answered = is_post && form.get("decision") == Some("sign_out");
    if let Some(user) = user.filter(|_| !is_hinted && !is_answered) {
        return asks(language, personality, user.name, &form);
    }
    let client_id = form
        .get("client_id")
        .map(str::to_owned)
        .or(hint.map(|hint| hint.aud));
    let target = target(&shared, personality, client_id.as_deref(), &form);
    let mut response = match target {
        Some(url) => see_other(&url),
        None => signed_out(language),
    };
    if let Some(cookie) = ended_cookie(personality) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Where the browser goes afterwards: only to an address that the client registered for it (section 3).
fn target(
    shared: &Shared,
    personality: Personality,
    client_id: Option<&str>,
    form: &Form,
) -> Option<Url> {
    let named = form.get("post_logout_redirect_uri")?;
    let state = shared.state();
    let client = state.client(personality, client_id?)?;
    let registered = client.metadata.post_logout_redirect_uris.iter();
    let mut url = Url::parse(registered.into_iter().find(|one| *one == named)?).ok()?;
    if let Some(state) = form.get("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    Some(url)
}

fn asks(language: Language, personality: Personality, user: &str, form: &Form) -> Response {
    let words = language.words();
    let mut kept = String::new();
    for name in [
        "client_id",
        "post_logout_redirect_uri",
        "state",
        "ui_locales",
    ] {
        if let Some(value) = form.get(name).map(escaped) {
            let field = format_args!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
            let _ = writeln!(kept, "{field}");
        }
    }
    let body = format!(
        "<form method=\"post\" action=\"/{}/end_session\">\n{kept}<div class=\"actions\"><button \
         class=\"first\" type=\"submit\" name=\"decision\" value=\"sign_out\">{}</button></div></form>",
        personality.name(),
        escaped(words.sign_out),
    );
    let title = filled(words.sign_out_asks, &[("user", user)]);
    let target = form.get("post_logout_redirect_uri");
    page(language, StatusCode::OK, &title, &body, target)
}

fn signed_out(language: Language) -> Response {
    let words = language.words();
    let body = format!("<p role=\"status\">{}</p>", escaped(words.signed_out_text));
    page(language, StatusCode::OK, words.signed_out, &body, None)
}
