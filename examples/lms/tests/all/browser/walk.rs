//! Each role logs in and walks all pages that links lead to, on a desk and on a telephone.

use std::collections::BTreeSet;

use cached_testkit::shared_redis;

use super::driver::{Browser, open, open_narrow};
use crate::support::app::{App, cache, filled};

/// Every page that can be reached by links, once; `look` is called on each.
async fn walk(browser: &Browser, look: impl AsyncFn(&str)) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut to_see = vec!["/".to_owned()];
    while let Some(path) = to_see.pop() {
        // What is not a page of this application, the JSON beside it, and the page that has tests of its own.
        let other = ["/api", "/admin/cache"].iter().any(|other| path.starts_with(other));
        if !path.starts_with('/') || other || !seen.insert(path.clone()) {
            continue;
        }
        browser.goto(&path).await;
        look(&path).await;
        to_see.extend(browser.navigation().await);
    }
    seen
}

/// A picture's name: one for all pages of a kind.
fn name(role: &str, path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let parts = path.split('/').filter(|part| !part.is_empty());
    let parts = parts.map(|part| if part.parse::<uuid::Uuid>().is_ok() { "id" } else { part });
    [role].into_iter().chain(parts).collect::<Vec<_>>().join("-")
}

async fn app() -> App {
    App::start(&filled().await, cache(&shared_redis().url())).await
}

#[tokio::test]
async fn each_role_walks_its_pages() {
    let app = app().await;
    let browser = open(&app.url).await;
    for (role, pages) in [
        ("student", &["/courses", "/payments", "/profile"][..]),
        ("teacher", &["/courses/new", "/edit", "/students", "/profile"][..]),
        ("admin", &["/admins/", "/teachers/", "/students/", "/courses/new", "/edit"][..]),
    ] {
        browser.log_in_as(role).await;
        assert!(browser.text_of("#viewer").await.ends_with(role));
        let seen = walk(&browser, async |path| {
            browser.picture(&name(role, path)).await;
            assert!(!browser.text_of("h1").await.is_empty(), "{path}");
            let errors =
                browser.run("return document.querySelectorAll('[role=alert]').length", vec![]);
            assert_eq!(errors.await, 0, "{path}");
            // The strip is folded, and says where each value came from when it is opened.
            browser.click("details.cache summary").await;
            let strip = browser.text_of("details.cache").await;
            assert!(strip.contains("session:<token:hash>"), "{path}: {strip}");
        })
        .await;
        for page in pages {
            assert!(seen.iter().any(|path| path.contains(page)), "{page} in {seen:?}");
        }
    }
    browser.close().await;
}

#[tokio::test]
async fn no_page_is_wider_than_a_telephone() {
    let app = app().await;
    let browser = open_narrow(&app.url).await;
    let fits = async |path: &str| {
        let widths =
            browser.run("return [window.innerWidth, document.documentElement.scrollWidth]", vec![]);
        let widths = widths.await;
        assert_eq!((&widths[0], &widths[1]), (&360.into(), &360.into()), "{path}");
    };
    browser.goto("/login").await;
    fits("/login").await;
    for role in ["student", "teacher", "admin"] {
        browser.log_in_as(role).await;
        walk(&browser, async |path| {
            browser.picture(&format!("{}-narrow", name(role, path))).await;
            fits(path).await;
        })
        .await;
    }
    browser.close().await;
}
