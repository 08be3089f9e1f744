//! The API gateway: what Kong's OpenID Connect plugin does in front of an example API.

mod admission;
mod orders;
mod session;
mod upstream;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::state::Shared;

pub(crate) use orders::Order;

/// The routes behind the gateway.
pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/rfc7591/orders", get(orders::list).post(orders::create))
        .route("/rfc7591/orders/{id}", get(orders::read))
}
