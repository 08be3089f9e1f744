//! The pages for the code of a device.

use std::fmt::Write as _;

use axum::http::StatusCode;
use axum::response::Response;

use super::consent::{about, actions, name, users};
use super::{Language, escaped, filled, page};
use crate::idp::device_grant::shown;
use crate::personality::Personality;
use crate::state::logins::DeviceRequest;
use crate::state::store::Client;

/// Where the user is.
pub(crate) enum DeviceStep<'a> {
    /// The code is to be entered.
    Enter {
        /// One was entered, and no device waits with it.
        is_unknown: bool,
    },
    /// The user is to allow or deny.
    Decide {
        client: &'a Client,
        request: &'a DeviceRequest,
    },
    /// The user answered.
    Done { is_allowed: bool },
}

/// The page for a step.
pub(crate) fn device(
    language: Language,
    personality: Personality,
    step: &DeviceStep<'_>,
) -> Response {
    let words = language.words();
    let rules = personality.provider_behavior().device_rules();
    let form = format!(
        "<form method=\"post\" action=\"/{}/{}\">\n\
         <input type=\"hidden\" name=\"ui_locales\" value=\"{}\">\n",
        personality.name(),
        rules.page,
        language.tag(),
    );
    let (status, title, body) = match step {
        DeviceStep::Enter { is_unknown } => {
            let (status, unknown) = if *is_unknown {
                let text = escaped(words.device_unknown);
                let alert = format!("<p id=\"unknown\" role=\"alert\">{text}</p>\n");
                (StatusCode::BAD_REQUEST, alert)
            } else {
                (StatusCode::OK, String::new())
            };
            let body = format!(
                "{unknown}{form}<label for=\"user_code\">{label}</label>\n\
                 <input class=\"field\" id=\"user_code\" name=\"user_code\" required autofocus \
                 autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" \
                 maxlength=\"20\" aria-describedby=\"hint\">\n<p id=\"hint\">{hint}</p>\n\
                 <div class=\"actions\"><button class=\"first\" type=\"submit\">{next}</button>\
                 </div></form>",
                label = escaped(words.device_code),
                hint = escaped(words.device_hint),
                next = escaped(words.device_next),
            );
            (status, words.device.to_owned(), body)
        }
        DeviceStep::Decide { client, request } => {
            let code = shown(&request.user_code, rules);
            let mut body = about(language, client, &request.scope, None);
            let _ = write!(
                body,
                "<p>{}</p>\n<p><strong>{code}</strong></p>\n{form}\
                 <input type=\"hidden\" name=\"user_code\" value=\"{code}\">\n{}{}</form>",
                escaped(words.device_check),
                users(language, None),
                actions(language),
                code = escaped(&code),
            );
            let title = filled(words.asks, &[("client", name(client))]);
            (StatusCode::OK, title, body)
        }
        DeviceStep::Done { is_allowed } => {
            let title = if *is_allowed {
                words.device_allowed
            } else {
                words.device_denied
            };
            let body = format!("<p role=\"status\">{}</p>", escaped(words.device_done));
            (StatusCode::OK, title.to_owned(), body)
        }
    };
    page(language, status, &title, &body, None)
}
