//! What a browser sends to a page: the query of an address, or a form.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Language, problem};
use crate::idp::authorize::Problem;
use crate::idp::form::Form;

/// A request to a page that could be read, with the language of its answer.
pub(crate) struct PageForm {
    pub(crate) form: Form,
    pub(crate) language: Language,
    pub(crate) is_post: bool,
}

impl<S: Send + Sync> FromRequest<S> for PageForm {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let is_post = request.method() == Method::POST;
        let headers = request.headers().clone();
        let query = request.uri().query().unwrap_or_default().to_owned();
        let read = if is_post {
            let body = Bytes::from_request(request, state).await;
            Form::parse(&headers, &body.map_err(IntoResponse::into_response)?)
        } else {
            Form::of_query(&query)
        };
        match read {
            Ok(form) => Ok(Self {
                language: Language::of(form.get("ui_locales"), &headers),
                form,
                is_post,
            }),
            Err(_says_the_page) => Err(problem(
                Language::of(None, &headers),
                StatusCode::BAD_REQUEST,
                Problem::Unreadable,
            )),
        }
    }
}
