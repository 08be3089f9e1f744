//! The API gateway: what Kong's OpenID Connect plugin does in front of an example API.

mod admission;
mod orders;
mod session;
mod upstream;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::personality::Personality;
use crate::state::Shared;

pub(crate) use orders::Order;

/// The routes of the API that trusts this personality.
pub(crate) fn router(personality: Personality) -> Router<Arc<Shared>> {
    let path = format!("/{}/orders", personality.name());
    Router::new()
        .route(&path, get(orders::list).post(orders::create))
        .route(&format!("{path}/{{id}}"), get(orders::read))
}
