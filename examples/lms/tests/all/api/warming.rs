//! Warming: everything that is warmed is found afterwards, and processes that warm together share the work.

use cached_core::Cache;
use cached_testkit::{shared_redis, unique_name};
use lms::service::{Services, WarmReport};

use crate::support::app::{App, cache, course, filled, student};
use crate::support::fixture::Database;

async fn warm(database: &Database, cache: &Cache) -> WarmReport {
    let services = Services::new(database.pool.clone(), cache.clone());
    cache.scope(services.warm(10, 3, &|_, _| {})).await.expect("a database")
}

#[tokio::test]
async fn what_was_warmed_is_found() {
    let database = filled().await;
    let app = App::start(&database, cache(&shared_redis().url())).await;
    let report = warm(&database, &app.cache).await;
    assert_eq!(report.failed(), 0);
    assert!(report.loaded() > 0);
    // The login of this client is no business of warming.
    app.get("/api/teachers").await;
    let loads = app.cache.stats().loads;
    app.get(&format!("/api/students/{}/dashboard", student())).await;
    app.get(&format!("/api/courses/{}/statistics", course())).await;
    app.get("/api/courses").await;
    app.get("/api/admin/analytics").await;
    assert_eq!(app.cache.stats().loads, loads);
}

#[tokio::test]
async fn processes_that_warm_together_load_each_value_once() {
    let database = filled().await;
    let cache = |namespace: &str| {
        // Patient, so that a busy machine does not look like a holder that died.
        let patience = std::time::Duration::from_secs(30);
        let builder = Cache::builder().namespace(namespace).redis(shared_redis().url());
        builder.operation_timeout(patience).lease(patience).build().expect("a cache")
    };
    let alone = warm(&database, &cache(&unique_name("lms"))).await.loaded();
    let together = unique_name("lms");
    let (one, two, three) = (cache(&together), cache(&together), cache(&together));
    let (one, two, three) =
        tokio::join!(warm(&database, &one), warm(&database, &two), warm(&database, &three));
    assert_eq!(one.loaded() + two.loaded() + three.loaded(), alone);
}
