//! A tower layer for web services: each request runs in a request scope, and its response says what the cache did.
//!
//! Which requests are cached is not decided here: it caches no responses.

use crate::scope::{RequestReport, request_scope_with_report};
use http::header::{HeaderName, HeaderValue};
use http::{Request, Response};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Runs each request in a [`request_scope`](crate::request_scope), and adds `Cache-Status` (RFC 9211) and
/// `Server-Timing` to its response.
///
/// The headers name templates, never keys. Leave them out for strangers with [`RequestScopeLayer::silent`].
///
/// ```
/// # use cached_core::tower::RequestScopeLayer;
/// // With axum: Router::new().route(..).layer(RequestScopeLayer::new())
/// let layer = RequestScopeLayer::new();
/// # let _ = layer;
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestScopeLayer {
    silent: bool,
}

impl RequestScopeLayer {
    /// A layer that tells what the cache did.
    pub fn new() -> Self {
        Self::default()
    }

    /// A layer that adds no headers.
    pub fn silent() -> Self {
        Self { silent: true }
    }
}

impl<S> Layer<S> for RequestScopeLayer {
    type Service = RequestScope<S>;

    fn layer(&self, inner: S) -> RequestScope<S> {
        RequestScope { inner, silent: self.silent }
    }
}

/// The service that [`RequestScopeLayer`] makes.
#[derive(Debug, Clone)]
pub struct RequestScope<S> {
    inner: S,
    silent: bool,
}

impl<S, B, R> Service<Request<B>> for RequestScope<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (answering, silent) = (self.inner.call(request), self.silent);
        Box::pin(async move {
            let (answer, report) = request_scope_with_report(answering).await;
            answer.map(|mut response| {
                if !silent {
                    tell(&mut response, &report);
                }
                response
            })
        })
    }
}

fn tell<R>(response: &mut Response<R>, report: &RequestReport) {
    let Some(status) = report.cache_status() else { return };
    let headers = [
        (HeaderName::from_static("cache-status"), status),
        (HeaderName::from_static("server-timing"), report.server_timing()),
    ];
    for (name, value) in headers {
        // Appended: a proxy behind us may have said its own. Both texts are printable ASCII.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Cache;
    use crate::clock::Clock;
    use std::convert::Infallible;

    struct Handler(Cache);

    impl Service<Request<()>> for Handler {
        type Response = Response<u32>;
        type Error = Infallible;
        type Future = Pin<Box<dyn Future<Output = Result<Response<u32>, Infallible>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<()>) -> Self::Future {
            let cache = self.0.clone();
            Box::pin(async move {
                let read =
                    async || cache.read("k").or_load(async || Ok::<u32, Infallible>(1)).await;
                Ok(Response::new(read().await? + read().await?))
            })
        }
    }

    #[tokio::test]
    async fn a_response_says_what_the_cache_did() {
        let cache = Cache::builder().clock(Clock::manual().0).ttl_jitter(0.0).build().unwrap();
        let mut service = RequestScopeLayer::new().layer(Handler(cache.clone()));
        let status = async |service: &mut RequestScope<Handler>| {
            let response = service.call(Request::new(())).await.unwrap();
            response.headers().get("cache-status").map(|value| value.to_str().unwrap().to_owned())
        };
        let first = status(&mut service).await.unwrap();
        assert_eq!(first, "cached; fwd=miss, cached; hit; detail=request; ttl=300");
        let second = status(&mut service).await.unwrap();
        assert_eq!(
            second,
            "cached; hit; detail=local; ttl=300, cached; hit; detail=request; ttl=300"
        );
        let mut silent = RequestScopeLayer::silent().layer(Handler(cache));
        assert_eq!(status(&mut silent).await, None);
    }
}
