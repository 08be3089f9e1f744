//! The example API behind the gateway: orders.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::admission::Admitted;
use crate::personality::Personality;
use crate::server::middleware::message;
use crate::state::Shared;

/// What a token of a user needs to see orders.
pub(super) const READ: &str = "orders:read";
/// What it needs to create one.
pub(super) const WRITE: &str = "orders:write";

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    id: usize,
    item: String,
    quantity: u32,
}

impl Order {
    /// What the API holds at first.
    pub(crate) fn samples() -> Vec<Self> {
        [("Type C key blank", 40), ("Lever lock", 3), ("File set", 1)]
            .into_iter()
            .zip(1..)
            .map(|((item, quantity), id)| Self {
                id,
                item: item.to_owned(),
                quantity,
            })
            .collect()
    }
}

#[derive(Deserialize)]
struct NewOrder {
    item: String,
    #[serde(default = "one")]
    quantity: u32,
}

const fn one() -> u32 {
    1
}

/// The scope that a token of a user needs for a call.
pub(super) fn scope_for(method: &Method) -> &'static str {
    if method.is_safe() { READ } else { WRITE }
}

/// `GET …/orders`
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    admitted: Admitted,
) -> Response {
    let orders = json!(shared.state().orders(personality));
    answer(&admitted, StatusCode::OK, "orders", &orders)
}

/// `GET …/orders/{id}`
pub(super) async fn read(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let mut state = shared.state();
    let orders = state.orders(personality);
    let order = orders.iter().find(|order| order.id.to_string() == id);
    match order {
        Some(order) => answer(&admitted, StatusCode::OK, "order", &json!(order)),
        None => admitted.apply_to(message(StatusCode::NOT_FOUND, "Not found")),
    }
}

/// `POST …/orders` with `{"item": …, "quantity": …}`
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    admitted: Admitted,
    body: Bytes,
) -> Response {
    let Ok(new) = serde_json::from_slice::<NewOrder>(&body) else {
        let text = "The body must be a JSON object with item and, if wished, quantity";
        return admitted.apply_to(message(StatusCode::BAD_REQUEST, text));
    };
    let order = {
        let mut state = shared.state();
        let orders = state.orders(personality);
        let order = Order {
            id: orders.len() + 1,
            item: new.item,
            quantity: new.quantity,
        };
        orders.push(order.clone());
        order
    };
    shared.touch();
    let mut response = answer(&admitted, StatusCode::CREATED, "order", &json!(order));
    let location = format!("{}/{}", personality.api_url(&shared), order.id);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn answer(admitted: &Admitted, status: StatusCode, name: &str, value: &Value) -> Response {
    let mut body = json!({
        name: value,
        "authenticated_by": admitted.authenticated_by,
        "client_id": admitted.client_id,
    });
    if let Some(user) = &admitted.user {
        body["user"] = json!(user);
    }
    admitted.apply_to((status, Json(body)).into_response())
}
