//! That the cache is used at all: values stay when the database changes behind its back, until an
//! import or a rename says otherwise.

use cached_testkit::shared_redis;
use reqwest::Method;

use crate::support::app::{App, cache, course, filled, student};
use crate::support::fixture::Fixture;

const BEHIND: &str =
    "UPDATE courses SET title = 'Behind the back'; UPDATE users SET name = 'Nobody'";

#[tokio::test]
async fn reads_come_from_the_cache_the_second_time() {
    let database = filled().await;
    let app = App::start(&database, cache(&shared_redis().url())).await;
    let paths = [
        "/api/courses".to_owned(),
        "/api/courses?page=1&per_page=1&search=AAA".to_owned(),
        format!("/api/courses/{}", course()),
        "/api/students".to_owned(),
        format!("/api/students/{}", student()),
        format!("/api/students/{}/dashboard", student()),
    ];
    let mut before = Vec::new();
    for path in &paths {
        before.push(app.get(path).await);
    }
    database.execute(BEHIND).await;
    let misses = app.cache.stats().misses;
    for (path, value) in paths.iter().zip(&before) {
        assert_eq!(app.get(path).await, *value, "{path}");
    }
    assert_eq!(app.cache.stats().misses, misses);
}

#[tokio::test]
async fn searches_do_not_share_an_answer() {
    let app = App::start(&filled().await, cache(&shared_redis().url())).await;
    for search in ["AAA", "BBB", "AAA", "BBB"] {
        let page = app.get(&format!("/api/courses?search={search}")).await;
        assert_eq!(page["items"][0]["code"], search);
    }
    // A wildcard in a key is text.
    assert_eq!(app.get("/api/courses?search=*").await["total"], 0);
}

#[tokio::test]
async fn an_import_empties_the_cache() {
    let database = filled().await;
    let app = App::start(&database, cache(&shared_redis().url())).await;
    app.title_on_dashboard(student(), course()).await;
    database.execute(BEHIND).await;
    app.cache.scope(database.load(&Fixture::new())).await.expect("the same data set");
    assert_eq!(app.title_on_dashboard(student(), course()).await, "Behind the back");
}

#[tokio::test]
async fn the_numbers_of_the_cache_can_be_read() {
    let app = App::start(&filled().await, cache(&shared_redis().url())).await;
    app.get("/api/courses").await;
    app.get("/api/courses").await;
    let stats = app.get("/api/cache").await;
    assert_eq!((&stats["misses"], &stats["hit_rate"]), (&1.into(), &0.5.into()), "{stats}");
}

#[tokio::test]
async fn every_answer_says_what_the_cache_did() {
    let app = App::start(&filled().await, cache(&shared_redis().url())).await;
    let path = format!("/api/courses/{}", course());
    for expected in ["cached; fwd=miss", "cached; hit; detail=local"] {
        let answer = app.request(Method::GET, &path).send().await.expect("an answer");
        let status = answer.headers()["cache-status"].to_str().expect("text");
        assert!(status.starts_with(expected) && status.contains("course:<id>"), "{status}");
        assert!(answer.headers().contains_key("server-timing"));
    }
}
