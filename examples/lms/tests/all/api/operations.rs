//! What operators look at: the live page of the cache and the metrics. Who may see them, and that all that
//! docs/OPERATIONS.md and its Grafana dashboard speak of is there.

use std::collections::BTreeSet;

use cached_testkit::shared_redis;
use reqwest::{Method, StatusCode};

use crate::support::app::{App, cache, client, filled, student};

const OPERATIONS: &str = include_str!("../../../../../docs/OPERATIONS.md");
const GRAFANA: &str = include_str!("../../../../../docs/grafana/cached.json");

async fn app() -> App {
    App::start(&filled().await, cache(&shared_redis().url())).await
}

/// Names of metrics in a text. The target of spans and the crates' own names are none.
fn metrics_in(text: &str) -> BTreeSet<&str> {
    let is_part = |c: char| c.is_ascii_lowercase() || c == '_';
    text.split(|c| !is_part(c))
        .filter(|word| word.starts_with("cached_"))
        .filter(|word| !["cached_core", "cached_dashboard"].contains(word))
        .collect()
}

#[tokio::test]
async fn every_metric_that_is_documented_is_in_a_scrape() {
    let app = app().await;
    app.get("/api/courses").await;
    app.get("/api/courses").await;
    let answer = client().get(format!("{}/metrics", app.url)).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK, "scrapers have no login");
    let scraped = answer.text().await.expect("a text");
    let shown: BTreeSet<&str> = scraped
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split('{').next())
        .collect();
    let (documented, drawn) = (metrics_in(OPERATIONS), metrics_in(GRAFANA));
    assert!(documented.len() > 15 && drawn.len() > 15, "{documented:?} {drawn:?}");
    for metric in documented.union(&drawn) {
        // A histogram is shown as its buckets, its sum and its count.
        let there = shown.contains(metric) || shown.contains(&*format!("{metric}_bucket"));
        assert!(there, "{metric} is not in the scrape:\n{scraped}");
    }
    let reads = r#"cached_reads_total{cache="lms",template="courses:list:<request.page>:<request.per_page>:<request.search>",result="local"}"#;
    assert!(scraped.contains(reads), "{scraped}");
    assert!(!scraped.contains("courses:list:1"), "templates are told, and no keys");
}

#[tokio::test]
async fn the_live_page_is_for_administrators() {
    let app = app().await;
    let get = async |app: &App, path: &str| {
        app.request(Method::GET, path).send().await.expect("an answer")
    };
    let stranger = App::seen_by_nobody(&app);
    for path in ["/admin/cache", "/admin/cache/snapshot", "/admin/cache/events"] {
        // The client of strangers follows the redirect.
        let answer = get(&stranger, path).await;
        assert_eq!(answer.url().path(), "/login", "{path}");
        assert!(answer.url().query().is_some_and(|query| query.ends_with(path)), "{path}");
    }
    let email = app.get(&format!("/api/students/{}", student())).await["email"].clone();
    let known = app.seen_by(email.as_str().expect("an address")).await;
    assert_eq!(get(&known, "/admin/cache").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(get(&known, "/admin/cache/snapshot").await.status(), StatusCode::FORBIDDEN);

    assert!(app.text("/admin").await.contains("href=\"/admin/cache\""));
    let answer = get(&app, "/admin/cache").await;
    assert_eq!(answer.status(), StatusCode::OK);
    let policy = answer.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains("script-src 'nonce-"), "{policy}");
    let page = answer.text().await.expect("a text");
    assert!(
        page.contains("course_writes::rename") && page.contains("course:&lt;id&gt;"),
        "the map"
    );
    assert!(page.contains("No warnings"), "the audit");
}

#[tokio::test]
async fn the_live_page_tells_what_the_cache_does() {
    let app = app().await;
    let before = app.get("/admin/cache/snapshot").await["reads"].as_u64().expect("a number");
    app.get("/api/courses").await;
    let now = app.get("/admin/cache/snapshot").await;
    // The page of courses, and whose session each of the two requests is.
    assert_eq!(now["reads"].as_u64().expect("a number") - before, 2, "{now}");
    let templates = now["templates"].as_array().expect("templates");
    assert!(templates.iter().any(|row| row["template"] == "session:<token:hash>"), "{now}");
}
