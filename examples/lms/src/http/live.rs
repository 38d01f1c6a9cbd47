//! The live page of the cache, for administrators. It stands outside of the pages' frame: it has a script, and a policy of
//! its own that allows this one alone.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use cached_dashboard::Dashboard;
use futures_util::StreamExt as _;

use super::pages;
use crate::repository::cache_map;
use crate::service::Services;

/// How long one connection is told what is new. The browser connects again, and then the login is looked at again: who has
/// logged out, or is no administrator any more, is told nothing after that.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The live page. Administrators see keys, and may invalidate by hand.
pub(super) fn routes(app: &Services) -> Router<Services> {
    let page = Dashboard::new(app.cache())
        .title("The cache of the LMS")
        .show_keys(true)
        .allow_writes(true)
        .registry(cache_map);
    Router::new()
        .nest(pages::LIVE_PAGE, page.router().with_state(()))
        .layer(map_response(bounded))
        .layer(from_fn_with_state(app.clone(), pages::admins_only))
}

/// An answer without end gets one.
async fn bounded(response: Response) -> Response {
    let kind = response.headers().get(CONTENT_TYPE);
    if kind.is_some_and(|kind| kind == "text/event-stream") {
        return response.map(|body| until(body, tokio::time::sleep(LONGEST)));
    }
    response
}

/// What comes before a moment.
fn until(body: Body, end: impl Future<Output = ()> + Send + 'static) -> Body {
    Body::from_stream(body.into_data_stream().take_until(end))
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_stream_without_end_gets_one() {
        let (end, ended) = oneshot::channel::<()>();
        let endless = stream::repeat_with(|| Ok::<_, std::io::Error>("data: {}\n\n"));
        let end_of_it = async { drop(ended.await) };
        let mut told = until(Body::from_stream(endless), end_of_it).into_data_stream();
        assert!(told.next().await.is_some());
        end.send(()).expect("somebody who waits");
        assert!(told.next().await.is_none());
    }
}
