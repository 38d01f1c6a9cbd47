//! Which path goes to which handler.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri};
use axum::routing::get;
use cached_core::tower::RequestScopeLayer;

use super::error::ApiError;
use super::state::State;
use super::{cache, courses, index, students};

/// The whole application as one service.
pub fn router(state: State) -> Router {
    Router::new()
        .route("/", get(index::page))
        .route("/api/courses", get(courses::list))
        .route("/api/courses/{id}", get(courses::details).put(courses::rename))
        .route("/api/students", get(students::list))
        .route("/api/students/{id}", get(students::profile))
        .route("/api/students/{id}/dashboard", get(students::dashboard))
        .route("/api/cache", get(cache::stats))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(16 * 1024))
        // Every answer says what the cache did for it: Cache-Status and Server-Timing.
        .layer(RequestScopeLayer::new())
        .with_state(state)
}

async fn no_such_path(uri: Uri) -> ApiError {
    ApiError::not_found(format!("there is nothing at {}; GET / lists what there is", uri.path()))
}

async fn no_such_method(method: Method, uri: Uri) -> ApiError {
    let message = format!("{} does not take {method}", uri.path());
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}
