//! The live page of the cache, for administrators. It stands outside of the pages' frame: it has a script, and a policy of
//! its own that allows this one alone.

use axum::Router;
use axum::middleware::from_fn_with_state;
use cached_dashboard::Dashboard;

use super::pages;
use crate::repository::cache_map;
use crate::service::Services;

/// The live page. Administrators see keys, and may invalidate by hand.
pub(super) fn routes(app: &Services) -> Router<Services> {
    let page = Dashboard::new(app.cache())
        .title("The cache of the LMS")
        .show_keys(true)
        .allow_writes(true)
        .registry(cache_map);
    Router::new()
        .nest(pages::LIVE_PAGE, page.router().with_state(()))
        .layer(from_fn_with_state(app.clone(), pages::admins_only))
}
