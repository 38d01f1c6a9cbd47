//! Requests that change something come from this site's own pages, or from no browser at all. The cookie's `SameSite` says the
//! same to the browser; here the server sees to it.

use axum::extract::Request;
use axum::http::header::{HOST, HeaderName, ORIGIN};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::error::ApiError;
use super::pages;

/// Refuses what another site's page sends. Browsers name the site in `Sec-Fetch-Site` (W3C Fetch Metadata Request Headers);
/// older ones send `Origin` alone (RFC 6454), whose host must be the one that was asked. Other clients send neither.
pub(super) async fn only(request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_own(&request) {
        return next.run(request).await;
    }
    let error = ApiError::forbidden("another site's page sent this; use this site's own page");
    if request.uri().path().starts_with("/api/") {
        return error.into_response();
    }
    pages::refusal(error).await
}

fn is_own(request: &Request) -> bool {
    let header = |name: HeaderName| request.headers().get(name).map(|value| value.as_bytes());
    match (header(HeaderName::from_static("sec-fetch-site")), header(ORIGIN)) {
        (Some(site), _) => matches!(site, b"same-origin" | b"none"),
        (None, Some(origin)) => {
            let host = header(HOST);
            host.is_some_and(|host| origin.strip_suffix(host).is_some_and(|s| s.ends_with(b"://")))
        }
        (None, None) => true,
    }
}
