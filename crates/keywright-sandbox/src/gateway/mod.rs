//! The API gateway: what Kong's OpenID Connect plugin does in front of an example API.

mod admission;
mod challenge;
mod orders;
mod protected_resource;
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
    let router = Router::new();
    let router = if personality.provider_behavior().has_users() {
        let document = get(protected_resource::document);
        router.route(&protected_resource::path(personality), document)
    } else {
        router
    };
    router
        .route(&path, get(orders::list).post(orders::create))
        .route(&format!("{path}/{{id}}"), get(orders::read))
}
