//! The live page of the cache: it moves while the application is used, and fits a telephone.

use cached_testkit::{eventually, shared_redis};

use super::driver::{Browser, open, open_narrow};
use crate::support::app::{App, cache, course, filled, student};
use crate::support::pressing::press;

async fn app() -> App {
    App::start(&filled().await, cache(&shared_redis().url())).await
}

/// A number of the page's tiles.
async fn tile(browser: &Browser, name: &str) -> u64 {
    let script = "const tiles = [...document.querySelectorAll('#tiles div')];
        const tile = tiles.find(tile => tile.querySelector('dt').textContent === arguments[0]);
        return tile ? Number(tile.querySelector('dd').textContent) : 0";
    browser.run(script, vec![name.into()]).await.as_u64().unwrap_or_default()
}

/// Reads and writes that show in every part of the page.
async fn use_it(app: &App) {
    for round in 0..3 {
        app.get("/api/courses").await;
        app.get(&format!("/api/courses/{}", course())).await;
        app.get(&format!("/api/students/{}/dashboard", student())).await;
        app.rename(course(), &format!("Title {round}")).await;
    }
}

#[tokio::test]
async fn it_moves_while_a_load_runs() {
    let database = filled().await;
    let app = App::start(&database, cache(&shared_redis().url())).await;
    let browser = open(&app.url).await;
    browser.log_in_as("admin").await;
    browser.press("The cache, live").await;
    assert_eq!(browser.path().await, "/admin/cache");
    eventually("the page is live", async || browser.text_of("#state").await == "live").await;
    let (reads, told) = (tile(&browser, "reads").await, tile(&browser, "invalidations").await);
    let outcome = press(&database, std::slice::from_ref(&app), None, 200).await;
    assert_eq!(outcome.failed, 0, "{:?}", outcome.failure);
    eventually("reads are told", async || tile(&browser, "reads").await > reads + 9).await;
    eventually("writes are told", async || tile(&browser, "invalidations").await > told).await;
    eventually("templates are listed", async || {
        browser.text_of("#templates").await.contains("dashboard:<id>")
    })
    .await;
    let curves = "return document.querySelectorAll('#templates path.curve').length";
    assert_ne!(browser.run(curves, vec![]).await, 0);
    browser.shows("invalidated").await;
    browser.picture("live").await;
    browser.picture_of("live-map", ".map").await;
    browser.close().await;
}

#[tokio::test]
async fn it_fits_a_telephone() {
    let app = app().await;
    let browser = open_narrow(&app.url).await;
    browser.log_in_as("admin").await;
    browser.goto("/admin/cache").await;
    eventually("the page is live", async || browser.text_of("#state").await == "live").await;
    use_it(&app).await;
    eventually("it is told", async || browser.text().await.contains("dashboard:<id>")).await;
    let widths = "return [window.innerWidth, document.documentElement.scrollWidth]";
    let widths = browser.run(widths, vec![]).await;
    assert_eq!((&widths[0], &widths[1]), (&360.into(), &360.into()));
    browser.picture("live-narrow").await;
    browser.close().await;
}
