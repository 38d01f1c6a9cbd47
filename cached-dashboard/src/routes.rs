//! The paths of the page, and the headers that keep a browser from more than it needs.

use crate::{Shared, live, map, page, write};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use std::sync::Arc;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let router = Router::new()
        .route("/", get(show))
        .route("/events", get(live::events))
        .route("/snapshot", get(live::snapshot))
        .route("/map", get(cache_map));
    let router = if shared.settings.writes {
        router.route("/invalidate", post(write::invalidate))
    } else {
        router
    };
    router.with_state(shared)
}

async fn show(State(shared): State<Arc<Shared>>) -> Response {
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_SECURITY_POLICY, policy),
        (REFERRER_POLICY, "no-referrer".to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, page::render(&shared, &nonce)).into_response()
}

/// The cache map as data.
async fn cache_map(State(shared): State<Arc<Shared>>) -> Response {
    Json(map::data(&map::audit(&shared.settings))).into_response()
}
