//! Which path goes to which handler.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use cached_core::tower::RequestScopeLayer;

use super::error::ApiError;
use super::{api, live, metrics, own_site, pages, trace};
use crate::service::Services;

/// The longest text of a form is 2,000 characters of up to 4 bytes, of which a form makes 12.
const LARGEST_BODY: usize = 64 * 1024;

/// The whole application as one service.
pub fn router(state: Services) -> Router {
    // Every answer of the API says what the cache did for it: Cache-Status and Server-Timing. Pages say
    // so themselves, in their frame.
    let api = api::routes().route_layer(RequestScopeLayer::new());
    Router::new()
        .merge(api)
        .merge(pages::routes())
        .merge(live::routes(&state))
        .merge(metrics::routes(&state))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn(own_site::only))
        .layer(from_fn(trace::span))
        .with_state(state)
}

async fn no_such_path(uri: Uri) -> Response {
    if is_page(&uri) {
        return pages::nothing().await;
    }
    let message = format!("there is nothing at {}; README.md lists what there is", uri.path());
    ApiError::not_found(message).into_response()
}

async fn no_such_method(method: Method, uri: Uri) -> Response {
    let message = format!("{} does not take {method}", uri.path());
    let error = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message);
    if is_page(&uri) { pages::refusal(error).await } else { error.into_response() }
}

fn is_page(uri: &Uri) -> bool {
    !uri.path().starts_with("/api/")
}
